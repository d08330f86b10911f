//go:build linux

package openvpnlab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

// needLab skips the test where a lab cannot be made. In CI that is a failure: nobody would notice.
func needLab(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes a minute")
	}
	if err := available(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must be able to boot servers: %v", err)
		}
		t.Skipf("NOT TESTED, there is no lab here: %v", err)
	}
}

func available() error {
	if err := lab.Available(); err != nil {
		return err
	}
	for _, program := range []string{"systemd-nspawn", "cloud-init", "openvpn", "nft", "openssl", "logrotate", "curl", "unshare", "nsenter", "python3"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is missing: %w", program, err)
		}
	}
	if b, err := os.ReadFile("/etc/os-release"); err != nil || !strings.Contains(string(b), "ID=debian") {
		return fmt.Errorf("the servers' root file system is this machine's, and that is not Debian")
	}
	return nil
}

func check(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// program is the compiled bin/pathproof.
func program(t *testing.T) string {
	t.Helper()
	file, err := compile()
	check(t, err)
	return file
}

var compile = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pathproof-lab-")
	if err != nil {
		return "", err
	}
	built = dir
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "pathproof"), "github.com/pathproof/pathproof/bin/pathproof")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return filepath.Join(dir, "pathproof"), nil
})

var built string

func TestMain(m *testing.M) {
	if pairs := os.Getenv(edgeEnv); pairs != "" {
		fmt.Fprintln(os.Stderr, terminate(strings.Fields(pairs)))
		os.Exit(1)
	}
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// eventually asks until yes, and returns how long it took.
func eventually(t *testing.T, what string, limit time.Duration, yes func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !yes() {
		if time.Since(start) > limit {
			t.Fatalf("%s: not within %s", what, limit)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(start)
}

// start starts a program in a namespace, its output into a file, and ends it with the test.
func start(t *testing.T, n *lab.Namespace, log string, name string, args ...string) *exec.Cmd {
	t.Helper()
	f, err := os.Create(log)
	check(t, err)
	defer f.Close()
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = f, f
	check(t, n.Do(cmd.Start))
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			if b, err := os.ReadFile(log); err == nil {
				t.Logf("%s, the end:\n%s", filepath.Base(log), b[max(0, len(b)-3000):])
			}
		}
	})
	return cmd
}

// prompt is a command that runs a program before whatever else this machine does: in the lab nothing but cables takes time.
func prompt(name string, args ...string) (string, []string) {
	if chrt, err := exec.LookPath("chrt"); err == nil && exec.Command(chrt, "-f", "5", "true").Run() == nil {
		return chrt, append([]string{"-f", "5", name}, args...)
	}
	return name, args
}

// run runs a program in a namespace to its end.
func run(n *lab.Namespace, name string, args ...string) (string, error) {
	var out strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := n.Do(cmd.Start); err != nil {
		return "", err
	}
	err := cmd.Wait()
	return out.String(), err
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	check(t, err)
	return b
}
