//go:build linux

package lab_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/probe/lab"
	"github.com/pathproof/pathproof/internal/probe/lab/labtest"
)

var table = flag.String("table", "", "write the accuracy table into this file")

const oneWay = time.Millisecond

// condition is what else goes on while a method measures, and what the engine's TCP probe has to keep.
type condition struct {
	name       string
	concurrent int
	busy       int
	interval   time.Duration
	limit      time.Duration // of the median error
}

var conditions = []condition{
	{"idle, one at a time", 1, 0, 5 * time.Millisecond, 150 * time.Microsecond},
	{"50 at a time", 50, 0, 0, 500 * time.Microsecond},
	{"4 busy goroutines", 1, 4, 5 * time.Millisecond, 500 * time.Microsecond},
}

// errorsOf are measured minus true times, sorted, in microseconds.
type errorsOf []int64

func (e errorsOf) at(percent int) int64 { return e[max(1, (percent*len(e)+99)/100)-1] }

// medianError is the median of the errors without their sign.
func (e errorsOf) medianError() time.Duration {
	var abs errorsOf
	for _, v := range e {
		abs = append(abs, int64(math.Abs(float64(v))))
	}
	slices.Sort(abs)
	return time.Duration(abs.at(50)) * time.Microsecond
}

// bench is a lab with a server at end B.
type bench struct {
	ends
	tcp, http string
}

func newBench(t *testing.T) bench {
	labtest.Need(t)
	b := bench{ends: newEnds(t, lab.Cable{Delay: oneWay}), tcp: "10.77.0.2:7007", http: "10.77.0.2:8080"}
	var s *probe.Server
	check(t, b.b.Do(func() (err error) {
		s, err = probe.Listen(probe.ServerConfig{TCP: b.tcp, HTTP: b.http, Rate: 1e9, Burst: 1e9})
		return err
	}))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() { stop(); check(t, <-done) })
	return b
}

// measure runs one method under a condition and compares each reading with what the relay saw.
func (b bench) measure(t *testing.T, method string, c condition, n int) (errorsOf, readings) {
	t.Helper()
	start := time.Now()
	b.relay.Forget()
	m := measurement{Method: method, Target: b.tcp, N: n, Interval: c.interval, Concurrent: c.concurrent, Busy: c.busy}
	what := "connect"
	var got readings
	switch method {
	case "httptrace":
		m.Target = b.http
	case "probe tcp-echo":
		what = "payload"
	case "probe icmp":
		what = "echo"
	}
	if method == "fping" {
		what, got = "echo", b.fping(t, n)
	} else {
		b.inA(t, "measure", m, &got)
	}
	var errs errorsOf
	nth := map[uint16]int{}
	for _, r := range got.Readings {
		truth := b.relay.Took(what, r.Key)
		if i := nth[r.Key]; i < len(truth) {
			errs = append(errs, r.Us-truth[i].Microseconds())
		}
		nth[r.Key]++
	}
	if len(errs) < n*8/10 {
		t.Fatalf("%s, %s: only %d of %d readings can be compared", method, c.name, len(errs), n)
	}
	slices.Sort(errs)
	t.Logf("%s, %s: %d of %d compared, in %s", method, c.name, len(errs), n, time.Since(start).Round(time.Millisecond))
	return errs, got
}

var fpingLine = regexp.MustCompile(`\[(\d+)\], \d+ bytes, ([0-9.]+) ms`)

// fping pings from end A; its lines count from 0, as its packets do.
func (b bench) fping(t *testing.T, n int) (got readings) {
	t.Helper()
	cmd := exec.Command("fping", "-c", strconv.Itoa(n), "-p", "10", "10.77.0.2")
	var out bytes.Buffer
	cmd.Stdout = &out
	check(t, b.a.Do(cmd.Start), cmd.Wait())
	for _, m := range fpingLine.FindAllStringSubmatch(out.String(), -1) {
		seq, _ := strconv.Atoi(m[1])
		ms, _ := strconv.ParseFloat(m[2], 64)
		got.Readings = append(got.Readings, reading{uint16(seq), int64(math.Round(ms * 1000))})
	}
	return got
}

