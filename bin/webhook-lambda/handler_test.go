package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/webhook"
)

const token = "SECRETTOKEN"

// receiver is the webhook's end: a server of HTTPS that answers as it is told, the last answer for good.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int
	bodies  [][]byte
	paths   []string
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.paths = append(r.bodies, body), append(r.paths, req.URL.Path)
		w.WriteHeader(r.answers[min(len(r.bodies), len(r.answers))-1])
		fmt.Fprint(w, "you posted to "+req.URL.Path)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) address() string { return r.URL + "/services/T0/" + token }

// got are the messages that arrived.
func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, b := range r.bodies {
		out = append(out, string(b))
	}
	return out
}

// notice is an event as SNS sends it to a function.
func notice(t *testing.T, message any) []byte {
	t.Helper()
	text, ok := message.(string)
	if !ok {
		b, err := json.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	event, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"EventSource": "aws:sns", "EventVersion": "1.0",
		"EventSubscriptionArn": "arn:aws:sns:ap-northeast-2:111122223333:t:s", "Sns": map[string]any{"Type": "Notification", "MessageId": "m-1",
			"TopicArn": "arn:aws:sns:ap-northeast-2:111122223333:t", "Subject": "a subject", "Message": text, "Timestamp": "2026-11-30T06:05:13.000Z"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return event
}

var alarm = map[string]any{"AlarmName": "a", "NewStateValue": "ALARM", "NewStateReason": "r",
	"AlarmDescription": "It is down.\nMeans: less\nDo: look\nWhere: network shop, site idc, VPN connection fw1, tunnel 1, stack s"}

func newHandler(r *receiver, log io.Writer, read func(context.Context, string) (string, error)) *handler {
	l := lambdax.NewLogger(log)
	return &handler{secret: "alerts/webhook", read: read, log: l, poster: &webhook.Poster{Client: webhook.NewClient(r.Client().Transport), Log: l,
		First: time.Millisecond, Most: time.Millisecond}}
}

func TestHandler_KeepsTheAddressWhileItWorks(t *testing.T) {
	r := newReceiver(t, 200, 200, 404, 200)
	var log bytes.Buffer
	reads := 0
	h := newHandler(r, &log, func(_ context.Context, id string) (string, error) {
		if reads++; id != "alerts/webhook" {
			t.Errorf("asked for %q", id)
		}
		return r.address(), nil
	})
	for i, want := range []struct {
		reads  int
		failed bool
	}{{1, false}, {1, false}, {1, true}, {2, false}} { // the third is refused: the address is read anew for the next
		err := h.handle(t.Context(), notice(t, alarm))
		if (err != nil) != want.failed || reads != want.reads {
			t.Errorf("message %d: %v after %d reads, want failed %t after %d", i, err, reads, want.failed, want.reads)
		}
		if err != nil && (strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "HTTP status 404")) {
			t.Errorf("got %v", err)
		}
	}
	if strings.Contains(log.String(), token) || strings.Contains(log.String(), r.URL) {
		t.Errorf("the log holds the address:\n%s", log.String())
	}
}

// An address may die without an answer that refuses: what stands in the secret then is taken for the next try.
func TestHandler_ReadsTheSecretAnewAfterEveryFailure(t *testing.T) {
	busy, gone, rotated := newReceiver(t, 200, 503), newReceiver(t, 200), newReceiver(t, 200)
	gone.Close()
	for name, dead := range map[string]*receiver{"503 for good": busy, "nobody listens": gone} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			address := dead.address()
			h := newHandler(rotated, &log, func(context.Context, string) (string, error) { return address, nil })
			h.poster.Margin = time.Nanosecond
			short := func() error {
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()
				return h.handle(ctx, notice(t, alarm))
			}
			if dead == busy {
				if err := short(); err != nil { // the address is kept now
					t.Fatal(err)
				}
			}
			if err := short(); err == nil || errors.Is(err, webhook.ErrRefused) || strings.Contains(err.Error(), token) {
				t.Fatalf("got %v", err)
			}
			address = rotated.address()
			before := len(rotated.got())
			if err := short(); err != nil || len(rotated.got()) != before+1 {
				t.Errorf("got %v, %d messages at the new address", err, len(rotated.got())-before)
			}
		})
	}
}

