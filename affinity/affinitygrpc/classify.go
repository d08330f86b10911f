package affinitygrpc

import (
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pathproof/pathproof/affinity"
)

// Meaning is what an error says about the endpoint, and whether another endpoint may answer better.
type Meaning uint8

const (
	// Answer says that the endpoint did its work, and another one would say the same. No error is an answer as well.
	Answer Meaning = iota
	// Sick says that it counts against the endpoint and its zone, and idempotent calls are tried elsewhere.
	Sick
	// Abandoned says that the caller gave up, which says nothing about the endpoint.
	Abandoned
)

// Classify is the default of Options.Classify. UNAVAILABLE, INTERNAL, UNKNOWN, DATA_LOSS and DEADLINE_EXCEEDED are Sick, as 500 to 504
// are of HTTP: UNKNOWN is what a Go server sends for an error without a status. CANCELLED is Abandoned. Everything else is an answer,
// RESOURCE_EXHAUSTED among it: where a server refuses for load, another attempt adds to it.
func Classify(err error) Meaning {
	switch status.Code(err) {
	case codes.Unavailable, codes.Internal, codes.Unknown, codes.DataLoss, codes.DeadlineExceeded:
		return Sick
	case codes.Canceled:
		return Abandoned
	}
	return Answer
}

// soon is what a caller's deadline may be without its end saying anything about the endpoint.
const soon = 100 * time.Millisecond

// ended is the outcome of a call that the balancer watches. Answered says that it had begun to answer, which neither the caller's going
// away nor its deadline takes back.
func ended(m Meaning, err error, took time.Duration, answered bool) affinity.Outcome {
	late := status.Code(err) == codes.DeadlineExceeded
	switch {
	case err == nil, m == Answer, answered && (late || m == Abandoned):
		return affinity.Success
	case m == Abandoned, late && took < soon:
		return affinity.Canceled
	}
	return affinity.Failure
}
