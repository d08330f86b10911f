package bootstrap

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func samples() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- samples
	noise := make([]byte, 70_000)
	for i := range noise {
		noise[i] = byte(r.IntN(256))
	}
	var words strings.Builder
	for words.Len() < 100_000 {
		words.WriteString([]string{"ip daddr ", "tcp dport ", "accept\n", "172.31.", "é", strings.Repeat("x", r.IntN(600))}[r.IntN(6)])
	}
	return map[string][]byte{"empty": nil, "one": []byte("a"), "two": []byte("ab"), "run": bytes.Repeat([]byte("a"), 1000), "all bytes": noise[:300],
		"noise": noise, "again from afar": append(bytes.Clone(noise[:32<<10]), noise[:500]...), "too far": append(bytes.Clone(noise), noise[:500]...), "words": []byte(words.String())}
}

func TestSqueeze_IsGzip(t *testing.T) {
	for name, want := range samples() {
		squeezed := squeeze(want)
		z, err := gzip.NewReader(bytes.NewReader(squeezed))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes came back as %d, %v", name, len(want), len(got), err)
		}
		t.Logf("%s: %d bytes in %d", name, len(want), len(squeezed))
	}
}

// What machines unpack it with is not Go.
func TestSqueeze_IsReadByGunzip(t *testing.T) {
	program, err := exec.LookPath("gunzip")
	if err != nil {
		t.Skip("NOT TESTED: gunzip is missing")
	}
	for name, want := range samples() {
		file := filepath.Join(t.TempDir(), "x.gz")
		if err := os.WriteFile(file, squeeze(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := exec.Command(program, "-c", file).Output(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes came back as %d, %v", name, len(want), len(got), err)
		}
	}
}

// Other bytes replace servers: a change here is one of every deployed network.
func TestSqueeze_BytesStay(t *testing.T) {
	sum := sha256.Sum256(squeeze([]byte(strings.Repeat("ip daddr 172.31.26.253 tcp dport 7007 accept\n", 40))))
	if got, want := hex.EncodeToString(sum[:8]), "3524c2ee62ade89a"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
