package slo

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/stats"
)

// maxSource is how many bytes an objective may have.
const maxSource = 4096

// Parse reads an objective. The error is of type Problems and holds all that was found: after a term that it cannot read,
// Parse goes on behind the next "and".
func Parse(source string) (*Expr, error) {
	p := &parser{source: source, tokens: lex(source)}
	switch {
	case len(source) > maxSource:
		p.failf(Span{maxSource, len(source)}, Syntax, "longer than %d bytes, got %d; write several objectives", maxSource, len(source))
		return nil, p.problems
	case len(p.tokens) == 1:
		p.failf(p.tokens[0].Span, Syntax, "empty, got %s; write one like p90(connect) < 75ms", quote(source))
		return nil, p.problems
	}
	e := &Expr{Source: source}
	for more := true; more; more = p.accept(word, "and") {
		if t, ok := p.term(); ok {
			e.Terms = append(e.Terms, t)
		} else {
			p.skip()
		}
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return e, nil
}

type parser struct {
	source   string
	tokens   []token
	problems Problems
}

func (p *parser) failf(at Span, kind ProblemKind, format string, args ...any) {
	p.problems = append(p.problems, Problem{Kind: kind, Span: at, Source: p.source, Message: fmt.Sprintf(format, args...)})
}

func (p *parser) peek() token { return p.tokens[0] }

// take consumes a token; the end stays.
func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) accept(kind tokenKind, text string) bool {
	if t := p.peek(); t.kind != kind || t.text != text {
		return false
	}
	p.take()
	return true
}

// expect consumes a symbol, or reports that it is missing and what it is for.
func (p *parser) expect(text, after string) bool {
	if p.accept(symbol, text) {
		return true
	}
	t := p.peek()
	p.failf(t.Span, Syntax, "no %q after %s, got %s; write it like p90(connect) < 75ms", text, after, t.quoted())
	return false
}

// skip goes to the next "and" or the end.
func (p *parser) skip() {
	for t := p.peek(); t.kind != end && (t.kind != word || t.text != "and"); t = p.peek() {
		p.take()
	}
}

// term reads a term up to the next "and"; false when it cannot be read.
func (p *parser) term() (Term, bool) {
	var t Term
	var ok bool
	if t.Left, ok = p.value(); !ok {
		return t, false
	}
	if t.Op, ok = p.op(); !ok {
		return t, false
	}
	if t.Right, ok = p.value(); !ok {
		return t, false
	}
	t.Span = Span{t.Left.Pos, t.Right.End}
	if at := p.peek(); at.kind == warning {
		if p.take(); at.text != "@warn" {
			p.failf(at.Span, Syntax, "unknown mark, got %s; use @warn or none", at.quoted())
			return t, false
		}
		t.Warn, t.End = true, at.End
	}
	if at := p.peek(); at.kind != end && (at.kind != word || at.text != "and") {
		p.failf(at.Span, Syntax, "unexpected after a comparison, got %s; join comparisons with and", at.quoted())
		return t, false
	}
	p.judge(t)
	return t, true
}

func (p *parser) op() (Op, bool) {
	t := p.take()
	switch op := Op(t.text); {
	case t.kind == symbol && (op == Less || op == LessEqual || op == Greater || op == GreaterEqual || op == Equal):
		return op, true
	}
	p.failf(t.Span, Syntax, "not a comparison, got %s; use <, <=, >, >= or ==", t.quoted())
	return "", false
}

func (p *parser) value() (Value, bool) {
	switch t := p.take(); {
	case t.kind == number:
		return p.numeric(t)
	case t.kind == word && t.text == "fail":
		return Value{Span: t.Span, Kind: Fail, Number: one}, true
	case t.kind == word && t.text == "synloss":
		return Value{Span: t.Span, Kind: SynLoss, Number: one}, true
	case t.kind == word:
		return p.call(t, t.Pos, one)
	default:
		p.failf(t.Span, Syntax, "not a value, got %s; use a number with a unit, fail, synloss, or a measure like p90(connect)", t.quoted())
		return Value{}, false
	}
}

