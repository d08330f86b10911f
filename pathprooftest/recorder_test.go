package pathprooftest_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorder writes down what a helper says instead of failing.
type recorder struct {
	testing.TB
	said     []string
	failed   bool
	cleanups []func()
}

func (r *recorder) Helper()                           {}
func (r *recorder) Name() string                      { return "TestNetwork" }
func (r *recorder) Failed() bool                      { return r.failed }
func (r *recorder) Cleanup(fn func())                 { r.cleanups = append(r.cleanups, fn) }
func (r *recorder) Logf(format string, args ...any)   { r.say("log", format, args) }
func (r *recorder) Errorf(format string, args ...any) { r.failed = true; r.say("error", format, args) }
func (r *recorder) Fatalf(format string, args ...any) { r.failed = true; r.say("fatal", format, args) }

func (r *recorder) say(how, format string, args []any) {
	r.said = append(r.said, how+": "+fmt.Sprintf(format, args...))
}

// said runs a test and returns everything that it says.
func said(t *testing.T, test func(testing.TB)) []string {
	t.Helper()
	r := &recorder{TB: t}
	test(r)
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
	return r.said
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
