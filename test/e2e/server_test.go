package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	account  = "123456789012"
	toBeUp   = time.Minute      // for the server to answer
	toFinish = 15 * time.Minute // for one command; the reference network takes two where nothing else runs
)

// needMoto finds what this machine must have, and skips the test, loudly, where it has not.
func needMoto(t *testing.T) (python string) {
	t.Helper()
	if os.Getenv("E2E") == "" {
		t.Skip("NOT RUN: takes minutes; run make e2e")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT RUN: python3 is missing; moto is a Python program")
	}
	out, err := exec.Command(python, "-c", "import moto, moto.server; print(moto.__version__)").Output()
	version := strings.TrimSpace(string(out))
	if err != nil {
		t.Skip("NOT RUN: moto is missing; install it with: pip install 'moto[server]==5.2.1'")
	}
	if !strings.HasPrefix(version, "5.") {
		t.Skipf("NOT RUN: moto is version %s; the extension needs version 5, install it with: pip install 'moto[server]==5.2.1'", version)
	}
	if out, err := exec.Command(python, filepath.Join("moto", "runtime.py"), "check").CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: functions in a VPC need a network of their own here, which takes Linux and unshare(2): %v\n%s", err, out)
	}
	t.Logf("moto %s", version)
	return python
}

// server is moto with the extension.
type server struct {
	url     string
	work    string // a temporary folder
	journal string // what the extension wrote, one line of JSON for each event
	root    string // of the module
}

// startServer starts moto on a free port and ends it with the test.
func startServer(t *testing.T) *server {
	t.Helper()
	python := needMoto(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{work: t.TempDir(), root: root}
	s.journal = filepath.Join(s.work, "journal")
	programs := filepath.Join(s.work, "functions") + string(filepath.Separator)
	s.run(t, nil, "go", "build", "-buildvcs=false", "-o", programs, "./bin/resources-lambda", "./bin/probe-lambda", "./bin/webhook-lambda")
	port := freePort(t)
	s.url = "http://localhost:" + port
	log, err := os.Create(filepath.Join(s.work, "moto.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join(root, "test", "e2e", "moto", "server.py"), port)
	cmd.Env = append(os.Environ(), "E2E_PROGRAMS="+programs, "E2E_JOURNAL="+s.journal, "E2E_BACKWARDS="+s.backwards(), "E2E_IMAGES="+images(t, root), "PYTHONDONTWRITEBYTECODE=1")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the server and whatever it started
		err := <-ended
		if text, readErr := os.ReadFile(log.Name()); t.Failed() && readErr == nil {
			t.Logf("moto: %v; end of its log:\n%s", err, text[max(0, len(text)-8000):])
		}
	})
	s.await(t, ended)
	return s
}

// backwards is the file that makes resources come in the reverse of the templates' order, where that is free.
func (s *server) backwards() string { return filepath.Join(s.work, "backwards") }

// reverse turns the order of resources around until the test ends.
func (s *server) reverse(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(s.backwards(), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(s.backwards()) })
}

func (s *server) await(t *testing.T, ended chan error) {
	t.Helper()
	for deadline := time.Now().Add(toBeUp); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("moto ended: %v", err)
		default:
		}
		if res, err := http.Get(s.url + "/moto-api/data.json"); err == nil {
			res.Body.Close()
			return
		}
	}
	t.Fatalf("moto does not answer after %s", toBeUp)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// environment is what points the CDK CLI and its app at the server, and at nothing else.
func (s *server) environment() []string {
	bin := filepath.Join(s.root, "node_modules", ".bin")
	return append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_ENDPOINT_URL="+s.url, "AWS_ACCESS_KEY_ID=HARNESS", "AWS_SECRET_ACCESS_KEY=dummy", "AWS_SESSION_TOKEN=", "AWS_PROFILE=",
		"AWS_REGION=us-east-1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"CDK_HOME="+s.work, "CDK_DISABLE_CLI_TELEMETRY=true", "CDK_DISABLE_VERSION_CHECK=1", "CI=true")
}

// run runs a program in the module's root and returns what it prints; any failure is the test's.
func (s *server) run(t *testing.T, env []string, program string, args ...string) string {
	t.Helper()
	out, err := s.try(env, program, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

func (s *server) try(env []string, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), toFinish)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = s.root, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("not done after %s", toFinish)
	}
	return out.String(), err
}

// cdk runs the CDK CLI. The app writes its assembly to a folder of its own, so that cdk.out stays as it is.
func (s *server) cdk(t *testing.T, args ...string) string {
	t.Helper()
	started := time.Now()
	out := s.run(t, s.environment(), filepath.Join(s.root, "node_modules", ".bin", "cdk"), args...)
	t.Logf("cdk %s: %.1f s", args[0], time.Since(started).Seconds())
	return out
}

// app are the arguments for a configuration's app.
func (s *server) app(config string) []string {
	return []string{"--app", ".build/synth --config " + config, "--output", filepath.Join(s.work, "cdk.out")}
}