// numeric reads what begins with a number: a constant, or a measure with a factor.
func (p *parser) numeric(t token) (Value, bool) {
	n, err := parseNumber(t.text)
	if err != nil {
		p.failf(t.Span, Syntax, "%v", err)
		return Value{}, false
	}
	v := Value{Span: t.Span, Kind: Count, Number: n}
	unit := p.peek()
	switch {
	case p.accept(symbol, "*"):
		return p.product(t, n)
	case p.accept(symbol, "%"):
		v.Kind, v.Unit, v.End = Percent, "%", unit.End
	case unit.kind == word && unit.text != "and":
		p.take()
		v.Kind, v.Unit, v.End = Duration, unit.text, unit.End
		if !p.duration(v, unit) {
			return v, false
		}
	}
	return v, true
}

// duration judges a time.
func (p *parser) duration(v Value, unit token) bool {
	const hour = 3600
	factor, known := nanoseconds[unit.text]
	if !known {
		p.failf(unit.Span, Syntax, "unknown unit, got %s; use us, ms, s or %%", unit.quoted())
		return false
	}
	switch ns, whole := v.Number.scaled(factor); {
	case !whole:
		p.failf(v.Span, Syntax, "finer than a nanosecond, got %s; round it", v)
	case ns > hour*int64(one):
		p.failf(v.Span, Syntax, "longer than an hour, got %s; use a time that a probe can take", v)
	default:
		return true
	}
	return false
}

// product reads the measure after a factor.
func (p *parser) product(t token, n Number) (Value, bool) {
	if n == 0 || n > 1000*one {
		p.failf(t.Span, Syntax, "factor out of range, got %s; use one above 0, up to 1000", t.text)
		return Value{}, false
	}
	name := p.take()
	if name.kind != word || name.text == "fail" || name.text == "synloss" {
		p.failf(name.Span, Syntax, "a factor stands before a measure of time, got %s; write it like 0.9 * p50(vpn.connect)", name.quoted())
		return Value{}, false
	}
	return p.call(name, t.Pos, n)
}

// call reads a measure behind its name.
func (p *parser) call(name token, pos int, factor Number) (Value, bool) {
	v := Value{Kind: Latency, Number: factor}
	var err error
	if v.Measure, err = measure(name.text); err != nil {
		p.failf(name.Span, Syntax, "%v", err)
		return v, false
	}
	if !p.expect("(", name.text) {
		return v, false
	}
	first, ok := p.name("a phase, or a path and a phase like vpn.connect")
	if !ok {
		return v, false
	}
	v.Phase, v.PhaseSpan = first.text, first.Span
	if p.accept(symbol, ".") {
		if first, ok = p.name("a phase"); !ok {
			return v, false
		}
		v.Path, v.PathSpan = v.Phase, v.PhaseSpan
		v.Phase, v.PhaseSpan = first.text, first.Span
	}
	v.Span = Span{pos, p.peek().End}
	return v, p.expect(")", v.Phase)
}

func (p *parser) name(want string) (token, bool) {
	t := p.take()
	if t.kind != word || strings.Contains(t.text, ".") {
		p.failf(t.Span, Syntax, "no name between parentheses, got %s; write %s", t.quoted(), want)
		return t, false
	}
	return t, true
}

// measure reads the name of a measure.
func measure(name string) (stats.Measure, error) {
	for _, k := range []stats.Kind{stats.Min, stats.Max, stats.Avg, stats.Jitter, stats.Spread} {
		if m := (stats.Measure{Kind: k}); m.String() == name {
			return m, nil
		}
	}
	if percent, ok := strings.CutPrefix(name, "p"); ok && percent != "" && isDigit(percent[0]) {
		q, err := stats.ParseQuantile(percent)
		return stats.Measure{Kind: stats.Percentile, Quantile: q}, err
	}
	return stats.Measure{}, fmt.Errorf("unknown measure, got %s; use min, avg, max, jitter, spread, or a percentile like p90 or p99.9", quote(name))
}
