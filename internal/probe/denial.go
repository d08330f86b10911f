package probe

import "fmt"

// Proof says how well it is proven that a path denies access. The three are different things.
type Proof string

// The proofs, best first.
const (
	// ProofUnreachable: a router said that there is no way. This stands by itself. That this machine has no route is no
	// proof: a machine that is offline has none to anywhere.
	ProofUnreachable Proof = "unreachable"

	// ProofSilence: nothing came back. A missing route and a dropping filter look so; a host that is off does too. It is
	// as good as the knowledge that the target was up: measure it from where it may be reached.
	ProofSilence Proof = "silence"

	// ProofRefusal: a reset came back. There is no connection, but packets pass both ways: access is denied by the host or
	// by a filter that answers, not by the network.
	ProofRefusal Proof = "refusal"
)

// Denial judges a path that must not work.
type Denial struct {
	Expect      Expect `json:"expect"`
	Held        bool   `json:"held"`            // the expectation was fulfilled; false too if nothing could be measured
	Proof       Proof  `json:"proof,omitempty"` // the weakest seen, if it held
	Connected   int    `json:"connected"`       // probes that got a connection or an answer
	Refused     int    `json:"refused"`
	Silent      int    `json:"silent"`
	Unreachable int    `json:"unreachable"`
	Reading     string `json:"reading"`
}

// tried counts what came of probes that a denial is judged by. Warm-up probes count here: one connection is too many.
type tried struct{ connected, refused, silent, unreachable int }

func (t *tried) add(o *Outcome) {
	switch {
	case connected(o):
		t.connected++
	case o.Failure.Class == Refused:
		t.refused++
	case o.Failure.Class == Timeout:
		t.silent++
	case o.Failure.Class == Unreachable:
		t.unreachable++
	}
}

// deny judges a path by what must not happen.
func deny(expect Expect, t tried) *Denial {
	d := &Denial{Expect: expect, Connected: t.connected, Refused: t.refused, Silent: t.silent, Unreachable: t.unreachable}
	tried := d.Connected + d.Refused + d.Silent + d.Unreachable
	d.Held = tried > 0 && d.Connected == 0 && (expect == ExpectNever || d.Refused == 0)
	switch {
	case tried == 0:
		d.Reading = "nothing could be tried, so nothing is proven"
	case d.Connected > 0:
		d.Reading = fmt.Sprintf("%d of %d probes got through", d.Connected, tried)
	case d.Refused > 0:
		d.Proof = ProofRefusal
		d.Reading = fmt.Sprintf("%d of %d probes were refused: no connection, but packets pass both ways", d.Refused, tried)
	case d.Silent > 0:
		d.Proof = ProofSilence
		d.Reading = fmt.Sprintf("%d of %d probes got no answer: proof only if the target was up", d.Silent, tried)
	default:
		d.Proof = ProofUnreachable
		d.Reading = fmt.Sprintf("all %d probes were told that there is no way", tried)
	}
	if !d.Held {
		d.Proof = ""
	}
	return d
}

// connected reports whether a probe got through to something, even if what it found there was wrong.
func connected(o *Outcome) bool {
	if o.Failure == nil {
		return true
	}
	switch o.Failure.Class {
	case Reset, TLS, HTTPStatus, Assertion, Limited:
		return true
	case Timeout:
		return o.Phases.Connect > 0 || o.SYNRetransmits > 0 // a connection stood, then nothing came over it
	}
	return false
}
