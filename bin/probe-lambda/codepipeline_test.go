package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/probe"
)

const jobID = "11111111-abcd-1111-abcd-111111abcdef"

func job(parameters, token string) string {
	data := map[string]any{"actionConfiguration": map[string]any{"configuration": map[string]any{"FunctionName": "gate", "UserParameters": parameters}}}
	if token != "" {
		data["continuationToken"] = token
	}
	b, err := json.Marshal(map[string]any{"CodePipeline.job": map[string]any{"id": jobID, "data": data}})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestCodePipeline_Passes(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		if _, err := h.invoke(job("", "")); err != nil || len(h.pipelines.successes) != 1 || len(h.pipelines.failures) != 0 {
			t.Fatal(err, h.pipelines)
		}
		s := h.pipelines.successes[0]
		if aws.ToString(s.JobId) != jobID || s.ContinuationToken != nil || aws.ToString(s.ExecutionDetails.Summary) != "pass: 2 of 2 paths pass" ||
			aws.ToString(s.ExecutionDetails.ExternalExecutionId) != jobID || s.OutputVariables["Verdict"] != "pass" || s.OutputVariables["Report"] == "" {
			t.Errorf("got %+v, %+v", s, s.ExecutionDetails)
		}
	})
}

func TestCodePipeline_Decides(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*harness)
		fails  string // "": success
	}{
		"a path fails": {func(h *harness) { h.vantages[oregon].dead = map[string]bool{"far": true} }, "fail far: "},
		"policy report": {func(h *harness) {
			h.config.Policy.Pipeline = gate.ActReport
			h.vantages[oregon].dead = map[string]bool{"far": true}
		}, ""},
		"a vantage is lost": {func(h *harness) { h.vantages[oregon].always = apiError("InvalidParameterValueException") }, "notMeasured far: "},
		"no document":       {func(h *harness) { h.document = func() ([]byte, error) { return nil, errors.New("gone") } }, "gone"},
		"panic":             {func(h *harness) { h.document = func() ([]byte, error) { panic("boom") } }, "internal error: boom"},
		"declared only": {func(h *harness) {
			h.config.Paths = append(h.config.Paths, gate.Path{Name: "home", Measured: gate.ByClient})
		}, ""},
		"inconclusive":            {func(h *harness) { h.config.Paths[0].Bound = 1_000_000 }, ""},
		"inconclusive and strict": {func(h *harness) { h.config.Paths[0].Bound = 1_000_000; h.config.Policy.Inconclusive = gate.ActFail }, "inconclusive near: "},
		"vantages hang":           {func(h *harness) { h.vantages[seoul].takes = time.Hour; h.vantages[oregon].takes = time.Hour }, "could not be measured (near, far)"},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				c.change(h)
				if _, err := h.invoke(job("", "")); err != nil {
					t.Fatal(err)
				}
				if len(h.pipelines.successes)+len(h.pipelines.failures) != 1 {
					t.Fatalf("%d and %d answers", len(h.pipelines.successes), len(h.pipelines.failures))
				}
				if c.fails == "" {
					if len(h.pipelines.successes) != 1 {
						t.Errorf("failed: %s", aws.ToString(h.pipelines.failures[0].FailureDetails.Message))
					}
					return
				}
				if len(h.pipelines.failures) != 1 {
					t.Fatalf("passed: %s", aws.ToString(h.pipelines.successes[0].ExecutionDetails.Summary))
				}
				says(t, aws.ToString(h.pipelines.failures[0].FailureDetails.Message), c.fails)
			})
		})
	}
}

func TestCodePipeline_Parameters(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		if _, err := h.invoke(job(`{"paths": ["far"]}`, "")); err != nil || len(h.pipelines.successes) != 1 || len(h.vantages[seoul].asked()) != 0 {
			t.Error(err, h.pipelines)
		}
		if _, err := h.invoke(job(`far`, "")); err != nil || len(h.pipelines.failures) != 1 || h.pipelines.failures[0].FailureDetails.Type != types.FailureTypeConfigurationError {
			t.Error(err, h.pipelines)
		}
		h.bucket = ""
		if _, err := h.invoke(job(`{"paths": ["nix"]}`, "")); err != nil || len(h.pipelines.failures) != 2 {
			t.Fatal(err, h.pipelines)
		}
		says(t, aws.ToString(h.pipelines.failures[1].FailureDetails.Message), `unknown path, got "nix"`)
	})
}

