package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
)

// installation is the real program as a gate and two vantages, with everything around it on the loopback interface.
type installation struct {
	t         *testing.T
	ctx       context.Context
	program   string
	gate      *lambdatest.Function
	services  *services
	config    *gate.Config
	url       string // of the services
	presigned string
}

// install starts it. The first path is well; the second ends at a port where nobody listens.
func install(t *testing.T, build func(context.Context, testing.TB) string) *installation {
	if testing.Short() {
		t.Skip("NOT RUN with -short: compiles and starts the real program")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	in := &installation{t: t, ctx: ctx, program: build(ctx, t)}
	in.services = &services{
		functions: map[string]*lambdatest.Function{}, regions: map[string]bool{}, invoked: map[string]int{}, refuse: map[string][]string{},
		garbage: map[string]string{}, objects: map[string][]byte{}, status: "UPDATE_IN_PROGRESS",
	}
	server := httptest.NewServer(in.services)
	t.Cleanup(server.Close)
	in.url = server.URL
	in.presigned = server.URL + "/answer?X-Amz-Signature=" + secret
	up, down := echoServer(t), lambdatest.FreePort(t)
	in.config = twoPaths()
	in.config.Run = gate.Run{Count: 100, Interval: 1000, Timeout: 200_000}
	in.config.Paths[0].Target, in.config.Paths[0].SLO = &gate.Target{Kind: probe.KindTCPEcho, Host: "127.0.0.1", Port: uint16(up)}, "fail < 5%"
	in.config.Paths[1].Target, in.config.Paths[1].SLO = &gate.Target{Kind: probe.KindTCP, Host: "${Far}", Port: uint16(down)}, ""
	for _, v := range in.config.Vantages {
		in.services.functions[v.Function] = lambdatest.Start(t, in.program, "arn:aws:lambda:"+v.Region+":"+account+":function:"+v.Function, time.Minute,
			"_HANDLER="+gate.HandlerVantage, "AWS_REGION="+v.Region, gate.EnvVantage+"="+v.Key, gate.EnvAZID+"="+v.AZID,
			gate.EnvAllow+"="+in.config.AllowFor(v.Key), gate.EnvValues+`={"Far": "127.0.0.1"}`)
	}
	in.gate = in.startGate(time.Minute)
	return in
}

// startGate starts the program as the gate, with its document in its asset's folder.
func (in *installation) startGate(limit time.Duration) *lambdatest.Function {
	in.t.Helper()
	asset := in.t.TempDir()
	document, err := json.Marshal(in.config)
	if err != nil {
		in.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(asset, gate.ConfigFile), document, 0o644); err != nil {
		in.t.Fatal(err)
	}
	return lambdatest.Start(in.t, in.program, "arn:aws:lambda:us-west-2:"+account+":function:gate", limit,
		"_HANDLER="+gate.HandlerGate, "AWS_REGION="+oregon, "LAMBDA_TASK_ROOT="+asset, "HOME="+in.t.TempDir(),
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY="+"example", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL="+in.url, gate.EnvBucket+"=reports", gate.EnvValues+`={"Far": "127.0.0.1"}`)
}

func (in *installation) invoke(f *lambdatest.Function, event string) lambdatest.Outcome {
	in.t.Helper()
	return f.Invoke(in.ctx, "33333333-3333-3333-3333-333333333333", []byte(event))
}

// deploy sends a request of CloudFormation and returns the one answer.
func (in *installation) deploy(f *lambdatest.Function, requestType, id string) lambdax.Response {
	in.t.Helper()
	document, err := json.Marshal(in.config)
	if err != nil {
		in.t.Fatal(err)
	}
	event, err := json.Marshal(map[string]any{
		"RequestType": requestType, "RequestId": id, "ResponseURL": in.presigned, "ResourceType": gate.ResourceType,
		"LogicalResourceId": "Gate", "StackId": "arn:aws:cloudformation:us-west-2:" + account + ":stack/ops/1",
		"ResourceProperties": map[string]string{"RunKey": gate.RunKey(document)},
	})
	if err != nil {
		in.t.Fatal(err)
	}
	in.services.mu.Lock()
	in.services.answers = nil
	in.services.mu.Unlock()
	if end := in.invoke(f, string(event)); end.Error {
		in.t.Fatalf("the gate failed: %s", end.Payload)
	}
	in.services.mu.Lock()
	defer in.services.mu.Unlock()
	if len(in.services.answers) != 1 {
		in.t.Fatalf("CloudFormation got %d answers; log:\n%s", len(in.services.answers), f.Log())
	}
	raw, _ := json.Marshal(in.services.answers[0])
	var r lambdax.Response
	if err := json.Unmarshal(raw, &r); err != nil {
		in.t.Fatal(err)
	}
	return r
}

// told is the one thing that CodePipeline was told since the last time.
func (in *installation) told() map[string]any {
	in.t.Helper()
	in.services.mu.Lock()
	defer in.services.mu.Unlock()
	if len(in.services.jobs) != 1 {
		in.t.Fatalf("CodePipeline was told %d things", len(in.services.jobs))
	}
	j := in.services.jobs[0]
	in.services.jobs = nil
	return j
}

func (in *installation) invocations(function string) int {
	in.services.mu.Lock()
	defer in.services.mu.Unlock()
	return in.services.invoked[function]
}

// asset is the program as it is deployed, for arm64.
func asset(ctx context.Context, t testing.TB) string {
	return lambdatest.Asset(ctx, t, "./bin/probe-lambda")
}

// TestBinary runs the real program for every caller, on both processors.
func TestBinary(t *testing.T) {
	for name, build := range map[string]func(context.Context, testing.TB) string{"native": lambdatest.Build, "asset": asset} {
		t.Run(name, func(t *testing.T) { install(t, build).everyCaller(t) })
	}
}

func (in *installation) everyCaller(t *testing.T) {

	t.Run("CloudFormation", func(t *testing.T) {
		in.t = t
		r := in.deploy(in.gate, "Create", "create-1")
		succeeded(t, r, gate.Fail)
		says(t, r.Data["Paths"], "pass near: p50(wait) ", "fail far: unreachable, none of 100 probes was answered (refused:")
		if r.Data["Report"] != "s3://reports/reports/ref/create-1.json" {
			t.Errorf("report %q", r.Data["Report"])
		}
		before := in.invocations("vantage-seoul")
		again := in.deploy(in.gate, "Create", "create-1")
		succeeded(t, again, gate.Fail)
		if in.invocations("vantage-seoul") != before || again.Data["Paths"] != r.Data["Paths"] {
			t.Error("the same request was measured twice")
		}
		in.services.presignedFails = 2
		succeeded(t, in.deploy(in.gate, "Update", "update-1"), gate.Fail)
		before = in.invocations("vantage-seoul")
		if r := in.deploy(in.gate, "Delete", "delete-1"); r.Status != "SUCCESS" || in.invocations("vantage-seoul") != before {
			t.Errorf("got %+v", r)
		}
		in.services.status = "UPDATE_ROLLBACK_IN_PROGRESS"
		succeeded(t, in.deploy(in.gate, "Update", "update-2"), gate.NotMeasured)
		if in.invocations("vantage-seoul") != before {
			t.Error("a rollback is measured")
		}
		in.services.status = "UPDATE_IN_PROGRESS"
	})
	t.Run("CodePipeline", func(t *testing.T) {
		in.t = t
		if end := in.invoke(in.gate, job("", "")); end.Error {
			t.Fatalf("%s", end.Payload)
		}
		told := in.told()
		details, _ := told["failureDetails"].(map[string]any)
		if told["action"] != "PutJobFailureResult" || told["jobId"] != jobID || details["type"] != "JobFailed" {
			t.Fatalf("told %v", told)
		}
		says(t, fmt.Sprint(details["message"]), "fail far: ", "s3://reports/reports/ref/"+jobID+".json")
		if end := in.invoke(in.gate, strings.Replace(job(`{"paths": ["near"]}`, ""), jobID, strings.Replace(jobID, "1", "2", 1), 1)); end.Error {
			t.Fatalf("%s", end.Payload)
		}
		told = in.told()
		details, _ = told["executionDetails"].(map[string]any)
		if told["action"] != "PutJobSuccessResult" || details["summary"] != "pass: 1 of 1 paths pass" {
			t.Errorf("told %v", told)
		}
	})
	t.Run("direct", func(t *testing.T) {
		in.t = t
		end := in.invoke(in.gate, `{"pathproof": "verify", "run_id": "direct-1", "samples": true}`)
		var r gate.Report
		if err := json.Unmarshal(end.Payload, &r); err != nil || end.Error {
			t.Fatalf("%v: %.300s", err, end.Payload)
		}
		if r.Verdict != gate.Fail || len(r.Result.Paths) != 2 || len(r.Result.Paths[0].Samples) != 103 || r.Result.Paths[0].Vantage.AZID != "apne2-az1" {
			t.Errorf("got %s; %+v", r.Summary, r.Result)
		}
		if end := in.invoke(in.gate, `{"Records": []}`); !end.Error {
			t.Errorf("a foreign event is no error: %s", end.Payload)
		}
	})
	t.Run("schedule", func(t *testing.T) {
		in.t = t
		before := len(in.gate.Log())
		if end := in.invoke(in.gate, `{"detail-type": "Scheduled Event", "source": "aws.events", "id": "scheduled-1"}`); end.Error || string(end.Payload) != "null" {
			t.Errorf("got %s", end.Payload)
		}
		if missing := in.gate.AwaitLog(before, `"Namespace":"Pathproof"`, `"PathsFailed":1`, `"SourceAzId":"apne2-az1"`); missing != nil {
			t.Errorf("the log lacks %q", missing)
		}
	})
	t.Run("storage down", func(t *testing.T) {
		in.t = t
		in.services.s3Down = true
		r := in.deploy(in.gate, "Update", "update-3")
		succeeded(t, r, gate.Fail)
		if r.Data["Report"] != "" {
			t.Errorf("report %q", r.Data["Report"])
		}
		in.services.s3Down = false
	})
	in.vantageTrouble(t)

	if got := in.services.regions; !got[seoul] || !got[oregon] || len(got) != 2 {
		t.Errorf("functions were invoked in %v", got)
	}
	calls := slices.Compact(slices.Sorted(slices.Values(in.services.calls)))
	if got := strings.Join(calls, ", "); got != "DescribeStacks, GET object, Invoke, PUT object, PutJobFailureResult, PutJobSuccessResult" {
		t.Errorf("the program called %s", got)
	}
	if log := in.gate.Log(); strings.Contains(log, secret) || strings.Contains(log, "X-Amz-Signature") {
		t.Error("the log holds the presigned URL")
	}
}

// vantageTrouble: whatever becomes of one vantage, the answer comes in time and the other's paths are measured.
func (in *installation) vantageTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		refuse  []string
		garbage string
		verdict gate.Verdict
		words   string
	}{
		"not active yet": {[]string{"ResourceConflictException", "TooManyRequestsException"}, "", gate.Fail, "fail far: "},
		"refused":        {[]string{"InvalidParameterValueException"}, "", gate.NotMeasured, "notMeasured far: not measured: Invoke: InvalidParameterValueException"},
		"garbage":        {nil, "<html>hello</html>", gate.NotMeasured, "notMeasured far: not measured: no answer of a vantage"},
	} {
		t.Run(name, func(t *testing.T) {
			in.t = t
			in.services.refuse["vantage-oregon"], in.services.garbage["vantage-oregon"] = c.refuse, c.garbage
			r := in.deploy(in.gate, "Update", "trouble-"+strings.ReplaceAll(name, " ", "-"))
			delete(in.services.garbage, "vantage-oregon")
			succeeded(t, r, c.verdict)
			says(t, r.Data["Paths"], c.words, "pass near: ")
		})
	}
	t.Run("killed", func(t *testing.T) {
		in.t = t
		in.services.functions["vantage-oregon"].Stop()
		r := in.deploy(in.gate, "Update", "trouble-killed")
		succeeded(t, r, gate.NotMeasured)
		says(t, r.Data["Paths"], "notMeasured far: not measured: the function failed: Runtime.ExitError", "pass near: ")
	})
}

// TestBinary_Deadline: with little time and a vantage that would take much longer, the answer comes before Lambda ends the
// program.
func TestBinary_Deadline(t *testing.T) {
	in := install(t, lambdatest.Build)
	in.config.Run.Interval = 100_000 // 10 s of measuring
	short := in.startGate(4 * time.Second)
	began := time.Now()
	r := in.deploy(short, "Create", "deadline-1")
	succeeded(t, r, gate.NotMeasured)
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("took %s", took)
	}
	says(t, r.Data["Paths"], "no answer when the gate had to stop")
}
