package topology

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
)

// Measurement is how paths are measured after a deployment, and where the measurements come together.
type Measurement struct {
	Home         Place           `json:"home"` // of the gate, its bucket, alarms and dashboard: that of the alerts topic
	Function     string          `json:"function"`
	Vantages     []*VantagePoint `json:"vantages,omitempty"` // by key
	Comparisons  []Comparison    `json:"comparisons,omitempty"`
	Every        config.Duration `json:"every,omitempty"` // 0: not by itself
	Count        int             `json:"count"`
	Interval     config.Duration `json:"interval"`
	Timeout      config.Duration `json:"timeout"`
	Ready        config.Duration `json:"ready"`
	Memory       int             `json:"memory"` // MiB
	ReportDays   int             `json:"reportDays"`
	Pipeline     config.Action   `json:"pipeline"`
	Inconclusive config.Action   `json:"inconclusive"`
}

// Comparison asks which of some paths is faster.
type Comparison struct {
	Paths  []string        `json:"paths"` // the first is compared with each of the others
	Phase  config.Phase    `json:"phase"`
	Margin config.Duration `json:"margin,omitempty"`
}

// measurement plans how paths are measured: who stands where, what is compared, and whether the probes can tell.
func (b *builder) measurement() {
	if b.f.Probe != nil {
		b.plan.Measurement = b.probe(b.f.Probe)
	}
	b.objectives()
	comparisons := b.compare()
	if m := b.plan.Measurement; m != nil {
		m.Comparisons = comparisons
		b.vantages(m)
		b.latencies()
	}
}

// probe reads the settings; nil if the gate has no place.
func (b *builder) probe(c *config.Probe) *Measurement {
	b.probeRanges(c)
	if b.f.Alerts == nil {
		b.addf(problem.MissingKey, "probe", "measuring needs a place for its gate and a topic for its alarms; add alerts: {home: REGION ALIAS}")
	}
	if len(b.f.Paths) == 0 {
		b.addf(problem.MissingKey, "probe", "there is nothing to measure; declare paths")
	}
	if b.plan.Alerts == nil || len(b.f.Paths) == 0 {
		return nil
	}
	return &Measurement{Home: b.plan.Alerts.Place, Function: naming.GateFunction(b.plan.Name), Every: c.Every, Count: c.Count, Interval: c.Interval,
		Timeout: c.Timeout, Ready: c.Ready, Memory: c.Memory, ReportDays: c.Reports.Days(),
		Pipeline: b.f.Gate.Pipeline, Inconclusive: b.f.Gate.Inconclusive}
}

// runOf is the probe section as the gate's own program takes it.
func runOf(c *config.Probe) gate.Run {
	return gate.Run{Count: c.Count, Warmup: gateWarmup, Denials: gate.DefaultDenials, InFlight: gateInFlight,
		Interval: probe.MicrosOf(time.Duration(c.Interval)), Timeout: probe.MicrosOf(time.Duration(c.Timeout))}
}

// What the gate does unless it is told otherwise, and it is not.
const (
	gateWarmup   = 3
	gateInFlight = 4
)

