package report

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/slo"
)

// fixture is a run with all that a report can show: four paths of four kinds, losses, a dead tunnel, a lost SYN, a path
// that must not work and one that could not be measured. It is the same on every machine.
func fixture(t *testing.T) (*probe.Result, Options) {
	t.Helper()
	local, source := netip.MustParseAddr("10.10.1.7"), netip.MustParseAddr("10.10.1.7")
	r := &probe.Result{
		Schema: probe.Schema, RunID: "7f3a", Tool: probe.Tool{Version: "0.1.0", Go: "go1.26.8"},
		Started: time.Date(2026, 11, 21, 19, 40, 0, 0, time.UTC), Duration: 6_200_000,
		Vantage:  probe.Vantage{Kind: "lambda", Region: "ap-northeast-2", AZID: "apne2-az1", Subnet: "subnet-0a1b2c3d", SourceIP: source},
		Settings: probe.Settings{Seed: 7, Interval: 50_000, Timeout: 3_000_000, InFlight: 4, Looks: 1, MaxLooks: 1},
		Env: probe.Env{
			OS: "linux/arm64", CPUs: 2, Timing: probe.TimingUserspace, Quality: probe.Good,
			Overhead: probe.Percentiles{P50: 210, P90: 480, P99: 1200}, SchedLag: probe.Percentiles{P50: 60, P90: 300, P99: 900},
		},
	}
	rng := rand.New(rand.NewPCG(7, 7))
	r.Paths = []probe.PathResult{
		tcpPath(rng, "peering", netip.MustParseAddr("10.20.1.10"), local, 33_100, 300),
		tcpPath(rng, "vpn", netip.MustParseAddr("10.30.1.10"), local, 41_800, 900),
		httpPath(rng, "accelerated"),
		denied("isolated"),
		{
			Name: "renamed", Kind: probe.KindTCP, Target: probe.Target{Host: "old.corp.example", Port: 7007},
			Failure: &probe.Failure{Class: probe.DNS, Op: "resolve", Detail: "lookup old.corp.example: no such host"},
		},
	}
	deadTunnel(&r.Paths[1])
	o := Options{
		Compare: []Pair{{A: "peering", B: "vpn"}, {A: "peering", B: "accelerated", Phase: probe.PhaseConnect}},
		Objectives: []Objective{
			objective(t, "peering", "p50(connect) < 65ms and p99(connect) < 80ms"),
			objective(t, "vpn", "fail < 5%"),
			objective(t, "vpn", "jitter(connect) < 1ms @warn"),
			objective(t, "", "p50(peering.connect) < 0.9 * p50(vpn.connect)"),
		},
	}
	return r, o
}

// judgedFixture is the fixture, judged.
func judgedFixture(t *testing.T) *probe.Result {
	t.Helper()
	r, o := fixture(t)
	if err := Judge(r, o); err != nil {
		t.Fatal(err)
	}
	return r
}

func objective(t *testing.T, path, text string) Objective {
	t.Helper()
	e, err := slo.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return Objective{Path: path, Expr: e}
}

const fixtureCount = 100

// around is a time with a long tail above base.
func around(rng *rand.Rand, base, spread int64) probe.Micros {
	return probe.Micros(base + int64(rng.ExpFloat64()*float64(spread)))
}

func tcpPath(rng *rand.Rand, name string, ip, local netip.Addr, base, spread int64) probe.PathResult {
	p := probe.PathResult{
		Name: name, Kind: probe.KindTCP, Timing: probe.TimingKernel, Target: probe.Target{Host: ip.String(), Port: 7007, IP: ip},
	}
	for i := range fixtureCount + 3 {
		connect := around(rng, base, spread)
		s := probe.Sample{Index: i, Scheduled: probe.Micros(1000 + 50_000*i), Lag: 40, Warmup: i < 3}
		s.Outcome = probe.Outcome{
			Phases: probe.Phases{Connect: connect}, Elapsed: connect + 230, Timing: probe.TimingKernel,
			Local: netip.AddrPortFrom(local, uint16(40000+i)), ServedBy: "apne1-az1",
		}
		if i == 40 {
			s.Phases.Connect, s.SYNRetransmits, s.Elapsed = 0, 1, 1_033_500
		}
		p.Samples = append(p.Samples, s)
	}
	recount(&p)
	return p
}

