package gate

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// maxValues is the most values that an array may have in CloudWatch's embedded metric format. An event with more is dropped
// without a word.
const maxValues = 100

// sloValue is a verdict as the metric SloPass.
var sloValue = map[Verdict]float64{Pass: 1, Inconclusive: 0.5, Fail: 0}

// WriteMetrics writes the metrics of a report in CloudWatch's embedded metric format, a line for each event. From the
// standard output of a Lambda function CloudWatch takes them into metrics.
func WriteMetrics(w io.Writer, c *Config, r *Report, at time.Time) error {
	e := emf{w: w, at: at}
	if !r.Partial {
		e.counts(c, r)
	}
	for i := range r.Paths {
		v := &r.Paths[i]
		p := c.Path(v.Name)
		if v.Verdict == NotMeasured || p == nil || r.Result == nil {
			continue
		}
		if found := report.Find(r.Result, v.Name); found != nil {
			e.path(c.Dimensions(p), r.RunID, v, found)
		}
	}
	return e.err
}

// counts writes how many paths have each verdict. Those of some paths would pass for those of all.
func (e *emf) counts(c *Config, r *Report) {
	of, _ := r.Tally()
	e.write(c.NetworkDimensions(), r.RunID, []metric{
		{MetricPassed, "Count", scalar(float64(of[Pass]))},
		{MetricFailed, "Count", scalar(float64(of[Fail]))},
		{MetricInconclusive, "Count", scalar(float64(of[Inconclusive]))},
		{MetricNotMeasured, "Count", scalar(float64(of[NotMeasured]))},
		{MetricUnproven, "Count", scalar(float64(of[NotMeasured] + of[Inconclusive]))},
	})
}

// metric is one metric of an event: a number, or an array of at most maxValues.
type metric struct {
	name   Metric
	unit   string
	values []float64
}

func scalar(v float64) []float64 { return []float64{v} }

type emf struct {
	w   io.Writer
	at  time.Time
	err error
}

// path writes a path's metrics: the first event holds the single values, and each as many samples as fit.
func (e *emf) path(dimensions []Dimension, run string, v *PathVerdict, found *probe.PathResult) {
	metrics := []metric{{MetricSLO, "Count", scalar(sloValue[v.Verdict])}}
	if v.FailPct != nil {
		metrics = append(metrics, metric{MetricFail, "Percent", scalar(*v.FailPct)})
	}
	if found.Ready != nil {
		metrics = append(metrics, metric{MetricReady, "Microseconds", scalar(float64(found.Ready.Waited))})
	}
	samples := []metric{
		{MetricConnect, "Microseconds", times(found, probe.PhaseConnect)},
		{MetricWait, "Microseconds", times(found, probe.PhaseWait)},
		{MetricTotal, "Microseconds", times(found, probe.PhaseTotal)},
	}
	for {
		for i := range samples {
			s := &samples[i]
			if n := min(len(s.values), maxValues); n > 0 {
				metrics = append(metrics, metric{s.name, s.unit, s.values[:n]})
				s.values = s.values[n:]
			}
		}
		if len(metrics) == 0 {
			return
		}
		e.write(dimensions, run, metrics)
		metrics = nil
	}
}

// times are a phase's times of the probes that count and succeeded.
func times(p *probe.PathResult, phase probe.Phase) []float64 {
	var out []float64
	for i := range p.Samples {
		if s := &p.Samples[i]; s.Counts() && s.OK() {
			if t, ok := s.Phases.Get(phase); ok {
				out = append(out, float64(t))
			}
		}
	}
	return out
}

// write writes one event.
func (e *emf) write(dimensions []Dimension, run string, metrics []metric) {
	type definition struct {
		Name Metric
		Unit string
	}
	root := map[string]any{"RunId": run}
	var names []string
	for _, d := range dimensions {
		root[d.Name] = d.Value
		names = append(names, d.Name)
	}
	var definitions []definition
	for _, m := range metrics {
		definitions = append(definitions, definition{m.name, m.unit})
		if root[string(m.name)] = m.values; len(m.values) == 1 {
			root[string(m.name)] = m.values[0]
		}
	}
	root["_aws"] = map[string]any{
		"Timestamp":         e.at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": Namespace, "Dimensions": [][]string{names}, "Metrics": definitions}},
	}
	line, err := json.Marshal(root)
	if err == nil {
		_, err = e.w.Write(append(line, '\n'))
	}
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("metrics: %w", err)
	}
}
