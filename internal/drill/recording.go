package drill

import (
	"net/netip"
	"slices"
	"time"
)

// Recording is what a stream saw.
type Recording struct {
	// Start is when the first probe was due; all times of flows are since then, by the monotonic clock.
	Start time.Time

	// Interval is the time between two probes of a flow, and so how finely a silence is measured.
	Interval time.Duration

	// Lag is how late the latest probe was: what this machine, not the path, adds to a silence at most.
	Lag time.Duration

	// Skipped counts probes left out because they were late by a whole interval; Limited counts answers that said that
	// the server had been asked too much. Anything but 0 spoils the measurement.
	Skipped, Limited int

	flows []recorded
}

type recorded struct {
	port      uint16
	sent, got []time.Duration
}

// Flow is one source port during a window of time.
type Flow struct {
	Port      uint16 `json:"source_port"`
	Sent      int    `json:"sent"`
	Received  int    `json:"received"`
	Lost      int    `json:"lost"`
	Silence   Span   `json:"silence_s"`       // the longest time without an answer
	SilenceAt Span   `json:"silence_since_s"` // when it began, since the recording's start

	// Forward and Return are the numbers of the tunnels that carried the flow before the fault, as the routers chose them
	// for its addresses and ports; 0 where nobody can tell. LostForward counts probes that never reached the other end; it
	// is nil where that end does not tell.
	Forward     int  `json:"forward_tunnel,omitempty"`
	Return      int  `json:"return_tunnel,omitempty"`
	LostForward *int `json:"lost_forward,omitempty"`
}

// Hit reports whether the flow lost anything.
func (f *Flow) Hit() bool { return f.Lost > 0 }

func (s *Stream) recording(start time.Time) *Recording {
	r := &Recording{Start: start, Interval: s.config.Interval, Lag: s.lag, Skipped: int(s.skipped.Load()), Limited: int(s.limited.Load())}
	for i := range s.flows {
		f := &s.flows[i]
		local, _ := netip.ParseAddrPort(s.conns[i].LocalAddr().String())
		r.flows = append(r.flows, recorded{port: local.Port(), sent: f.sent, got: f.got})
	}
	return r
}

// Flows returns all flows over the whole recording, in the order of their ports as they were opened.
func (r *Recording) Flows() []Flow { return r.Between(0, 1<<62) }

// Between returns all flows in a window: probes sent from from on and before to, and silences that reach into it, each
// with its whole length.
func (r *Recording) Between(from, to time.Duration) []Flow {
	out := make([]Flow, len(r.flows))
	for i := range r.flows {
		out[i] = r.flows[i].between(from, to)
	}
	return out
}

func (f *recorded) between(from, to time.Duration) Flow {
	out := Flow{Port: f.port}
	for i, at := range f.sent {
		if at < from || at >= to {
			continue
		}
		out.Sent++
		if f.got[i] > 0 {
			out.Received++
		}
	}
	out.Lost = out.Sent - out.Received
	f.gaps(func(begin, end time.Duration) {
		if begin < to && end > from && end-begin > time.Duration(out.Silence) {
			out.Silence, out.SilenceAt = Span(end-begin), Span(begin)
		}
	})
	return out
}

// gaps calls yield for each time between two answers. Before the first, a flow is silent since its first probe; after
// the last, until its last probe, which nobody answered.
func (f *recorded) gaps(yield func(begin, end time.Duration)) {
	if len(f.sent) == 0 {
		return
	}
	var arrivals []time.Duration
	for _, at := range f.got {
		if at > 0 {
			arrivals = append(arrivals, at)
		}
	}
	slices.Sort(arrivals) // packets overtake each other
	begin := f.sent[0]
	for _, at := range arrivals {
		yield(begin, at)
		begin = at
	}
	if last := f.sent[len(f.sent)-1]; last > begin {
		yield(begin, last)
	}
}

// Longest returns the longest silence of several flows.
func Longest(flows []Flow) time.Duration {
	var longest time.Duration
	for i := range flows {
		longest = max(longest, flows[i].Silence.Duration())
	}
	return longest
}

// Totals adds up flows: probes sent and lost, and flows that lost something.
func Totals(flows []Flow) (sent, lost, hit int) {
	for i := range flows {
		sent += flows[i].Sent
		lost += flows[i].Lost
		if flows[i].Hit() {
			hit++
		}
	}
	return sent, lost, hit
}
