package lambdax

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

func TestLongReasonIsCutOnARune(t *testing.T) {
	for _, unit := range []string{"x", "ü", "日", "😀", "\"", "\n", "<"} {
		for extra := range 4 {
			reason := strings.Repeat("x", extra) + strings.Repeat(unit, 5000)
			body := EncodeResponse(Request{RequestID: "r", StackID: "s", LogicalResourceID: "l"}, Outcome{PhysicalID: "p", Err: errors.New(reason)})
			var r Response
			if err := json.Unmarshal(body, &r); err != nil {
				t.Fatalf("%q: %v", unit, err)
			}
			if len(body) > MaxResponse || len(body) < MaxResponse-8 {
				t.Errorf("%q: body has %d bytes", unit, len(body))
			}
			if !utf8.ValidString(r.Reason) || strings.ContainsRune(r.Reason, utf8.RuneError) || !strings.HasSuffix(r.Reason, "...") {
				t.Errorf("%q: bad cut: %q", unit, r.Reason[max(0, len(r.Reason)-20):])
			}
		}
	}
}

func TestInvalidUTF8InReason(t *testing.T) {
	body := EncodeResponse(Request{}, Outcome{PhysicalID: "p", Err: errors.New("a\xffb")})
	if !strings.Contains(string(body), `"Reason":"a?b"`) {
		t.Errorf("got %s", body)
	}
}

func TestReasonThatFitsIsWhole(t *testing.T) {
	body := EncodeResponse(Request{}, Outcome{PhysicalID: "p", Err: errors.New("short <reason> & more")})
	if !strings.Contains(string(body), `"Reason":"short <reason> & more"`) {
		t.Errorf("got %s", body)
	}
}

func TestAttributesThatDoNotFitAreAFailure(t *testing.T) {
	out := Outcome{PhysicalID: "p", Data: map[string]string{"A": strings.Repeat("x", MaxResponse)}}
	var r Response
	body := EncodeResponse(Request{}, out)
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	if r.Status != "FAILED" || r.Data != nil || !strings.Contains(r.Reason, "response too long, got 4") {
		t.Errorf("got %+v", r)
	}
}

func TestFits(t *testing.T) {
	for n, want := range map[int]bool{10: true, MaxResponse - 200: true, MaxResponse: false} {
		if got := Fits(Request{}, Outcome{Data: map[string]string{"A": strings.Repeat("x", n)}}); got != want {
			t.Errorf("%d bytes: %t", n, got)
		}
	}
}

func TestCut(t *testing.T) {
	for n, want := range map[int]string{0: "...", 1: "a...", 2: "a...", 3: "aü...", 4: "aüb", 9: "aüb"} {
		if got := Cut("aüb", n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestLazy(t *testing.T) {
	calls := 0
	f := Lazy(func(context.Context) (int, error) {
		if calls++; calls == 1 {
			return 0, errors.New("not yet")
		}
		return calls, nil
	})
	if _, err := f(t.Context()); err == nil {
		t.Error("the error is gone")
	}
	for range 3 {
		if v, err := f(t.Context()); v != 2 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
	}
}

// A wait that the deadline would cut short is not begun.
func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if Sleep(ctx, time.Hour) || time.Since(began) != 0 {
			t.Errorf("slept %s", time.Since(began))
		}
		if !Sleep(ctx, time.Second) || time.Since(began) != time.Second {
			t.Errorf("slept %s", time.Since(began))
		}
	})
}

func TestDecodeRequest(t *testing.T) {
	r, err := DecodeRequest([]byte(`{"RequestType": 7, "ResponseURL": "https://x/", "LogicalResourceId": "Gate"}`))
	if err == nil || r.ResponseURL != "https://x/" || r.LogicalResourceID != "Gate" {
		t.Errorf("got %+v, %v; whoever can be answered must be", r, err)
	}
}
