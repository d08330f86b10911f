//go:build linux

// Package labtest is what tests in a lab begin with.
package labtest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

// Need skips a test where a lab cannot be made, or where one of the programs that it starts is missing. In CI that is a failure:
// nobody would notice.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	err := lab.Available()
	for _, program := range programs {
		if err == nil {
			_, err = exec.LookPath(program)
		}
	}
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("CI must be able to make network namespaces and to start %q: %v", programs, err)
	default:
		t.Skipf("NOT TESTED, there is no lab here: %v", err)
	}
}
