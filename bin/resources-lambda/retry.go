package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// pace holds every duration of this program, so that tests can choose others.
type pace struct {
	poll, pollCap       time.Duration // between two looks at something that is changing
	backoff, backoffCap time.Duration // after an error of EC2
	// settle is how long an error may last that EC2 or IAM gives only because news travel: an id just made is not
	// found, a permission just given is not there.
	settle time.Duration
	// margin is what is left of the invocation's time for answering CloudFormation.
	margin time.Duration
}

var production = pace{
	poll: 2 * time.Second, pollCap: 10 * time.Second,
	backoff: time.Second, backoffCap: 20 * time.Second,
	settle: 2 * time.Minute,
	margin: 20 * time.Second,
}

// budget is how long the work of one invocation may take: until its deadline, less the margin for the answer, which
// is never more than a quarter of the time. Work then has grace, a tenth of the margin, to say what it waited for.
func (p pace) budget(ctx context.Context) (work, grace time.Duration) {
	left := 15 * time.Minute // Lambda's maximum; it always sets a deadline
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	margin := min(p.margin, left/4)
	return left - margin, margin / 10
}

// pollDelay is how long to wait after look number n, counted from 0: growing, and spread over its upper half so that
// many resources of one stack do not ask at the same instant.
func (p pace) pollDelay(n int) time.Duration {
	d := lambdax.Grow(p.poll, p.pollCap, n)
	return d/2 + lambdax.Jitter(d/2)
}

// backoffDelay is how long to wait after failure number n of EC2, counted from 0: exponential with full jitter.
func (p pace) backoffDelay(n int) time.Duration { return lambdax.Backoff(p.backoff, p.backoffCap, n) }

// errSettling is an answer of EC2 that contradicts what must be so shortly.
type errSettling struct{ error }

// kind says what an error means for another try.
type kind int

const (
	final     kind = iota // the same again: give up
	transient             // EC2 is busy or broken: try until time is up
	settling              // probably only too early: try for a while
)

// settlingCodes are EC2's errors for "not yet" and for a change that another one is in the way of.
var settlingCodes = map[string]bool{
	"AuthFailure":                true, // a role just made
	"UnauthorizedOperation":      true, // a policy just attached
	"IncorrectState":             true,
	"InvalidStateTransition":     true,
	"OperationNotPermitted":      true, // a peering that is not active yet
	"AccessDenied":               true, // S3, as above
	"AccessDeniedException":      true, // KMS and Secrets Manager
	"Resource.AlreadyAssociated": true,
}

var transientCodes = map[string]bool{
	"InternalError": true, "InternalFailure": true, "ServiceUnavailable": true, "Unavailable": true,
}

var sdkRetries = retry.IsErrorRetryables(retry.DefaultRetryables)

func classify(err error) kind {
	var early errSettling
	code := errorCode(err)
	switch {
	case errors.As(err, &early) || isNotFound(err) || settlingCodes[code]:
		return settling
	case transientCodes[code] || sdkRetries.IsErrorRetryable(err).Bool():
		return transient
	}
	return final
}

// errorCode is EC2's code for an error, or "".
func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// isNotFound reports whether EC2 does not know an id, or knows no such association.
func isNotFound(err error) bool { return strings.HasSuffix(errorCode(err), ".NotFound") }

// brief is an error without the SDK's wrapping, which takes more room than CloudFormation shows.
func brief(err error) string {
	var op *smithy.OperationError
	var api smithy.APIError
	if errors.As(err, &op) && errors.As(err, &api) {
		return fmt.Sprintf("%s: %s: %s", op.OperationName, api.ErrorCode(), api.ErrorMessage())
	}
	return err.Error()
}
