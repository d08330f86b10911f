package pathprooftest

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// Network is a configuration that was judged, and can be deployed.
type Network struct {
	t      testing.TB
	result *check.Result
}

// Load reads a configuration file and judges it. It fails the test at once, with the report of `pathproof check`, if that has
// errors; warnings and notes are logged.
func Load(t testing.TB, file string) *Network {
	t.Helper()
	r := check.File(file)
	if !r.OK() {
		t.Fatalf("%s", report(r, r.Problems))
	} else if len(r.Problems) > 0 {
		t.Logf("%s", report(r, r.Problems))
	}
	return &Network{t, r}
}

// report writes problems as check does.
func report(r *check.Result, problems problem.List) string {
	shown := *r
	shown.Problems = problems
	var b strings.Builder
	_ = shown.Print(&b) // a strings.Builder does not fail
	return strings.TrimSuffix(b.String(), "\n")
}

// Reachable fails the test unless the file declares the path as reachable and it is proven: packets have routes there and
// back, and security groups let them pass.
func (n *Network) Reachable(path string) {
	n.t.Helper()
	n.expect(path, config.Reachable)
}

// Unreachable fails the test unless the file declares the path with `expect: unreachable` and it is proven: something stops the
// packets, and no allow entry lets them pass.
func (n *Network) Unreachable(path string) {
	n.t.Helper()
	n.expect(path, config.Unreachable)
}

func (n *Network) expect(name string, want config.Expect) {
	n.t.Helper()
	p := n.path(name)
	switch {
	case p == nil:
	case p.Expect != want:
		n.t.Errorf("%s: path %s is declared to be %s, want %s; change its expect, or the test", n.result.File, name, p.Expect, want)
	case !p.Proven:
		n.unproven(p)
	}
}

func (n *Network) unproven(p *topology.Path) {
	n.t.Helper()
	n.t.Errorf("path %s is not proven to be %s:\n%s", p.Name, p.Expect, report(n.result, n.problems(p.Name)))
}

// path finds a declared path; it reports one that is not declared.
func (n *Network) path(name string) *topology.Path {
	n.t.Helper()
	if n.result.Plan == nil {
		return nil // reported by Load
	}
	var names []string
	for _, p := range n.result.Plan.Paths {
		if p.Name == name {
			return p
		}
		names = append(names, p.Name)
	}
	n.t.Errorf("%s: no such path, got %q; %s", n.result.File, name, problem.OneOf(name, names))
	return nil
}

// problems are those of one path, which the file's checks section may have made less than errors.
func (n *Network) problems(name string) problem.List {
	var out problem.List
	at := "paths[" + name + "]"
	for _, p := range n.result.Problems {
		if p.Path == at || strings.HasPrefix(p.Path, at+".") {
			out = append(out, p)
		}
	}
	return out
}

// Follows fails the test unless the path is proven reachable and its packets cross these parts of the network, on the way
// there, in this order. Others may lie between. They are written as in the file: seoul/app, transitGateway/NAME, peering/NAME or site/NAME.
func (n *Network) Follows(path, part string, more ...string) {
	n.t.Helper()
	p := n.path(path)
	if p == nil {
		return
	}
	parts := append([]string{part}, more...)
	hops := make([]string, len(p.Forward))
	left := parts
	for i, h := range p.Forward {
		hops[i] = topology.Target{Kind: h.Kind, Name: h.Name}.String()
		if len(left) > 0 && hops[i] == left[0] {
			left = left[1:]
		}
	}
	switch {
	case p.Expect == config.Unreachable:
		n.t.Errorf("%s: path %s leads nowhere: %s", n.result.File, path, p.Why)
	case !p.Proven:
		n.unproven(p)
	case len(left) > 0:
		n.t.Errorf("%s: path %s does not cross %s in this order; it goes %s", n.result.File, path, strings.Join(parts, " > "), strings.Join(hops, " > "))
	}
}
