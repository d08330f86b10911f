package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

var someDelete = factsEvent("Delete", vpnID, tgw1)

func TestAnswerHeaders(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		succeeded(t, h.send(someDelete))
		a := h.Answers[0]
		if ct, ok := a.Header["Content-Type"]; ok {
			t.Errorf("Content-Type is set to %q; the presigned URL is signed for none", ct)
		}
		if a.Length != int64(len(a.Body)) {
			t.Errorf("Content-Length is %d, body has %d bytes", a.Length, len(a.Body))
		}
	})
}

func TestAnswerIsRepeatedAfterServerErrors(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.Status = []int{503, 0, 500, 200}
		succeeded(t, h.send(someDelete))
		if h.Attempts != 4 {
			t.Errorf("%d attempts, want 4", h.Attempts)
		}
	})
}

func TestAnswerNeverDelivered(t *testing.T) {
	for _, status := range []int{503, 0} {
		fast(t, func(t *testing.T, h *harness) {
			h.Status = []int{status}
			started := time.Now()
			err := h.invoke(someDelete)
			if err == nil || !strings.Contains(err.Error(), "answer CloudFormation: time is up") {
				t.Errorf("got %v, want an error that makes Lambda invoke again", err)
			}
			if err != nil && strings.Contains(err.Error(), "Signature") {
				t.Errorf("the error holds the presigned URL: %v", err)
			}
			if took := time.Since(started); took < h.limit-10*time.Second {
				t.Errorf("gave up after %s of %s", took, h.limit)
			}
			if h.Attempts > 1500 {
				t.Errorf("%d attempts: that is no backoff", h.Attempts)
			}
		})
	}
}

func TestRefusedAnswerIsFinal(t *testing.T) {
	for _, status := range []int{400, 403, 404} {
		fast(t, func(t *testing.T, h *harness) {
			h.Status = []int{status}
			if err := h.invoke(someDelete); err != nil {
				t.Errorf("got %v; another invocation would be refused too", err)
			}
			if h.Attempts != 1 {
				t.Errorf("%d attempts, want 1", h.Attempts)
			}
			if log := h.log.String(); !strings.Contains(log, "refused") || !strings.Contains(log, "https://responses.example/stack/id") {
				t.Errorf("the log does not say so:\n%s", log)
			}
		})
	}
}

func TestBadResponseURLStaysOutOfTheLog(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.limit = 20 * time.Second
		e := factsEvent("Delete", vpnID, tgw1)
		e["ResponseURL"] = "https://bad host/%zz?X-Amz-Signature=SECRETSIGNATURE"
		if err := h.invoke(e); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("got %v", err)
		}
	})
}

func TestLogNamesTheFieldsLambdaFiltersBy(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		succeeded(t, h.send(someDelete))
		line, _, _ := strings.Cut(h.log.String(), "\n")
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if got["timestamp"] == nil || got["level"] != "INFO" {
			t.Errorf("got %v", got)
		}
		if r, _ := got["request"].(map[string]any); r["logicalResourceId"] != "Logical1" {
			t.Errorf("request is logged as %v", got["request"])
		}
	})
}

var _ http.RoundTripper = (*harness)(nil)
