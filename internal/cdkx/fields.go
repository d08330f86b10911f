package cdkx

import (
	"errors"
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"
)

// Fields collects what is wrong with a construct's props, so that Validate reports all of it in one run.
type Fields struct {
	errs []error
}

// Addf adds a problem of one field. The message says what is wrong, the value got, and what to do.
func (f *Fields) Addf(field, format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...)))
}

// RequireText reports a missing text, which is usually a reference.
func (f *Fields) RequireText(field string, v *string) {
	if v == nil || *v == "" {
		f.Addf(field, "missing; give it, usually a reference")
	}
}

// Join adds the problems of others.
func (f *Fields) Join(others Fields) { f.errs = append(f.errs, others.errs...) }

// Below returns the problems as those of a field of something larger.
func (f *Fields) Below(field string) Fields {
	var out Fields
	for _, err := range f.errs {
		out.errs = append(out.errs, fmt.Errorf("%s.%w", field, err))
	}
	return out
}

// Err returns all problems joined, one per line, or nil.
func (f *Fields) Err() error { return errors.Join(f.errs...) }

// MustBeValid panics with err if it is not nil. Each of its lines starts with the path that the construct id in scope
// would have.
func MustBeValid(scope constructs.Construct, id string, err error) {
	if err == nil {
		return
	}
	path := id
	if p := *scope.Node().Path(); p != "" {
		path = p + "/" + id
	}
	problems := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		problems = joined.Unwrap()
	}
	located := make([]error, len(problems))
	for i, p := range problems {
		located[i] = fmt.Errorf("%s: %w", path, p)
	}
	panic(errors.Join(located...))
}
