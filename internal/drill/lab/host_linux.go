package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	netlab "github.com/pathproof/pathproof/internal/probe/lab"
)

// host is a machine of the lab: a network namespace with a name.
type host struct {
	*netlab.Namespace
	name string
}

func newHost(name string) (*host, error) {
	n, err := netlab.NewNamespace()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// BGP's last word waits for TCP's retransmissions, whose times depend on this. Debian's default is cubic, which a namespace
	// may not choose everywhere; for retransmissions reno is the same.
	if n.Set("ipv4.tcp_congestion_control=cubic") != nil {
		_ = n.Set("ipv4.tcp_congestion_control=reno")
	}
	return &host{n, name}, n.Set("ipv4.ip_forward=1", "ipv4.conf.all.rp_filter=0", "ipv4.conf.default.rp_filter=0")
}

// run runs a program to its end and returns what it printed.
func (h *host) run(ctx context.Context, program string, args ...string) (string, error) {
	return h.feed(ctx, "", program, args...)
}

// feed is run with something to read.
func (h *host) feed(ctx context.Context, stdin, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := h.Do(cmd.Start)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return out.String(), fmt.Errorf("%s: %s %s: %w: %s", h.name, program, strings.Join(args, " "), err, bytes.TrimSpace(out.Bytes()))
	}
	return out.String(), nil
}

// process is a daemon of a host.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// start starts a daemon that stays in the foreground. What it prints goes to a file.
func (h *host) start(log string, env []string, program string, args ...string) (*process, error) {
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the daemon has its own by then
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = f, f
	if err := h.Do(cmd.Start); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", h.name, program, err)
	}
	p := &process{cmd, make(chan struct{})}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // how it ended is in its log, or it was killed
	}()
	return p, nil
}

// kill ends a daemon as a crash would, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may be gone already
	<-p.done
}

// until calls f every so often until it returns true. It returns an error that names what was awaited when time is up.
func until(ctx context.Context, limit, every time.Duration, what string, f func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("waited %s for %s", limit, what)
			}
			return context.Cause(ctx)
		}
	}
	return nil
}

// sleep waits, or returns an error if ctx is done first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// writeFile writes a file and the folders above it.
func writeFile(name, text string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), mode)
}
