package cdktest

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/golden"
)

// Assets are named by the SHA-256 of their content, which changes with every build.
var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

// Golden compares a JSON text, for example Template.Text, with the snapshot in a file. Hashes of assets do not count. With
// the flag -update it writes the snapshot.
func Golden(t testing.TB, file string, text []byte) {
	t.Helper()
	got := neutral(t, text)
	if *golden.Update {
		golden.Write(t, file, string(got))
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("no snapshot: %v; write it with -update", err)
		return
	}
	if !bytes.Equal(want, got) {
		t.Errorf("differs from %s (-snapshot +now); if that is right, rewrite it with -update:\n%s",
			file, cmp.Diff(decode(t, want), decode(t, got)))
	}
}

// neutral formats a JSON text, with sorted keys and without hashes of assets.
func neutral(t testing.TB, text []byte) []byte {
	t.Helper()
	out, err := json.MarshalIndent(decode(t, assetHash.ReplaceAll(text, []byte("asset-hash"))), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

func decode(t testing.TB, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	return v
}
