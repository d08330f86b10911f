package drill

import (
	"fmt"
	"time"
)

// Places where a drill takes place.
const (
	Lab  = "lab"  // network namespaces on one machine; something plays AWS's end
	Live = "live" // a real VPN connection
)

// Report is what a drill found.
type Report struct {
	// Where is Lab or Live.
	Where string `json:"where"`

	// AWSEnd says what the other end of the tunnels is, such as "strongSwan and BIRD play AWS's end".
	AWSEnd string `json:"aws_end"`

	// Notes are limits of what the figures say.
	Notes []string `json:"notes,omitempty"`

	Environments []Environment `json:"environments"`
	Rows         []Row         `json:"rows"`
}

// Environment is what a part of the rows was measured in.
type Environment struct {
	Tier     string    `json:"tier,omitempty"` // of a lab: plain or uml
	Kernel   string    `json:"kernel,omitempty"`
	CPUs     int       `json:"cpus,omitempty"`
	Software []Version `json:"software,omitempty"`
	Notes    []string  `json:"notes,omitempty"`
}

// Version is a program and its version.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Side is who has the fault.
type Side string

// The sides.
const (
	Customer Side = "customer" // the gateway in the data centre
	AWS      Side = "aws"      // AWS's end, or what plays it
	Path     Side = "path"     // what is between
)

// Row is one scenario.
type Row struct {
	Scenario string `json:"scenario"` // a short name, such as blackhole
	Fault    string `json:"fault"`    // what was done
	Side     Side   `json:"side"`
	Tier     string `json:"tier,omitempty"`
	Gateway  string `json:"gateway,omitempty"` // the customer's software, such as strongswan-bird
	Hold     Span   `json:"hold_s,omitempty"`  // BGP hold time that both ends agreed on
	Target   Span   `json:"target_s"`          // declared; 0: none

	// Beyond says that the plan itself says that this fault may take longer than the target: then only Expected binds.
	Beyond bool `json:"beyond_target,omitempty"`

	// Flows by what they felt from the fault until traffic was well again. Exposed are those that a tunnel with the fault
	// carried in a direction that the fault concerns; nil where nobody can tell.
	Flows   int  `json:"flows"`
	Hit     int  `json:"hit"`
	Exposed *int `json:"exposed,omitempty"`
	Sent    int  `json:"sent"`
	Lost    int  `json:"lost"`
	Silence Span `json:"longest_silence_s"`
	Lag     Span `json:"lag_s"` // how late the latest probe was sent: what the measuring machine may add

	// From the fault until the kernel's own route had lost the next hop, on each side, and from the repair (or, without
	// one, from the fault) until both sides had two next hops again. Nil: it did not happen, or nobody could watch.
	CustomerRoute *Span `json:"customer_route_s,omitempty"`
	AWSRoute      *Span `json:"aws_route_s,omitempty"`
	TwoPaths      *Span `json:"two_paths_s,omitempty"`

	// Expected is what the offline arithmetic of failover says about the longest silence; nil where it says nothing.
	Expected *Range `json:"expected,omitempty"`

	Verdict Verdict  `json:"verdict"`
	Reasons []string `json:"reasons,omitempty"` // why it is not a pass, or what to know about one
	Detail  []Flow   `json:"detail,omitempty"`
}

// Range is a range of times, both ends included.
type Range struct {
	Low  Span   `json:"low_s"`
	High Span   `json:"high_s"`
	Why  string `json:"why"`
}

// Holds reports whether d is in the range.
func (r *Range) Holds(d time.Duration) bool { return d >= r.Low.Duration() && d <= r.High.Duration() }

// String returns the range as people read it.
func (r *Range) String() string { return fmt.Sprintf("%.1f to %s", r.Low.Duration().Seconds(), r.High) }

// Verdict is how a scenario ended.
type Verdict string

// The verdicts.
const (
	Pass   Verdict = "pass"
	Fail   Verdict = "fail"
	Over   Verdict = "over"   // beyond the target, but within what the plan itself says of such a fault
	Broken Verdict = "broken" // it could not be carried out or measured; says nothing about the network
)

// Measured fills in what flows felt, and the share of them that lost anything.
func (r *Row) Measured(flows []Flow, lag time.Duration) {
	r.Detail, r.Flows, r.Lag = flows, len(flows), Span(lag)
	r.Sent, r.Lost, r.Hit = Totals(flows)
	r.Silence = Span(Longest(flows))
}

// Judge gives the verdict by what was filled in before: the silence against the target and the expectation. Problems
// that the caller found itself are added, and fail the row too.
func (r *Row) Judge(problems ...string) {
	if r.Target > 0 && r.Silence >= r.Target && !r.Beyond {
		problems = append(problems, fmt.Sprintf("silent for %s, the target is less than %s", r.Silence, r.Target))
	}
	if r.Expected != nil && !r.Expected.Holds(r.Silence.Duration()) {
		problems = append(problems, fmt.Sprintf("silent for %s, the arithmetic says %s (%s)", r.Silence, r.Expected, r.Expected.Why))
	}
	r.Verdict = Pass
	if r.Beyond && r.Silence >= r.Target {
		r.Verdict = Over
		r.Reasons = append(r.Reasons, fmt.Sprintf("silent for %s, above the target of %s: the plan says that it may be (%s)", r.Silence, r.Target, r.Expected.Why))
	}
	if len(problems) > 0 {
		r.Verdict = Fail
	}
	r.Reasons = append(r.Reasons, problems...)
}

// Break marks a scenario that could not be carried out.
func (r *Row) Break(err error) {
	r.Verdict, r.Reasons = Broken, append(r.Reasons, err.Error())
}

// OK reports whether every row is as the plan says, of at least one.
func (r *Report) OK() bool {
	for i := range r.Rows {
		if v := r.Rows[i].Verdict; v != Pass && v != Over {
			return false
		}
	}
	return len(r.Rows) > 0
}
