package gate

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// twoVantages is a document with a path of every sort.
func twoVantages() *Config {
	tcp := func(host string) *Target { return &Target{Kind: probe.KindTCP, Host: host, Port: 7007} }
	return &Config{
		Schema: ConfigSchema, Network: "reference",
		Vantages: []Vantage{
			{Key: "seoul/app/apne2-az1", Function: "ref-vantage-1", Region: "ap-northeast-2", AZID: "apne2-az1", Subnet: "private"},
			{Key: "oregon/service/usw2-az1", Function: "ref-vantage-2", Region: "us-west-2", AZID: "usw2-az1"},
		},
		Paths: []Path{
			{Name: "idc", Measured: ByVantage, Vantage: "seoul/app/apne2-az1", Target: tcp("10.20.0.10"), SLO: "p90(connect) < 15ms and fail < 5%", Flows: 4, Bound: 500},
			{Name: "peering", Measured: ByVantage, Vantage: "seoul/app/apne2-az1", Target: tcp("172.31.26.253"), SLO: "p90(connect) < 40ms", Zone: "apne1-az4", InStack: true},
			{Name: "back", Measured: ByReverse, Vantage: "oregon/service/usw2-az1", Target: tcp("10.0.1.7")},
			{Name: "isolated", Measured: ByVantage, Vantage: "oregon/service/usw2-az1", Target: tcp("172.16.0.9"), Expect: probe.ExpectUnreachable},
			{Name: "home", Measured: ByClient, Target: tcp("10.0.0.227"), Note: "measured by people"},
			{Name: "paper", Measured: ByNobody},
		},
		Comparisons: []Comparison{{Paths: []string{"idc", "peering"}, Phase: probe.PhaseConnect, Margin: 500}},
		Run:         Run{Count: 100, Interval: 1000, Timeout: 100_000},
	}
}

// loaded is a document as Load returns it.
func loaded(t *testing.T, c *Config) *Config {
	t.Helper()
	document, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Load(document, "")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// found is a path that answered n times, with an RTT around rtt, and lost the first few.
func found(p *Path, n, lost int, rtt time.Duration) probe.PathResult {
	out := probe.PathResult{
		Name: p.Name, Kind: p.Target.Kind, Target: probe.Target{Host: p.Target.Host, Port: p.Target.Port}, Timing: probe.TimingKernel,
		Sent: n, OK: n - lost,
	}
	for i := range n {
		s := probe.Sample{Index: i, Scheduled: probe.Micros(1000 * i)}
		if i < lost {
			s.Failure = &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "no answer"}
		} else {
			s.Timing = probe.TimingKernel
			s.Phases.Connect = probe.MicrosOf(rtt + time.Duration(i%10)*10*time.Microsecond)
		}
		out.Samples = append(out.Samples, s)
	}
	if lost > 0 {
		out.Errors = map[probe.Class]int{probe.Timeout: lost}
	}
	return out
}

// denied is a path on which nothing came back.
func denied(p *Path, n int, held bool) probe.PathResult {
	out := found(p, n, n, 0)
	out.Denial = &probe.Denial{Expect: p.Expect, Held: held, Proof: probe.ProofSilence, Silent: n, Reading: fmt.Sprintf("%d of %d probes got no answer: proof only if the target was up", n, n)}
	if !held {
		out.Denial.Silent, out.Denial.Connected, out.Denial.Reading = 0, n, "probes got through"
	}
	return out
}

// finding is what a vantage found.
func finding(c *Config, vantage string, paths ...probe.PathResult) Finding {
	v := c.Vantage(vantage)
	return Finding{
		State: VantageState{Key: v.Key, Region: v.Region, AZID: v.AZID, Tries: 1},
		Result: &probe.Result{
			Schema: probe.Schema, RunID: "run", Started: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), Duration: 5_000_000,
			Vantage: probe.Vantage{Kind: "lambda", Region: v.Region, AZID: v.AZID}, Settings: probe.Settings{MaxLooks: 1, Looks: 1},
			Env: probe.Env{Quality: probe.Good, Timing: probe.TimingKernel}, Paths: paths,
		},
	}
}

const ms = time.Millisecond

// wellFound is what both vantages find where all is well.
func wellFound(c *Config) []Finding {
	return []Finding{
		finding(c, "seoul/app/apne2-az1", found(c.Path("idc"), 100, 0, 5*ms), found(c.Path("peering"), 100, 1, 34*ms)),
		finding(c, "oregon/service/usw2-az1", found(c.Path("back"), 100, 0, 1*ms), denied(c.Path("isolated"), 100, true)),
	}
}
