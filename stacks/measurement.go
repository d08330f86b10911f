package stacks

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/topology"
)

// vantages defines the functions of a place that measure, each with the security groups of the workloads there.
func (b *builder) vantages(st *stack) []constructs.IDependable {
	var defined []constructs.IDependable
	for _, v := range b.plan.VantagesAt(st.plan.Place) {
		n := b.plan.Network(v.Network)
		props := &latencyprobe.VantageProps{FunctionName: v.Function, Key: v.Key, Code: b.opts.ProbeLambda, Config: b.gateConfig(), ZoneID: v.ZoneID,
			SubnetId: b.value(st, b.networkStackOf(n), "", "", b.networks[n.Key].SubnetId(v.Tier, v.ZoneID)), MemoryMiB: b.plan.Measurement.Memory}
		for _, host := range v.Groups() {
			props.SecurityGroupIds = append(props.SecurityGroupIds, b.value(st, b.networkStackOf(n), "", "", b.networks[n.Key].SecurityGroupId(host)))
		}
		defined = append(defined, latencyprobe.NewVantage(st.Stack, v.ID(), props))
	}
	return defined
}

// gate defines the function that judges, in the ops stack that is deployed last.
func (b *builder) gate(st *stack, topicArn *string) {
	m := b.plan.Measurement
	latencyprobe.NewGate(st.Stack, naming.Gate, &latencyprobe.GateProps{FunctionName: m.Function, Code: b.opts.ProbeLambda, Config: b.gateConfig(),
		BucketName: b.value(st, b.placeStackOf(m.Home), "", "", b.reports), TopicArn: topicArn, Every: time.Duration(m.Every),
		DashboardName: naming.DashboardName(b.plan.Name), DependsOn: b.vantages(st), Beside: b.zonesBeside()})
}

// gateConfig is the plan as the gate and its vantages read it. All paths stand in it, measured or not: one that nobody
// measures is reported so.
func (b *builder) gateConfig() *latencyprobe.Config {
	if b.config != nil {
		return b.config
	}
	m := b.plan.Measurement
	c := &latencyprobe.Config{Schema: latencyprobe.ConfigSchema, Network: b.plan.Name, Watched: b.watched(),
		Run: latencyprobe.Run{Count: m.Count, Denials: gate.DefaultDenials, Interval: probe.MicrosOf(time.Duration(m.Interval)), Timeout: probe.MicrosOf(time.Duration(m.Timeout))}}
	c.Policy.Pipeline, c.Policy.Inconclusive = action(m.Pipeline), action(m.Inconclusive)
	for _, v := range m.Vantages {
		c.Vantages = append(c.Vantages, latencyprobe.Point{Key: v.Key, Function: v.Function, Region: v.Place.Region, AZID: v.ZoneID,
			Subnet: v.Network + " " + v.Tier + "/" + v.ZoneID})
	}
	for _, p := range b.plan.Paths {
		c.Paths = append(c.Paths, b.gatePath(p))
	}
	for _, x := range m.Comparisons {
		comparison := latencyprobe.Comparison{Paths: x.Paths, Phase: probe.Phase(x.Phase)}
		if x.Margin > 0 {
			comparison.Margin = probe.MicrosOf(time.Duration(x.Margin))
		}
		c.Comparisons = append(c.Comparisons, comparison)
	}
	b.config = c
	return c
}

func action(a config.Action) latencyprobe.Action { return latencyprobe.Action(a) }

func (b *builder) gatePath(p *topology.Path) latencyprobe.Path {
	out := latencyprobe.Path{Name: p.Name, Measured: latencyprobe.Measured(p.Vantage), Vantage: p.At, Note: p.VantageNote, SLO: p.SLO}
	if how := p.Judged(); how != "" {
		out.Note += "; judged " + how
	}
	if p.Bound != nil && p.Bound.RTT > 0 {
		out.Bound, out.BoundNote = probe.MicrosOf(time.Duration(p.Bound.RTT)), strings.Join(p.Bound.Legs, ", ")
	}
	switch {
	case p.Vantage == topology.VantageClient:
		out.Target = b.asked(p)
		return out
	case p.At == "":
		return out
	}
	aim := b.plan.AimOf(p)
	out.Target = &latencyprobe.Target{Kind: probe.KindTCP, Host: aim.Address, Port: uint16(aim.Port)} // #nosec G115 -- a port
	out.Zone, out.Flows = aim.ZoneID, p.Flows
	if p.Flows > 0 {
		out.Tunnels = b.tunnels(p)
	}
	if p.Expect == config.Unreachable {
		out.Expect = probe.ExpectUnreachable // a reset would come from the target: it is reached
		return out
	}
	out.Ready = &latencyprobe.Ready{Within: probe.MicrosOf(time.Duration(b.plan.Measurement.Ready))}
	return out
}

// asked is what people measure, at whatever address they used: the other end is named, not called.
func (b *builder) asked(p *topology.Path) *latencyprobe.Target {
	t := &latencyprobe.Target{Kind: cmp.Or(p.Kind, probe.KindTCP), Host: b.plan.Called(p), Port: uint16(p.Port)} // #nosec G115 -- a port
	if p.HTTP != nil {
		t.HTTP = &gate.HTTP{TLS: p.HTTP.TLS, Path: p.HTTP.Path}
	}
	return t
}

// tunnels is how many VPN tunnels share a path's flows; 0 if it crosses none, or one at a time.
func (b *builder) tunnels(p *topology.Path) int {
	for _, h := range p.Forward {
		if s := b.plan.Site(h.Name); h.Kind == topology.TargetSite && s != nil && !s.Static {
			return 2 * len(s.Connections)
		}
	}
	return 0
}

// watched changes with everything that decides about a path: the plan, which knows all routes, rules and attachments.
func (b *builder) watched() string {
	text, err := b.plan.Encode()
	if err != nil {
		panic(fmt.Errorf("gate: %w", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// reportBucket defines the bucket of reports, which outlives the gate: it is data, the gate is not (docs/adr/0001).
func (b *builder) reportBucket(st *stack) {
	bucket := latencyprobe.NewReportBucket(st.Stack, naming.ReportBucket, &latencyprobe.ReportBucketProps{ExpireDays: b.plan.Measurement.ReportDays})
	b.reports = bucket.Node().DefaultChild().(interface{ Ref() *string }).Ref()
	st.export(b.reports)
}
