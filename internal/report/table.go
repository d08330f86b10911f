package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pathproof/pathproof/internal/probe"
)

// writeTable writes for a terminal of 80 columns or more, without colors.
func writeTable(w io.Writer, r *probe.Result) error {
	t := table{printer{w: w}}
	for i := range r.Paths {
		t.path(r, &r.Paths[i])
	}
	t.matrix(r)
	t.comparisons(r)
	t.objectives(r)
	t.machine(r)
	t.verdict(r)
	return t.err
}

type table struct{ printer }

func (t *table) path(r *probe.Result, p *probe.PathResult) {
	t.f("%s  %s %s", clean(p.Name), p.Kind, targetOf(p))
	if e := expectation(p.Expect); e != "" {
		t.f("  %s", e)
	}
	t.f("\n")
	if from := fromOf(vantageOf(r, p)); from != "" {
		t.f("  from %s\n", from)
	}
	t.ready(p)
	if p.Failure != nil {
		t.f("  not measured: %s: %s\n\n", p.Failure.Class, clean(p.Failure.Error()))
		return
	}
	if p.Denial != nil {
		t.denial(p.Denial)
		return
	}
	t.f("  %s\n", lossLine(p))
	if details := lossDetails(p); details != "" {
		t.f("  %s\n", details)
	}
	if p.Kind == probe.KindHTTP {
		t.waterfall(p)
	}
	if phase, s, ok := mainOf(p); ok {
		t.phase(phase, s)
		t.histogram(p.Histogram)
	}
	t.flows(p.Flows)
	t.f("\n")
}

func (t *table) ready(p *probe.PathResult) {
	switch {
	case p.Ready == nil:
	case p.Ready.OK:
		t.f("  ready after %s, %d tries\n", seconds(p.Ready.Waited), p.Ready.Tries)
	default:
		t.f("  not ready within %s, %d tries\n", seconds(p.Ready.Waited), p.Ready.Tries)
	}
}

func (t *table) denial(d *probe.Denial) {
	word := "held"
	if !d.Held {
		word = "NOT held"
	}
	t.f("  %s: %s\n", word, d.Reading)
	t.f("  %d connected, %d refused, %d silent, %d unreachable\n\n", d.Connected, d.Refused, d.Silent, d.Unreachable)
}

// phase prints the statistics of one phase.
func (t *table) phase(phase probe.Phase, s probe.PhaseStats) {
	t.f("  %s in ms, by %s, n=%d\n", phase, clockName(s.Clock), s.N)
	t.f("    min %s  avg %s  max %s  sd %s  jitter %s  p90-p50 %s\n", ms(s.Min), ms(s.Avg), ms(s.Max),
		orWord(s.SD, "-"), orWord(s.Jitter, "-"), orWord(s.Spread, "infinite"))
	for _, q := range s.Quantiles {
		if q.Q == 0 || q.Q == 1 { // they stand above
			continue
		}
		value, known := estimate(q, s.Ranked)
		t.f("    %s\n", strings.TrimRight(fmt.Sprintf("%-6s %10s  %s", quantileName(q.Q), value, known), " "))
	}
}

const barWidth = 40

func (t *table) histogram(h *probe.Histogram) {
	if h == nil || len(h.Counts) == 0 {
		return
	}
	most := 1
	for _, n := range h.Counts {
		most = max(most, n)
	}
	t.f("    %s histogram, ms, %s scale\n", h.Phase, h.Scale)
	for i, n := range h.Counts {
		t.f("    %s\n", strings.TrimRight(fmt.Sprintf("%10s - %-10s %5d %s", ms(h.Edges[i]), ms(h.Edges[i+1]), n, bar(n, most)), " "))
	}
}

// bar draws n of most in eighths of a cell. What is there is never invisible.
func bar(n, most int) string {
	eighths := (n*barWidth*8 + most/2) / most
	if n > 0 {
		eighths = max(eighths, 1)
	}
	out := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		out += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return out
}

// waterfall draws the medians of HTTP phases one after the other, as a request goes through them.
func (t *table) waterfall(p *probe.PathResult) {
	parts := waterfallOf(p)
	if len(parts) == 0 {
		return
	}
	t.f("  phases, medians of answered probes in us\n")
	for _, part := range parts {
		from, to := int(part.from*barWidth), int(part.to*barWidth+0.999)
		t.f("    %-8s %8d %s%s\n", part.phase, part.median, strings.Repeat(" ", from), strings.Repeat("█", max(1, to-from)))
	}
	if total, ok := p.Phases[probe.PhaseTotal]; ok {
		t.f("    %-8s %8d\n", probe.PhaseTotal, medianOf(total))
	}
}

