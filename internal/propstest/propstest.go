// Package propstest has what tests of a construct's props share.
package propstest

import (
	"strings"
	"testing"
)

// Only wants exactly one problem, which begins with want; none for "".
func Only(t testing.TB, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Error(err)
	case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n")):
		t.Errorf("got %v, want only %s", err, want)
	}
}
