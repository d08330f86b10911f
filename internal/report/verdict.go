package report

import (
	"fmt"

	"github.com/pathproof/pathproof/internal/probe"
)

// conclude sets the verdict, its reasons and the exit status.
func conclude(r *probe.Result, strict bool) {
	c := conclusion{result: r}
	r.Reasons = nil
	for i := range r.Paths {
		c.path(&r.Paths[i])
	}
	for i := range r.SLO {
		c.objective(&r.SLO[i])
	}
	c.machine()
	r.Verdict, r.ExitCode = c.verdict(), c.exit(strict)
	if r.Interrupted {
		c.reason("the run was cut short: this is what there was until then")
		r.ExitCode = ExitInterrupted
	}
}

// conclusion collects what speaks against a run.
type conclusion struct {
	result   *probe.Result
	measured int // paths that were, in one way or another
	failed   bool
	open     bool // something is inconclusive
	unfit    bool // because of this machine
}

func (c *conclusion) reason(format string, args ...any) {
	c.result.Reasons = append(c.result.Reasons, fmt.Sprintf(format, args...))
}

// path judges what a path must do without any objective: answer, or not.
func (c *conclusion) path(p *probe.PathResult) {
	switch {
	case p.Failure != nil && p.Failure.Class == probe.Canceled:
		c.open = true
		c.reason("%s: not measured: %s", p.Name, p.Failure)
	case p.Failure != nil && p.Failure.Class == probe.Local:
		c.unfit, c.open = true, true
		c.reason("%s: not measured: %s", p.Name, p.Failure)
	case p.Failure != nil:
		c.failed = true
		c.reason("%s: not measured: %s", p.Name, p.Failure)
	case p.Denial != nil:
		c.denial(p)
	case p.Sent == 0 && p.Invalid > 0:
		c.unfit, c.open = true, true
		c.reason("%s: none of %d probes could be sent by this machine%s", p.Name, p.Invalid, firstFailure(p))
	case p.Sent == 0:
		c.open = true
		c.reason("%s: no probe was sent", p.Name)
	case p.OK == 0:
		c.failed = true
		c.reason("%s: unreachable, none of %d probes was answered%s", p.Name, p.Sent, firstFailure(p))
	default:
		c.measured++
	}
}

// denial judges a path that must not work. One that does not is as good as measured.
func (c *conclusion) denial(p *probe.PathResult) {
	switch d := p.Denial; {
	case d.Held:
		c.measured++
	case d.Connected+d.Refused+d.Silent+d.Unreachable == 0:
		c.open = true
		c.unfit = c.unfit || p.Invalid > 0
		c.reason("%s: %s", p.Name, d.Reading)
	default:
		c.measured++
		c.failed = true
		c.reason("%s: must not be reachable, but %s", p.Name, d.Reading)
	}
}

// firstFailure is the cause that the first failed probe gave.
func firstFailure(p *probe.PathResult) string {
	for i := range p.Samples {
		if f := p.Samples[i].Failure; f != nil {
			return fmt.Sprintf(" (%s: %s)", f.Class, f.Detail)
		}
	}
	for _, class := range probe.Classes() {
		if p.Errors[class] > 0 {
			return fmt.Sprintf(" (%s)", class)
		}
	}
	return ""
}

func (c *conclusion) objective(o *probe.Objective) {
	what := o.Reason
	if o.Verdict != probe.Fail {
		what = string(o.Verdict) + ": " + what
	}
	if o.Path != "" {
		what = o.Path + ": " + what
	}
	switch {
	case o.Verdict == probe.Pass:
	case o.Severity == "warn":
		c.reason("warning: %s", what)
	default:
		c.failed = c.failed || o.Verdict == probe.Fail
		c.open = c.open || o.Verdict != probe.Fail
		c.reason("%s", what)
	}
}

// machine judges the prober. A poor one proves nothing but that.
func (c *conclusion) machine() {
	if c.result.Env.Quality != probe.Poor {
		return
	}
	c.unfit, c.open = true, true
	for _, note := range c.result.Env.Notes {
		c.reason("this machine is not fit to measure: %s", note)
	}
}

func (c *conclusion) verdict() probe.Verdict {
	switch {
	case c.failed:
		return probe.Fail
	case c.open:
		return probe.Inconclusive
	}
	return probe.Pass
}

func (c *conclusion) exit(strict bool) int {
	switch {
	case c.measured == 0 && c.unfit:
		return ExitUnfit
	case c.measured == 0:
		return ExitUnmeasurable
	case c.failed:
		return ExitFail
	case c.unfit:
		return ExitUnfit
	case c.open && strict:
		return ExitInconclusive
	}
	return ExitPass
}
