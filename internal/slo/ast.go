package slo

import (
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/stats"
)

// Expr is an objective: all its terms have to hold.
type Expr struct {
	Source string // as parsed; positions are bytes of it
	Terms  []Term
}

// Term compares two values, of which at least one is measured.
type Term struct {
	Span
	Left, Right Value
	Op          Op
	Warn        bool // @warn: a failure is reported and does not fail the objective
}

// Span is a place in a source, in bytes: the first, and the first after it.
type Span struct{ Pos, End int }

// Op is a comparison.
type Op string

// The comparisons. Equal is for shares of 0% and 100% only.
const (
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
	Equal        Op = "=="
)

// turned is the comparison with its sides exchanged.
func (o Op) turned() Op {
	switch o {
	case Less:
		return Greater
	case LessEqual:
		return GreaterEqual
	case Greater:
		return Less
	case GreaterEqual:
		return LessEqual
	}
	return o
}

// upper reports whether the comparison bounds its left side from above.
func (o Op) upper() bool { return o == Less || o == LessEqual }

// holds compares.
func (o Op) holds(left, right float64) bool {
	switch o {
	case Less:
		return left < right
	case LessEqual:
		return left <= right
	case Greater:
		return left > right
	case GreaterEqual:
		return left >= right
	}
	return left == right
}

// Kind says what a value is.
type Kind int

// The kinds of values.
const (
	Count    Kind = iota // a number without a unit
	Duration             // a number with a unit of time
	Percent              // a number of percent
	Latency              // a measure of a phase
	Fail                 // the share of lost probes
	SynLoss              // the share of handshakes with a retransmitted packet
)

// Value is one side of a comparison.
type Value struct {
	Span
	Kind   Kind
	Number Number // of a Count, Duration or Percent; of a Latency, the factor before it, 1 if there is none
	Unit   string // "us", "ms", "s", "%" or ""

	Measure   stats.Measure // of a Latency
	Path      string        // of a Latency; empty: the objective's own path
	Phase     string        // of a Latency
	PathSpan  Span
	PhaseSpan Span
}

// constant reports whether the value is written down, not measured.
func (v Value) constant() bool { return v.Kind <= Percent }

// share reports whether the value is a share of probes.
func (v Value) share() bool { return v.Kind == Percent || v.Kind == Fail || v.Kind == SynLoss }

// Time returns the time of a Duration.
func (v Value) Time() time.Duration {
	d, _ := v.Number.scaled(nanoseconds[v.Unit])
	return time.Duration(d)
}

// Share returns the share of a Percent, from 0 to 1.
func (v Value) Share() float64 { return v.Number.Float() / 100 }

// measured returns the term with a measured value on the left, which is alone there unless the term compares two.
func (t Term) measured() (left Value, op Op, right Value) {
	if t.Left.constant() {
		return t.Right, t.Op.turned(), t.Left
	}
	return t.Left, t.Op, t.Right
}

// Comparison reports whether both sides are measured.
func (t Term) Comparison() bool { return !t.Left.constant() && !t.Right.constant() }

// String returns the objective in its canonical form, which parses to the same objective.
func (e *Expr) String() string {
	var terms []string
	for _, t := range e.Terms {
		terms = append(terms, t.String())
	}
	return strings.Join(terms, " and ")
}

// String returns the term in its canonical form.
func (t Term) String() string {
	s := t.Left.String() + " " + string(t.Op) + " " + t.Right.String()
	if t.Warn {
		s += " @warn"
	}
	return s
}

// String returns the value in its canonical form.
func (v Value) String() string {
	switch v.Kind {
	case Fail:
		return "fail"
	case SynLoss:
		return "synloss"
	case Latency:
		s := v.Measure.String() + "("
		if v.Number != one {
			s = v.Number.String() + " * " + s
		}
		if v.Path != "" {
			s += v.Path + "."
		}
		return s + v.Phase + ")"
	}
	return v.Number.String() + v.Unit
}
