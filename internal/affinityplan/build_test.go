package affinityplan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
)

func problemsOf(t *testing.T, text string, measured *probe.Result) []string {
	t.Helper()
	doc, list := config.ParseAffinity("chain.yaml", []byte(text))
	if doc.File == nil {
		t.Fatal(list)
	}
	_, list = Build(doc, measured)
	var got []string
	for _, p := range list {
		line, _, _ := strings.Cut(p.Format(doc.Name, nil), "\n")
		got = append(got, line)
	}
	return got
}

func TestBuild_ReportsEverything(t *testing.T) {
	got := problemsOf(t, head+`zones: [use1-az1, use1-az2, use1-az1]
callers: {use1-az1: -1, use1-az9: 1}
latency:
  sameZone: {p0: 200us, p50: 100us}
  crossZone: {p50: 1ms}
  pairs:
    - {between: [use1-az1], times: {p0: 1ms, p50: 1ms}}
    - {between: [use1-az1, use1-az7]}
    - {between: [use1-az1, use1-az2], measured: far}
services:
  caller: {}
  a: {zones: {use1-az1: 0}, apartFrom: [a, nowhere]}
  b: {processing: {p0: 1ms}}
  unused: {}
calls:
  - {from: b, to: a}
  - {from: caller, to: [a, a], times: 0}
  - {from: caller, to: caller}
  - {from: caller, to: c}
  - {from: caller, to: a, affinity: 50%}
  - {from: a, to: [b, a]}
price: {perGB: -1}
requestsPerSecond: -5
`, nil)
	want := []string{
		"chain.yaml:3:29: error NET003 zones[2]: a zone that stands twice, got use1-az1; remove one",
		"chain.yaml:4:10: error NET003 callers: no zone with a weight, got only zeros; give one of them more than 0",
		"chain.yaml:4:21: error NET003 callers[use1-az1]: weight out of range, got -1; use 0 to 1000000000",
		"chain.yaml:4:35: error NET005 callers[use1-az9]: not one of the zones, got use1-az9; did you mean use1-az1? use one of: use1-az1, use1-az2",
		"chain.yaml:6:30: error NET003 latency.sameZone.p50: shorter than p0, got 100µs after 200µs; percentiles rise",
		"chain.yaml:7:14: error NET003 latency.crossZone: incomplete, got p0 missing and p50 1ms; give both",
		"chain.yaml:9:17: error NET003 latency.pairs[0].between: not a pair, got 1 zones; write two, like [apne2-az1, apne2-az2]",
		"chain.yaml:10:7: error NET003 latency.pairs[1]: times or measured, got neither; give one of them",
		"chain.yaml:10:28: error NET003 latency.pairs[1].between[1]: not one of the zones, got use1-az7; add it to zones, or remove the pair",
		"chain.yaml:11:49: error NET003 latency.pairs[2].measured: no probe result, got path far; give one with --measured, or write times",
		"chain.yaml:13:11: error NET003 services[caller]: a name that is taken, got caller; it is where requests come from, so give the service another one",
	}
	if len(got) < len(want) {
		t.Fatalf("got only %d: %s", len(got), strings.Join(got, "\n"))
	}
	if diff := cmp.Diff(want, got[:len(want)]); diff != "" {
		t.Error(diff)
	}
	rest := strings.Join(got[len(want):], "\n")
	for _, part := range []string{
		"services[a].zones: no zone with a weight, got only zeros; give one of them more than 0",
		"services[a].apartFrom[0]: the service itself, got a; name the others",
		"services[a].apartFrom[1]: not a service, got nowhere;",
		"services[b].processing: incomplete, got p0 1ms and p50 missing; give both",
		"services[unused]: a service that no call meets, got unused; add it to calls, or remove it",
		"calls[0].from: a service that no earlier call meets, got b; put the call to it before this one",
		"calls[1].to[1]: a message of a service to itself, got a; leave it out",
		"calls[1].times: out of range, got 0; use more than 0 and at most 1000",
		"calls[2].to[0]: what calls, got caller; responses go back to from by themselves",
		"calls[3].to[0]: not a service, got c; use one of: a, b, caller, unused",
		"calls[4].affinity: no effect, got a met by calls[",
		"calls[5].to: an end that is from itself, got a; leave it out, for the last one answers from",
		"price.perGB: out of range, got -1; use 0 or more",
		"requestsPerSecond: out of range, got -5; use 0 or more",
	} {
		if !strings.Contains(rest, part) {
			t.Errorf("missing: %s\nin:\n%s", part, rest)
		}
	}
}

