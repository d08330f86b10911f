package golden

import (
	"path/filepath"
	"testing"
)

// recorder counts failures instead of failing.
type recorder struct {
	testing.TB
	failed int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed++ }
func (r *recorder) Fatalf(string, ...any) { r.failed++ }

func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "file.txt")
	r := &recorder{TB: t}
	Compare(r, file, "a")
	if r.failed == 0 {
		t.Error("a file that is missing does not fail the test")
	}
	*Update = true
	Compare(r, file, "a")
	*Update = false
	r.failed = 0
	if Compare(r, file, "a"); r.failed != 0 {
		t.Error("the same text fails the test")
	}
	if Compare(r, file, "b"); r.failed != 1 {
		t.Errorf("another text: %d failures, want 1", r.failed)
	}
}
