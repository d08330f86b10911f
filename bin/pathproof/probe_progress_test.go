package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func testProgress(w *bytes.Buffer, terminal bool) *progress {
	p := newProgress(w, probe.Plan{Count: 100, Warmup: 3, Paths: []probe.Path{
		{Name: "peering", Prober: &probe.TCP{}}, {Name: "web", Prober: &probe.HTTP{}}, {Name: "vpn", Prober: &probe.TCP{}},
	}})
	p.terminal = terminal
	p.sample(0, &probe.Sample{Outcome: probe.Outcome{Phases: probe.Phases{Connect: 33_235}}})
	p.sample(0, &probe.Sample{Outcome: probe.Outcome{Failure: &probe.Failure{Class: probe.Timeout}}})
	p.sample(1, &probe.Sample{Outcome: probe.Outcome{Phases: probe.Phases{Connect: 1, Wait: 36_400}}})
	return p
}

func TestProgress_LineEveryTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w bytes.Buffer
		stop := testProgress(&w, false).start()
		time.Sleep(25 * time.Second)
		stop()
		const line = "peering 2/103 33.235 ms, 1 failed  web 1/103 36.400 ms  vpn waiting\n"
		if got := w.String(); got != line+line {
			t.Errorf("got %q", got)
		}
	})
}

func TestProgress_LiveLineIsGoneAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w bytes.Buffer
		stop := testProgress(&w, true).start()
		time.Sleep(500 * time.Millisecond)
		stop()
		if got := w.String(); strings.Contains(got, "\n") || strings.Count(got, "\rpeering 2/103") != 2 || !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("got %q", got)
		}
	})
}

func TestProgress_FitsTheTerminal(t *testing.T) {
	if got := cut(strings.Repeat("ä", 200), lineWidth); len([]rune(got)) != lineWidth || !strings.HasSuffix(got, "...") {
		t.Errorf("got %q", got)
	}
}
