package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pathproof/pathproof/internal/lambdax"
)

var someDelete = factsEvent("Delete", vpnID, tgw1)

func TestAnswerHeaders(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		succeeded(t, h.send(someDelete))
		a := h.answers[0]
		if ct, ok := a.header["Content-Type"]; ok {
			t.Errorf("Content-Type is set to %q; the presigned URL is signed for none", ct)
		}
		if a.length != int64(len(a.body)) {
			t.Errorf("Content-Length is %d, body has %d bytes", a.length, len(a.body))
		}
	})
}

func TestAnswerIsRepeatedAfterServerErrors(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.status = []int{503, 0, 500, 200}
		succeeded(t, h.send(someDelete))
		if h.attempts != 4 {
			t.Errorf("%d attempts, want 4", h.attempts)
		}
	})
}

func TestAnswerNeverDelivered(t *testing.T) {
	for _, status := range []int{503, 0} {
		fast(t, func(t *testing.T, h *harness) {
			h.status = []int{status}
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
			if h.attempts > 1500 {
				t.Errorf("%d attempts: that is no backoff", h.attempts)
			}
		})
	}
}

func TestRefusedAnswerIsFinal(t *testing.T) {
	for _, status := range []int{400, 403, 404} {
		fast(t, func(t *testing.T, h *harness) {
			h.status = []int{status}
			if err := h.invoke(someDelete); err != nil {
				t.Errorf("got %v; another invocation would be refused too", err)
			}
			if h.attempts != 1 {
				t.Errorf("%d attempts, want 1", h.attempts)
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

func TestLongReasonIsCutOnARune(t *testing.T) {
	for _, unit := range []string{"x", "ü", "日", "😀", "\"", "\n", "<"} {
		for extra := range 4 {
			reason := strings.Repeat("x", extra) + strings.Repeat(unit, 5000)
			body := lambdax.EncodeResponse(lambdax.Request{RequestID: "r", StackID: "s", LogicalResourceID: "l"}, lambdax.Outcome{PhysicalID: "p", Err: errors.New(reason)})
			var r lambdax.Response
			if err := json.Unmarshal(body, &r); err != nil {
				t.Fatalf("%q: %v", unit, err)
			}
			if len(body) > lambdax.MaxResponse || len(body) < lambdax.MaxResponse-8 {
				t.Errorf("%q: body has %d bytes", unit, len(body))
			}
			if !utf8.ValidString(r.Reason) || strings.ContainsRune(r.Reason, utf8.RuneError) || !strings.HasSuffix(r.Reason, "...") {
				t.Errorf("%q: bad cut: %q", unit, r.Reason[max(0, len(r.Reason)-20):])
			}
		}
	}
}

func TestInvalidUTF8InReason(t *testing.T) {
	body := lambdax.EncodeResponse(lambdax.Request{}, lambdax.Outcome{PhysicalID: "p", Err: errors.New("a\xffb")})
	if !strings.Contains(string(body), `"Reason":"a?b"`) {
		t.Errorf("got %s", body)
	}
}

func TestReasonThatFitsIsWhole(t *testing.T) {
	body := lambdax.EncodeResponse(lambdax.Request{}, lambdax.Outcome{PhysicalID: "p", Err: errors.New("short <reason> & more")})
	if !strings.Contains(string(body), `"Reason":"short <reason> & more"`) {
		t.Errorf("got %s", body)
	}
}

func TestAttributesThatDoNotFitAreAFailure(t *testing.T) {
	out := lambdax.Outcome{PhysicalID: "p", Data: map[string]string{"A": strings.Repeat("x", lambdax.MaxResponse)}}
	var r lambdax.Response
	body := lambdax.EncodeResponse(lambdax.Request{}, out)
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	failedWith(t, r, "response too long, got 4")
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