func TestHandler_SaysWhatIsWrongWithTheSecret(t *testing.T) {
	r := newReceiver(t, 200)
	for name, x := range map[string]struct {
		text string
		err  error
		want string
	}{
		"not there":  {"", errors.New("ResourceNotFoundException: no such secret"), "secret alerts/webhook: ResourceNotFoundException"},
		"no address": {token, nil, "secret alerts/webhook: not an address"},
		"not https":  {"http://hooks.example.com/" + token, nil, "secret alerts/webhook: not an https address"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			h := newHandler(r, &log, func(context.Context, string) (string, error) { return x.text, x.err })
			err := h.handle(t.Context(), notice(t, alarm))
			if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error()+log.String(), token) {
				t.Errorf("got %v, want %q\n%s", err, x.want, log.String())
			}
		})
	}
	if n := len(r.got()); n != 0 {
		t.Errorf("%d messages went out", n)
	}
}

// An event that is not of SNS is no reason to try again.
func TestHandler_RefusesOtherEvents(t *testing.T) {
	for _, event := range []string{`{}`, `[]`, `{"Records": []}`, `"x"`} {
		var log bytes.Buffer
		h := newHandler(newReceiver(t, 200), &log, nil)
		if err := h.handle(t.Context(), json.RawMessage(event)); err != nil || !strings.Contains(log.String(), "event refused") {
			t.Errorf("%s: %v\n%s", event, err, log.String())
		}
	}
}

// TestBinary runs the real program, with Lambda's Runtime API, Secrets Manager and the webhook on the loopback interface.
func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN with -short: compiles and starts the real program")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r := newReceiver(t, 503, 200, 200, 410)
	asked := make(chan string, 9)
	secrets := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var in struct{ SecretId string }
		_ = json.NewDecoder(req.Body).Decode(&in)
		asked <- req.Header.Get("X-Amz-Target") + " " + in.SecretId + " " + strings.Split(req.Header.Get("Authorization"), "/")[2]
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(map[string]any{"Name": in.SecretId, "SecretString": r.address()})
	}))
	defer secrets.Close()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	function := lambdatest.Start(t, lambdatest.Build(ctx, t), "arn:aws:lambda:ap-northeast-2:111122223333:function:webhook", webhook.FunctionTimeout,
		"AWS_REGION=ap-northeast-2", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY="+"example", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL_SECRETS_MANAGER="+secrets.URL, "HOME="+t.TempDir(), "SSL_CERT_FILE="+roots,
		webhook.EnvSecret+"=alerts/webhook", webhook.EnvRegion+"=us-west-2")

	for i, message := range []any{alarm, "plain text", alarm} { // the first is tried twice, the last refused
		end := function.Invoke(ctx, "11111111-2222-3333-4444-555555555555", notice(t, message))
		if end.Error != (i == 2) || strings.Contains(string(end.Payload), token) {
			t.Errorf("message %d: failed %t: %s", i, end.Error, end.Payload)
		}
	}
	if got, want := <-asked, "secretsmanager.GetSecretValue alerts/webhook us-west-2"; got != want || len(asked) != 0 {
		t.Errorf("Secrets Manager was asked %q, and %d times more; want %q once", got, len(asked), want)
	}
	got := r.got()
	if len(got) != 4 || got[0] != got[1] {
		t.Fatalf("got %d messages", len(got))
	}
	for i, words := range [][]string{{"ALARM: site idc, VPN connection fw1, tunnel 1", "*What it means:* less", "*What to do:* look", "*Stack:* s"}, nil, {"plain text", "a subject"}} {
		for _, w := range words {
			if !strings.Contains(got[i], w) || !json.Valid([]byte(got[i])) {
				t.Errorf("message %d does not say %q: %s", i, w, got[i])
			}
		}
	}
	if missing := function.AwaitLog(0, `"msg":"message delivered"`, `"msg":"message not delivered"`, "HTTP status 410"); missing != nil {
		t.Errorf("the log does not say %q", missing)
	}
	if log := function.Log(); strings.Contains(log, token) || strings.Contains(log, r.URL) || strings.Contains(log, "/services/") {
		t.Errorf("the log holds the address:\n%s", log)
	}
}
