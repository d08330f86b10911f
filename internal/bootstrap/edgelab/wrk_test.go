//go:build linux

package edgelab_test

import (
	"flag"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

var wrkFor = flag.Duration("wrk", 0, "how long wrk asks each proxy while its origin changes; 0 is not at all")

// wrkConnections are as many as two processors have time for, beside an origin and two nginx.
const wrkConnections = 6

// asked is what wrk counted.
type asked struct {
	column, version                      string
	requests, refused                    int // answered at all, and not by 2xx or 3xx
	connect, read, write, timeout        int // errors of connections
	perSecond                            float64
	median, p99                          string
	connectionsToOrigin, reloadsObserved int
}

// Wrk measures what the change test does, from outside: a tool that everybody knows, 30 s, with and without the cure. It sends GETs only, and counts a
// connection that nginx closed at a reload as a read error; it does not send the request again, as browsers do.
func TestWrk_WhileTheOriginChanges(t *testing.T) {
	if *wrkFor == 0 {
		t.Skip("takes minutes: make lab-edge")
	}
	if *wrkFor < shortestWrk {
		t.Fatalf("-wrk: too short for what the origin does meanwhile, got %s; use %s", *wrkFor, shortestWrk)
	}
	needLab(t)
	if _, err := exec.LookPath("wrk"); err != nil {
		missing(t, err)
	}
	var all []asked
	for _, c := range []struct {
		name  string
		get   func(*testing.T) nginx
		cured bool
	}{
		{"new nginx, name without resolve", newNginx, false},
		{"new nginx, resolve", newNginx, true},
		{"old nginx, name", debianNginx, false},
		{"old nginx, watcher", debianNginx, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a asked
			for try := 1; ; try++ {
				watch := watchCPU()
				a = wrk(t, c.get(t), c.cured)
				late := watch()
				if late < tooLate || try == 3 {
					break
				}
				t.Logf("try %d: this machine is too busy to tell anything, a sleep took %s too long; again", try, late.Round(time.Millisecond))
			}
			a.column = c.name
			a.judge(t, c.cured)
			all = append(all, a)
		})
	}
	t.Log("\n" + wrkTable(all))
}

// shortestWrk leaves time between the changes, which take their share of it: a node that goes works on for 4 s whatever it is.
const shortestWrk = 30 * time.Second

// tooLate is how much longer a sleep may take than asked for. nginx asks DNS each second here, and has to be told of a node's end
// within the 4 s that it works on.
const tooLate = 300 * time.Millisecond

// watchCPU sleeps again and again until the function is called that it returns, which says how much too long a sleep took at most.
func watchCPU() (stop func() time.Duration) {
	done, worst := make(chan struct{}), make(chan time.Duration)
	go func() {
		var most time.Duration
		for {
			select {
			case <-done:
				worst <- most
				return
			default:
			}
			const nap = 10 * time.Millisecond
			begin := time.Now()
			time.Sleep(nap)
			most = max(most, time.Since(begin)-nap)
		}
	}()
	return func() time.Duration { close(done); return <-worst }
}

