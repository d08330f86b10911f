package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"

	"github.com/pathproof/pathproof/internal/probe"
)

//go:embed html.css
var css string

//go:embed html.tmpl
var pageSource string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"ms": ms, "seconds": seconds, "clean": clean, "target": targetOf, "expectation": expectation, "lossLine": lossLine,
	"lossDetails": lossDetails, "sentence": sentence, "lossSentence": lossSentence, "objectiveName": objectiveName, "seenAs": seenAs,
	"cell": cell, "quantileName": quantileName, "orWord": orWord, "clockName": clockName, "symbol": symbol, "percentRange": percentRange,
}).Parse(pageSource))

// view is what the page shows.
type view struct {
	*probe.Result
	CSS       template.CSS
	Policy    string
	From      string
	Overviews []template.HTML
	Forest    template.HTML
	Legend    string
	Panels    []panel
	Matrix    matrix
}

// panel is one path.
type panel struct {
	*probe.PathResult
	From                                  string
	Failed                                string // why there is nothing to show; empty if there is
	Phase                                 probe.Phase
	Stats                                 *probe.PhaseStats
	Rows                                  []quantileRow
	Waterfall, Cumulative, Timeline, Bars template.HTML
	Long                                  bool // there are statistics and no samples
	Observed                              bool // the target said whom it saw
}

type quantileRow struct{ Name, Value, Known string }

func writeHTML(w io.Writer, r *probe.Result) error {
	v := view{
		Result: r, CSS: template.CSS(css), From: fromOf(r.Vantage), Forest: forest(r.Comparisons), Legend: forestLegend, Matrix: matrixOf(r),
		Policy: "default-src 'none'; style-src '" + hashOf(css) + "'; base-uri 'none'; form-action 'none'",
	}
	for _, phase := range probe.AllPhases() {
		for _, by := range []probe.Timing{probe.TimingKernel, probe.TimingUserspace} {
			if group := timedAlike(r, phase, by); len(group) > 0 {
				v.Overviews = append(v.Overviews, overview(group, phase, by))
			}
		}
	}
	for i := range r.Paths {
		v.Panels = append(v.Panels, newPanel(r, &r.Paths[i]))
	}
	return page.Execute(w, v)
}

// timedAlike lists the paths of which a phase is the main one and was timed by one clock: what may stand on one axis.
func timedAlike(r *probe.Result, phase probe.Phase, by probe.Timing) []*probe.PathResult {
	var out []*probe.PathResult
	for i := range r.Paths {
		p := &r.Paths[i]
		if s := p.Phases[phase]; MainPhase(p.Kind) == phase && s.N > 0 && s.Clock == by {
			out = append(out, p)
		}
	}
	return out
}

// hashOf is how a policy names the one style sheet that it allows.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func newPanel(r *probe.Result, p *probe.PathResult) panel {
	out := panel{PathResult: p, From: fromOf(vantageOf(r, p)), Phase: MainPhase(p.Kind)}
	if p.Failure != nil {
		out.Failed = string(p.Failure.Class) + ": " + clean(p.Failure.Error())
	}
	out.Timeline = timeline(p, out.Phase, 0)
	if p.Flows != nil {
		out.Observed = slices.ContainsFunc(p.Flows.Flows, func(f probe.Flow) bool { return len(f.Observed) > 0 })
	}
	_, s, ok := mainOf(p)
	if !ok {
		return out
	}
	out.Stats, out.Long = &s, len(p.Samples) == 0
	for _, q := range s.Quantiles {
		if q.Q == 0 || q.Q == 1 { // they have a row of their own
			continue
		}
		value, known := estimate(q, s.Ranked)
		out.Rows = append(out.Rows, quantileRow{quantileName(q.Q), value, known})
	}
	if p.Kind == probe.KindHTTP {
		out.Waterfall = waterfallFigure(p)
	}
	out.Cumulative, out.Bars = cumulative(p, out.Phase), bars(p.Histogram)
	return out
}

// symbol stands beside a verdict, for those who do not see its color.
func symbol(verdict any) string {
	switch v := verdict.(type) {
	case probe.Verdict:
		return map[probe.Verdict]string{probe.Pass: "✓", probe.Fail: "✕", probe.Inconclusive: "?", probe.Skipped: "–"}[v]
	case string:
		return map[string]string{"faster": "▼", "slower": "▲", "equivalent": "■", "inconclusive": "◆"}[v]
	}
	return ""
}
