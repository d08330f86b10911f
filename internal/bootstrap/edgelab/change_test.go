//go:build linux

package edgelab_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

var tableFile = flag.String("table", "", "write the table of the change test into this file")

// phase is a time under load, and what happens when it begins.
type phase struct {
	name  string
	lasts time.Duration
	begin func(*world) error
	// abrupt: a node goes without notice, so a POST that it was working on is lost. A GET never is.
	abrupt bool
}

// phases are what happens to an origin of two nodes. As a load balancer's do, a node that leaves DNS goes on working for
// a while, longer than proxies may take to notice: 4 s here, where they ask each second.
var phases = []phase{
	{name: "nodes 1 and 2", lasts: 3 * time.Second},
	{name: "DNS says 2 and 3", lasts: 4 * time.Second, begin: func(w *world) error {
		defer w.dns.say(willing, nodes(2, 3)...)
		return w.add(3)
	}},
	{name: "node 1 is gone", lasts: 2 * time.Second, begin: func(w *world) error { return w.kill(1) }},
	{name: "DNS says 3 and 4", lasts: 4 * time.Second, begin: func(w *world) error {
		defer w.dns.say(willing, nodes(3, 4)...)
		return w.add(4)
	}},
	{name: "node 2 is gone", lasts: 4 * time.Second, begin: func(w *world) error { return w.kill(2) }},
	{name: "DNS does not answer", lasts: 5 * time.Second, begin: func(w *world) error { w.dns.say(silent); return nil }},
	{name: "DNS answers SERVFAIL", lasts: 3 * time.Second, begin: func(w *world) error { w.dns.say(servfail); return nil }},
	{name: "DNS says 4 and 5", lasts: 4 * time.Second, begin: func(w *world) error {
		defer w.dns.say(willing, nodes(4, 5)...)
		return w.add(5)
	}},
	{name: "node 3 is gone", lasts: 2 * time.Second, begin: func(w *world) error { return w.kill(3) }},
	{name: "node 4 dies, DNS knows 3 s later", lasts: 5 * time.Second, abrupt: true, begin: func(w *world) error {
		time.AfterFunc(3*time.Second, func() { w.dns.say(willing, node(5)) })
		return w.kill(4)
	}},
}

// outcome is what a run of all phases came to.
type outcome struct {
	column, version    string
	tallies            []tally
	requests, toOrigin int
	reloads            bool // an old nginx that is reloaded closes idle connections, and cuts a request that is on its way
	tooBusy            bool // requests took a second while nothing happened: nginx, or DNS, had to wait for a CPU as long
}

// live runs all phases under load against a machine that serves.
func (w *world) live(t *testing.T) (tallies []tally, requests int) {
	t.Helper()
	l := &load{url: "http://127.0.0.1/api", client: w.client(), clients: 12, pause: 20 * time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); l.run(ctx) }()
	var bounds []time.Duration
	begin := time.Now()
	for _, p := range phases {
		bounds = append(bounds, time.Since(begin))
		if p.begin != nil {
			if err := p.begin(w); err != nil {
				t.Errorf("%s: %v", p.name, err)
			}
		}
		time.Sleep(p.lasts)
	}
	bounds = append(bounds, time.Hour)
	stop()
	<-done
	for i := range phases {
		tallies = append(tallies, l.between(bounds[i], bounds[i+1]))
	}
	return tallies, len(l.results)
}

// unfixed makes nginx look up the name of the origin when it starts, and never again, as everyone's first configuration.
func unfixed(m *machine) {
	m.Helper()
	name := "server " + originName + ":80;\n"
	if m.web.os == bootstrap.Debian {
		m.write("/etc/nginx/pathproof-origin.conf", 0o644, name)
		return
	}
	conf := m.read("/etc/nginx/nginx.conf")
	without := strings.Replace(conf, " resolve ", " ", 1)
	if without == conf {
		m.Fatal("there is no resolve to take away")
	}
	m.write("/etc/nginx/nginx.conf", 0o644, without)
}

func (m *machine) bootUnfixed() { m.Helper(); m.step("configure"); unfixed(m); m.serve() }

