package report

import (
	"maps"
	"slices"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/stats"
)

// confidence is that of everything which only describes.
const confidence = 0.95

// histogramRows is how many rows a histogram has.
const histogramRows = 8

// quantiles are those in a report.
var quantiles = []stats.Quantile{stats.Minimum, stats.P50, stats.P90, stats.P95, stats.P99, stats.P999, stats.Maximum}

// aggregate fills in what the samples of a path say.
func (s slots) aggregate(r *probe.Result, p *probe.PathResult) {
	p.Phases, p.Histogram = nil, nil
	lossOf(p)
	for _, phase := range Phases(p.Kind) {
		series := s.series(p, phase)
		summary := stats.Summarize(series)
		if summary.OK == 0 {
			continue
		}
		if p.Phases == nil {
			p.Phases = map[probe.Phase]probe.PhaseStats{}
		}
		p.Phases[phase] = describe(summary, clock(r, p, phase))
		if phase == MainPhase(p.Kind) {
			p.Histogram = histogram(series, phase)
		}
	}
	s.flows(p)
	s.servers(p)
}

// lossOf fills in the share of probes that failed.
func lossOf(p *probe.PathResult) {
	p.FailCI95Pct = nil
	if p.Sent > 0 {
		rate := stats.NewRate(p.Sent-p.OK, p.Sent, confidence)
		low, high := 100*rate.Lo, 100*rate.Hi
		p.FailPct, p.FailCI95Pct = 100*rate.Value, interval(&low, &high)
	}
}

func describe(s *stats.Summary, by probe.Timing) probe.PhaseStats {
	out := probe.PhaseStats{
		Clock: by, N: s.OK, Ranked: s.Sent, Min: number(s.Min), Avg: number(s.Avg), Max: number(s.Max),
		SD: micros(s.SD), Jitter: micros(s.Jitter), Spread: micros(s.Spread),
	}
	for _, q := range quantiles {
		out.Quantiles = append(out.Quantiles, quantile(q, s.All(q, confidence)))
	}
	return out
}

func quantile(q stats.Quantile, e stats.Estimate) probe.Quantile {
	out := probe.Quantile{Q: float64(q) / float64(stats.Maximum), V: micros(e.Value)}
	if e.Measure.OfRun() { // it describes this run, and that fully
		out.Resolved = true
		return out
	}
	out.Resolved = e.Resolved() || e.Lower.Known && e.Lower.Value == stats.Lost // infinite beyond doubt
	out.CI95 = interval(end(e.Lo), end(e.Hi))
	if !out.Resolved {
		out.NeedsN = e.NeedN
		if e.Lower.Known {
			out.AtLeast = micros(e.Lower.Value)
		}
	}
	return out
}

// histogram counts whole microseconds, so that no edge is rounded away from what it divides.
func histogram(series []stats.Latency, phase probe.Phase) *probe.Histogram {
	whole := make([]stats.Latency, len(series))
	for i, l := range series {
		whole[i] = l
		if m := micros(l); m != nil {
			whole[i] = stats.Latency(*m)
		}
	}
	bars := stats.Summarize(whole).Histogram(histogramRows)
	h := &probe.Histogram{Phase: phase, Scale: "log", Counts: bars.Counts}
	for _, edge := range bars.Edges {
		h.Edges = append(h.Edges, probe.Micros(edge))
	}
	return h
}

// flows fills in the median of each source port.
func (s slots) flows(p *probe.PathResult) {
	if p.Flows == nil {
		return
	}
	times := make([][]stats.Latency, len(p.Flows.Flows))
	for i := range p.Samples {
		sample := &p.Samples[i]
		if sample.Counts() && sample.Flow > 0 && sample.Flow <= len(times) {
			times[sample.Flow-1] = append(times[sample.Flow-1], latency(&sample.Outcome, MainPhase(p.Kind)))
		}
	}
	for i := range times {
		p.Flows.Flows[i].P50 = micros(stats.Summarize(times[i]).Answered(stats.P50, confidence).Value)
	}
}

// servers tells those that answered apart.
func (s slots) servers(p *probe.PathResult) {
	p.ServedBy = nil
	times := map[string][]stats.Latency{}
	for i := range p.Samples {
		if sample := &p.Samples[i]; sample.Counts() && sample.OK() && sample.ServedBy != "" {
			times[sample.ServedBy] = append(times[sample.ServedBy], latency(&sample.Outcome, MainPhase(p.Kind)))
		}
	}
	for _, by := range slices.Sorted(maps.Keys(times)) {
		summary := stats.Summarize(times[by])
		if summary.OK == 0 {
			continue
		}
		p.ServedBy = append(p.ServedBy, probe.Served{
			By: by, N: summary.OK, P50: number(summary.Answered(stats.P50, confidence).Value), P90: number(summary.Answered(stats.P90, confidence).Value),
		})
	}
}
