package probe

import (
	"context"
	"net/netip"
)

// Kind is what a probe does.
type Kind string

// The kinds of probes.
const (
	KindTCP     Kind = "tcp"
	KindTCPEcho Kind = "tcp-echo"
	KindUDPEcho Kind = "udp-echo"
	KindHTTP    Kind = "http"
	KindDNS     Kind = "dns"
	KindICMP    Kind = "icmp"
)

// Timing says whose clock measured.
type Timing string

// The clocks. Figures of one must not be compared with figures of the other.
const (
	TimingKernel    Timing = "kernel"
	TimingUserspace Timing = "userspace"
)

// Phase names a part of a probe.
type Phase string

// The phases, in the order in which they happen. Other tools cut differently; these are the edges:
const (
	PhaseDNS     Phase = "dns"     // question asked -> addresses known
	PhaseConnect Phase = "connect" // SYN -> SYN-ACK
	PhaseTLS     Phase = "tls"     // handshake begun -> done
	PhaseSend    Phase = "send"    // connection ready -> last byte of the request written
	PhaseWait    Phase = "wait"    // last byte of the request written -> first byte of the answer
	PhaseReceive Phase = "receive" // first byte of the answer -> last byte read
	PhaseTotal   Phase = "total"   // probe begun -> last byte read
)

// AllPhases lists the phases in the order in which they happen.
func AllPhases() []Phase {
	return []Phase{PhaseDNS, PhaseConnect, PhaseTLS, PhaseSend, PhaseWait, PhaseReceive, PhaseTotal}
}

// Phases holds how long each phase of one probe took; 0 means that it did not take place or could not be measured.
type Phases struct {
	DNS     Micros `json:"dns,omitempty"`
	Connect Micros `json:"connect,omitempty"`
	TLS     Micros `json:"tls,omitempty"`
	Send    Micros `json:"send,omitempty"`
	Wait    Micros `json:"wait,omitempty"`
	Receive Micros `json:"receive,omitempty"`
	Total   Micros `json:"total,omitempty"`
}

// Get returns a phase by name. ok is false if it did not take place.
func (p Phases) Get(phase Phase) (t Micros, ok bool) {
	switch phase {
	case PhaseDNS:
		t = p.DNS
	case PhaseConnect:
		t = p.Connect
	case PhaseTLS:
		t = p.TLS
	case PhaseSend:
		t = p.Send
	case PhaseWait:
		t = p.Wait
	case PhaseReceive:
		t = p.Receive
	case PhaseTotal:
		t = p.Total
	}
	return t, t > 0
}

// Outcome is what one probe found.
type Outcome struct {
	Phases Phases `json:"phases"`

	// Elapsed is the whole probe by the program's own clock. Beside a phase that the kernel timed it shows what the
	// program adds.
	Elapsed Micros `json:"elapsed_us"`

	// Timing is the clock behind the kind's main phase: connect for tcp and http, wait for the others. A connect beside a
	// wait is timed by the kernel where the kernel tells.
	Timing Timing `json:"timing,omitempty"`

	// SYNRetransmits counts SYNs sent again. Then connect is missing: it would measure the kernel's patience.
	SYNRetransmits int `json:"syn_retrans,omitempty"`

	// Attempts counts connections an HTTP request used when it was more than one; the phases are those of the last.
	Attempts int `json:"attempts,omitempty"`

	// Local is this end of the flow, as this machine sees it.
	Local netip.AddrPort `json:"local,omitzero"`

	// Remote is the address that was used, where it can differ between probes of one path.
	Remote netip.AddrPort `json:"remote,omitzero"`

	// Observed is this end of the flow as the target saw it. Only targets that run our own server tell.
	Observed netip.AddrPort `json:"observed,omitzero"`

	// ServedBy is the zone or instance that answered, if it said so.
	ServedBy string `json:"served_by,omitempty"`

	// Failure is nil if the probe succeeded.
	Failure *Failure `json:"failure,omitempty"`
}

// OK reports whether the probe succeeded.
func (o *Outcome) OK() bool { return o.Failure == nil }

// Shot is what differs between probes of one path.
type Shot struct {
	// SourcePort is the local port to use. 0: the kernel picks one.
	SourcePort uint16
}

// Prober measures one path. Probe may be called from many goroutines at once, after Prepare has returned nil and while
// neither Prepare nor Close runs.
type Prober interface {
	Kind() Kind

	// Prepare resolves the target and finds out whether this machine can measure it at all. Run calls it before the
	// first probe, and again while it waits for readiness.
	Prepare(ctx context.Context) error

	// Target says what Prepare found.
	Target() Target

	// Probe does one probe and returns when it is over or ctx is done. ctx's deadline is the probe's timeout.
	Probe(ctx context.Context, shot Shot) Outcome

	// Close frees what stays open between probes.
	Close() error
}

// Target is the other end of a path.
type Target struct {
	Host     string     `json:"host"`           // as it was given: a name, an address or a URL
	Port     uint16     `json:"port,omitempty"` // 0: the kind has no ports
	IP       netip.Addr `json:"ip,omitzero"`    // zero: not resolved
	Resolved Micros     `json:"resolved_us"`    // how long resolving took; 0 for an address
}
