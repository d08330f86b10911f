package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

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
		says(t, h.metrics.String(), `"Path":"home"`, `"SourceAzId":"none"`)
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

// A vantage that cannot be used costs its own paths and no others, and soon or late the run ends.
func TestRun_Vantages(t *testing.T) {
	body := func(text string) func(gate.VantageRequest) any { return func(gate.VantageRequest) any { return text } }
	for name, c := range map[string]struct {
		vantage *fakeVantage
		verdict gate.Verdict // of its path
		words   []string
		tries   int
		longest time.Duration
	}{
		"not active yet": {&fakeVantage{rtt: time.Millisecond, errs: []error{
			apiError("ResourceConflictException"), apiError("ResourceNotReadyException"), apiError("ENINotReadyException"), apiError("TooManyRequestsException"),
		}}, gate.Pass, nil, 5, time.Minute},
		"never active":    {&fakeVantage{always: apiError("ResourceNotReadyException")}, gate.NotMeasured, []string{"could not be invoked for", "ResourceNotReadyException"}, 0, 6 * time.Minute},
		"permission late": {&fakeVantage{rtt: time.Millisecond, errs: []error{apiError("AccessDeniedException"), apiError("ResourceNotFoundException")}}, gate.Pass, nil, 3, time.Minute},
		"no permission":   {&fakeVantage{always: apiError("AccessDeniedException")}, gate.NotMeasured, []string{"AccessDeniedException"}, 0, 90 * time.Second},
		"throttled":       {&fakeVantage{always: apiError("TooManyRequestsException")}, gate.NotMeasured, []string{"TooManyRequestsException"}, 0, 6 * time.Minute},
		"refused":         {&fakeVantage{always: apiError("InvalidRequestContentException")}, gate.NotMeasured, []string{"InvalidRequestContentException"}, 1, time.Minute},
		"slow":            {&fakeVantage{takes: time.Hour}, gate.NotMeasured, []string{"no answer within"}, 1, 4 * time.Minute},
		"failed": {&fakeVantage{reply: func(gate.VantageRequest) any {
			return &lambda.InvokeOutput{FunctionError: aws.String("Unhandled"), Payload: []byte(`{"errorType":"Runtime.ExitError","errorMessage":"RequestId: x Error: signal: killed"}`)}
		}}, gate.NotMeasured, []string{"the function failed: Runtime.ExitError", "signal: killed"}, 1, time.Minute},
		"garbage":           {&fakeVantage{reply: body("<html>")}, gate.NotMeasured, []string{"no answer of a vantage"}, 1, time.Minute},
		"another function":  {&fakeVantage{reply: body(`{"statusCode": 200}`)}, gate.NotMeasured, []string{"is it a function of this gate"}, 1, time.Minute},
		"an error":          {&fakeVantage{reply: body(`{"schema": "pathproof/vantage/v1", "error": "vantage: this is \"x\""}`)}, gate.NotMeasured, []string{`this is "x"`}, 1, time.Minute},
		"another run":       {&fakeVantage{reply: body(`{"schema": "pathproof/vantage/v1", "run_id": "old", "vantage": "oregon"}`)}, gate.NotMeasured, []string{"an answer to another request"}, 1, time.Minute},
		"no result":         {&fakeVantage{reply: body(`{"schema": "pathproof/vantage/v1", "run_id": "inv-1", "vantage": "oregon", "result": "AAAA"}`)}, gate.NotMeasured, []string{"no answer of a vantage: result"}, 1, time.Minute},
		"an empty result":   {&fakeVantage{reply: func(r gate.VantageRequest) any { return answer(r, &probe.Result{Schema: probe.Schema}) }}, gate.NotMeasured, []string{"does not hold it"}, 1, time.Minute},
		"panics in between": {&fakeVantage{reply: func(gate.VantageRequest) any { panic("boom") }}, gate.NotMeasured, []string{"internal error: boom"}, 1, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				h.vantages[oregon] = c.vantage
				began := time.Now()
				r := h.verify(verifyEvent)
				if took := time.Since(began); took > c.longest {
					t.Errorf("took %s", took)
				}
				if near := r.Paths[0]; near.Verdict != gate.Pass {
					t.Errorf("near: %s, %s", near.Verdict, near.Reason)
				}
				far := r.Paths[1]
				if far.Verdict != c.verdict || r.Incomplete != (c.verdict != gate.Pass) {
					t.Errorf("far: %s, %s; incomplete %t", far.Verdict, far.Reason, r.Incomplete)
				}
				says(t, far.Reason, c.words...)
				if got := r.Vantages[1].Tries; c.tries != 0 && got != c.tries {
					t.Errorf("%d tries, want %d", got, c.tries)
				}
				if got := r.Vantages[1].Tries; got > 200 {
					t.Errorf("%d tries: that is no backoff", got)
				}
			})
		})
	}
}