// A run that waits longer than one invocation goes on in the next, and ends with its budget.
func TestCodePipeline_Continues(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.limit = 5 * time.Minute
		h.config.Run.Budget = probe.MicrosOf(13 * time.Minute)
		h.config.Paths[1].Ready = &gate.Ready{Within: probe.MicrosOf(time.Hour)}
		h.vantages[oregon].unripe, h.vantages[oregon].dead = 999, map[string]bool{"far": true}
		began, token := time.Now(), ""
		for n := 0; ; n++ {
			if n > 6 {
				t.Fatal("it never ends")
			}
			if _, err := h.invoke(job("", token)); err != nil {
				t.Fatal(err)
			}
			if len(h.pipelines.failures) > 0 {
				break
			}
			s := h.pipelines.successes[n]
			token = aws.ToString(s.ContinuationToken)
			if token == "" || len(token) > 2048 || s.OutputVariables != nil {
				t.Fatalf("answer %d: token %q, variables %v", n, token, s.OutputVariables)
			}
			time.Sleep(30 * time.Second) // CodePipeline's pause between jobs
		}
		if took := time.Since(began); took < 8*time.Minute || took > 16*time.Minute || len(h.pipelines.successes) == 0 {
			t.Errorf("took %s, continued %d times", took, len(h.pipelines.successes))
		}
		says(t, aws.ToString(h.pipelines.failures[0].FailureDetails.Message), "fail far: ")
		if got := aws.ToString(h.pipelines.failures[0].FailureDetails.ExternalExecutionId); got != jobID {
			t.Errorf("run id %s", got)
		}
	})
}

func TestCodePipeline_ContinuesAndPasses(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.limit = 5 * time.Minute
		h.config.Paths[1].Ready = &gate.Ready{}
		h.vantages[oregon].unripe = 4
		if _, err := h.invoke(job("", "")); err != nil || len(h.pipelines.successes) != 1 {
			t.Fatal(err, h.pipelines)
		}
		token := aws.ToString(h.pipelines.successes[0].ContinuationToken)
		if _, err := h.invoke(job("", token)); err != nil || len(h.pipelines.successes) != 2 || h.pipelines.successes[1].ContinuationToken != nil {
			t.Fatal(err, h.pipelines)
		}
	})
}

func TestCodePipeline_AnswerNotDelivered(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.pipelines.errs = []error{errors.New("connection reset"), apiError("ThrottlingException"), apiError("InvalidJobStateException")}
		if _, err := h.invoke(job("", "")); err != nil || h.pipelines.calls != 3 {
			t.Errorf("%d calls, %v; an answer that was given before is final", h.pipelines.calls, err)
		}
		h.pipelines.errs, h.pipelines.calls = nil, 0
		for range 500 {
			h.pipelines.errs = append(h.pipelines.errs, errors.New("connection reset"))
		}
		if _, err := h.invoke(job("", "")); err == nil || h.pipelines.calls > 200 {
			t.Errorf("%d calls, %v; want an error, so that Lambda invokes again", h.pipelines.calls, err)
		}
	})
}

func TestCodePipeline_LongMessages(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.config.Run = gate.Run{Count: 10, Timeout: 1000}
		h.vantages[seoul].dead = map[string]bool{}
		for i := range 200 {
			name := fmt.Sprintf("%s-%d", strings.Repeat("long", 10), i)
			h.vantages[seoul].dead[name] = true
			h.config.Paths = append(h.config.Paths, gate.Path{Name: name, Measured: gate.ByVantage, Vantage: "seoul", Target: &gate.Target{Kind: probe.KindTCP, Host: "h", Port: 1}})
		}
		h.config.Paths[0].SLO, h.config.Paths[1].SLO = "", ""
		if _, err := h.invoke(job("", "")); err != nil || len(h.pipelines.failures) != 1 {
			t.Fatal(err, h.pipelines)
		}
		if n := len(aws.ToString(h.pipelines.failures[0].FailureDetails.Message)); n > 5000 || n < 4000 {
			t.Errorf("%d bytes", n)
		}
	})
}
