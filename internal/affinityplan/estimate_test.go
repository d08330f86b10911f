package affinityplan

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/config"
)

const head = "apiVersion: pathproof/affinity/v1\nname: test\n"

// chainOf builds a document that has to be good.
func chainOf(t *testing.T, text string) *Chain {
	t.Helper()
	doc, list := config.ParseAffinity("test.yaml", []byte(text))
	if len(list) > 0 {
		t.Fatal(list)
	}
	chain, list := Build(doc, nil)
	if len(list) > 0 {
		t.Fatal(list)
	}
	return chain
}

func example(t *testing.T, name string) *Chain {
	t.Helper()
	data, err := Example(name)
	if err != nil {
		t.Fatal(err)
	}
	return chainOf(t, string(data))
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// The article's own figures: 8 crossings, 12 and 20 ms; with affinity 4, 7.2 ms of network, 15.2 ms, 40 % less.
func TestNew_TheArticle(t *testing.T) {
	e := New(example(t, "document"), Options{})
	w, a := e.Without.Worst, e.With.Worst
	if w.Crossings != 8 || a.Crossings != 4 {
		t.Errorf("crossings: got %d and %d, want 8 and 4", w.Crossings, a.Crossings)
	}
	near(t, "p0", w.TotalP0, 12, 1e-9)
	near(t, "p50", w.TotalP50, 20, 1e-9)
	near(t, "network p50 with affinity", a.NetworkP50, 7.2, 1e-9)
	near(t, "p50 with affinity", a.TotalP50, 15.2, 1e-9)
	near(t, "network time saved", 1-a.NetworkP50/w.NetworkP50, 0.4, 1e-9)
	near(t, "transfer cost saved", 1-a.Cost/w.Cost, 0.4, 0.001)
}

// Without sizes of its own the article's 40 % of data transfer comes of requests that dwarf responses; equal ones give 50 %.
func TestNew_TransferFollowsSizes(t *testing.T) {
	c := example(t, "document")
	for response, want := range map[float64]float64{0: 2.0 / 5, 64000: 4.0 / 8} {
		for i := range c.Calls {
			c.Calls[i].Response = response
		}
		e := New(c, Options{})
		near(t, "saved", 1-e.With.Worst.Cost/e.Without.Worst.Cost, want, 1e-9)
	}
}

const twoServices = head + `zones: [use1-az1, use1-az2, use1-az3]
callers: {use1-az1: 2, use1-az2: 1, use1-az3: 1}
latency: {for: message, sameZone: {p0: 1ms, p50: 2ms}, crossZone: {p0: 10ms, p50: 20ms}}
services:
  a: {zones: {use1-az1: 1, use1-az2: 3}}
  b: {}
calls:
  - {from: caller, to: a, request: 1000B, response: 500B, affinity: 85%}
  - {from: a, to: b, request: 100B, response: 10B, times: 2.5, charged: false}
price: {perGB: 0.02}
requestsPerSecond: 100
`

// Every figure again, by hand: a sum over zones of the caller, of a and of b.
func TestNew_AgreesWithASumByHand(t *testing.T) {
	chain := chainOf(t, twoServices)
	e := New(chain, Options{})
	callers, a := []float64{0.5, 0.25, 0.25}, []float64{0.25, 0.75, 0}
	crossings, bytes, charged, p50 := 0.0, 0.0, 0.0, 0.0
	for c := range 3 {
		for i := range 3 {
			p := a[i]
			if c < 2 { // a has instances there
				p = 0.15 * a[i]
				if i == c {
					p += 0.85
				}
			}
			for j := range 3 {
				p := callers[c] * p / 3
				leg := func(x, y int, times, size float64, pays bool) {
					if x == y {
						p50 += p * times * 2 * 2
						return
					}
					crossings += p * times * 2
					bytes += p * times * size
					p50 += p * times * 2 * 20
					if pays {
						charged += p * times * size
					}
				}
				leg(c, i, 1, 1500, true)
				leg(i, j, 2.5, 110, false)
			}
		}
	}
	got := e.With.Expected
	near(t, "crossings", got.Crossings, crossings, 1e-9)
	near(t, "bytes", got.Bytes, bytes, 1e-6)
	near(t, "charged", got.Charged, charged, 1e-6)
	near(t, "network p50", got.NetworkP50, p50, 1e-9)
	near(t, "cost per million", got.Cost, charged*1e6/1e9*0.04, 1e-9)
	near(t, "cost per month", got.CostMonth, got.Cost/1e6*100*730*3600, 1e-6)
	if e.With.Worst.Crossings != 8 {
		t.Errorf("worst: got %d crossings, want 2 of the first call and 3 times 2 of the second", e.With.Worst.Crossings)
	}
}

// The distribution's own mean is the mean that was added up by itself, and it adds up to 1.
func TestNew_DistributionAgreesWithTheAverage(t *testing.T) {
	for name, c := range map[string]*Chain{"document": example(t, "document"), "orders": example(t, "orders"), "fractions": chainOf(t, twoServices)} {
		for _, s := range []Scenario{New(c, Options{}).With, New(c, Options{}).Without} {
			total, mean := 0.0, 0.0
			for _, k := range s.Crossings {
				total += k.Probability
				mean += float64(k.Crossings) * k.Probability
			}
			near(t, name+": sum", total, 1, 1e-9)
			near(t, name+": mean", mean, s.Expected.Crossings, 1e-9)
			for _, load := range s.Load {
				near(t, name+": load of "+load.Service, sum(load.Share), 1, 1e-9)
			}
		}
	}
}

// A chain beyond what is gone through is drawn; its averages agree with what the arithmetic of independent services says.
func TestNew_DrawsLargeChains(t *testing.T) {
	var services, calls strings.Builder
	for _, s := range strings.Split("a b c d e f g h i j k l m n", " ") {
		services.WriteString("  " + s + ": {}\n")
		calls.WriteString("  - {from: caller, to: " + s + ", request: 1KB}\n")
	}
	c := chainOf(t, head+"zones: [use1-az1, use1-az2, use1-az3]\nlatency: {sameZone: {p0: 1ms, p50: 1ms}, crossZone: {p0: 1ms, p50: 1ms}}\nservices:\n"+
		services.String()+"calls:\n"+calls.String())
	e := New(c, Options{Samples: 20_000})
	if e.With.Exact || e.With.Placements != 20_000 {
		t.Fatalf("got exact %v with %d placements", e.With.Exact, e.With.Placements)
	}
	want := 14 * 2 * 2.0 / 3
	near(t, "crossings", e.With.Expected.Crossings, want, 2*e.With.Expected.CrossingsCI) // twice: once in 10,000 seeds it would miss
	if ci := e.With.Expected.CrossingsCI; ci <= 0 || ci > 0.05 {
		t.Errorf("interval: got ±%v", ci)
	}
	if again := New(c, Options{Samples: 20_000}); !reflect.DeepEqual(e, again) {
		t.Error("the same seed gave other figures")
	}
	if other := New(c, Options{Samples: 20_000, Seed: 2}); other.With.Expected.Crossings == e.With.Expected.Crossings {
		t.Error("another seed gave the same figures")
	}
}

func TestNew_Pairs(t *testing.T) {
	c := chainOf(t, head+`zones: [use1-az1, use1-az2]
callers: {use1-az1: 1}
latency:
  sameZone: {p0: 100us, p50: 200us}
  crossZone: {p0: 1ms, p50: 2ms}
  pairs: [{between: [use1-az2, use1-az1], times: {p0: 3ms, p50: 4ms}}]
services: {a: {zones: {use1-az2: 1}}}
calls: [{from: caller, to: a}]
`)
	got := New(c, Options{}).With.Expected
	near(t, "p0: two messages, each half of a round trip", got.NetworkP0, 3, 1e-9)
	near(t, "p50", got.NetworkP50, 4, 1e-9)
}

func TestNew_ZoneFailure(t *testing.T) {
	e := New(example(t, "orders"), Options{})
	if diff := cmp.Diff([]string{"writer"}, e.Failures[0].Stays.Unavailable); diff != "" {
		t.Errorf("az1 has the only writer: %s", diff)
	}
	stays, gone := e.Failures[1].Stays, e.Failures[1].Gone
	// Callers of az2 (30 %) go to az1 and az3 alike.
	if stays.Expected.Crossings < gone.Expected.Crossings+0.3 {
		t.Errorf("crossings: got %v with the zone's callers and %v without them", stays.Expected.Crossings, gone.Expected.Crossings)
	}
	if stays.Busiest.Service != "api" && stays.Busiest.Service != "cache" || stays.Busiest.Zone != "apne2-az3" {
		t.Errorf("busiest: got %+v", stays.Busiest)
	}
	want := 0.2*(0.85+0.15/2) + 0.5*0.15/2 + 0.3/2 // of az3's callers, of az1's, of az2's
	if math.Abs(stays.Busiest.Share-want) > 1e-9 {
		t.Errorf("busiest: got a share of %v, want %v", stays.Busiest.Share, want)
	}
	if d := New(example(t, "document"), Options{}).Failures[2].Stays; !reflect.DeepEqual(d.Crowded, []string{"tail"}) {
		t.Errorf("three replicas in two zones: got %v crowded", d.Crowded)
	}
}

// Affinity is about the first of a chain: the second is anywhere, even though the call has affinity.
func TestNew_AffinityIsAboutTheFirst(t *testing.T) {
	e := New(chainOf(t, head+`zones: [use1-az1, use1-az2]
latency: {sameZone: {p0: 1ms, p50: 1ms}, crossZone: {p0: 1ms, p50: 1ms}}
services: {a: {}, b: {}}
calls: [{from: caller, to: [a, b], affinity: 100%}]
`), Options{})
	near(t, "crossings", e.With.Expected.Crossings, 1, 1e-9) // to b and back, each in half of the cases
}
