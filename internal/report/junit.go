package report

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
)

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
}

// writeJUnit writes a test case for each path and each objective. What is inconclusive is skipped, with the reason, and
// fails where it makes the exit status 2; warnings never fail. A run that was cut short is an error.
func writeJUnit(w io.Writer, r *probe.Result) error {
	s := junitSuite{Name: "pathproof probe", Time: seconds(r.Duration), Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05")}
	s.Time = strings.TrimSuffix(s.Time, " s")
	for i := range r.Paths {
		s.Cases = append(s.Cases, junitPath(&r.Paths[i]))
	}
	for i := range r.SLO {
		s.Cases = append(s.Cases, junitObjective(&r.SLO[i], r.ExitCode == ExitInconclusive))
	}
	if c, ok := junitRun(r, s.Cases); ok {
		s.Cases = append(s.Cases, c)
	}
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suite: s}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junitRun is a case for what no path and no objective shows: that the run was cut short, or that it failed otherwise, as
// the comparison of two results does. ok is false if there is nothing of the kind.
func junitRun(r *probe.Result, shown []junitCase) (c junitCase, ok bool) {
	c = junitCase{Class: "run", Name: "verdict"}
	message := &junitMessage{clean(string(r.Verdict) + ": " + strings.Join(r.Reasons, "; "))}
	switch {
	case r.Interrupted:
		c.Name, c.Error = "complete", message
	case r.Verdict == probe.Fail && !slices.ContainsFunc(shown, func(c junitCase) bool { return c.Failure != nil }):
		c.Failure = message
	default:
		return c, false
	}
	return c, true
}

func junitPath(p *probe.PathResult) junitCase {
	c := junitCase{Class: "paths." + clean(p.Name), Name: "answers", Out: lossLine(p)}
	if e := expectation(p.Expect); e != "" {
		c.Name = e
	}
	var verdict conclusion
	verdict.path(p)
	message := &junitMessage{clean(strings.Join(slices.Concat(verdict.failures, verdict.doubts), "; "))}
	switch {
	case len(verdict.failures) > 0:
		c.Failure = message
	case verdict.unfit:
		c.Error = message
	case len(verdict.doubts) > 0:
		c.Skipped = message
	}
	return c
}

func junitObjective(o *probe.Objective, strict bool) junitCase {
	c := junitCase{Class: "objectives." + clean(o.Path), Name: clean(o.Expr), Out: clean(o.Reason)}
	c.Class = strings.TrimSuffix(c.Class, ".")
	message := &junitMessage{string(o.Verdict) + ": " + clean(o.Reason)}
	switch {
	case o.Verdict == probe.Pass:
	case o.Severity != "warn" && (o.Verdict == probe.Fail || strict):
		c.Failure = message
	default:
		c.Skipped = message
	}
	return c
}
