package lab

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// steady looks at what must hold while nothing fails: both tunnels carry traffic in both directions, as the routers said
// they would, and the MTU is what was rendered.
func (s *stage) steady(ctx context.Context) error {
	before, err := s.counters()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := sleep(ctx, 4*time.Second); err != nil {
		return err
	}
	after, err := s.counters()
	if err != nil {
		return err
	}
	per := time.Since(begin).Seconds() * 10 // probes of each flow
	for i, name := range s.devices() {
		got := float64(after[i] - before[i])
		// Half of the flows go by each; BGP and its acknowledgements are a packet or two a second.
		if want := per * flows / 2; got < 0.9*want || got > 1.1*want+20 {
			s.problems = append(s.problems, fmt.Sprintf("%s sent %.0f packets, and %d flows of %d were to go by it (%.0f)", name, got, flows/2, flows, want))
		}
	}
	return s.packetSizes(ctx)
}

// devices are the tunnels' interfaces on both routers.
func (s *stage) devices() []string {
	return []string{s.gw.Tunnels[0].Interface(), s.gw.Tunnels[1].Interface(), vpn(0), vpn(1)}
}

func (s *stage) counters() (out []int, err error) {
	for i, name := range s.devices() {
		router := s.idc
		if i >= len(inside) {
			router = s.tgw
		}
		n, err := router.sentPackets(name)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// libipsecMTU is the largest packet, in bytes, that kernel-libipsec reads from its device.
const libipsecMTU = 1400

// packetSizes sends pings that must not be fragmented: as large as a tunnel's MTU, and a byte more.
func (s *stage) packetSizes(ctx context.Context) error {
	const headers = 28 // IPv4 and ICMP
	mtu := s.gw.MTU()
	ping := func(h *host, to string, size int) error {
		_, err := h.run(ctx, "ping", "-n", "-q", "-M", "do", "-c", "2", "-i", "0.2", "-W", "2", "-s", strconv.Itoa(size-headers), to)
		return err
	}
	largest := mtu
	if s.cell.Tier == Plain {
		largest = min(mtu, libipsecMTU)
	}
	for i := range inside {
		if err := ping(s.idc, inside[i].Addr().Next().String(), largest); err != nil {
			s.problems = append(s.problems, fmt.Sprintf("a packet of %d bytes does not pass tunnel %d: %v", largest, i+1, err))
		}
	}
	if err := ping(s.lan, cloudHost.String(), largest); err != nil {
		s.problems = append(s.problems, fmt.Sprintf("a packet of %d bytes does not pass from end to end: %v", largest, err))
	}
	if ping(s.lan, cloudHost.String(), mtu+1) == nil {
		s.problems = append(s.problems, fmt.Sprintf("a packet of %d bytes passes, and the MTU is %d", mtu+1, mtu))
	}
	return nil
}
