package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
)

const (
	home      = "ap-northeast-2"
	secretURL = "https://responses.example/stack/id?X-Amz-Signature=SECRETSIGNATURE"
)

// harness runs the handler against fakes. Inside synctest.Test its waits take no time.
type harness struct {
	t   *testing.T
	ec2 map[string]*fakeEC2 // by Region
	*lambdatest.Presigned
	connect error
	vault   func(authority) (*vault, error)
	log     bytes.Buffer
	limit   time.Duration // the invocation's time
}

func newHarness(t *testing.T) *harness {
	return &harness{t: t, ec2: map[string]*fakeEC2{home: {}}, Presigned: lambdatest.NewPresigned(t), limit: 15 * time.Minute}
}

// fake is EC2 in the function's Region.
func (h *harness) fake() *fakeEC2 { return h.ec2[home] }

func (h *harness) handler() *handler {
	log := lambdax.NewLogger(&h.log)
	return &handler{
		connect: func(context.Context) (*cloud, error) {
			return &cloud{region: home, in: func(region string) ec2API { return h.ec2[region] }, vault: h.vault}, h.connect
		},
		answers: &lambdax.Responder{Client: &http.Client{Transport: h.Presigned}, Log: log},
		pace:    production,
		log:     log,
	}
}

// event is a request of CloudFormation. Pairs are property names and values.
func event(requestType, resourceType, physicalID string, pairs ...string) map[string]any {
	props := map[string]string{"ServiceToken": "arn:aws:lambda:ap-northeast-2:111122223333:function:x", "Revision": "1"}
	for i := 0; i < len(pairs); i += 2 {
		props[pairs[i]] = pairs[i+1]
	}
	e := map[string]any{
		"RequestType": requestType, "RequestId": "req-1", "ResponseURL": secretURL, "ResourceType": resourceType,
		"LogicalResourceId": "Logical1", "StackId": "arn:aws:cloudformation:ap-northeast-2:111122223333:stack/s/1",
		"ResourceProperties": props,
	}
	if physicalID != "" {
		e["PhysicalResourceId"] = physicalID
	}
	return e
}

// send handles one event and returns the one answer that CloudFormation got.
func (h *harness) send(e map[string]any) lambdax.Response {
	h.t.Helper()
	before := len(h.Answers)
	if err := h.invoke(e); err != nil {
		h.t.Fatalf("handle: %v", err)
	}
	return h.The(before, &h.log)
}

// invoke handles one event as Lambda does, with a deadline, and checks what holds for every event.
func (h *harness) invoke(e map[string]any) error {
	h.t.Helper()
	raw, err := json.Marshal(e)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), h.limit)
	defer cancel()
	err = h.handler().handle(ctx, raw)
	if ctx.Err() != nil {
		h.t.Errorf("handle returned after Lambda's deadline")
	}
	for _, secret := range []string{"SECRETSIGNATURE", "X-Amz", "PSK-SECRET", "CONFIG-SECRET"} {
		if strings.Contains(h.log.String(), secret) {
			h.t.Errorf("the log holds %s:\n%s", secret, h.log.String())
		}
	}
	return err
}

// succeeded stops the test unless the answer is SUCCESS.
func succeeded(t *testing.T, r lambdax.Response) lambdax.Response {
	t.Helper()
	if r.Status != "SUCCESS" {
		t.Fatalf("got %s: %s; want SUCCESS", r.Status, r.Reason)
	}
	return r
}

// failedWith stops the test unless the answer is FAILED with all of the words in its reason.
func failedWith(t *testing.T, r lambdax.Response, words ...string) lambdax.Response {
	t.Helper()
	if r.Status != "FAILED" {
		t.Fatalf("got %s; want FAILED", r.Status)
	}
	for _, w := range words {
		if !strings.Contains(r.Reason, w) {
			t.Errorf("reason %q does not say %q", r.Reason, w)
		}
	}
	if r.Data != nil {
		t.Errorf("a failure has attributes: %v", r.Data)
	}
	return r
}
