package report

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/pathproof/pathproof/internal/probe"
)

// Merge puts judged results of several vantages into one judged result: all paths, each with its own vantage and
// machine, all comparisons and objectives, and a verdict on everything. Paths of the same name are told apart by their
// vantage's AZ ID or Region, or by number: "idc@apne2-az1". The results stay as they are, but share samples with the
// merged one.
func Merge(strict bool, results ...*probe.Result) (*probe.Result, error) {
	if len(results) == 0 {
		return nil, errors.New("merge: nothing to merge")
	}
	out := *results[0]
	out.Vantage, out.Paths, out.Comparisons, out.SLO, out.Interrupted = probe.Vantage{}, nil, nil, nil, false
	out.Env = probe.Env{Quality: probe.Good}
	count := map[string]int{}
	for _, r := range results {
		for i := range r.Paths {
			count[r.Paths[i].Name]++
		}
	}
	last := out.Started
	taken := map[string]bool{}
	for _, r := range results {
		names := map[string]string{}
		for i := range r.Paths {
			names[r.Paths[i].Name] = nameFor(r, r.Paths[i].Name, count, taken)
		}
		adopt(&out, r, names)
		if r.Started.Before(out.Started) {
			out.Started = r.Started
		}
		if finished := r.Started.Add(r.Duration.Duration()); finished.After(last) {
			last = finished
		}
	}
	out.Duration = probe.MicrosOf(last.Sub(out.Started))
	conclude(&out, strict)
	return &out, nil
}

// nameFor is a path's name in the merged result.
func nameFor(r *probe.Result, name string, count map[string]int, taken map[string]bool) string {
	out := name
	if where := cmp.Or(r.Vantage.AZID, r.Vantage.Region); count[name] > 1 && where != "" {
		out = name + "@" + where
	}
	for i, base := 2, out; taken[out]; i++ {
		out = fmt.Sprintf("%s#%d", base, i)
	}
	taken[out] = true
	return out
}

// adopt adds what a result holds, under its paths' new names.
func adopt(out, r *probe.Result, names map[string]string) {
	vantage, env := r.Vantage, r.Env
	for _, p := range r.Paths {
		p.Name, p.Vantage, p.Env = names[p.Name], &vantage, &env
		out.Paths = append(out.Paths, p)
	}
	for _, c := range r.Comparisons {
		c.A, c.B = names[c.A], names[c.B]
		out.Comparisons = append(out.Comparisons, c)
	}
	for _, o := range r.SLO {
		if o.Path != "" {
			o.Path = names[o.Path]
		}
		out.SLO = append(out.SLO, o)
	}
	out.Interrupted = out.Interrupted || r.Interrupted
	out.Env.Quality = worse(out.Env.Quality, r.Env.Quality)
	for _, note := range r.Env.Notes {
		if where := cmp.Or(r.Vantage.AZID, r.Vantage.Region); where != "" {
			note = where + ": " + note
		}
		out.Env.Notes = append(out.Env.Notes, note)
	}
	if out.Env.Timing == "" || r.Env.Timing == probe.TimingUserspace {
		out.Env.Timing = r.Env.Timing
	}
}

// vantageOf is where a path was measured from.
func vantageOf(r *probe.Result, p *probe.PathResult) probe.Vantage {
	if p.Vantage != nil {
		return *p.Vantage
	}
	return r.Vantage
}

// envOf is the machine that measured a path.
func envOf(r *probe.Result, p *probe.PathResult) probe.Env {
	if p.Env != nil {
		return *p.Env
	}
	return r.Env
}