func wrk(t *testing.T, web nginx, cured bool) asked {
	w := newWorld(t, oneWay, nil)
	m := newMachine(t, web, w.edge, plain())
	if cured {
		m.boot()
	} else {
		m.bootUnfixed()
	}
	if cured && web.os == bootstrap.Debian {
		m.start("/var/log/origin.out", bootstrap.Folder+"/origin")
	}
	before := w.connections()
	done := make(chan asked, 1)
	go func() {
		out, err := m.try(nil, "wrk", "-t", "1", "-c", strconv.Itoa(wrkConnections), "-d", strconv.Itoa(int(wrkFor.Seconds()))+"s", "--timeout", "10s", "--latency", "http://127.0.0.1:80/api")
		a, parsed := parseWrk(out)
		if err != nil || !parsed {
			t.Errorf("wrk: %v\n%s", err, out)
		}
		t.Log(out)
		done <- a
	}()
	// The last phase, in which a node dies without notice, is the change test's, which knows POST from GET.
	whole := time.Duration(0)
	for _, p := range phases[:len(phases)-1] {
		whole += p.lasts
	}
	for _, p := range phases[:len(phases)-1] {
		if p.begin != nil {
			if err := p.begin(w); err != nil {
				t.Errorf("%s: %v", p.name, err)
			}
		}
		time.Sleep(time.Duration(float64(p.lasts) * wrkFor.Seconds() / (whole + time.Second).Seconds()))
	}
	a := <-done
	a.version, a.connectionsToOrigin = web.version, w.connections()-before
	if cured && web.os == bootstrap.Debian {
		// It says each set of addresses that it gave nginx, the first one before nginx started.
		a.reloadsObserved = strings.Count(m.read("/var/log/origin.out"), originName+": 10.30.") - 1
		t.Logf("%d reloads", a.reloadsObserved)
	}
	return a
}

var (
	socketErrors = regexp.MustCompile(`Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)`)
	refused      = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
	requests     = regexp.MustCompile(`(\d+) requests in `)
	perSecond    = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	latencies    = regexp.MustCompile(`(50|99)%\s+(\S+)`)
)

// parseWrk reads what wrk prints. It leaves lines about errors out when there are none.
func parseWrk(out string) (a asked, ok bool) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	m := requests.FindStringSubmatch(out)
	if m == nil {
		return a, false
	}
	a.requests = number(m[1])
	if m := refused.FindStringSubmatch(out); m != nil {
		a.refused = number(m[1])
	}
	if m := socketErrors.FindStringSubmatch(out); m != nil {
		a.connect, a.read, a.write, a.timeout = number(m[1]), number(m[2]), number(m[3]), number(m[4])
	}
	if m := perSecond.FindStringSubmatch(out); m != nil {
		a.perSecond, _ = strconv.ParseFloat(m[1], 64)
	}
	for _, m := range latencies.FindAllStringSubmatch(out, -1) {
		if m[1] == "50" {
			a.median = m[2]
		} else {
			a.p99 = m[2]
		}
	}
	return a, true
}

func (a asked) judge(t *testing.T, cured bool) {
	t.Helper()
	errors := a.connect + a.read + a.write + a.timeout
	switch {
	case !cured && a.refused < a.requests/4:
		t.Errorf("%d of %d requests were refused: the fault that is cured does not show", a.refused, a.requests)
	case cured && a.refused > 0:
		t.Errorf("%d of %d requests were refused", a.refused, a.requests)
	case cured && errors > a.reloadsObserved*wrkConnections: // each reload closes each of them at most
		t.Errorf("%d errors of connections and %d reloads", errors, a.reloadsObserved)
	}
}

// wrkTable is what docs/EDGE-PROXY.md shows.
func wrkTable(all []asked) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| wrk, %s, %d connections |", *wrkFor, wrkConnections)
	for _, a := range all {
		fmt.Fprintf(&b, " %s |", a.column)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(all)) + "\n")
	row := func(name string, cell func(a asked) string) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, a := range all {
			fmt.Fprintf(&b, " %s |", cell(a))
		}
		b.WriteString("\n")
	}
	row("requests", func(a asked) string { return strconv.Itoa(a.requests) })
	row("answered by other than 2xx or 3xx", func(a asked) string { return strconv.Itoa(a.refused) })
	row("errors of connections: connect, read, write, timeout", func(a asked) string { return fmt.Sprintf("%d, %d, %d, %d", a.connect, a.read, a.write, a.timeout) })
	row("requests a second", func(a asked) string { return fmt.Sprintf("%.0f", a.perSecond) })
	row("median, 99 %", func(a asked) string { return a.median + ", " + a.p99 })
	row("connections to the origin", func(a asked) string { return strconv.Itoa(a.connectionsToOrigin) })
	row("nginx", func(a asked) string { return a.version })
	return b.String()
}
