package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// answers is a Lambda client that gives one answer.
type answers struct {
	report *gate.Report
	out    *lambda.InvokeOutput
	err    error
	got    *lambda.InvokeInput

	deployed problem.List // of what is deployed, or why that cannot be read
	unread   error
}

func (a *answers) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	a.got = in
	if a.report != nil {
		payload, err := json.Marshal(a.report)
		return &lambda.InvokeOutput{Payload: payload}, err
	}
	return a.out, a.err
}

func verify(t *testing.T, a *answers, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	region := ""
	c := newVerify(func(_ context.Context, _, r string) (caller, error) { region = r; return a, nil },
		func(context.Context, string, *topology.Plan) (problem.List, error) { return a.deployed, a.unread })
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetOut(&out)
	c.SetErr(&errs)
	c.SetArgs(append(args, "../../pathproof.yaml"))
	err := c.Execute()
	var s exitStatus
	switch {
	case errors.As(err, &s):
		status = int(s)
	case err != nil:
		t.Fatal(err)
	}
	if a.got != nil && region != "ap-northeast-2" {
		t.Errorf("asked in %s, want the gate's Region", region)
	}
	return status, out.String(), errs.String()
}

// TestVerify asserts what each verdict of the gate, and each way of not getting one, leads to.
func TestVerify(t *testing.T) {
	rep := func(v gate.Verdict, incomplete bool) *gate.Report {
		return &gate.Report{Schema: gate.ReportSchema, Verdict: v, Incomplete: incomplete, Summary: string(v) + ": summary",
			Paths: []gate.PathVerdict{{Name: "people", Verdict: v, Reason: "because"}}}
	}
	unhandled := "Unhandled"
	for name, c := range map[string]struct {
		answer answers
		args   []string
		status int
		want   string
	}{
		"pass":                  {answers{report: rep(gate.Pass, false)}, nil, 0, "pass people: because"},
		"fail":                  {answers{report: rep(gate.Fail, true)}, nil, 1, "fail people: because"},
		"inconclusive":          {answers{report: rep(gate.Inconclusive, false)}, nil, 0, "inconclusive: summary"},
		"inconclusive, strict":  {answers{report: rep(gate.Inconclusive, false)}, []string{"--strict"}, 2, ""},
		"nobody's":              {answers{report: rep(gate.NotMeasured, false)}, nil, 0, "notMeasured people"},
		"nobody's, strict":      {answers{report: rep(gate.NotMeasured, false)}, []string{"--strict"}, 2, ""},
		"could not be measured": {answers{report: rep(gate.NotMeasured, true)}, nil, 4, ""},
		"not deployed": {answers{err: &smithy.GenericAPIError{Code: "ResourceNotFoundException"}}, nil, 6,
			"no function reference-gate in ap-northeast-2; deploy the network"},
		"denied": {answers{err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not you"}}, nil, 6,
			"reference-gate: not you; allow lambda:InvokeFunction"},
		"connection lost": {answers{err: errors.New("connection reset")}, []string{"--run-id", "x7"}, 6, "--run-id x7 fetches"},
		"crash": {answers{out: &lambda.InvokeOutput{FunctionError: &unhandled, Payload: []byte(`{"errorMessage":"boom"}`)}}, nil, 6,
			`Unhandled: "boom"`},
		"another version": {answers{out: &lambda.InvokeOutput{Payload: []byte(`{"schema":"pathproof/gate-report/v9"}`)}}, nil, 6, "deploy the version of pathproof that you run"},
		"wrong format":    {answers{}, []string{"-o", "pdf"}, 3, "pdf"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := verify(t, &c.answer, c.args...)
			if status != c.status || !strings.Contains(stdout+stderr, c.want) {
				t.Errorf("got status %d, want %d and %q in\n%s%s", status, c.status, c.want, stdout, stderr)
			}
		})
	}
}

