package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/stats"
)

// conclude sets the verdict, its reasons and the exit status.
func conclude(r *probe.Result, strict bool) {
	c := conclusion{result: r}
	for i := range r.Paths {
		c.path(&r.Paths[i])
	}
	for i := range r.SLO {
		c.objective(&r.SLO[i])
	}
	c.machine()
	c.close(strict)
}

// close writes down what was concluded: failures first.
func (c *conclusion) close(strict bool) {
	r := c.result
	if r.Interrupted {
		done, planned := progressOf(r)
		c.doubt("interrupted after %d of %d probes: this is what there was until then", done, planned)
	}
	r.Verdict, r.ExitCode = c.verdict(), c.exit(strict)
	if r.Interrupted {
		r.ExitCode = ExitInterrupted
	}
	r.Reasons = slices.Concat(c.failures, c.doubts, c.notes)
}

// progressOf returns how many probes of a run were done, warm-up included, and how many were planned.
func progressOf(r *probe.Result) (done, planned int) {
	for i := range r.Paths {
		p := &r.Paths[i]
		done += p.Sent + p.Invalid + p.Limited + p.Warmup
		planned += p.Unsent
	}
	return done, done + planned
}

// conclusion collects what speaks against a run.
type conclusion struct {
	result   *probe.Result
	measured int  // paths that were, in one way or another
	died     int  // paths that were answered in an earlier run and are not in this one
	unfit    bool // something is inconclusive because of this machine

	failures, doubts, notes []string
}

func (c *conclusion) fail(format string, args ...any) {
	c.failures = append(c.failures, fmt.Sprintf(format, args...))
}

func (c *conclusion) doubt(format string, args ...any) {
	c.doubts = append(c.doubts, fmt.Sprintf(format, args...))
}

func (c *conclusion) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// path judges what a path must do without any objective: answer, or not.
func (c *conclusion) path(p *probe.PathResult) {
	switch {
	case p.Failure != nil && p.Failure.Class == probe.Canceled:
		c.doubt("%s: not measured: %s", p.Name, p.Failure)
	case p.Failure != nil && p.Failure.Class == probe.Local:
		c.unfit = true
		c.doubt("%s: not measured: %s", p.Name, p.Failure)
	case p.Failure != nil:
		c.fail("%s: not measured: %s", p.Name, p.Failure)
	case p.Denial != nil:
		c.denial(p)
	case p.Sent == 0 && p.Limited > 0:
		c.limited(p)
	case p.Sent == 0 && p.Invalid > 0:
		c.unfit = true
		c.doubt("%s: none of %d probes could be sent by this machine%s", p.Name, p.Invalid, firstFailure(p))
	case p.Sent == 0:
		c.doubt("%s: no probe was sent", p.Name)
	case p.OK == 0 && answered(p):
		c.measured++
		c.fail("%s: no probe succeeded: %s%s%s", p.Name, classesOf(p), firstFailure(p), connected(p))
	case p.OK == 0:
		c.fail("%s: unreachable, none of %d probes was answered%s", p.Name, p.Sent, firstFailure(p))
	default:
		c.measured++
		if p.Limited > 0 {
			c.limited(p)
		}
	}
}

// limited says that the server, and not the path, held probes back.
func (c *conclusion) limited(p *probe.PathResult) {
	c.doubt("%s: %d of %d probes were over the rate limit of the server and say nothing about the path; probe less often, or raise --rate and --burst of probe serve",
		p.Name, p.Limited, p.Limited+p.Sent+p.Invalid)
}

// denial judges a path that must not work. One that does not is as good as measured.
func (c *conclusion) denial(p *probe.PathResult) {
	switch d := p.Denial; {
	case d.Held:
		c.measured++
	case d.Connected+d.Refused+d.Silent+d.Unreachable == 0:
		c.unfit = c.unfit || p.Invalid > 0
		c.doubt("%s: %s", p.Name, d.Reading)
	default:
		c.measured++
		c.fail("%s: must not be reachable, but %s", p.Name, d.Reading)
	}
}

// answered reports whether something at the other end of a path without a successful probe said more than no.
func answered(p *probe.PathResult) bool {
	if p.Kind == probe.KindDNS && p.Errors[probe.DNS] > 0 { // the server's own answer: there is no such name
		return true
	}
	for _, class := range []probe.Class{probe.Reset, probe.TLS, probe.HTTPStatus, probe.Assertion} {
		if p.Errors[class] > 0 {
			return true
		}
	}
	return len(connects(p)) > 0
}

// classesOf lists what became of the probes that failed: "60 x http_status, 40 x timeout".
func classesOf(p *probe.PathResult) string {
	var parts []string
	for _, class := range probe.Classes() {
		if n := p.Errors[class]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d x %s", n, class))
		}
	}
	return strings.Join(parts, ", ")
}

// connected says how far the probes of a path got that has no successful one: its phases are not those of a success, so
// they stand in no table.
func connected(p *probe.PathResult) string {
	times := connects(p)
	if len(times) == 0 {
		return ""
	}
	slices.Sort(times)
	return fmt.Sprintf("; %d of %d connected, in %s ms at the median", len(times), p.Sent, ms(times[stats.P50.Rank(len(times))-1]))
}

// connects are the times of the connects of a path, whatever came after.
func connects(p *probe.PathResult) []probe.Micros {
	var times []probe.Micros
	for i := range p.Samples {
		if s := &p.Samples[i]; s.Counts() && s.Phases.Connect > 0 {
			times = append(times, s.Phases.Connect)
		}
	}
	return times
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
		c.note("warning: %s", what)
	case o.Verdict == probe.Fail:
		c.fail("%s", what)
	default:
		c.doubt("%s", what)
	}
}

// machine judges the prober. A poor one proves nothing but that.
func (c *conclusion) machine() {
	if c.result.Env.Quality != probe.Poor {
		return
	}
	c.unfit = true
	for _, note := range c.result.Env.Notes {
		c.doubt("this machine is not fit to measure: %s", note)
	}
}

func (c *conclusion) verdict() probe.Verdict {
	switch {
	case len(c.failures) > 0:
		return probe.Fail
	case c.unfit || len(c.doubts) > 0:
		return probe.Inconclusive
	}
	return probe.Pass
}

func (c *conclusion) exit(strict bool) int {
	switch {
	case c.died > 0 && len(c.failures) > 0: // that it cannot be measured is what was to be found out
		return ExitFail
	case c.measured == 0 && c.unfit:
		return ExitUnfit
	case c.measured == 0:
		return ExitUnmeasurable
	case len(c.failures) > 0:
		return ExitFail
	case c.unfit:
		return ExitUnfit
	case len(c.doubts) > 0 && strict:
		return ExitInconclusive
	}
	return ExitPass
}
