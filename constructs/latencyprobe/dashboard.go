package latencyprobe

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
)

// line is a horizontal line in a graph.
type line struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
	Color string  `json:"color,omitempty"`
}

func (g *Gate) defineDashboard() {
	body, err := json.Marshal(map[string]any{"widgets": widgets(g.config, *awscdk.Stack_Of(g).Region(), g.props.Beside)})
	must(*g.Node().Path(), err)
	awscloudwatch.NewCfnDashboard(g, jsii.String(naming.Dashboard), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(g.props.DashboardName), DashboardBody: jsii.String(string(body))})
}

const (
	rowHeight = 6
	columns   = 24 // of a dashboard
)

// widgets are a summary, a row for paths beside each other, a row for each path that a vantage measures, and a list of the others: what is not measured is not
// left out.
func widgets(c *Config, region string, beside []BesideProps) []cdkx.Widget {
	list := []cdkx.Widget{graph("Verdicts on paths", region, 0, 0, columns, []any{
		runMetric(c, gate.MetricPassed, "Sum"), runMetric(c, gate.MetricFailed, "Sum"),
		runMetric(c, gate.MetricInconclusive, "Sum"), runMetric(c, gate.MetricNotMeasured, "Sum")}, nil, "")}
	y := rowHeight
	for _, b := range beside {
		list = append(list, besideGraphs(c, region, y, b)...)
		y += rowHeight
	}
	var others []string
	for i := range c.Paths {
		p := &c.Paths[i]
		if !p.MeasuredHere() {
			others = append(others, fmt.Sprintf("- **%s**: %s", p.Name, p.Note))
			continue
		}
		times := []any{pathMetric(c, p, metricOf(p), "p50"), pathMetric(c, p, metricOf(p), "p90")}
		if p.Expect == probe.ExpectAnswer {
			list = append(list, graph(p.Name+": "+string(phaseOf(p))+", p50 and p90", region, 0, y, columns/2, times, lines(p), "us"))
		} else {
			list = append(list, graph(p.Name+": has to be unreachable (1: it is)", region, 0, y, columns/2, []any{pathMetric(c, p, gate.MetricSLO, "Minimum")}, nil, ""))
		}
		list = append(list, graph(p.Name+": lost probes", region, columns/2, y, columns/2, []any{pathMetric(c, p, gate.MetricFail, "Maximum")}, nil, "%"))
		y += rowHeight
	}
	if len(others) > 0 {
		list = append(list, cdkx.Widget{Type: "text", X: 0, Y: y, Width: columns, Height: rowHeight, Properties: map[string]any{"markdown": "Not measured here:\n\n" + strings.Join(others, "\n")}})
	}
	return list
}

// besideGraphs are the p99 of connect, and lost probes, of several paths in one graph each.
func besideGraphs(c *Config, region string, y int, b BesideProps) []cdkx.Widget {
	of := func(m gate.Metric, statistic string) []any {
		var list []any
		for _, name := range b.Paths {
			one := pathMetric(c, c.Path(name), m, statistic)
			one[len(one)-1].(map[string]any)["label"] = name
			list = append(list, one)
		}
		return list
	}
	return []cdkx.Widget{graph(b.Title+": connect, p99", region, 0, y, columns/2, of(gate.MetricConnect, "p99"), nil, "us"),
		graph(b.Title+": lost probes", region, columns/2, y, columns/2, of(gate.MetricFail, "Average"), nil, "%")}
}

func graph(title, region string, x, y, width int, metrics []any, annotations []line, unit string) cdkx.Widget {
	properties := map[string]any{"title": title, "region": region, "view": "timeSeries", "stacked": false, "metrics": metrics,
		"yAxis": map[string]any{"left": map[string]any{"min": 0, "label": unit, "showUnits": false}}}
	if len(annotations) > 0 {
		properties["annotations"] = map[string]any{"horizontal": annotations}
	}
	return cdkx.Widget{Type: "metric", X: x, Y: y, Width: width, Height: rowHeight, Properties: properties}
}

func runMetric(c *Config, m gate.Metric, statistic string) []any {
	return metric(m, c.NetworkDimensions(), statistic)
}

func pathMetric(c *Config, p *Path, m gate.Metric, statistic string) []any {
	return metric(m, c.Dimensions(p), statistic)
}

func metric(m gate.Metric, dimensions []gate.Dimension, statistic string) []any {
	list := []any{gate.Namespace, string(m)}
	for _, d := range dimensions {
		list = append(list, d.Name, d.Value)
	}
	label := string(m)
	if strings.HasPrefix(statistic, "p") {
		label = statistic
	}
	return append(list, map[string]any{"stat": statistic, "label": label})
}

// phaseOf is what people want to know of a path.
func phaseOf(p *Path) probe.Phase {
	if p.Phase != "" {
		return p.Phase
	}
	return report.MainPhase(p.Target.Kind)
}

// metricOf is the metric of a path's phase; of phases without one it is the total.
func metricOf(p *Path) gate.Metric {
	switch phaseOf(p) {
	case probe.PhaseConnect:
		return gate.MetricConnect
	case probe.PhaseWait:
		return gate.MetricWait
	}
	return gate.MetricTotal
}

// lines are a path's objectives on the phase that is shown, and what physics allows at least, in microseconds.
func lines(p *Path) []line {
	var out []line
	if e, err := slo.Parse(p.SLO); p.SLO != "" && err == nil {
		for _, t := range e.Terms {
			for _, pair := range [][2]slo.Value{{t.Left, t.Right}, {t.Right, t.Left}} {
				if l, r := pair[0], pair[1]; l.Kind == slo.Latency && l.Path == "" && l.Phase == string(phaseOf(p)) && r.Kind == slo.Duration {
					out = append(out, line{t.String(), float64(r.Time().Microseconds()) / l.Number.Float(), "#d62728"})
				}
			}
		}
	}
	if p.Bound > 0 {
		out = append(out, line{"physical bound", float64(p.Bound), "#7f7f7f"})
	}
	return out
}
