package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/lambdax"
)

const (
	home      = "ap-northeast-2"
	secretURL = "https://responses.example/stack/id?X-Amz-Signature=SECRETSIGNATURE"
)

// delivered is one answer that reached CloudFormation.
type delivered struct {
	lambdax.Response
	body   []byte
	header http.Header
	length int64
}

// harness runs the handler against fakes. Inside synctest.Test its waits take no time.
type harness struct {
	t       *testing.T
	ec2     map[string]*fakeEC2 // by Region
	answers []delivered
	// status is what the presigned URL answers, by attempt; the last one repeats. 0 is a network error.
	status   []int
	attempts int
	connect  error
	log      bytes.Buffer
	limit    time.Duration // the invocation's time
}

func newHarness(t *testing.T) *harness {
	return &harness{t: t, ec2: map[string]*fakeEC2{home: {}}, status: []int{200}, limit: 15 * time.Minute}
}

// fake is EC2 in the function's Region.
func (h *harness) fake() *fakeEC2 { return h.ec2[home] }

// RoundTrip is the presigned URL.
func (h *harness) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	status := h.status[min(h.attempts, len(h.status)-1)]
	h.attempts++
	if status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	if status < 300 {
		d := delivered{body: body, header: req.Header.Clone(), length: req.ContentLength}
		if err := json.Unmarshal(body, &d.Response); err != nil {
			h.t.Errorf("answer is not JSON: %v: %s", err, body)
		}
		h.answers = append(h.answers, d)
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: req}, nil
}

func (h *harness) handler() *handler {
	log := lambdax.NewLogger(&h.log)
	return &handler{
		connect: func(context.Context) (*cloud, error) {
			return &cloud{region: home, in: func(region string) ec2API { return h.ec2[region] }}, h.connect
		},
		answers: &lambdax.Responder{Client: &http.Client{Transport: h}, Log: log},
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
	before := len(h.answers)
	if err := h.invoke(e); err != nil {
		h.t.Fatalf("handle: %v", err)
	}
	if got := len(h.answers) - before; got != 1 {
		h.t.Fatalf("CloudFormation got %d answers, want 1; log:\n%s", got, h.log.String())
	}
	return h.answers[before].Response
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
	for _, a := range h.answers {
		if len(a.body) > lambdax.MaxResponse {
			h.t.Errorf("answer has %d bytes, want at most %d", len(a.body), lambdax.MaxResponse)
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
