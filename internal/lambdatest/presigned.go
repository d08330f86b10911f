package lambdatest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// Answer is one answer that reached CloudFormation.
type Answer struct {
	lambdax.Response
	Body   []byte
	Header http.Header
	Length int64
}

// Presigned is the URL that CloudFormation waits at, for an HTTP client.
type Presigned struct {
	// Status is what it answers, by attempt; the last one repeats. 0 is a network error.
	Status   []int
	Attempts int
	Answers  []Answer

	t testing.TB
}

// NewPresigned returns one that takes every answer.
func NewPresigned(t testing.TB) *Presigned { return &Presigned{Status: []int{200}, t: t} }

// RoundTrip takes an answer, which has to be JSON of a size that CloudFormation reads.
func (p *Presigned) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	status := p.Status[min(p.Attempts, len(p.Status)-1)]
	p.Attempts++
	if status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	if status < 300 {
		a := Answer{Body: body, Header: req.Header.Clone(), Length: req.ContentLength}
		if err := json.Unmarshal(body, &a.Response); err != nil {
			p.t.Errorf("answer is not JSON: %v: %s", err, body)
		}
		if len(body) > lambdax.MaxResponse {
			p.t.Errorf("answer has %d bytes, want at most %d", len(body), lambdax.MaxResponse)
		}
		p.Answers = append(p.Answers, a)
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: req}, nil
}

// The is the one answer since there were that many. log says more if there is another number of them.
func (p *Presigned) The(before int, log interface{ String() string }) lambdax.Response {
	p.t.Helper()
	if got := len(p.Answers) - before; got != 1 {
		p.t.Fatalf("CloudFormation got %d answers, want 1; log:\n%s", got, log)
	}
	return p.Answers[before].Response
}
