package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// progress says on standard error how far a run is: one line that changes on a terminal, a line now and then otherwise.
type progress struct {
	w        io.Writer
	terminal bool
	paths    []pathProgress
	total    int // probes of each path; 0: unknown
}

// pathProgress is added to from many goroutines.
type pathProgress struct {
	name         string
	kind         probe.Kind
	done, failed atomic.Int64
	last         atomic.Int64 // microseconds; 0: none yet
}

const (
	lineEvery = 10 * time.Second
	liveEvery = 200 * time.Millisecond
	lineWidth = 79
)

func newProgress(w io.Writer, plan probe.Plan) *progress {
	p := &progress{w: w, terminal: isTerminal(w), paths: make([]pathProgress, len(plan.Paths))}
	if plan.Duration == 0 && plan.More == nil {
		p.total = plan.Count + max(plan.Warmup, 0)
	}
	for i, path := range plan.Paths {
		p.paths[i].name, p.paths[i].kind = path.Name, path.Prober.Kind()
	}
	return p
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// sample counts a probe.
func (p *progress) sample(path int, s *probe.Sample) {
	one := &p.paths[path]
	one.done.Add(1)
	if !s.OK() {
		one.failed.Add(1)
	} else if t, ok := s.Phases.Get(report.MainPhase(one.kind)); ok {
		one.last.Store(int64(t))
	}
}

// start shows the progress until the function that it returns is called.
func (p *progress) start() (stop func()) {
	every := lineEvery
	if p.terminal {
		every = liveEvery
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.show()
			case <-done:
				if p.terminal {
					fmt.Fprint(p.w, "\r\x1b[K")
				}
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (p *progress) show() {
	if p.terminal {
		fmt.Fprintf(p.w, "\r%s\x1b[K", cut(p.line(), lineWidth))
	} else {
		fmt.Fprintln(p.w, p.line())
	}
}

// line is the state of all paths.
func (p *progress) line() string {
	var parts []string
	for i := range p.paths {
		one := &p.paths[i]
		text := fmt.Sprintf("%s %d", one.name, one.done.Load())
		if p.total > 0 {
			text += fmt.Sprintf("/%d", p.total)
		}
		if last := one.last.Load(); last > 0 {
			text += fmt.Sprintf(" %.3f ms", float64(last)/1000)
		}
		if n := one.failed.Load(); n > 0 {
			text += fmt.Sprintf(", %d failed", n)
		}
		if one.done.Load() == 0 {
			text = one.name + " waiting"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "  ")
}

func cut(s string, width int) string {
	if r := []rune(s); len(r) > width {
		return string(r[:width-3]) + "..."
	}
	return s
}