func (t *table) flows(f *probe.FlowTable) {
	if f == nil {
		return
	}
	t.f("  by source port: %s\n", f.Reading)
	t.f("    %-6s %5s %5s %8s %11s  %s\n", "port", "sent", "ok", "re-ok", "p50 ms", "seen by the target as")
	for i := range f.Flows {
		flow := &f.Flows[i]
		again := "-"
		if flow.Reprobed > 0 {
			again = fmt.Sprintf("%d of %d", flow.ReprobedOK, flow.Reprobed)
		}
		t.f("    %s\n", strings.TrimRight(fmt.Sprintf("%-6d %5d %5d %8s %11s  %s", flow.LocalPort, flow.Sent, flow.OK, again, orWord(flow.P50, "-"), seenAs(flow)), " "))
	}
}

func seenAs(f *probe.Flow) string {
	var parts []string
	for _, o := range f.Observed {
		parts = append(parts, o.String())
	}
	return strings.Join(parts, " ")
}

func (t *table) matrix(r *probe.Result) {
	m := matrixOf(r)
	if len(m.Rows) == 0 {
		return
	}
	t.f("zones  p50 / p90 in ms by who answered, n in brackets\n")
	rows := [][]string{append([]string{"from", "path"}, m.Columns...)}
	for _, row := range m.Rows {
		rows = append(rows, append([]string{row.From, row.Path}, row.Cells...))
	}
	for _, line := range columns(rows) {
		t.f("  %s\n", line)
	}
	t.f("\n")
}

// columns aligns cells to the left.
func columns(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out []string
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		out = append(out, strings.TrimRight(b.String(), " "))
	}
	return out
}

func (t *table) comparisons(r *probe.Result) {
	if len(r.Comparisons) == 0 {
		return
	}
	t.f("comparisons\n")
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		t.f("  %-12s  %s\n", c.Verdict, clean(sentence(c)))
		if s := lossSentence(c); s != "" {
			t.f("    %s\n", s)
		}
		if c.RatioP50 != nil {
			t.f("    medians %.3f to 1%s, Mann-Whitney p %.2g (for information)\n", *c.RatioP50, ratioRange(c.RatioCI95), c.MWUP)
		}
	}
	t.f("\n")
}

func ratioRange(i *probe.Interval) string {
	if i == nil || i.Low == nil || i.High == nil {
		return ""
	}
	return fmt.Sprintf(", 95%% CI %.3f to %.3f", *i.Low, *i.High)
}

func (t *table) objectives(r *probe.Result) {
	if len(r.SLO) == 0 {
		return
	}
	t.f("objectives\n")
	for i := range r.SLO {
		o := &r.SLO[i]
		t.f("  %-12s  %s\n", o.Verdict, objectiveName(o))
		t.f("    %s\n", clean(o.Reason))
	}
	t.f("\n")
}

// objectiveName is an objective with its path.
func objectiveName(o *probe.Objective) string {
	if o.Path == "" {
		return clean(o.Expr)
	}
	return clean(o.Path + ": " + o.Expr)
}

func (t *table) machine(r *probe.Result) {
	e := r.Env
	t.f("prober  %s", e.Quality)
	if e.OS != "" {
		t.f(", %s, %d CPUs", e.OS, e.CPUs)
	}
	if e.Overhead != (probe.Percentiles{}) {
		t.f(", adds %s ms to the kernel's time at p90", ms(e.Overhead.P90))
	}
	if e.SchedLag != (probe.Percentiles{}) {
		t.f(", timers %s ms late at p99", ms(e.SchedLag.P99))
	}
	t.f("\n")
	for _, note := range e.Notes {
		t.f("  %s\n", clean(note))
	}
}

func (t *table) verdict(r *probe.Result) {
	t.f("verdict  %s (exit status %d)\n", r.Verdict, r.ExitCode)
	for _, reason := range r.Reasons {
		t.f("  %s\n", clean(reason))
	}
}

func seconds(m probe.Micros) string { return fmt.Sprintf("%.1f s", m.Duration().Seconds()) }