// A proxy in front of an origin whose addresses change under load loses nothing; a proxy without the cure does.
func TestChange_UnderLoad(t *testing.T) {
	needLab(t)
	cases := []struct {
		name  string
		get   func(*testing.T) nginx
		cured bool
	}{
		{"new nginx, name without resolve", newNginx, false},
		{"new nginx, resolve", newNginx, true},
		{"old nginx, name", debianNginx, false},
		{"old nginx, watcher", debianNginx, true},
	}
	outcomes := make([]outcome, len(cases))
	t.Run("all", func(t *testing.T) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				for try := 1; ; try++ {
					outcomes[i] = change(t, c.get(t), c.cured)
					if !outcomes[i].tooBusy || try == 3 {
						break
					}
					t.Logf("try %d: this machine is too busy to tell anything, again", try)
				}
				outcomes[i].column = c.name
				outcomes[i].judge(t, c.cured)
			})
		}
	})
	text := tableOf(outcomes)
	t.Log("\n" + text)
	if *tableFile != "" {
		if err := os.WriteFile(*tableFile, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

func change(t *testing.T, web nginx, cured bool) outcome {
	w := newWorld(t, 5*time.Millisecond, nil)
	m := newMachine(t, web, w.edge, plain())
	watcher := cured && web.os == bootstrap.Debian
	if cured {
		m.boot()
	} else {
		m.bootUnfixed()
	}
	if watcher {
		m.start("/var/log/origin.out", bootstrap.Folder+"/origin")
	}
	before := w.connections()
	o := outcome{version: web.version}
	o.tallies, o.requests = w.live(t)
	o.toOrigin = w.connections() - before
	for i, p := range phases {
		t.Logf("%-34s %s", p.name, o.tallies[i])
	}
	t.Logf("%d requests, %d connections to the origin", o.requests, o.toOrigin)
	o.reloads = watcher
	o.tooBusy = o.tallies[0].slowest > time.Second || cured && o.slowest() > time.Second
	if watcher {
		t.Logf("the watcher said:\n%s", m.read("/var/log/origin.out"))
	}
	return o
}

// slowest is the longest time that a request took, but where a dead node costs time by right.
func (o outcome) slowest() (d time.Duration) {
	for i, p := range phases {
		if !p.abrupt {
			d = max(d, o.tallies[i].slowest)
		}
	}
	return d
}

func (o outcome) judge(t *testing.T, cured bool) {
	t.Helper()
	if cured {
		o.mustBeCured(t)
	} else {
		o.mustFail(t)
	}
}

func (o outcome) mustBeCured(t *testing.T) {
	t.Helper()
	for i, p := range phases {
		got := o.tallies[i]
		failed := got.failed
		switch {
		case p.abrupt:
			failed -= got.postsFailed
		case o.reloads:
			failed -= got.cut // a client sends it again, unless it is a POST
		}
		if failed > 0 || got.answered == 0 {
			t.Errorf("%s: %s", p.name, got)
		}
	}
	if o.toOrigin*20 > o.requests {
		t.Errorf("%d connections for %d requests: connections are not kept", o.toOrigin, o.requests)
	}
}

// mustFail: nodes 1 and 2 are all that such a proxy knows, so it works until both are gone and never again.
func (o outcome) mustFail(t *testing.T) {
	t.Helper()
	for i, p := range phases {
		got := o.tallies[i]
		switch {
		case i < 4 && got.failed > got.postsFailed:
			t.Errorf("%s: %s; want none while it knows a node that works", p.name, got)
		case i >= 4 && (got.failed == 0 || got.failed < got.answered*9/10):
			t.Errorf("%s: %s; want all but those under way: it cannot know a node that works", p.name, got)
		}
	}
}

// tableOf is what docs/EDGE-PROXY.md shows.
func tableOf(outcomes []outcome) string {
	var b strings.Builder
	b.WriteString("| failed of answered |")
	for _, o := range outcomes {
		fmt.Fprintf(&b, " %s |", o.column)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" --- |", len(outcomes)) + "\n")
	row := func(name string, cell func(o outcome) string) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, o := range outcomes {
			if o.tallies == nil {
				b.WriteString(" not run |")
				continue
			}
			fmt.Fprintf(&b, " %s |", cell(o))
		}
		b.WriteString("\n")
	}
	for i, p := range phases {
		row(p.name, func(o outcome) string {
			got := o.tallies[i]
			s := fmt.Sprintf("%d of %d", got.failed, got.answered)
			if got.failed > 0 && got.failed == got.postsFailed {
				s += " (POST)"
			}
			return s
		})
	}
	row("nginx", func(o outcome) string { return o.version })
	row("requests", func(o outcome) string { return fmt.Sprint(o.requests) })
	row("connections to the origin", func(o outcome) string { return fmt.Sprint(o.toOrigin) })
	return b.String()
}