func TestBuild_NoRoomApart(t *testing.T) {
	got := problemsOf(t, head+`zones: [use1-az1, use1-az2]
latency: {sameZone: {p0: 1ms, p50: 1ms}, crossZone: {p0: 1ms, p50: 1ms}}
services: {a: {}, b: {apartFrom: a}, c: {apartFrom: [a, b]}}
calls: [{from: caller, to: [a, b, c]}]
`, nil)
	want := []string{"chain.yaml:5:41: error NET007 services[c]: no zone left apart from the others, got 2 zones with instances of c; add zones, or ask for less in apartFrom"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const withMeasured = head + `zones: [use1-az1, use1-az2]
callers: {use1-az1: 1}
latency:
  for: message
  sameZone: {p0: 1ms, p50: 1ms}
  crossZone: {p0: 1ms, p50: 1ms}
  pairs: [{between: [use1-az1, use1-az2], measured: far}]
services: {a: {zones: {use1-az2: 1}}}
calls: [{from: caller, to: a}]
`

func result(kind probe.Kind, vantage string) *probe.Result {
	v := func(n probe.Micros) *probe.Micros { return &n }
	return &probe.Result{Vantage: probe.Vantage{AZID: vantage}, Paths: []probe.PathResult{{Name: "far", Kind: kind, Sent: 100, OK: 100,
		Phases: map[probe.Phase]probe.PhaseStats{probe.PhaseConnect: {N: 100, Min: 800, Quantiles: []probe.Quantile{
			{Q: 0.5, V: v(1200), Resolved: true}, {Q: 0.9, V: v(1500), Resolved: true}, {Q: 0.99, V: v(9000)},
		}}}}}}
}

// A measured pair is a round trip, whatever the declared times are for; what the sample does not resolve is left out.
func TestBuild_Measured(t *testing.T) {
	doc, _ := config.ParseAffinity("chain.yaml", []byte(withMeasured))
	c, list := Build(doc, result(probe.KindTCP, "use1-az2"))
	if len(list) > 0 {
		t.Fatal(list)
	}
	times, share := c.Latency.of(0, 1)
	if want := (Times{P0: 800_000, P50: 1_200_000, P90: 1_500_000}); times != want || share != 0.5 {
		t.Errorf("got %+v, of which a message takes %v", times, share)
	}
	near(t, "p50", New(c, Options{}).With.Expected.NetworkP50, 1.2, 1e-9)
}

func TestBuild_BadMeasurements(t *testing.T) {
	for name, tc := range map[string]struct {
		result *probe.Result
		want   string
	}{
		"another zone":    {result(probe.KindTCP, "use1-az4"), "a path that was measured from another zone, got far from use1-az4"},
		"a server's time": {result(probe.KindHTTP, ""), "no times of a round trip in the probe result, got path far (http, 100 of 100 answered)"},
		"another path":    {&probe.Result{Paths: []probe.PathResult{{Name: "near"}}}, "not a path of the probe result, got far; "},
	} {
		if got := problemsOf(t, withMeasured, tc.result); len(got) != 1 || !strings.Contains(got[0], tc.want) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestBuild_Bounds(t *testing.T) {
	got := problemsOf(t, head+`zones: [use1-az1]
latency: {sameZone: {p0: 1ms, p50: 1ms}, crossZone: {p0: 1ms, p50: 1ms}}
services: {a: {}, b: {}}
calls: [{from: caller, to: [a, b], times: 666.5}]
`, nil)
	want := []string{"chain.yaml:6:8: error NET003 calls: too many messages of one request, got 2001; use at most 2000, by fewer times"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Ranges hold every number once.
func TestRanges(t *testing.T) {
	var many []int
	for k := 3; k <= 97; k++ {
		many = append(many, k)
	}
	got := ranges(many)
	next := 3
	for _, r := range got {
		if r[0] != next || r[1] < r[0] {
			t.Errorf("got %v", got)
		}
		next = r[1] + 1
	}
	if next != 98 || len(got) > mostRows {
		t.Errorf("got %v", got)
	}
	if few := ranges([]int{2, 9}); !cmp.Equal(few, [][2]int{{2, 2}, {9, 9}}) {
		t.Errorf("got %v", few)
	}
}
