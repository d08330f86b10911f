package affinitylab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Options say what to run.
type Options struct {
	Cells    []Cell
	Parallel int      // cells at a time. Default: 4
	Self     []string // the command of a cell; its job as JSON follows
	Done     func(Row)
}

// Available says why there is no lab here; nil if there is one.
func Available() error {
	var errs []error
	if os.Geteuid() != 0 {
		errs = append(errs, errors.New("it makes network namespaces, which needs root"))
	}
	for command, pkg := range map[string]string{"nft": "nftables", "ip": "iproute2"} {
		if _, err := exec.LookPath(command); err != nil {
			errs = append(errs, fmt.Errorf("%s is missing; install the Debian package %s", command, pkg))
		}
	}
	return errors.Join(errs...)
}

// Run runs cells, each in a process with a network of its own.
func Run(ctx context.Context, o Options) *Report {
	if o.Parallel <= 0 {
		o.Parallel = 4
	}
	rows := make([]Row, len(o.Cells))
	var wait sync.WaitGroup
	var mu sync.Mutex // guards calls of Done
	seats := make(chan struct{}, o.Parallel)
	for i, c := range o.Cells {
		seats <- struct{}{}
		wait.Go(func() {
			defer func() { <-seats }()
			rows[i] = o.one(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			if o.Done != nil {
				o.Done(rows[i])
			}
		})
	}
	wait.Wait()
	o.again(ctx, rows)
	return &Report{Kernel: kernel(), CPUs: runtime.NumCPU(), Go: runtime.Version(), Rows: rows, Notes: []string{
		fmt.Sprintf("%d zones with %d servers each on loopback; another zone is %.1f ms farther; records have a TTL of %s", len(zoneIDs), perZone, ms(usual[1]-usual[0]), TTL),
		fmt.Sprintf("calls are GET and may take %s; the library's attempts may take %s, everything else is its default", callTimeout, attemptTimeout),
		"the library makes 250 calls/s in one process; each control makes 100 calls/s, as 12 and 4 processes would; what differs is said below the table",
	}}
}

// again repeats, alone and twice at most, what the machine was too busy to measure. A target that was missed is not tried again.
func (o Options) again(ctx context.Context, rows []Row) {
	for range 2 {
		for i, c := range o.Cells {
			if rows[i].busy() && ctx.Err() == nil {
				rows[i] = o.one(ctx, c)
				if o.Done != nil {
					o.Done(rows[i])
				}
			}
		}
	}
}

// one runs a cell. Everything that it started ends with it, however it ends.
func (o Options) one(ctx context.Context, c Cell) Row {
	s, _ := scenario(c.Scenario)
	fail := func(err error) Row {
		return Row{Scenario: c.Scenario, Fault: s.Fault, Verdict: Broken, Reasons: []string{err.Error()}}
	}
	job, err := json.Marshal(c)
	if err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.spans().end+30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.Self[0], append(o.Self[1:], string(job))...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	done := make(chan error)
	go func() {
		// The signal comes when the thread ends that started the program. The thread is not given back: it ends with this function.
		runtime.LockOSThread()
		prefer()
		done <- cmd.Run()
	}()
	err = <-done
	var row Row
	if decode := json.Unmarshal(out.Bytes(), &row); decode != nil {
		return fail(fmt.Errorf("no result: %w: %s", errors.Join(err, decode, ctx.Err()), tail(said.Bytes())))
	}
	return row
}

// prefer asks the scheduler to run what this thread starts before everything else: a cell needs little, but at once, and what is measured
// should not be how busy the machine is. It is no error to miss it; rows say how late the load generator was.
func prefer() {
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 1}
	if unix.SchedSetAttr(0, &attr, 0) != nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, 0, -10)
	}
}

// tail is the end of what a program said, on one line.
func tail(b []byte) string {
	const most = 600
	s := strings.Join(strings.Fields(string(b)), " ")
	return s[max(len(s)-most, 0):]
}

func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "?"
	}
	return unix.ByteSliceToString(u.Release[:])
}