// TestAccuracy holds the engine to its promise. The machine may be busy with other tests, so each condition has several
// tries; what is promised is the median, never a tail.
func TestAccuracy(t *testing.T) {
	b := newBench(t)
	const tries = 6
	for _, c := range conditions {
		t.Run(c.name, func(t *testing.T) {
			for try := 1; ; try++ {
				errs, got := b.measure(t, "probe tcp", c, 100)
				median := errs.medianError()
				t.Logf("try %d: median error %s (limit %s), p90 %d us, quality %s %v", try, median, c.limit, errs.at(90), got.Quality, got.Notes)
				if c.busy > 0 && got.Quality == probe.Good {
					t.Error("the engine did not notice that this machine is too busy to measure tails")
				}
				if median < c.limit {
					break
				}
				if try == tries {
					t.Fatalf("median error %s after %d tries, want less than %s", median, tries, c.limit)
				}
			}
			theirs, _ := b.measure(t, "net.Dial", c, 60)
			t.Logf("net.Dial in the same minute: median error %s, p90 %d us", theirs.medianError(), theirs.at(90))
		})
	}
}

// TestAccuracyTable prints, and with -table writes, how far off several methods are. Run it by `make bench-probe`.
func TestAccuracyTable(t *testing.T) {
	if *table == "" {
		t.Skip("run make bench-probe")
	}
	b := newBench(t)
	methods := []string{"probe tcp", "probe tcp, own clock", "net.Dial", "httptrace", "probe tcp-echo", "probe icmp", "fping"}
	if _, err := exec.LookPath("fping"); err != nil {
		t.Log("fping is not installed; its row is left out")
		methods = methods[:len(methods)-1]
	}
	var rows strings.Builder
	for _, method := range methods {
		fmt.Fprintf(&rows, "| %s |", methodText[method])
		for _, c := range conditions {
			if (method == "fping" || method == "probe icmp") && c.concurrent > 1 || method == "fping" && c.busy > 0 {
				rows.WriteString(" |") // one ping at a time; and a program of its own is not made busy
				continue
			}
			errs, _ := b.measure(t, method, c, 200)
			fmt.Fprintf(&rows, " %d / %d / %d |", int64(errs.medianError()/time.Microsecond), errs.at(90), errs.at(99))
		}
		rows.WriteString("\n")
	}
	text := tableText(rows.String(), b.truth())
	t.Log("\n" + text)
	temporary := filepath.Join(filepath.Dir(*table), ".accuracy.tmp")
	check(t, os.WriteFile(temporary, []byte(text), 0o644), os.Rename(temporary, *table))
}

// truth is the median of the last method's true times: what the relay makes of twice its delay.
func (b bench) truth() time.Duration {
	var all []time.Duration
	for key := range 1 << 16 {
		all = append(all, b.relay.Took("echo", uint16(key))...)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

var methodText = map[string]string{
	"probe tcp":            "`tcp` probe: connect, by the kernel",
	"probe tcp, own clock": "the `tcp` probe by its own clock (elapsed), another run",
	"net.Dial":             "`time.Now` around `net.Dial`, as tcping tools in Go do",
	"httptrace":            "`httptrace` ConnectStart to ConnectDone, as httpstat does",
	"probe tcp-echo":       "`tcp-echo` probe: wait",
	"probe icmp":           "`icmp` probe: wait",
	"fping":                "fping, ICMP",
}

func tableText(rows string, truth time.Duration) string {
	var kernel string
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = strings.TrimSpace(string(b))
	}
	var head strings.Builder
	head.WriteString("| method |")
	for _, c := range conditions {
		fmt.Fprintf(&head, " %s |", c.name)
	}
	return fmt.Sprintf(`# How accurate the probe is

Written by %[1]smake bench-probe%[1]s; do not edit. Error of each method against the true time of the same packets, in
microseconds: median without sign / p90 / p99. 200 probes each, on a path of %[2]s one way (true round trip of a ping,
median: %[3]s).

%[4]s
|---|---|---|---|
%[5]s
Two network namespaces are joined by a program that delays packets and notes when a request came in and when its answer
had been handed to the other end. That is the truth here. The time a packet waits for this program is in the errors of
every method, so small errors are upper limits. Busy goroutines are in the program that measures, which is why fping,
a program of its own, has no figure there. Pings go one at a time.

Tails are this machine's, not a promise: Linux %[6]s, %[7]s, %[8]d CPUs shared with other work. Medians of the first row
are held by a test (limits: 150 us idle, 500 us otherwise).
`, "`", oneWay, truth.Round(time.Microsecond), head.String(), rows, kernel, runtime.Version(), runtime.NumCPU())
}
