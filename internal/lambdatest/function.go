// Package lambdatest runs a built program the way the Lambda service does: it stands in for the Runtime API on the loopback
// interface, sets a deadline and ends the program when that has passed.
package lambdatest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/lambdabuild"
	"github.com/pathproof/pathproof/internal/peakmem"
)

// Build compiles the main package in the current directory for this machine and returns the program's path. Unlike
// lambdabuild it does not trim paths: then the packages that the test itself is made of serve again.
func Build(ctx context.Context, t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "bootstrap")
	out, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", program, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// Asset builds pkg of this module, two folders up, just as it is deployed, for arm64, and returns a program that runs it:
// itself on such a machine, else in qemu's user mode emulation, which Debian's package qemu-user-static brings. Without it
// the test is skipped, in CI it fails.
func Asset(ctx context.Context, t testing.TB, pkg string) string {
	t.Helper()
	dir, err := lambdabuild.Build(ctx, "../..", pkg, filepath.Join(t.TempDir(), "asset"))
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, lambdabuild.Bootstrap)
	if runtime.GOARCH == "arm64" {
		return program
	}
	const emulator = "qemu-aarch64-static"
	qemu, err := exec.LookPath(emulator)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no %s, and in CI the arm64 program has to run; install Debian's package qemu-user-static", emulator)
		}
		t.Skipf("NOT TESTED: the arm64 program, for there is no %s; install Debian's package qemu-user-static", emulator)
	}
	starter := filepath.Join(t.TempDir(), "arm64")
	if err := os.WriteFile(starter, fmt.Appendf(nil, "#!/bin/sh\nexec '%s' '%s'\n", qemu, program), 0o700); err != nil {
		t.Fatal(err)
	}
	return starter
}

// Function is a running program with one sandbox: it serves one invocation at a time.
type Function struct {
	ARN   string
	Limit time.Duration // the function's timeout
	Init  time.Duration // how long the program took to ask for its first event

	one    sync.Mutex // the sandbox
	events chan invocation
	ended  chan Outcome
	exited chan struct{}
	ready  chan struct{}
	stop   func()
	cmd    *exec.Cmd
	log    lockedBuffer
}

type invocation struct {
	id       string
	event    []byte
	deadline time.Time
}

// Outcome is how an invocation ended.
type Outcome struct {
	Payload []byte
	Error   bool // the function failed: Payload is Lambda's description
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// Start starts a program as a function. env is all of its environment but what the Lambda service sets. The program ends
// with the test.
func Start(t testing.TB, program, arn string, limit time.Duration, env ...string) *Function {
	t.Helper()
	f := &Function{
		ARN: arn, Limit: limit, events: make(chan invocation), ended: make(chan Outcome, 1),
		exited: make(chan struct{}), ready: make(chan struct{}),
	}
	api := httptest.NewServer(f)
	ctx, cancel := context.WithCancel(context.Background())
	f.cmd = exec.CommandContext(ctx, program)
	f.cmd.Stdout, f.cmd.Stderr, f.cmd.Env = &f.log, &f.log, append(env, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"))
	begun := time.Now()
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = f.cmd.Wait()
		close(f.exited)
	}()
	f.stop = sync.OnceFunc(func() {
		cancel()
		<-f.exited
		api.CloseClientConnections()
		api.Close()
	})
	t.Cleanup(f.stop)
	select {
	case <-f.ready:
		f.Init = time.Since(begun)
	case <-f.exited:
		t.Fatalf("the program ended:\n%s", f.Log())
	case <-time.After(30 * time.Second):
		t.Fatalf("the program does not ask for work:\n%s", f.Log())
	}
	return f
}

// Stop ends the program.
func (f *Function) Stop() { f.stop() }

// Log is everything that the program has printed.
func (f *Function) Log() string {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	return f.log.b.String()
}

// AwaitLog waits until the program has printed all of the words after the first from bytes: what it prints arrives a little
// after what it answers. It returns what is missing.
func (f *Function) AwaitLog(from int, words ...string) (missing []string) {
	for range 200 {
		text := f.Log()[from:]
		missing = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Contains(text, w) })
		if len(missing) == 0 {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return missing
}

// PeakRSS is the most memory that the program has held so far, in bytes. Ask before it is stopped.
func (f *Function) PeakRSS() int64 { return peakmem.Of(f.cmd.Process.Pid) }

// Invoke hands the program an event and waits for its end, as a caller of the Lambda service would.
func (f *Function) Invoke(ctx context.Context, id string, event []byte) Outcome {
	f.one.Lock()
	defer f.one.Unlock()
	limit := time.NewTimer(f.Limit + time.Second) // the program's own guard has to be quicker
	defer limit.Stop()
	select {
	case f.events <- invocation{id, event, time.Now().Add(f.Limit)}:
	case <-f.exited:
		return died("the program is not there any more")
	case <-ctx.Done():
		return died(ctx.Err().Error())
	}
	select {
	case end := <-f.ended:
		return end
	case <-f.exited:
		return died("the program ended")
	case <-limit.C:
		f.stop()
		return died(fmt.Sprintf("Task timed out after %.2f seconds", f.Limit.Seconds()))
	}
}

func died(why string) Outcome {
	return Outcome{Error: true, Payload: fmt.Appendf(nil, `{"errorType": "Runtime.ExitError", "errorMessage": %q}`, why)}
}

// ServeHTTP is the Runtime API.
func (f *Function) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	switch path := req.URL.Path; {
	case strings.HasSuffix(path, "/invocation/next"):
		select {
		case <-f.ready:
		default:
			close(f.ready)
		}
		select {
		case e := <-f.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", e.id)
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", f.ARN)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(e.deadline.UnixMilli(), 10))
			_, _ = w.Write(e.event)
		case <-req.Context().Done():
		}
	case strings.HasSuffix(path, "/response"):
		w.WriteHeader(http.StatusAccepted)
		f.ended <- Outcome{Payload: body}
	default:
		w.WriteHeader(http.StatusAccepted)
		f.ended <- Outcome{Payload: body, Error: true}
	}
}

// FreePort is a TCP port on which nobody listens, for what must be refused.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
