package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// nextHops returns the interface indexes of the next hops that the kernel's own route to a prefix has at the moment, without
// those that are dead. It belongs to the calling thread's network namespace.
func nextHops(prefix netip.Prefix) ([]int, error) {
	dump, err := syscall.NetlinkRIB(syscall.RTM_GETROUTE, syscall.AF_INET)
	if err != nil {
		return nil, fmt.Errorf("kernel routes: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return nil, fmt.Errorf("kernel routes: %w", err)
	}
	best := kernelRoute{metric: ^uint32(0)}
	found := false
	for i := range messages {
		if r, ok := parseRoute(&messages[i], prefix); ok && (!found || r.metric < best.metric) {
			best, found = r, true
		}
	}
	return best.hops, nil
}

// devices names interfaces, sorted. One that has just gone has no name.
func devices(indexes []int) (names []string) {
	for _, index := range indexes {
		name := "gone"
		if ifc, err := net.InterfaceByIndex(index); err == nil {
			name = ifc.Name
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

type kernelRoute struct {
	metric uint32
	hops   []int // interface indexes
}

// dead are the flags of a next hop that the kernel does not use.
const dead = unix.RTNH_F_DEAD | unix.RTNH_F_LINKDOWN

func parseRoute(m *syscall.NetlinkMessage, prefix netip.Prefix) (r kernelRoute, ok bool) {
	if m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg {
		return r, false
	}
	bits, table, kind := int(m.Data[1]), m.Data[4], m.Data[7]
	flags := binary.NativeEndian.Uint32(m.Data[8:])
	if bits != prefix.Bits() || table != unix.RT_TABLE_MAIN || kind != unix.RTN_UNICAST {
		return r, false
	}
	attributes, err := syscall.ParseNetlinkRouteAttr(m)
	if err != nil {
		return r, false
	}
	for _, a := range attributes {
		switch a.Attr.Type {
		case unix.RTA_DST:
			dst, _ := netip.AddrFromSlice(a.Value)
			ok = dst == prefix.Addr()
		case unix.RTA_PRIORITY:
			r.metric = binary.NativeEndian.Uint32(a.Value)
		case unix.RTA_OIF:
			if flags&dead == 0 {
				r.hops = append(r.hops, int(binary.NativeEndian.Uint32(a.Value)))
			}
		case unix.RTA_MULTIPATH:
			r.hops = multipath(a.Value)
		}
	}
	return r, ok
}

// multipath reads a list of struct rtnexthop: length (2), flags (1), hops (1), interface (4), attributes.
func multipath(b []byte) (hops []int) {
	for len(b) >= 8 {
		n := int(binary.NativeEndian.Uint16(b))
		if b[2]&dead == 0 {
			hops = append(hops, int(int32(binary.NativeEndian.Uint32(b[4:]))))
		}
		if n < 8 || n > len(b) {
			break
		}
		b = b[min(len(b), (n+3)&^3):]
	}
	return hops
}

// routeWatch follows one prefix in the kernel's routes of one host.
type routeWatch struct {
	mu      sync.Mutex
	history []routeChange
	err     error
}

type routeChange struct {
	at   time.Time
	hops []string
}

// watchRoute watches until ctx is done, by asking every so often.
func watchRoute(ctx context.Context, h *host, prefix netip.Prefix, every time.Duration) *routeWatch {
	w := &routeWatch{}
	go func() {
		err := h.Do(func() error { return w.watch(ctx, prefix, every) })
		w.mu.Lock()
		defer w.mu.Unlock()
		w.err = err
	}()
	return w
}

func (w *routeWatch) watch(ctx context.Context, prefix netip.Prefix, every time.Duration) error {
	last := []int{-1}
	for {
		hops, err := nextHops(prefix)
		if err != nil {
			return err
		}
		if !slices.Equal(hops, last) {
			w.note(time.Now(), devices(hops))
			last = hops
		}
		if sleep(ctx, every) != nil {
			return nil
		}
	}
}

func (w *routeWatch) note(at time.Time, hops []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.history); n == 0 || !slices.Equal(w.history[n-1].hops, hops) {
		w.history = append(w.history, routeChange{at, hops})
	}
}

// now returns the next hops as they are.
func (w *routeWatch) now() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.history) == 0 {
		return nil
	}
	return w.history[len(w.history)-1].hops
}

// both reports whether there are two next hops.
func (w *routeWatch) both() bool { return len(w.now()) == 2 }

// since returns the first change after a time to fewer than two next hops (down) or to two (up).
func (w *routeWatch) since(at time.Time, two bool) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.history {
		if c.at.After(at) && (len(c.hops) == 2) == two {
			return c.at, true
		}
	}
	return time.Time{}, false
}

// last returns when the next hops changed last.
func (w *routeWatch) last() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.history) == 0 {
		return time.Time{}
	}
	return w.history[len(w.history)-1].at
}

// tell tells the history, for people who look for a reason.
func (w *routeWatch) tell(from time.Time) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	for _, c := range w.history {
		fmt.Fprintf(&b, " %+.2fs [%s]", c.at.Sub(from).Seconds(), strings.Join(c.hops, " "))
	}
	return b.String()
}
