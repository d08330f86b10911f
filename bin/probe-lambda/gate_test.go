package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/probe"
)

func TestDirect_ReturnsTheReport(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		r := h.verify(verifyEvent)
		if r.Verdict != gate.Pass || r.Summary != "pass: 2 of 2 paths pass" || r.RunID != "inv-1" || r.Caller != gate.ByDirect || r.Network != "ref" {
			t.Errorf("got %+v", r)
		}
		if r.RunKey != gate.RunKey(h.raw()) || r.Stored != "s3://reports/reports/ref/inv-1.json" || len(h.objects.objects) != 1 {
			t.Errorf("key %s, stored %q", r.RunKey, r.Stored)
		}
		if !r.SamplesDropped || len(r.Result.Paths[0].Samples) != 0 || r.Result.Paths[0].Phases[probe.PhaseConnect].N != 100 {
			t.Error("samples are there unasked, or the figures are not")
		}
		if got := strings.Count(h.metrics.String(), `"ConnectRtt"`); got != 2*2 { // its definition and its values
			t.Errorf("metrics:\n%s", h.metrics.String())
		}
		req := h.vantages[seoul].asked()
		if len(req) != 1 || req[0].Count != 100 || req[0].Vantage != "seoul" || req[0].RunID != "inv-1" || len(req[0].Paths) != 1 {
			t.Errorf("seoul was asked %+v", req)
		}
	})
}

func TestDirect_Samples(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		if r := h.verify(`{"pathproof": "verify", "samples": true}`); r.SamplesDropped || len(r.Result.Paths[0].Samples) != 100 {
			t.Errorf("%d samples", len(r.Result.Paths[0].Samples))
		}
	})
}

// An answer that Lambda would not carry goes without samples, and says so.
func TestDirect_TooLong(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.config.Run = gate.Run{Count: 45_000, Timeout: 1000, Interval: 100}
		r := h.verify(`{"pathproof": "verify", "samples": true}`)
		if !r.SamplesDropped || len(r.Result.Paths[0].Samples) != 0 || r.Verdict != gate.Pass {
			t.Errorf("dropped %t, %s", r.SamplesDropped, r.Summary)
		}
	})
}

func TestDirect_SomePaths(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		r := h.verify(`{"pathproof": "verify", "paths": ["far"]}`)
		if len(r.Paths) != 1 || len(h.vantages[seoul].asked()) != 0 || r.Verdict != gate.Pass {
			t.Errorf("got %+v", r.Paths)
		}
		if m := h.metrics.String(); strings.Contains(m, "PathsPassed") || !strings.Contains(m, "ConnectRtt") || !r.Partial {
			t.Errorf("partial %t, metrics:\n%s", r.Partial, m)
		}
		r = h.verify(`{"pathproof": "verify", "run_id": "x", "paths": ["nix"]}`)
		says(t, r.Summary, `unknown path, got "nix"`)
	})
}

// The same event again is answered from what is stored.
func TestDirect_Twice(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		first := h.verify(`{"pathproof": "verify", "run_id": "r"}`)
		again := h.verify(`{"pathproof": "verify", "run_id": "r"}`)
		if len(h.vantages[seoul].asked()) != 1 || again.Summary != first.Summary || !again.Started.Equal(first.Started) {
			t.Errorf("measured %d times", len(h.vantages[seoul].asked()))
		}
		h.objects.get = errors.New("no such bucket")
		if r := h.verify(`{"pathproof": "verify", "run_id": "r"}`); r.Verdict != gate.Pass || len(h.vantages[seoul].asked()) != 2 {
			t.Errorf("got %s", r.Summary)
		}
	})
}

