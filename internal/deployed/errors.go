package deployed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// roleError is a role of another account that cannot be assumed.
type roleError struct {
	role string
	err  error
}

func (e *roleError) Error() string { return "assume " + e.role + ": " + lastOf(e.err) }
func (e *roleError) Unwrap() error { return e.err }

// What AWS answers when the credentials themselves are no good. An opt-in Region that is not enabled answers so, too.
var badCredentials = []string{"ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch",
	"UnrecognizedClientException", "OptInRequired"}

// What AWS answers when a permission is missing.
var denied = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden"}

// Denied reports whether AWS refused a call because a permission is missing.
func Denied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(denied, api.ErrorCode())
}

// Explain says what failed and what to do about it. needs names the permissions of the call.
func Explain(err error, needs string) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var role *roleError
	if errors.As(err, &role) {
		return fmt.Errorf("%w; bootstrap that account with --trust (cdk bootstrap), or use credentials of it", role)
	}
	return &callError{operation(err), lastOf(err), remedy(err, needs), err}
}

// callError is a failed call.
type callError struct {
	operation, got, do string
	err                error
}

func (e *callError) Error() string {
	return fmt.Sprintf("%s failed, got %q; %s", e.operation, e.got, e.do)
}
func (e *callError) Unwrap() error { return e.err }

// operation names the call.
func operation(err error) string {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return strings.ToLower(op.ServiceID) + " " + op.OperationName
	}
	return "the call"
}

// remedy is what to do about an error.
func remedy(err error, needs string) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		code := api.ErrorCode()
		_, throttled := retry.DefaultThrottleErrorCodes[code]
		switch {
		case slices.Contains(denied, code) && needs != "":
			return "allow " + needs
		case slices.Contains(badCredentials, code):
			return "log in again, and enable the Region in the account if it is one of those that have to be"
		case throttled:
			return "try again when less is going on in the account"
		}
		return "try again"
	}
	var network net.Error
	if errors.As(err, &network) {
		return "check the network, the Region and AWS_ENDPOINT_URL"
	}
	return "try again"
}

// lastOf is the innermost message of an error: what AWS or the operating system said. The layers around it hold request ids
// and URLs.
func lastOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		if api.ErrorMessage() == "" {
			return api.ErrorCode()
		}
		message, _, _ := strings.Cut(api.ErrorMessage(), " Encoded authorization failure message") // a thousand letters for another call
		return api.ErrorCode() + ": " + message
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