// Whatever the vantages do, the gate answers in time.
func TestRun_Deadline(t *testing.T) {
	for _, limit := range []time.Duration{3 * time.Second, 30 * time.Second, 2 * time.Minute} {
		fast(t, func(t *testing.T, h *harness) {
			h.limit = limit
			h.vantages[oregon].takes = time.Hour
			r := h.verify(verifyEvent)
			if r.Stored == "" {
				t.Errorf("%s: a run that was cut short is not stored: %q", limit, r.Notes)
			}
			h.objects.hang, h.objects.get = true, errors.New("no answer")
			r = h.verify(verifyEvent)
			if r.Paths[0].Verdict != gate.Pass || r.Paths[1].Verdict != gate.NotMeasured {
				t.Errorf("%s: %s", limit, r.Lines())
			}
			if limit < time.Minute {
				says(t, r.Paths[1].Reason, "no answer when the gate had to stop")
			}
		})
	}
}

func TestRun_Readiness(t *testing.T) {
	ready := func(h *harness, within time.Duration) {
		h.config.Paths[1].Ready = &gate.Ready{Within: probe.MicrosOf(within)}
	}
	tasks := func(v *fakeVantage) string {
		var s []string
		for _, r := range v.asked() {
			s = append(s, string(r.Task))
		}
		return strings.Join(s, " ")
	}
	t.Run("in time", func(t *testing.T) {
		fast(t, func(t *testing.T, h *harness) {
			ready(h, 5*time.Minute)
			h.vantages[oregon].unripe = 2
			r := h.verify(verifyEvent)
			if got := tasks(h.vantages[oregon]); got != "await await await measure" || r.Verdict != gate.Pass {
				t.Errorf("%s: %s", got, r.Summary)
			}
			if w := r.Result.Paths[1].Ready; w == nil || !w.OK || w.Waited.Duration() != 2*time.Minute || w.Tries != 9 {
				t.Errorf("readiness %+v", w)
			}
			says(t, h.metrics.String(), `"ReadyWait":120000000`)
			if got := tasks(h.vantages[seoul]); got != "measure" {
				t.Errorf("seoul: %s", got)
			}
		})
	})
	t.Run("not in time", func(t *testing.T) {
		fast(t, func(t *testing.T, h *harness) {
			ready(h, 150*time.Second)
			h.vantages[oregon].unripe, h.vantages[oregon].dead = 99, map[string]bool{"far": true}
			r := h.verify(verifyEvent)
			if got := tasks(h.vantages[oregon]); got != "await await await measure" || r.Paths[1].Verdict != gate.Fail {
				t.Errorf("%s: %s", got, r.Summary)
			}
			if w := r.Result.Paths[1].Ready; w == nil || w.OK {
				t.Errorf("readiness %+v", w)
			}
		})
	})
	t.Run("a vantage that does not wait", func(t *testing.T) {
		fast(t, func(t *testing.T, h *harness) {
			ready(h, 150*time.Second)
			h.vantages[oregon].reply = func(r gate.VantageRequest) any { return answer(r, &probe.Result{Schema: probe.Schema}) }
			if r := h.verify(verifyEvent); r.Paths[1].Verdict != gate.NotMeasured || len(h.vantages[oregon].asked()) > 40 {
				t.Errorf("asked %d times: %s", len(h.vantages[oregon].asked()), r.Summary)
			}
		})
	})
	t.Run("vantage lost", func(t *testing.T) {
		fast(t, func(t *testing.T, h *harness) {
			ready(h, 150*time.Second)
			h.vantages[oregon].always = apiError("InvalidParameterValueException")
			if r := h.verify(verifyEvent); r.Paths[1].Verdict != gate.NotMeasured || len(h.vantages[oregon].asked()) != 1 {
				t.Errorf("%s", r.Summary)
			}
		})
	})
	t.Run("longer than the function", func(t *testing.T) {
		fast(t, func(t *testing.T, h *harness) {
			h.limit = 5 * time.Minute
			ready(h, 14*time.Minute)
			h.vantages[oregon].unripe = 99
			r := h.verify(verifyEvent)
			if got := tasks(h.vantages[oregon]); !strings.HasSuffix(got, "await measure") || r.Paths[1].Verdict != gate.Pass {
				t.Errorf("%s: %s", got, r.Summary)
			}
		})
	})
}

func TestRun_HalfOfManyVantagesMissing(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.config.Vantages, h.config.Paths = nil, nil
		for i := range 20 {
			region := fmt.Sprintf("region-%d", i)
			h.vantages[region] = &fakeVantage{rtt: time.Millisecond}
			if i%2 == 1 {
				h.vantages[region].always = apiError("ResourceNotFoundException")
			}
			h.config.Vantages = append(h.config.Vantages, gate.Vantage{Key: region, Function: "f", Region: region})
			h.config.Paths = append(h.config.Paths, gate.Path{
				Name: region, Measured: gate.ByVantage, Vantage: region, Target: &gate.Target{Kind: probe.KindTCP, Host: "h", Port: 1},
			})
		}
		r := h.verify(verifyEvent)
		of, _ := r.Tally()
		if of[gate.Pass] != 10 || of[gate.NotMeasured] != 10 || r.Verdict != gate.NotMeasured || !r.Incomplete {
			t.Errorf("got %s", r.Summary)
		}
		says(t, r.Summary, "10 could not be measured (region-1,", "and 2 more)")
	})
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
