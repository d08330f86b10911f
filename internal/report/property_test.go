package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
)

// notANumber is how Go and JavaScript print what is none.
var notANumber = regexp.MustCompile(`\b(NaN|[Ii]nf|Infinity)\b`)

// TestWrite_HoldsOnlyNumbers judges and writes runs of every size and kind of failure.
func TestWrite_HoldsOnlyNumbers(t *testing.T) {
	for seed := range uint64(150) {
		r := randomResult(rand.New(rand.NewPCG(seed, 1)))
		o := Options{Objectives: []Objective{
			objective(t, "a", "p50(connect) < 5ms and p99.9(connect) < 1s and fail < 20% and synloss < 10%"),
			objective(t, "a", "jitter(connect) < 1ms and spread(connect) < 1ms and avg(connect) < 2 * max(b.connect)"),
			objective(t, "", "p90(a.connect) < 1.5 * p90(b.connect)"),
		}, Compare: []Pair{{A: "a", B: "b"}, {A: "b", B: "c"}}}
		if err := Judge(r, o); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, f := range Formats() {
			var b bytes.Buffer
			if err := Write(&b, f, r); err != nil {
				t.Fatalf("seed %d: %s: %v", seed, f, err)
			}
			if found := notANumber.Find(b.Bytes()); found != nil {
				t.Errorf("seed %d: %s holds %s", seed, f, found)
			}
			wellFormed(t, f, b.Bytes())
		}
	}
}

func wellFormed(t *testing.T, f Format, text []byte) {
	t.Helper()
	switch f {
	case JSON:
		if _, err := Read(text); err != nil {
			t.Error(err)
		}
	case NDJSON:
		for line := range bytes.Lines(text) {
			if !json.Valid(line) {
				t.Errorf("no JSON: %s", line)
			}
		}
	case JUnit:
		for d := xml.NewDecoder(bytes.NewReader(text)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// randomResult has three paths of up to 60 probes, of which none, some or all fail, of one time or of many.
func randomResult(rng *rand.Rand) *probe.Result {
	r := &probe.Result{Schema: probe.Schema, Env: probe.Env{Quality: []probe.Quality{probe.Good, probe.Degraded, probe.Poor}[rng.IntN(3)]}}
	r.Settings.MaxLooks = 1 + rng.IntN(3)
	n := rng.IntN(60)
	for _, name := range []string{"a", "b", "c"} {
		p := probe.PathResult{Name: name, Kind: probe.KindTCP, Timing: probe.TimingKernel}
		lossy, lone, spread := rng.IntN(4), rng.IntN(4) == 0, 1+rng.IntN(1<<rng.IntN(30))
		for i := range n {
			s := probe.Sample{Index: i, Scheduled: probe.Micros(i) * 50_000, Warmup: i < 2}
			s.Outcome = probe.Outcome{Phases: probe.Phases{Connect: probe.Micros(1 + rng.IntN(spread))}, Elapsed: 1, Timing: probe.TimingKernel}
			switch {
			case rng.IntN(3) < lossy && !(lone && i == 3):
				s.Outcome = probe.Outcome{Elapsed: 1, Failure: &probe.Failure{Class: probe.Classes()[rng.IntN(8)], Op: "connect", Detail: "why"}}
			case rng.IntN(8) == 0:
				s.Phases.Connect, s.SYNRetransmits = 0, 1
			}
			p.Samples = append(p.Samples, s)
		}
		recount(&p)
		r.Paths = append(r.Paths, p)
	}
	return r
}
