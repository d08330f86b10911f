// Package golden compares what tests get with files that were looked at and committed. The flag -update rewrites them.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update is the flag -update: rewrite the files instead of comparing with them.
var Update = flag.Bool("update", false, "rewrite golden files, snapshots and generated documentation instead of comparing with them")

// Compare fails the test unless got is what the file holds. With -update it writes the file.
func Compare(t testing.TB, file, got string) {
	t.Helper()
	if *Update {
		Write(t, file, got)
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run with -update to write it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-file +now); if that is right, run with -update and read the difference:\n%s", file, diff)
	}
}

// Write writes a golden file.
func Write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
