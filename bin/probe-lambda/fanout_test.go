package main

import (
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
