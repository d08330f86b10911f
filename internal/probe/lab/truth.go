//go:build linux

package lab

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// Packet is what the relay knows of a packet. Only IPv4 is understood.
type Packet struct {
	FromA            bool
	From, To         netip.Addr
	Protocol         uint8 // 1 ICMP, 6 TCP, 17 UDP; 0: not IPv4
	Source, Dest     uint16
	SYN, ACK         bool
	Payload          int    // bytes after the TCP or UDP header
	ICMPType         uint8  // with Protocol 1
	ICMPID, Sequence uint16 // of an ICMP echo
}

// parse looks into an IP packet.
func parse(b []byte) (p Packet) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return p
	}
	p.Protocol = b[9]
	p.From, p.To = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	b = b[int(b[0]&15)*4:]
	switch {
	case p.Protocol == 6 && len(b) >= 20:
		p.Source, p.Dest = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		p.SYN, p.ACK = b[13]&2 != 0, b[13]&16 != 0
		p.Payload = len(b) - int(b[12]>>4)*4
	case p.Protocol == 17 && len(b) >= 8:
		p.Source, p.Dest = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		p.Payload = len(b) - 8
	case p.Protocol == 1 && len(b) >= 8:
		p.ICMPType, p.ICMPID, p.Sequence = b[0], binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
	}
	return p
}

// Exchange names what was measured: a handshake, the first payload of a flow, or an ICMP echo.
type Exchange struct {
	What string // connect, payload or echo
	Key  uint16 // client's port, or the sequence of the echo
}

// truth notes when end A's requests came in and when the answers had been put into A's device.
type truth struct {
	begun map[Exchange]time.Time
	took  map[Exchange][]time.Duration
	syns  map[uint16]int
}

func newTruth() truth {
	return truth{begun: map[Exchange]time.Time{}, took: map[Exchange][]time.Duration{}, syns: map[uint16]int{}}
}

func (t *truth) taken(p Packet, now time.Time) {
	if !p.FromA {
		return
	}
	switch {
	case p.Protocol == 6 && p.SYN && !p.ACK:
		t.syns[p.Source]++
		t.begun[Exchange{"connect", p.Source}] = now
		delete(t.begun, Exchange{"payload", p.Source})
	case p.Payload > 0:
		if key := (Exchange{"payload", p.Source}); t.begun[key].IsZero() {
			t.begun[key] = now
		}
	case p.Protocol == 1 && p.ICMPType == 8:
		t.begun[Exchange{"echo", p.Sequence}] = now
	}
}

func (t *truth) delivered(p Packet, now time.Time) {
	if p.FromA {
		return
	}
	switch {
	case p.Protocol == 6 && p.SYN && p.ACK:
		t.end(Exchange{"connect", p.Dest}, now)
	case p.Payload > 0:
		t.end(Exchange{"payload", p.Dest}, now)
	case p.Protocol == 1 && p.ICMPType == 0:
		t.end(Exchange{"echo", p.Sequence}, now)
	}
}

func (t *truth) end(key Exchange, now time.Time) {
	if begun, ok := t.begun[key]; ok && !begun.IsZero() {
		t.took[key] = append(t.took[key], now.Sub(begun))
		delete(t.begun, key)
	}
}

// Took returns how long exchanges of this kind and key took, in the order in which they ended.
func (r *Relay) Took(what string, key uint16) []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]time.Duration(nil), r.truth.took[Exchange{what, key}]...)
}

// SYNs returns how many SYNs end A sent from each port.
func (r *Relay) SYNs() map[uint16]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := make(map[uint16]int, len(r.truth.syns))
	for port, n := range r.truth.syns {
		counts[port] = n
	}
	return counts
}

// Forget clears what was noted.
func (r *Relay) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.truth = newTruth()
}