// probeRanges checks the settings, each alone and together against the time there is.
func (b *builder) probeRanges(c *config.Probe) {
	within := func(key string, got, least, most config.Duration) bool {
		if got < least || got > most {
			b.addf(problem.ProbeBudget, "probe."+key, "out of range, got %s; use %s to %s", got, least, most)
			return false
		}
		return true
	}
	const ms, second, minute = config.Duration(time.Millisecond), config.Duration(time.Second), config.Duration(time.Minute)
	ok := within("interval", c.Interval, ms, 10*second)
	ok = within("timeout", c.Timeout, 100*ms, 10*second) && ok
	within("ready", c.Ready, second, 5*minute)
	if c.Reports%(24*60*minute) != 0 || c.Reports > 3650*24*60*minute {
		b.addf(problem.ProbeBudget, "probe.reports", "not in whole days up to 3650d, got %s; write it like 90d", c.Reports)
	}
	if c.Memory < 128 || c.Memory > 3008 {
		b.addf(problem.ProbeBudget, "probe.memory", "out of range, got %d; use 128 to 3008 (MiB)", c.Memory)
	}
	if c.Count < 1 {
		b.addf(problem.ProbeBudget, "probe.count", "out of range, got %d; use 1 or more", c.Count)
		ok = false
	}
	switch {
	case c.Every == 0:
	case !within("every", c.Every, 2*minute, 24*60*minute):
		ok = false
	case c.Every%minute != 0:
		b.addf(problem.ProbeBudget, "probe.every", "not in whole minutes, got %s; EventBridge counts minutes", c.Every)
		ok = false
	}
	if ok {
		b.budget(c)
	}
}

// budget compares how long a run may take with the time there is for it.
func (b *builder) budget(c *config.Probe) {
	took := runOf(c).Measuring()
	switch {
	case took > gate.MaxMeasuring:
		b.addf(problem.ProbeBudget, "probe.count", "a measurement has %s, got one that takes up to %s when nothing answers (%d probes, every %s, timeout %s); send fewer probes or wait for less long",
			config.Duration(gate.MaxMeasuring), took.Round(time.Second), c.Count, c.Interval, c.Timeout)
	case c.Every != 0 && took > time.Duration(c.Every):
		b.addf(problem.ProbeBudget, "probe.every", "shorter than a measurement may take, got %s for up to %s when nothing answers; measure less often, or send fewer probes", c.Every, took.Round(time.Second))
	}
}

// vantages collects the functions that paths are measured by.
func (b *builder) vantages(m *Measurement) {
	paths := map[string]int{}
	for _, p := range b.plan.Paths {
		if p.point == nil {
			continue
		}
		path := fmt.Sprintf("paths[%s]", p.Name)
		if at := p.point.Place; at.Account != m.Home.Account {
			why := fmt.Sprintf("it starts in %s, and the gate in %s calls no functions of other accounts", at, m.Home)
			p.Vantage, p.VantageNote, p.point, p.target, p.Aim = VantageNone, "declared, not measured: "+why, nil, nil, nil
			b.addf(problem.NotMeasured, path, "declared, not measured: %s; proven by plan only", why)
			continue
		}
		if p.At = p.point.Key; p.target != nil {
			p.Target = p.target.Name
		}
		paths[p.At]++
		if i := slices.IndexFunc(m.Vantages, func(v *VantagePoint) bool { return v.Key == p.At }); i >= 0 {
			p.point = m.Vantages[i]
			continue
		}
		p.point.Function = naming.VantageFunction(b.plan.Name, p.At)
		m.Vantages = append(m.Vantages, p.point)
	}
	slices.SortFunc(m.Vantages, func(x, y *VantagePoint) int { return strings.Compare(x.Key, y.Key) })
	for _, v := range m.Vantages {
		if n := paths[v.Key] * (m.Count + gateWarmup); n > gate.MaxAnswer {
			b.addf(problem.ProbeBudget, "probe.count", "too many samples for one function to return, got %d of %d paths that start in %s; the limit is %d, so send fewer probes",
				n, paths[v.Key], v.Key, gate.MaxAnswer)
		}
	}
}

// VantagesAt lists the vantages of a place.
func (p *Plan) VantagesAt(at Place) []*VantagePoint {
	var out []*VantagePoint
	if p.Measurement != nil {
		for _, v := range p.Measurement.Vantages {
			if v.Place == at {
				out = append(out, v)
			}
		}
	}
	return out
}

// SubnetOf returns the subnet of a vantage.
func (p *Plan) SubnetOf(v *VantagePoint) *Subnet {
	return find(p.Network(v.Network).Subnets, func(s *Subnet) bool { return s.Tier == v.Tier && s.ZoneID == v.ZoneID })
}
