package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/pathproof/pathproof/internal/probe"
)

// ms prints a time in milliseconds, to the microsecond.
func ms(m probe.Micros) string { return strconv.FormatFloat(float64(m)/1000, 'f', 3, 64) }

// msOf prints a number of microseconds in milliseconds.
func msOf(us float64) string { return strconv.FormatFloat(us/1000, 'f', 3, 64) }

// orWord prints a time, or a word where there is none.
func orWord(m *probe.Micros, word string) string {
	if m == nil {
		return word
	}
	return ms(*m)
}

// quantileName is "p99.9".
func quantileName(q float64) string {
	switch q {
	case 0:
		return "min"
	case 1:
		return "max"
	}
	return "p" + strconv.FormatFloat(100*q, 'f', -1, 64)
}

// estimate says what is known of a quantile of n probes: its value in milliseconds, with a tilde if it is a guess, and
// what bounds it.
func estimate(q probe.Quantile, n int) (value, known string) {
	switch {
	case q.Q == 0 || q.Q == 1:
		return orWord(q.V, "infinite"), "of this run"
	case !q.Resolved && q.AtLeast != nil:
		return "~" + orWord(q.V, "infinite"), fmt.Sprintf(">= %s%s", ms(*q.AtLeast), needs(q, n))
	case q.V == nil:
		return "infinite", "too many probes failed" + needs(q, n)
	case !q.Resolved:
		return "~" + ms(*q.V), strings.TrimSpace(needs(q, n))
	case q.CI95 == nil:
		return ms(*q.V), ""
	}
	return ms(*q.V), "95% CI " + rangeOf(q.CI95)
}

func needs(q probe.Quantile, n int) string {
	if q.NeedsN == 0 {
		return ""
	}
	return fmt.Sprintf(" (n=%d: not resolvable, needs n=%d)", n, q.NeedsN)
}

// rangeOf prints an interval of microseconds in milliseconds.
func rangeOf(i *probe.Interval) string {
	switch {
	case i.Low == nil && i.High == nil:
		return "unknown"
	case i.Low == nil:
		return "up to " + msOf(*i.High)
	case i.High == nil:
		return msOf(*i.Low) + " or more"
	}
	return msOf(*i.Low) + " to " + msOf(*i.High)
}

// percentRange prints an interval of percent.
func percentRange(i *probe.Interval) string {
	if i == nil || i.Low == nil || i.High == nil {
		return "unknown"
	}
	return fmt.Sprintf("%.2f-%.2f%%", *i.Low, *i.High)
}

// lossLine is the line that tools of this kind end with.
func lossLine(p *probe.PathResult) string {
	out := fmt.Sprintf("%d sent, %d ok, %d failed", p.Sent, p.OK, p.Sent-p.OK)
	if p.Sent > 0 {
		out += fmt.Sprintf(" (%.2f%% fail, 95%% CI %s)", p.FailPct, percentRange(p.FailCI95Pct))
	}
	return out
}

// lossDetails says what else became of probes; empty if nothing did.
func lossDetails(p *probe.PathResult) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	for _, class := range probe.Classes() {
		add(p.Errors[class], "x "+string(class))
	}
	add(p.SYNRetrans, "with a SYN sent again (answered, without a time)")
	add(p.Invalid, "not sent by this machine (not counted)")
	add(p.Limited, "over the rate limit of the server (not counted)")
	add(p.Unsent, "whose time ran out before they began")
	add(p.Warmup, "for warm-up (not counted)")
	return strings.Join(parts, ", ")
}

// targetOf is what was probed, with its address if that is not the same.
func targetOf(p *probe.PathResult) string {
	host := clean(p.Target.Host)
	ip := ""
	if p.Target.IP.IsValid() && p.Target.IP.String() != p.Target.Host {
		ip = " (" + p.Target.IP.String() + ")"
	}
	if p.Target.Port != 0 && p.Kind != probe.KindHTTP {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		host += ":" + strconv.Itoa(int(p.Target.Port))
	}
	return host + ip
}

// fromOf is where it was measured; empty if nothing is known.
func fromOf(v probe.Vantage) string {
	var parts []string
	for _, s := range []string{v.Kind, v.Region, v.AZID, v.Subnet} {
		if s != "" {
			parts = append(parts, clean(s))
		}
	}
	if v.SourceIP.IsValid() {
		parts = append(parts, v.SourceIP.String())
	}
	if v.ColdStart {
		parts = append(parts, "cold start")
	}
	return strings.Join(parts, " ")
}

// clean keeps what came over the network, or from a file, from being obeyed by a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// expectation names what a path must do.
func expectation(e probe.Expect) string {
	switch e {
	case probe.ExpectNever:
		return "must not connect"
	case probe.ExpectUnreachable:
		return "must be unreachable"
	}
	return ""
}

// sentence says what a comparison found.
func sentence(c *probe.Comparison) string {
	at := fmt.Sprintf("%s, %s", c.Phase, c.Order)
	switch {
	case c.Shift == nil || c.CI95 == nil || c.CI95.Low == nil || c.CI95.High == nil:
		return fmt.Sprintf("%s against %s (%s): %s", c.A, c.B, at, c.Reason)
	case c.Verdict == "faster":
		return fmt.Sprintf("%s is %s ms faster than %s (%s), 95%% CI %s to %s ms", c.A, ms(-*c.Shift), c.B, at, msOf(-*c.CI95.High), msOf(-*c.CI95.Low))
	case c.Verdict == "slower":
		return fmt.Sprintf("%s is %s ms slower than %s (%s), 95%% CI %s to %s ms", c.A, ms(*c.Shift), c.B, at, msOf(*c.CI95.Low), msOf(*c.CI95.High))
	case c.Verdict == "equivalent":
		return fmt.Sprintf("%s and %s are equivalent (%s): they differ by %s ms, 95%% CI %s ms, within the margin of %s ms", c.A, c.B, at, ms(*c.Shift), rangeOf(c.CI95), ms(c.Margin))
	}
	return fmt.Sprintf("%s against %s (%s): they differ by %s ms, 95%% CI %s ms, and the margin is %s ms", c.A, c.B, at, ms(*c.Shift), rangeOf(c.CI95), ms(c.Margin))
}

// lossSentence warns where the paths differ in what the shift leaves out.
func lossSentence(c *probe.Comparison) string {
	if !c.LossDiffers {
		return ""
	}
	return "their losses differ beyond chance; the shift is of answered probes only"
}
