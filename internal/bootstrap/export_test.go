package bootstrap

import (
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
)

// Keep fails unless the archive of a role is in the folder packed. With -update it writes it there; what no role has any more
// is deleted by hand.
func Keep(t *testing.T, c Config) {
	t.Helper()
	text, kept := pack(c.Packed())
	switch {
	case kept:
	case *golden.Update:
		golden.Write(t, packedName(archive(c.Packed())), text+"\n")
	default:
		t.Errorf("the archive of role %s is not in the folder packed; run with -update", c.Role)
	}
}

// Own are a machine's own files, which golden files show beside those that are the same everywhere.
func (c Config) Own() []File { return c.own() }
