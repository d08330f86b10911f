package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// finding is one thing that this machine can or cannot do.
type finding struct {
	Name   string `json:"name"`
	Status string `json:"status"` // ok, warn or fail
	Found  string `json:"found"`
	ToDo   string `json:"to_do,omitempty"`
}

const (
	isOK    = "ok"
	isWeak  = "warn"
	isUnfit = "fail"
)

func newProbeDoctor() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can measure, how well, and what to do about the rest",
		Long: "doctor measures its own loopback for a second and looks at privileges, limits and clocks.\n" +
			"Exit status: 0 fit to measure (warnings allowed), 5 not fit.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("no argument is expected, got %q; run %s --help", args[0], c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			findings, err := examine(c.Context())
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				err = e.Encode(findings)
			} else {
				err = printFindings(c.OutOrStdout(), findings)
			}
			for _, f := range findings {
				if f.Status == isUnfit && err == nil {
					return exitStatus(report.ExitUnfit)
				}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
}

func printFindings(w io.Writer, findings []finding) error {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%-5s %-14s %s\n", f.Status, f.Name, f.Found)
		if f.ToDo != "" {
			fmt.Fprintf(&b, "%-20s to do: %s\n", "", f.ToDo)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func examine(ctx context.Context) ([]finding, error) {
	r, err := measureLoopback(ctx)
	if err != nil {
		return nil, err
	}
	findings := []finding{timingOf(r), lagOf(r), qualityOf(r), icmpFinding(ctx)}
	return append(findings, systemFindings()...), nil
}

// measureLoopback probes a server of our own for about a second.
func measureLoopback(ctx context.Context) (*probe.Result, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s, err := probe.Listen(probe.ServerConfig{TCP: "127.0.0.1:0", Rate: 1e6, Burst: 1e6})
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	at := s.TCPAddr()
	r, err := probe.Run(ctx, probe.Plan{
		Paths: []probe.Path{{Name: "loopback", Prober: &probe.TCP{Endpoint: probe.Endpoint{Host: at.Addr().String(), Port: at.Port()}}}},
		Count: 200, Interval: 5 * time.Millisecond, Timeout: time.Second, Seed: 1,
	})
	stop()
	if err := <-ended; err != nil {
		return nil, err
	}
	return r, err
}

func timingOf(r *probe.Result) finding {
	f := finding{Name: "TCP timing", Status: isOK, Found: fmt.Sprintf("by the kernel (TCP_INFO); the program's own clock would add %s at p50, %s at p90",
		r.Env.Overhead.P50.Duration(), r.Env.Overhead.P90.Duration())}
	if r.Env.Timing != probe.TimingKernel {
		f.Status, f.Found = isWeak, "by the program: this system does not tell what its kernel measured"
		f.ToDo = "measure from Linux, or allow for a millisecond and more of the program's own time"
	}
	return f
}

func lagOf(r *probe.Result) finding {
	f := finding{Name: "timers", Status: isOK, Found: fmt.Sprintf("%s late at p50, %s at p99", r.Env.SchedLag.P50.Duration(), r.Env.SchedLag.P99.Duration())}
	if r.Env.SchedLag.P99.Duration() > 10*time.Millisecond {
		f.Status, f.ToDo = isWeak, "stop what else runs here, or measure from a machine with a processor to spare"
	}
	return f
}

func qualityOf(r *probe.Result) finding {
	f := finding{Name: "processor", Status: isOK, Found: fmt.Sprintf("%d CPUs; stopped by a quota for %s, taken by others %d times in %s", r.Env.CPUs,
		time.Duration(r.Env.CPUThrottled)*time.Microsecond, r.Env.Preempted, r.Duration.Duration().Round(10*time.Millisecond))}
	if r.Env.Quality != probe.Good {
		f.Status = map[probe.Quality]string{probe.Degraded: isWeak, probe.Poor: isUnfit}[r.Env.Quality]
		f.Found += "; " + string(r.Env.Quality) + ": " + strings.Join(r.Env.Notes, "; ")
		f.ToDo = "give this program a whole processor: raise the quota, stop other work, or measure elsewhere"
	}
	return f
}

func icmpFinding(ctx context.Context) finding {
	p := probe.ICMP{Endpoint: probe.Endpoint{Host: "127.0.0.1"}}
	if err := p.Prepare(ctx); err != nil {
		found, todo, _ := strings.Cut(strings.TrimPrefix(err.Error(), "prepare: "), "; ")
		return finding{"ICMP", isWeak, found, todo + "; everything but icmp:// works without"}
	}
	return finding{"ICMP", isOK, "echo requests are allowed", ""}
}
