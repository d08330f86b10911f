package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/validate"
)

// report is what a run with --verify says at its end.
type report struct {
	result                                 *check.Result
	stacks                                 []stackInfo
	checks                                 []validate.Verdict
	checked, synthesized, validated, total time.Duration
}

func (r *report) valid() bool {
	return !slices.ContainsFunc(r.checks, func(v validate.Verdict) bool { return v.Errors > 0 })
}

func (r *report) templates() []validate.Template {
	var out []validate.Template
	for _, s := range r.stacks {
		out = append(out, validate.Template{File: s.template, Region: s.region})
	}
	return out
}

func (r *report) write(w io.Writer) error {
	var b bytes.Buffer
	for _, v := range r.checks {
		for _, f := range v.Findings {
			fmt.Fprintln(&b, f)
		}
	}
	r.table(&b)
	fmt.Fprintf(&b, "\n%s\n", r.totals())
	fmt.Fprintf(&b, "paths      %s\n", r.result.Verdict())
	for _, v := range r.checks {
		fmt.Fprintf(&b, "validation %s\n", v)
	}
	fmt.Fprintf(&b, "time       check %s, synthesize %s, validate %s; %s in all\n", short(r.checked), short(r.synthesized), short(r.validated), short(r.total))
	_, err := w.Write(b.Bytes())
	return err
}

// table lists the stacks in the order of deployment.
func (r *report) table(w io.Writer) {
	order := map[string]int{}
	for i, s := range r.result.Plan.Stacks {
		order[s.Name] = i
	}
	slices.SortFunc(r.stacks, func(x, y stackInfo) int { return cmp.Compare(order[x.name], order[y.name]) })
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "STACK\tREGION\tRESOURCES\tTEMPLATE")
	for _, s := range r.stacks {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", s.name, s.region, s.resources, s.template)
	}
	_ = t.Flush() // the buffer below does not fail
}

func (r *report) totals() string {
	regions, resources := map[string]bool{}, 0
	for _, s := range r.stacks {
		regions[s.region] = true
		resources += s.resources
	}
	return fmt.Sprintf("total      %d stacks in %s, %d resources, of them %d of the plan", len(r.stacks), count(len(regions), "Region"), resources, planned(r.result.Plan))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func planned(p *topology.Plan) int {
	n := 0
	for _, s := range p.Stacks {
		n += len(s.Resources)
	}
	return n
}

func short(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
