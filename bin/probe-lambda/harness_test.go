package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
)

const (
	account = "111122223333"
	seoul   = "ap-northeast-2"
	oregon  = "us-west-2"
	secret  = "SECRETSIGNATURE"
)

// harness runs the gate against fakes. Inside synctest.Test its waits take no time.
type harness struct {
	t         *testing.T
	config    *gate.Config
	document  func() ([]byte, error)  // default: config
	vantages  map[string]*fakeVantage // by Region
	objects   *fakeS3
	pipelines *fakePipeline
	stacks    *fakeStacks
	connect   error
	bucket    string
	limit     time.Duration // the invocation's time

	*lambdatest.Presigned

	log, metrics bytes.Buffer
}

// fast runs a test in a bubble, where time passes by itself.
func fast(t *testing.T, test func(*testing.T, *harness)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newHarness(t)) })
}

func newHarness(t *testing.T) *harness {
	return &harness{
		t: t, config: twoPaths(), objects: &fakeS3{objects: map[string][]byte{}}, pipelines: &fakePipeline{},
		vantages: map[string]*fakeVantage{seoul: {rtt: 5 * time.Millisecond}, oregon: {rtt: 9 * time.Millisecond}},
		stacks:   &fakeStacks{status: []string{"UPDATE_IN_PROGRESS"}}, bucket: "reports", limit: 15 * time.Minute, Presigned: lambdatest.NewPresigned(t),
	}
}

// twoPaths is a document with a path for each of two vantages.
func twoPaths() *gate.Config {
	target := func(host string) *gate.Target { return &gate.Target{Kind: probe.KindTCP, Host: host, Port: 7007} }
	return &gate.Config{
		Schema: gate.ConfigSchema, Network: "ref",
		Vantages: []gate.Vantage{
			{Key: "seoul", Function: "vantage-seoul", Region: seoul, AZID: "apne2-az1"},
			{Key: "oregon", Function: "vantage-oregon", Region: oregon, AZID: "usw2-az1"},
		},
		Paths: []gate.Path{
			{Name: "near", Measured: gate.ByVantage, Vantage: "seoul", Target: target("10.0.0.7"), SLO: "p90(connect) < 20ms and fail < 5%", InStack: true},
			{Name: "far", Measured: gate.ByVantage, Vantage: "oregon", Target: target("10.1.0.7"), SLO: "p90(connect) < 20ms"},
		},
	}
}

// raw is the document as it lies in the asset.
func (h *harness) raw() []byte {
	b, err := json.Marshal(h.config)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// invoke handles one event as Lambda does, with a deadline, and checks what holds for every event.
func (h *harness) invoke(event string) (json.RawMessage, error) {
	h.t.Helper()
	log := lambdax.NewLogger(&h.log)
	g := &gateFunction{
		document: func() ([]byte, error) {
			if h.document != nil {
				return h.document()
			}
			return h.raw(), nil
		},
		bucket: h.bucket, pace: production, metrics: &h.metrics, log: log,
		connect: func(context.Context) (*cloud, error) {
			return &cloud{
				functions: func(region string) lambdaAPI { return h.vantages[region] },
				objects:   h.objects, pipelines: h.pipelines, stacks: h.stacks,
			}, h.connect
		},
		answers: &lambdax.Responder{Client: &http.Client{Transport: h.Presigned}, Log: log},
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), h.limit)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: "inv-1", InvokedFunctionArn: "arn:aws:lambda:us-west-2:" + account + ":function:gate",
	})
	out, err := g.handle(ctx, json.RawMessage(event))
	if ctx.Err() != nil {
		h.t.Errorf("handle returned after Lambda's deadline")
	}
	if strings.Contains(h.log.String(), secret) || strings.Contains(h.log.String(), "X-Amz") {
		h.t.Errorf("the log holds the presigned URL:\n%s", h.log.String())
	}
	return out, err
}

// verify is the report that a direct caller gets.
func (h *harness) verify(event string) *gate.Report {
	h.t.Helper()
	out, err := h.invoke(event)
	if err != nil {
		h.t.Fatal(err)
	}
	var r gate.Report
	if err := json.Unmarshal(out, &r); err != nil {
		h.t.Fatal(err)
	}
	return &r
}

// deploy sends a request of CloudFormation and returns the one answer to it.
func (h *harness) deploy(requestType string) lambdax.Response {
	h.t.Helper()
	before := len(h.Answers)
	if _, err := h.invoke(h.request(requestType, "")); err != nil {
		h.t.Fatalf("handle: %v", err)
	}
	return h.The(before, &h.log)
}

func (h *harness) request(requestType, runKey string) string {
	if runKey == "" {
		runKey = gate.RunKey(h.raw())
	}
	e := map[string]any{
		"RequestType": requestType, "RequestId": "req-1", "ResponseURL": "https://responses.example/stack/id?X-Amz-Signature=" + secret,
		"ResourceType": gate.ResourceType, "LogicalResourceId": "Gate", "StackId": "arn:aws:cloudformation:us-west-2:" + account + ":stack/ops/1",
		"ResourceProperties": map[string]any{"ServiceToken": "arn", "RunKey": runKey},
	}
	if requestType != lambdax.RequestCreate {
		e["PhysicalResourceId"] = "pathproof-gate-ops-Gate"
	}
	b, err := json.Marshal(e)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

// says checks that a text has all of the words.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q does not say %q", text, w)
		}
	}
}

const verifyEvent = `{"pathproof": "verify"}`