// deadTunnel makes half of the source ports of a path fail.
func deadTunnel(p *probe.PathResult) {
	p.Flows = &probe.FlowTable{Identity: probe.Observed, Dead: 1, Of: 2, Reading: "4 of 8 flows never worked: consistent with 1 of 2 tunnels dead"}
	for f := range 8 {
		p.Flows.Flows = append(p.Flows.Flows, probe.Flow{LocalPort: uint16(20100 + 7*f)})
	}
	for i := range p.Samples {
		s := &p.Samples[i]
		s.Flow = i%8 + 1
		if flow := &p.Flows.Flows[s.Flow-1]; !s.Warmup {
			flow.Sent++
			if s.Flow%2 == 0 {
				flow.OK++
				continue
			}
		}
		if s.Flow%2 == 1 {
			s.Outcome = probe.Outcome{Elapsed: 3_000_000, Failure: &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "i/o timeout"}}
		}
	}
	recount(p)
}

func httpPath(rng *rand.Rand, name string) probe.PathResult {
	p := probe.PathResult{
		Name: name, Kind: probe.KindHTTP, Timing: probe.TimingUserspace,
		Target: probe.Target{Host: "https://a1b2.example/whoami", Port: 443, IP: netip.MustParseAddr("192.0.2.10"), Resolved: 900},
	}
	for i := range fixtureCount + 3 {
		phases := probe.Phases{
			DNS: around(rng, 300, 200), Connect: around(rng, 2_900, 200), TLS: around(rng, 6_100, 400), Send: around(rng, 30, 10),
			Wait: around(rng, 36_000, 700), Receive: around(rng, 60, 30),
		}
		phases.Total = phases.DNS + phases.Connect + phases.TLS + phases.Send + phases.Wait + phases.Receive + 120
		s := probe.Sample{Index: i, Scheduled: probe.Micros(2000 + 50_000*i), Lag: 55, Warmup: i < 3}
		s.Outcome = probe.Outcome{Phases: phases, Elapsed: phases.Total, Timing: probe.TimingUserspace, ServedBy: []string{"apne1-az1", "apne1-az4"}[i%2]}
		if i == 77 {
			s.Failure = &probe.Failure{Class: probe.HTTPStatus, Op: "status", Detail: "got 503 Service Unavailable"}
		}
		p.Samples = append(p.Samples, s)
	}
	recount(&p)
	return p
}

func denied(name string) probe.PathResult {
	ip := netip.MustParseAddr("10.99.0.5")
	p := probe.PathResult{
		Name: name, Kind: probe.KindTCP, Expect: probe.ExpectNever, Target: probe.Target{Host: ip.String(), Port: 7007, IP: ip},
		Denial: &probe.Denial{
			Expect: probe.ExpectNever, Held: true, Proof: probe.ProofSilence, Silent: 13,
			Reading: "13 of 13 probes got no answer: proof only if the target was up",
		},
	}
	for i := range 13 {
		s := probe.Sample{Index: i, Scheduled: probe.Micros(3000 + 50_000*i), Lag: 45, Warmup: i < 3}
		s.Outcome = probe.Outcome{Elapsed: 3_000_000, Failure: &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "i/o timeout"}}
		p.Samples = append(p.Samples, s)
	}
	recount(&p)
	return p
}

// recount does what a run does as samples come.
func recount(p *probe.PathResult) {
	p.Sent, p.OK, p.SYNRetrans, p.Warmup, p.Errors, p.FailPct = 0, 0, 0, 0, nil, 0
	for i := range p.Samples {
		s := &p.Samples[i]
		switch {
		case s.Warmup:
			p.Warmup++
			continue
		case s.OK():
			p.OK++
		default:
			if p.Errors == nil {
				p.Errors = map[probe.Class]int{}
			}
			p.Errors[s.Failure.Class]++
		}
		p.Sent++
		if s.SYNRetransmits > 0 {
			p.SYNRetrans++
		}
	}
}
