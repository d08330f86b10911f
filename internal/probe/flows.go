package probe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
)

// MaxFlows is the most source ports that one path can use.
const MaxFlows = 1024

// Source ports are taken from below the range that Linux gives out itself (32768 and up) and above most services.
const (
	firstFlowPort = 20000
	lastFlowPort  = 29999
)

// Reprobes is how often each flow that failed is tried again after the run, to tell a dead way from lost packets.
const Reprobes = 3

// Identity says whether flows are what the network between saw.
type Identity string

// The identities.
const (
	// Observed: the target saw each flow with our own address and port.
	Observed Identity = "observed"

	// Translated: something on the way changes address or port, but always a flow into the same one.
	Translated Identity = "translated"

	// NotObservable: nobody told what the target saw, or it saw one of our flows as several. Which way the probes of one
	// source port took is then unknown, and so is what their failures mean.
	NotObservable Identity = "flow identity not observable"
)

// FlowTable is a path by source port.
type FlowTable struct {
	Identity Identity `json:"identity"`
	Flows    []Flow   `json:"flows"`

	// Reading is what the failures look like, for people. Dead and Of are set if they look like Dead of Of parallel ways
	// being dead.
	Reading string `json:"reading"`
	Dead    int    `json:"dead,omitempty"`
	Of      int    `json:"of,omitempty"`
}

// Flow is one source port. Sent and OK count only probes that count.
type Flow struct {
	LocalPort  uint16           `json:"source_port"`
	Observed   []netip.AddrPort `json:"observed,omitempty"` // as the target saw it; several if that changed
	Sent       int              `json:"sent"`
	OK         int              `json:"ok"`
	Reprobed   int              `json:"reprobed,omitempty"`
	ReprobedOK int              `json:"reprobed_ok,omitempty"`
	P50        *Micros          `json:"p50,omitempty"` // filled in with the aggregates
}

// dead reports whether the flow never once worked, although it was tried often enough to say so.
func (f *Flow) dead() bool { return f.OK+f.ReprobedOK == 0 && f.Sent+f.Reprobed > Reprobes }

// lossy reports whether the flow both worked and failed.
func (f *Flow) lossy() bool {
	return f.OK+f.ReprobedOK > 0 && f.OK+f.ReprobedOK < f.Sent+f.Reprobed
}

// pickPorts gives a path its source ports, at random so that two runs at once seldom meet, and none that is taken.
func (l *lane) pickPorts(ctx context.Context, rng *rand.Rand, taken map[uint16]bool) *Failure {
	n := l.path.Flows
	if n == 0 {
		return nil
	}
	for _, i := range rng.Perm(lastFlowPort - firstFlowPort + 1) {
		port := uint16(firstFlowPort + i)
		if taken[port] || !portIsFree(ctx, port) {
			continue
		}
		taken[port] = true
		l.flows = append(l.flows, flow{port: port, seat: make(chan struct{}, 1)})
		if len(l.flows) == n {
			return nil
		}
	}
	return failed(Local, "prepare", fmt.Sprintf("not enough free ports from %d to %d, got %d of %d", firstFlowPort, lastFlowPort, len(l.flows), n))
}

// portIsFree tries to take a port for both protocols.
func portIsFree(ctx context.Context, port uint16) bool {
	var lc net.ListenConfig
	address := fmt.Sprintf(":%d", port)
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer l.Close()
	c, err := lc.ListenPacket(ctx, "udp", address)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// tabulate sorts samples by flow.
func tabulate(ports []uint16, samples []Sample, tunnels int) *FlowTable {
	t := &FlowTable{Flows: make([]Flow, len(ports))}
	for i, port := range ports {
		t.Flows[i].LocalPort = port
	}
	for i := range samples {
		s := &samples[i]
		if s.Flow == 0 || s.Failure != nil && !s.Failure.Class.CountsAsLoss() {
			continue
		}
		f := &t.Flows[s.Flow-1]
		if s.Observed.IsValid() && !slices.Contains(f.Observed, s.Observed) {
			f.Observed = append(f.Observed, s.Observed)
		}
		ok := 0
		if s.OK() {
			ok = 1
		}
		switch {
		case s.Reprobe:
			f.Reprobed++
			f.ReprobedOK += ok
		case s.Counts():
			f.Sent++
			f.OK += ok
		}
	}
	t.Identity = identify(t.Flows, samples)
	t.read(tunnels)
	return t
}

// identify compares what the target saw with what we sent.
func identify(flows []Flow, samples []Sample) Identity {
	seen := map[netip.AddrPort]int{}
	for i, f := range flows {
		if len(f.Observed) > 1 {
			return NotObservable
		}
		for _, o := range f.Observed {
			if other, taken := seen[o]; taken && other != i {
				return NotObservable
			}
			seen[o] = i
		}
	}
	if len(seen) == 0 {
		return NotObservable
	}
	for i := range samples {
		if s := &samples[i]; s.Flow > 0 && s.Observed.IsValid() && s.Observed != s.Local {
			return Translated
		}
	}
	return Observed
}
