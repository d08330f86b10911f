package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/jsonfile"
)

// outcome is a cell's row and the kernel that it ran on.
type outcome struct {
	row    *drill.Row
	kernel string
}

func run(ctx context.Context, o Options) (*drill.Report, error) {
	if len(o.Cells) == 0 || len(o.Self) == 0 {
		return nil, errors.New("lab: nothing to run; give cells, and the command that runs one")
	}
	dir, done, err := folder(o.Keep)
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	defer done()
	room := newSeats(o.Parallel)
	outcomes := make([]outcome, len(o.Cells))
	var wg sync.WaitGroup
	var mu sync.Mutex // guards calls of Done
	for i, c := range o.Cells {
		leave := room.take(ctx, c.Tier.seats()) // in order: a large one is not overtaken for ever
		wg.Go(func() {
			defer leave()
			outcomes[i] = o.one(ctx, c, filepath.Join(dir, cellFolder(i, c)))
			mu.Lock()
			defer mu.Unlock()
			if o.Done != nil {
				o.Done(outcomes[i].row)
			}
		})
	}
	wg.Wait()
	return assemble(o.Cells, outcomes), ctx.Err()
}

func cellFolder(i int, c Cell) string {
	return fmt.Sprintf("%02d-%s-%s-%s-%s", i, c.Scenario, c.Tier, c.Device, c.Failover)
}

// seats are shared by cells that run at the same time.
type seats chan struct{}

func newSeats(n int) seats {
	if n <= 0 {
		n = 4
	}
	return make(seats, max(n, UML.seats()))
}

// take waits for seats, or until ctx is done; leave gives those back that it got. Only one goroutine may take.
func (s seats) take(ctx context.Context, n int) (leave func()) {
	got := 0
	for got < n {
		select {
		case s <- struct{}{}:
			got++
		case <-ctx.Done():
			n = got
		}
	}
	return func() {
		for range got {
			<-s
		}
	}
}

// seats is how many cells one of this tier counts for: a guest takes most of a processor.
func (t Tier) seats() int {
	if t == UML {
		return 3
	}
	return 1
}

// folder makes the folder of a run; done removes it unless it was asked for.
func folder(keep string) (dir string, done func(), err error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o755)
	}
	if dir, err = os.MkdirTemp("", "pathproof-lab-"); err != nil {
		return "", nil, err
	}
	return dir, func() { _ = os.RemoveAll(dir) }, os.Chmod(dir, 0o755) // FRR's user has to reach its logs
}

// one runs a cell in a process of its own.
func (o Options) one(ctx context.Context, c Cell, dir string) outcome {
	row := c.row()
	fail := func(err error) outcome { row.Break(err); return outcome{row: row} }
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fail(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fail(err)
	}
	if err := writeJSON(filepath.Join(dir, jobFile), c); err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.life()+hardLimit)
	defer cancel()
	said, err := runOwn(ctx, append(append([]string{}, o.Self...), dir))
	if ctx.Err() != nil {
		return fail(fmt.Errorf("ended from outside: %w", ctx.Err()))
	}
	var r result
	if read := jsonfile.Read(filepath.Join(dir, resultFile), &r); read != nil || r.Row == nil {
		return fail(fmt.Errorf("no result: %w: %s", errors.Join(err, read), tail(said)))
	}
	return outcome{row: r.Row, kernel: r.Kernel}
}

// runOwn runs a program with its own network, mounts and process ids. When it ends, or is killed, or this process ends,
// everything that it started ends with it.
func runOwn(ctx context.Context, command []string) (said []byte, err error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &limitedWriter{w: &out, left: 1 << 20}, &limitedWriter{w: &out, left: 1 << 20}
	cmd.Stdout = cmd.Stderr // one writer: no two goroutines write at once
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		Pdeathsig:  syscall.SIGKILL,
	}
	done := make(chan error)
	go func() {
		// That signal comes when the thread ends that started the program.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- cmd.Run()
	}()
	err = <-done
	return out.Bytes(), err
}

// limitedWriter drops what is too much.
type limitedWriter struct {
	w    io.Writer
	left int
}

func (l *limitedWriter) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	if _, err := l.w.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// tail is the end of what a program said, on one line.
func tail(b []byte) string {
	const most = 600
	s := strings.Join(strings.Fields(string(b)), " ")
	if len(s) > most {
		s = "... " + s[len(s)-most:]
	}
	return s
}

// assemble puts rows into a report.
func assemble(cells []Cell, outcomes []outcome) *drill.Report {
	r := &drill.Report{
		Where: drill.Lab, AWSEnd: "BIRD and strongSwan play AWS's end, with AWS's parameters",
		Notes: []string{"that BIRD accepts hold times under 30 s is not AWS's word"},
	}
	kernels := map[Tier]string{}
	for i, o := range outcomes {
		r.Rows = append(r.Rows, *o.row)
		if o.kernel != "" {
			kernels[cells[i].Tier] = o.kernel
		}
	}
	software := versions()
	for _, t := range Tiers() {
		if k, ok := kernels[t]; ok {
			e := drill.Environment{Tier: string(t), Kernel: k, CPUs: runtime.NumCPU(), Software: software, Notes: []string{tierNotes[t]}}
			if t == UML {
				e.CPUs = 1
			}
			r.Environments = append(r.Environments, e)
		}
	}
	return r
}

var tierNotes = map[Tier]string{
	Plain: "ESP in user space (kernel-libipsec): one IKE daemon for each tunnel end, each with what is rendered for a gateway with that tunnel alone; routing as rendered",
	UML:   "ESP in the kernel, VTI devices: all of the customer's side as rendered, nothing changed; but this kernel has no nftables for IPv4, so segment sizes are not limited",
}
