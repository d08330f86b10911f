package bootstrap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// cloud-init's own schema knows the types of every key. These two proxies have every file.
func TestEdgeProxy_CloudInitTakesIt(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if _, err := exec.LookPath("cloud-init"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must be able to run this: %v", err)
		}
		t.Skipf("NOT TESTED: %v", err)
	}
	for _, name := range []string{"full", "full-debian"} {
		text, err := edges()[name].UserData()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "user-data")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("cloud-init", "schema", "--config-file", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
