package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
)

// writeMarkdown writes GitHub's Markdown.
func writeMarkdown(w io.Writer, r *probe.Result) error {
	m := markdown{printer{w: w}}
	m.f("## Latency: %s\n\n", r.Verdict)
	m.f("%s, %s", r.Started.UTC().Format("2006-01-02 15:04:05 UTC"), seconds(r.Duration))
	if from := fromOf(r.Vantage); from != "" {
		m.f(", from %s", escape(from))
	}
	m.f(", prober %s, exit status %d.\n\n", r.Env.Quality, r.ExitCode)
	for _, reason := range r.Reasons {
		m.f("- %s\n", escape(reason))
	}
	if len(r.Reasons) > 0 {
		m.f("\n")
	}
	m.paths(r)
	m.objectives(r)
	m.comparisons(r)
	m.flows(r)
	return m.err
}

type markdown struct{ printer }

// shown are the quantiles in tables that have little room.
var shown = []float64{0.5, 0.9, 0.99}

func (m *markdown) paths(r *probe.Result) {
	m.f("| path | target | ok of sent | fail (95%% CI) | phase | p50 ms (95%% CI) | p90 ms (95%% CI) | p99 ms (95%% CI) |\n")
	m.f("| --- | --- | ---: | ---: | --- | ---: | ---: | ---: |\n")
	for i := range r.Paths {
		p := &r.Paths[i]
		m.f("| %s | %s %s | %d of %d | %s |", escape(p.Name), p.Kind, escape(targetOf(p)), p.OK, p.Sent, escape(m.loss(p)))
		phase, s, ok := mainOf(p)
		if !ok {
			m.f(" - | - | - | - |\n")
			continue
		}
		m.f(" %s |", phase)
		for _, q := range shown {
			m.f(" %s |", escape(cell(s, q)))
		}
		m.f("\n")
	}
	m.f("\n")
}

func (m *markdown) loss(p *probe.PathResult) string {
	switch {
	case p.Failure != nil:
		return "not measured"
	case p.Denial != nil && p.Denial.Held:
		return "denied, as expected"
	case p.Denial != nil:
		return "NOT denied"
	case p.Sent == 0:
		return "-"
	}
	return fmt.Sprintf("%.2f%% (%s)", p.FailPct, percentRange(p.FailCI95Pct))
}

// cell is a quantile in one cell.
func cell(s probe.PhaseStats, q float64) string {
	for _, quantile := range s.Quantiles {
		if quantile.Q == q {
			value, known := estimate(quantile, s.Ranked)
			if interval := strings.TrimPrefix(known, "95% CI "); interval != known || value == "infinite" {
				known = "(" + interval + ")"
			}
			return strings.TrimSpace(value + " " + known)
		}
	}
	return "-"
}

func (m *markdown) objectives(r *probe.Result) {
	if len(r.SLO) == 0 {
		return
	}
	m.f("| objective | verdict | why |\n| --- | --- | --- |\n")
	for i := range r.SLO {
		o := &r.SLO[i]
		m.f("| %s | %s | %s |\n", escape(objectiveName(o)), o.Verdict, escape(o.Reason))
	}
	m.f("\n")
}

func (m *markdown) comparisons(r *probe.Result) {
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		m.f("- **%s**: %s", c.Verdict, escape(sentence(c)))
		if s := lossSentence(c); s != "" {
			m.f("; %s", s)
		}
		m.f("\n")
	}
	if len(r.Comparisons) > 0 {
		m.f("\n")
	}
}

func (m *markdown) flows(r *probe.Result) {
	for i := range r.Paths {
		if p := &r.Paths[i]; p.Flows != nil {
			m.f("- %s by source port: %s\n", escape(p.Name), escape(p.Flows.Reading))
		}
	}
}

// escape makes text harmless in Markdown, table cells included.
func escape(s string) string {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "~", "\\~", "#", "\\#", "@", "&#64;",
	).Replace(clean(s))
}