// What people measured is judged, stored and counted like what vantages measure.
func TestDirect_Submit(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		target := &gate.Target{Kind: probe.KindTCP, Host: "10.0.0.7", Port: 7007}
		h.config.Paths = append(h.config.Paths, gate.Path{Name: "home", Measured: gate.ByClient, Target: target, SLO: "p90(connect) < 20ms"})
		measured := (&fakeVantage{rtt: 30 * time.Millisecond}).result(gate.VantageRequest{Count: 100, Paths: []gate.PathRequest{{Name: "home", Target: *target}}})
		measured.Started, measured.Duration = time.Now().Add(-2*time.Hour), probe.MicrosOf(time.Hour)
		measured.Paths[0].Target = probe.Target{Host: "vpn.example", Port: 7007}
		at := time.Now().Add(-time.Hour).UnixMilli()
		packed, err := gate.PackResult(measured)
		if err != nil {
			t.Fatal(err)
		}
		event, err := json.Marshal(gate.Direct{Pathproof: gate.Submit, RunID: "at-home", Result: packed})
		if err != nil {
			t.Fatal(err)
		}
		r := h.verify(string(event))
		if r.Verdict != gate.Fail || r.Stored == "" || !r.Partial || len(h.vantages[seoul].asked()) != 0 {
			t.Errorf("got %+v", r)
		}
		says(t, h.metrics.String(), `"Path":"home"`, `"SourceAzId":"none"`, fmt.Sprintf(`"Timestamp":%d`, at))
		says(t, r.Paths[0].Reason, "(measured to tcp://vpn.example:7007)")

		measured.Started = time.Now().Add(-26 * time.Hour)
		if packed, err = gate.PackResult(measured); err != nil {
			t.Fatal(err)
		}
		event, _ = json.Marshal(gate.Direct{Pathproof: gate.Submit, RunID: "yesterday", Result: packed})
		if r := h.verify(string(event)); r.Verdict != gate.NotMeasured || !strings.Contains(r.Summary, "25h0m0s ago; submit one that is at most 24h0m0s old") {
			t.Errorf("got %s", r.Summary)
		}
	})
}

func TestSchedule(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.config.Run.ScheduledCount = 30
		event := `{"detail-type": "Scheduled Event", "source": "aws.events", "id": "e-1"}`
		if out, err := h.invoke(event); err != nil || len(out) != 0 {
			t.Errorf("got %s, %v", out, err)
		}
		if got := h.vantages[seoul].asked()[0].Count; got != 30 {
			t.Errorf("%d probes", got)
		}
		if h.metrics.Len() == 0 || h.objects.puts != 0 {
			t.Errorf("%d bytes of metrics, %d reports: a green scheduled run is in the metrics alone", h.metrics.Len(), h.objects.puts)
		}
		h.vantages[oregon].dead = map[string]bool{"far": true}
		if _, err := h.invoke(event); err != nil || h.objects.puts != 1 {
			t.Errorf("%d reports of a red run, %v", h.objects.puts, err)
		}
	})
}

func TestRun_StorageAndMetricsFail(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.objects.put = apiError("AccessDenied")
		r := h.verify(verifyEvent)
		if r.Verdict != gate.Pass || r.Stored != "" {
			t.Errorf("got %s, stored %q", r.Verdict, r.Stored)
		}
		says(t, strings.Join(r.Notes, "\n"), "report not stored: ", "AccessDenied")
		h.bucket, h.objects.puts = "", 0
		if r := h.verify(verifyEvent); r.Verdict != gate.Pass || h.objects.puts != 0 {
			t.Errorf("got %s, %d reports", r.Verdict, h.objects.puts)
		}
	})
}

func TestRun_WithoutDocument(t *testing.T) {
	for name, c := range map[string]struct {
		document func() ([]byte, error)
		connect  error
		want     string
	}{
		"missing": {func() ([]byte, error) { return nil, errors.New("no such file") }, nil, "no such file"},
		"broken":  {func() ([]byte, error) { return []byte("{"), nil }, nil, "gate.json: not JSON"},
		"panic":   {func() ([]byte, error) { panic("boom") }, nil, "internal error: boom"},
		"no SDK":  {nil, errors.New("no credentials"), "set up the AWS SDK: no credentials"},
	} {
		fast(t, func(t *testing.T, h *harness) {
			h.document, h.connect = c.document, c.connect
			r := h.verify(verifyEvent)
			if r.Verdict != gate.NotMeasured || !r.Incomplete {
				t.Errorf("%s: got %s", name, r.Verdict)
			}
			says(t, r.Summary, c.want)
			if c.connect != nil {
				says(t, h.metrics.String(), `"PathsNotMeasured":2`)
			}
		})
	}
}

func TestEvent_Refused(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		if _, err := h.invoke(`{"Records": []}`); err == nil {
			t.Error("no error")
		}
	})
}

func TestFunctionName(t *testing.T) {
	r := &round{self: parseARN("arn:aws-cn:lambda:cn-north-1:111122223333:function:gate")}
	for want, v := range map[string]gate.Vantage{
		"f":                      {Function: "f", Region: "cn-north-1"},
		"g":                      {Function: "g", Region: "cn-north-1", Account: "111122223333"},
		"arn:aws:lambda:x:1:f:h": {Function: "arn:aws:lambda:x:1:f:h", Account: "2"},
		"arn:aws-cn:lambda:cn-northwest-1:444455556666:function:k": {Function: "k", Region: "cn-northwest-1", Account: "444455556666"},
	} {
		if got := r.functionName(&v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
