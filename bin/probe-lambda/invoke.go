package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
)

// caller invokes one vantage.
type caller struct {
	*gateFunction
	api      lambdaAPI
	vantage  *gate.Vantage
	function string
	wait     time.Duration // how long its function may be unusable
	state    *gate.VantageState
}

// ask sends a request and returns what the vantage found. It tries again while the function cannot be invoked yet.
func (c *caller) ask(ctx context.Context, req gate.VantageRequest, takes time.Duration) (*gate.VantageResponse, *probe.Result, error) {
	payload, err := json.Marshal(req)
	if err != nil {
		return nil, nil, err
	}
	started := time.Now()
	for n := 0; ; n++ {
		c.state.Tries++
		waited := time.Since(started)
		out, err := c.invoke(ctx, payload, takes)
		if err == nil {
			c.state.Waited = max(c.state.Waited, probe.Micros(waited.Microseconds()))
			return c.read(out, req)
		}
		delay, wait := lambdax.Backoff(c.pace.backoff, c.pace.backoffCap, n), c.wait
		switch kind := classify(err); {
		case ctx.Err() != nil:
			return nil, nil, fmt.Errorf("no answer when the gate had to stop, after %s and %d tries", time.Since(started).Round(time.Second), n+1)
		case kind == final:
			return nil, nil, errors.New(brief(err))
		case kind == settling:
			wait = min(wait, c.pace.settle)
		}
		if time.Since(started)+delay > wait || !lambdax.Sleep(ctx, delay) {
			return nil, nil, fmt.Errorf("could not be invoked for %s, %d tries: %s", time.Since(started).Round(time.Second), n+1, brief(err))
		}
		c.log.Warn("vantage not invoked", "vantage", c.vantage.Key, "try", n+1, "error", brief(err))
	}
}

// invoke calls the function once and waits for its answer.
func (c *caller) invoke(ctx context.Context, payload []byte, takes time.Duration) (*lambda.InvokeOutput, error) {
	limit := takes + c.pace.start
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, err := c.api.Invoke(short, &lambda.InvokeInput{FunctionName: aws.String(c.function), Payload: payload})
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w within %s", errSlow, limit)
	}
	return out, err
}

// errSlow is a function that is still at work: to ask it again would only add to that.
var errSlow = errors.New("no answer")

// read takes an answer apart and trusts nothing in it.
func (c *caller) read(out *lambda.InvokeOutput, req gate.VantageRequest) (*gate.VantageResponse, *probe.Result, error) {
	if out.FunctionError != nil {
		var e struct{ ErrorType, ErrorMessage string }
		_ = json.Unmarshal(out.Payload, &e)
		return nil, nil, fmt.Errorf("the function failed: %s: %s; look at its log", e.ErrorType, lambdax.Cut(e.ErrorMessage, 300))
	}
	var answer gate.VantageResponse
	if err := json.Unmarshal(out.Payload, &answer); err != nil {
		return nil, nil, fmt.Errorf("no answer of a vantage, got %.100q; is it a function of this gate?", out.Payload)
	}
	switch {
	case answer.Schema != gate.VantageSchema:
		return nil, nil, fmt.Errorf("no answer of a vantage, got schema %.60q; is it a function of this gate?", answer.Schema)
	case answer.Error != "":
		return nil, nil, errors.New(lambdax.Cut(answer.Error, 1000))
	case answer.RunID != req.RunID || answer.Vantage != req.Vantage:
		return nil, nil, fmt.Errorf("an answer to another request: run %.60q of vantage %.60q", answer.RunID, answer.Vantage)
	}
	result, err := gate.UnpackResult(answer.Result)
	if err != nil {
		return nil, nil, fmt.Errorf("no answer of a vantage: %w", err)
	}
	return &answer, result, nil
}

// kind says what an error of Invoke means for another try.
type kind int

const (
	final     kind = iota // the same again: give up
	transient             // the function or Lambda is not ready: try until the vantage is given up
	settling              // probably only too early: try for a short while
)

// Lambda's errors for functions that are not usable yet, and for news that travel.
var kinds = map[string]kind{
	"ResourceConflictException":            transient, // the function's state is Pending
	"ResourceNotReadyException":            transient, // its state was Inactive; this call has begun to make it Active
	"ENINotReadyException":                 transient,
	"EC2ThrottledException":                transient,
	"EC2UnexpectedException":               transient,
	"ENILimitReachedException":             transient,
	"SubnetIPAddressLimitReachedException": transient,
	"TooManyRequestsException":             transient,
	"ServiceException":                     transient,
	"AccessDeniedException":                settling,
	"ResourceNotFoundException":            settling,
}

var sdkRetries = retry.IsErrorRetryables(retry.DefaultRetryables)

func classify(err error) kind {
	var api smithy.APIError
	if errors.As(err, &api) {
		if k, ok := kinds[api.ErrorCode()]; ok {
			return k
		}
	}
	if sdkRetries.IsErrorRetryable(err).Bool() {
		return transient
	}
	return final
}

// brief is an error without the SDK's wrapping.
func brief(err error) string {
	var op *smithy.OperationError
	var api smithy.APIError
	if errors.As(err, &op) && errors.As(err, &api) {
		return lambdax.Cut(fmt.Sprintf("%s: %s: %s", op.OperationName, api.ErrorCode(), api.ErrorMessage()), 500)
	}
	return lambdax.Cut(strings.ReplaceAll(err.Error(), "\n", " "), 500)
}
