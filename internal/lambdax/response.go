package lambdax

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxResponse is the largest body that CloudFormation reads, in bytes.
const MaxResponse = 4096

// putTimeout bounds one attempt, so that a silent connection leaves time for another.
const putTimeout = 5 * time.Second

// Outcome is what CloudFormation will be told. A nil Err means SUCCESS.
type Outcome struct {
	PhysicalID string
	Data       map[string]string // attributes for Fn::GetAtt
	Err        error
}

// Response is the body that CloudFormation expects.
type Response struct {
	Status             string
	Reason             string            `json:",omitempty"`
	PhysicalResourceID string            `json:"PhysicalResourceId"`
	StackID            string            `json:"StackId"`
	RequestID          string            `json:"RequestId"`
	LogicalResourceID  string            `json:"LogicalResourceId"`
	Data               map[string]string `json:",omitempty"`
}

// EncodeResponse is the body for an outcome, at most MaxResponse bytes. A reason is cut to fit; attributes that do not
// fit turn a success into a failure, because half of them would be a silent error in the template.
func EncodeResponse(req Request, out Outcome) []byte {
	r := responseOf(req, out)
	body := encode(r)
	if len(body) > MaxResponse && out.Err == nil {
		r.Status, r.Data = "FAILED", nil
		r.Reason = fmt.Sprintf("response too long, got %d bytes; CloudFormation reads %d", len(body), MaxResponse)
		body = encode(r)
	}
	if len(body) > MaxResponse {
		body = encodeCut(r)
	}
	return body
}

func responseOf(req Request, out Outcome) Response {
	r := Response{
		Status: "SUCCESS", Data: out.Data, PhysicalResourceID: out.PhysicalID,
		StackID: req.StackID, RequestID: req.RequestID, LogicalResourceID: req.LogicalResourceID,
	}
	if out.Err != nil {
		r.Status, r.Data, r.Reason = "FAILED", nil, strings.ToValidUTF8(out.Err.Error(), "?")
	}
	return r
}

// Fits reports whether CloudFormation can read the answer with all its attributes.
func Fits(req Request, out Outcome) bool { return len(encode(responseOf(req, out))) <= MaxResponse }

// encodeCut encodes r with as much of its reason as fits. A search, because JSON writes some characters longer.
func encodeCut(r Response) []byte {
	whole := r.Reason
	cutAt := func(n int) []byte {
		r.Reason = Cut(whole, n)
		return encode(r)
	}
	tooLong := sort.Search(len(whole), func(n int) bool { return len(cutAt(n)) > MaxResponse })
	return cutAt(max(tooLong-1, 0))
}

// encode writes r without the escapes for HTML, which would make a body longer.
func encode(r Response) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		panic(err) // strings only
	}
	return bytes.TrimSpace(b.Bytes())
}

// Cut is s if it has at most n bytes, else its first n bytes and an ellipsis, less if byte n lies inside a rune.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// Responder puts answers to the presigned URL that came with a request.
type Responder struct {
	Client *http.Client
	// First and Most are how long it waits after an answer that was not delivered (250 ms), growing to at most (3 s).
	First, Most time.Duration
	Log         *slog.Logger
}

// Send answers a request. It tries again after network errors and server errors until ctx ends, and then returns an
// error. A client error is final: the URL has expired or was answered before, and no further try can change that.
func (a *Responder) Send(ctx context.Context, req Request, out Outcome) error {
	body := EncodeResponse(req, out)
	for attempt := 0; ; attempt++ {
		status, err := a.put(ctx, req.ResponseURL, body)
		switch {
		case err == nil && status < 300:
			return nil
		case err == nil && status >= 400 && status < 500:
			a.Log.Error("CloudFormation refused the answer", "status", status, "to", withoutQuery(req.ResponseURL))
			return nil
		case err == nil:
			err = fmt.Errorf("HTTP status %d", status)
		}
		a.Log.Warn("answer not delivered", "attempt", attempt+1, "error", err.Error(), "to", withoutQuery(req.ResponseURL))
		if !Sleep(ctx, Backoff(cmp.Or(a.First, 250*time.Millisecond), cmp.Or(a.Most, 3*time.Second), attempt)) {
			return fmt.Errorf("answer CloudFormation: time is up after %d attempts: %w", attempt+1, err)
		}
	}
}

func (a *Responder) put(ctx context.Context, to string, body []byte) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, putTimeout)
	defer cancel()
	// The body is a bytes.Reader, so that Content-Length is set. There is no Content-Type: the URL's signature covers
	// an empty one.
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, to, bytes.NewReader(body))
	if err != nil {
		return 0, withoutURL(err)
	}
	res, err := a.Client.Do(req)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // lets the connection be used again
	return res.StatusCode, nil
}

// withoutURL removes the presigned URL, which is a credential, from an error of net/http or net/url.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// withoutQuery is a presigned URL without its signature.
func withoutQuery(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	return u.Scheme + "://" + u.Host + u.Path
}
