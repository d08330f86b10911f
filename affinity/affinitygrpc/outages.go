package affinitygrpc

import (
	"sync"

	"github.com/pathproof/pathproof/affinity/discover"
)

// outages are the addresses that cannot be connected to now. The balancers of all clients made with the same options share them.
type outages struct {
	mu   sync.RWMutex
	down map[string]int // connections by address
}

func (o *outages) note(addr string, isDown bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if isDown {
		o.down[addr]++
	} else if o.down[addr]--; o.down[addr] <= 0 {
		delete(o.down, addr)
	}
}

// isUp says whether an endpoint can be reached, as far as is known. The trial of a sick one that cannot would fail for sure, and the next
// one would come seconds later, whenever the connection is there again.
func (o *outages) isUp(e discover.Endpoint) bool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.down[e.Addr] == 0
}
