package slo

// judge reports comparisons that make no sense, whatever is measured.
func (p *parser) judge(t Term) {
	left, op, right := t.measured()
	switch {
	case left.constant():
		p.failf(t.Span, Mismatch, "compares two numbers, got %s; one side has to be measured", t)
	case right.Kind == Count:
		p.failf(right.Span, Mismatch, "a number without a unit, got %s; write %s", right, withUnit(left, right))
	case left.share() != right.share():
		p.failf(t.Span, Mismatch, "compares a time with a share of probes, got %s; %s", t, advice(left))
	case left.share() && !right.constant():
		p.failf(t.Span, Mismatch, "compares two shares, got %s; compare each with a percentage", t)
	case left.share():
		p.judgeShare(t, left, op, right)
	case op == Equal:
		p.failf(t.Span, Senseless, "a time is never exactly another, got %s; use < or >", t)
	case right.constant() && right.Number == 0:
		p.failf(t.Span, Senseless, "%s, got %s; compare with a time above 0", verdictOf(!op.upper()), t)
	case !right.constant() && left.Measure == right.Measure && left.Phase == right.Phase && left.Path == right.Path:
		p.failf(t.Span, Senseless, "compares a measure with itself, got %s; name another path", t)
	}
}

func (p *parser) judgeShare(t Term, left Value, op Op, right Value) {
	const hundred = 100 * one
	switch n := right.Number; {
	case n > hundred:
		p.failf(right.Span, Mismatch, "more than all probes, got %s; use 0%% to 100%%", right)
	case op == Equal && n != 0 && n != hundred:
		p.failf(t.Span, Senseless, "a share is exactly %s only by chance, got %s; use < or >, or == with 0%% or 100%%", right, t)
	case op == Less && n == 0, op == Greater && n == hundred:
		p.failf(t.Span, Senseless, "%s, got %s; write %s", verdictOf(false), t, Term{Left: left, Op: Equal, Right: right})
	case op == LessEqual && n == hundred, op == GreaterEqual && n == 0:
		p.failf(t.Span, Senseless, "%s, got %s; delete it", verdictOf(true), t)
	}
}

func verdictOf(always bool) string {
	if always {
		return "always holds"
	}
	return "can never hold"
}

func withUnit(measured, number Value) string {
	if measured.share() {
		return number.String() + "%"
	}
	n := number.String()
	return n + "us, " + n + "ms or " + n + "s"
}

func advice(measured Value) string {
	if measured.Kind == Latency {
		return "give " + measured.String() + " a time like 75ms"
	}
	return "give " + measured.String() + " a percentage like 5%"
}
