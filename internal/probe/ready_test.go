package probe_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestRun_WaitsForReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "silence"}
		f := &fake{
			prepare: func(n int) error {
				if n < 2 {
					return &probe.Failure{Class: probe.DNS, Op: "resolve", Detail: "no such host"}
				}
				return nil
			},
			probe: func(n int) (time.Duration, *probe.Failure) {
				if n < 4 || n == 6 { // up at the fifth, with one relapse
					return time.Millisecond, down
				}
				return time.Millisecond, nil
			},
		}
		other := &fake{}
		start := time.Now()
		res := run(t, t.Context(), probe.Plan{Count: 5, Paths: []probe.Path{
			{Name: "vpn", Prober: f, Ready: &probe.Ready{}}, path("other", other),
		}})
		// tries: 2 without a name, 4 down, 2 up, 1 relapse, 3 up
		ready := res.Paths[0].Ready
		if ready == nil || !ready.OK || ready.Tries != 12 || ready.Waited.Duration() < 55*time.Second || ready.Waited.Duration() > 56*time.Second {
			t.Errorf("got %+v", ready)
		}
		if res.Paths[0].Sent != 5 || res.Paths[1].Sent != 5 || time.Since(start) < 55*time.Second {
			t.Errorf("sent %d and %d after %s", res.Paths[0].Sent, res.Paths[1].Sent, time.Since(start))
		}
	})
}

func TestRun_GivesUpOnReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{probe: func(int) (time.Duration, *probe.Failure) {
			return time.Millisecond, &probe.Failure{Class: probe.Refused, Op: "connect", Detail: "connection refused"}
		}}
		unfit := &fake{prepare: func(int) error {
			return &probe.Failure{Class: probe.Local, Op: "prepare", Detail: "no privilege"}
		}}
		res := run(t, t.Context(), probe.Plan{Count: 5, Paths: []probe.Path{
			{Name: "vpn", Prober: f, Ready: &probe.Ready{Within: time.Minute}},
			{Name: "unfit", Prober: unfit, Ready: &probe.Ready{Within: time.Hour}}, // waiting cures nothing
			path("other", &fake{}),
		}})
		p := res.Paths[0]
		if p.Failure == nil || p.Failure.Class != probe.Refused || !strings.Contains(p.Failure.Detail, "not ready within 1m0s, after 12 tries") {
			t.Errorf("got %v", p.Failure)
		}
		if p.Sent != 0 || p.Ready.OK || p.Ready.Waited != 60_000_000 || res.Paths[2].Sent != 5 {
			t.Errorf("sent %d, ready %+v, other sent %d", p.Sent, p.Ready, res.Paths[2].Sent)
		}
		if u := res.Paths[1]; u.Failure == nil || u.Failure.Class != probe.Local || u.Ready.Tries != 1 {
			t.Errorf("got %v, %+v", u.Failure, u.Ready)
		}
	})
}
