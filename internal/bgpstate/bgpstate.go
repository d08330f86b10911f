// Package bgpstate reads what a customer gateway says about its BGP sessions: the timers that both ends agreed on, which no
// API of AWS tells. It understands the output of
//
//	vtysh -c 'show bgp neighbors json'   (FRR)
//	birdc show protocols all             (BIRD 2)
//	get router info bgp neighbors        (FortiGate)
package bgpstate

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// The gateways that Parse understands.
const (
	FRR       = "FRR"
	BIRD      = "BIRD"
	FortiGate = "FortiGate"
)

// Neighbor is one session.
type Neighbor struct {
	// Address is the other end's.
	Address  netip.Addr
	RemoteAS int64
	// State is the state of BGP's state machine, such as Established or Active.
	State string
	// Hold and Keepalive are those that both ends agreed on. 0 while the session is not established: what is configured
	// says nothing then. Hold 0 in an established session means that nobody notices a dead end.
	Hold, Keepalive time.Duration
	// Accepted counts the prefixes that the gateway took from the neighbor.
	Accepted int
	// GracefulRestart says that both ends have it on: routes into a dead tunnel may then stay for the restart time.
	GracefulRestart bool
}

// Established reports whether the session is up.
func (n *Neighbor) Established() bool { return n.State == "Established" }

// Parse reads the sessions of a gateway, by address, and says which software it is.
func Parse(text []byte) (software string, neighbors []Neighbor, err error) {
	text = bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))) // terminals and mail
	switch {
	case len(text) == 0:
		return "", nil, errors.New("no output of a gateway, got nothing; " + how)
	case text[0] == '{':
		software = FRR
		neighbors, err = parseFRR(text)
	case bytes.Contains(text, []byte("BGP neighbor is ")):
		software = FortiGate
		neighbors, err = parseFortiGate(text)
	case bytes.Contains(text, []byte("BGP state:")):
		software = BIRD
		neighbors, err = parseBIRD(text)
	default:
		return "", nil, errors.New("not the output of a gateway that is known; " + how)
	}
	if err != nil {
		return software, nil, fmt.Errorf("output of %s: %w", software, err)
	}
	for i := range neighbors {
		if n := &neighbors[i]; !n.Established() {
			n.Hold, n.Keepalive, n.GracefulRestart = 0, 0, false
		}
	}
	slices.SortFunc(neighbors, func(x, y Neighbor) int { return x.Address.Compare(y.Address) })
	return software, neighbors, nil
}

const how = "give that of vtysh -c 'show bgp neighbors json', birdc show protocols all, or get router info bgp neighbors (FortiGate)"