func TestVerify_AsksForThePathsNamed(t *testing.T) {
	a := &answers{report: &gate.Report{Schema: gate.ReportSchema, Verdict: gate.Pass}}
	verify(t, a, "--paths", "people,idc", "--run-id", "x7")
	if got, want := string(a.got.Payload), `{"pathproof":"verify","run_id":"x7","paths":["people","idc"],"samples":true}`; got != want || *a.got.FunctionName != "reference-gate" {
		t.Errorf("asked %s for %s, want %s", *a.got.FunctionName, got, want)
	}
}

func TestVerify_NeedsAProbeSection(t *testing.T) {
	text, err := os.ReadFile("../../pathproof.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := t.TempDir() + "/quiet.yaml"
	if err := os.WriteFile(file, bytes.Replace(text, []byte("probe: {every: 5m}"), nil, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	c := newVerify(func(context.Context, string, string) (caller, error) { t.Fatal("asked"); return nil, nil }, nil)
	c.SetErr(&errs)
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs([]string{file})
	var s exitStatus
	if err := c.Execute(); !errors.As(err, &s) || s != 3 || !strings.Contains(errs.String(), "no probe section") {
		t.Errorf("got %v\n%s", err, errs.String())
	}
}

// TestVerify_Submit asserts that what people measured reaches the gate whole, and that nothing else is asked for.
func TestVerify_Submit(t *testing.T) {
	text, err := json.Marshal(&probe.Result{Schema: probe.Schema, RunID: "r1", Paths: []probe.PathResult{{Name: "home", Sent: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	file := t.TempDir() + "/result.json"
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	a := &answers{report: &gate.Report{Schema: gate.ReportSchema, Verdict: gate.Pass}}
	if status, _, stderr := verify(t, a, "--submit", file); status != 0 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	var asked gate.Direct
	if err := json.Unmarshal(a.got.Payload, &asked); err != nil {
		t.Fatal(err)
	}
	got, err := gate.UnpackResult(asked.Result)
	if err != nil || asked.Pathproof != gate.Submit || got.Paths[0].Name != "home" || got.Paths[0].Sent != 3 {
		t.Errorf("asked %s for %+v, %v", asked.Pathproof, got, err)
	}
	if status, _, stderr := verify(t, &answers{}, "--submit", file, "--paths", "home"); status != 3 || !strings.Contains(stderr, "leave --paths out") {
		t.Errorf("with --paths: status %d\n%s", status, stderr)
	}
	if status, _, _ := verify(t, &answers{}, "--submit", file+".none"); status != 3 {
		t.Errorf("without a file: status %d, want 3", status)
	}
}

// TestVerify_StaleValues asserts that a stack with a value that is out of date fails the run, and that nothing else of what is
// deployed does, nor that it cannot be read: the report says so then.
func TestVerify_StaleValues(t *testing.T) {
	pass := &gate.Report{Schema: gate.ReportSchema, Verdict: gate.Pass, Summary: "all is well"}
	stale := problem.Problem{Code: problem.StaleValue, Message: "stack a holds a value that stack b has no more"}
	behind := problem.Problem{Code: problem.PlanStale, Message: "the stored plans differ"}
	for name, c := range map[string]struct {
		deployed problem.List
		unread   error
		status   int
		says     string
	}{
		"a value is out of date": {problem.List{behind, stale}, nil, 1, "NET909 stack a holds a value that stack b has no more\n"},
		"other things are":       {problem.List{behind}, nil, 0, ""},
		"stacks cannot be read":  {nil, errors.New("access denied"), 0, "was NOT looked at: access denied\n"},
		"everything is in order": {nil, nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, errs := verify(t, &answers{report: pass, deployed: c.deployed, unread: c.unread})
			if status != c.status || !strings.Contains(errs, c.says) || strings.Contains(errs, "NET908") {
				t.Errorf("status %d, want %d; %s", status, c.status, errs)
			}
		})
	}
}
