package awsstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/smithy-go"
)

// isOne reports whether an error has one of these codes.
func isOne(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// Denied is the error of a permission that is missing.
type Denied struct {
	Action, On string
	Err        error
}

func (d *Denied) Error() string {
	return fmt.Sprintf("%s: not allowed; allow %s on it, or use other credentials", d.On, d.Action)
}
func (d *Denied) Unwrap() error { return d.Err }

// explain says which permission is missing, or what else AWS said. AWS's messages do not quote values.
func explain(err error, action, on string) error {
	var api smithy.APIError
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case isOne(err, "AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedException", "UnauthorizedOperation"):
		return &Denied{action, on, err}
	case errors.As(err, &api):
		return fmt.Errorf("%s: %w", on, &short{api})
	}
	return fmt.Errorf("%s: %w", on, err)
}

// Explain says about an error of another call, such as one of KMS, which permission is missing.
func Explain(err error, action, on string) error { return explain(err, action, on) }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// short is an error of AWS without the SDK's wrapping.
type short struct{ smithy.APIError }

func (s *short) Error() string { return s.ErrorCode() + ": " + s.ErrorMessage() }
