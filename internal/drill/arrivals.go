package drill

import (
	"net/netip"
	"sync"
)

// Arrivals counts what reached the other end, so that a loss on the way there can be told from one on the way back. Its
// zero value is ready; Note fits probe.ServerConfig's OnUDP.
type Arrivals struct {
	mu     sync.Mutex
	byPort map[uint16]int
}

// Note counts one probe of a flow.
func (a *Arrivals) Note(peer netip.AddrPort) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byPort == nil {
		a.byPort = map[uint16]int{}
	}
	a.byPort[peer.Port()]++
}

// Of returns how many probes came from a source port.
func (a *Arrivals) Of(port uint16) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.byPort[port]
}

// Explain fills in how many probes of each flow were lost on the way there. The flows must cover all that was counted.
func (a *Arrivals) Explain(flows []Flow) {
	for i := range flows {
		lost := max(0, flows[i].Sent-a.Of(flows[i].Port))
		flows[i].LostForward = &lost
	}
}
