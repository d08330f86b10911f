package probe

import (
	"net/netip"
	"runtime/debug"
	"testing"
	"time"
)

func TestEchoForm(t *testing.T) {
	for _, peer := range []string{"192.0.2.1:7", "[2001:db8::1]:65535"} {
		b := NewEchoRequest(42)
		if len(b) != EchoSize || !answerEcho(b, netip.MustParseAddrPort(peer), "apne2-az1") || len(b) != EchoSize {
			t.Fatalf("no answer to %x", b)
		}
		observed, zone, ok := readEcho(b, 42)
		if !ok || observed.String() != peer || zone != "apne2-az1" {
			t.Errorf("got %s, %q, %v", observed, zone, ok)
		}
		if _, _, ok := readEcho(b, 43); ok {
			t.Error("another nonce's answer is accepted")
		}
		if answerEcho(b, netip.MustParseAddrPort(peer), "") {
			t.Error("an answer is answered: two servers could be set at each other")
		}
	}
}

// The wall clock may be set between sending and receiving.
func TestSinceStart(t *testing.T) {
	start := time.Now()
	now := start.Add(10 * time.Millisecond)
	wall := now.Round(0)
	for name, test := range map[string]struct {
		arrived time.Time
		stamped bool
		want    Micros
		by      Timing
	}{
		"read 2 ms after it came": {wall.Add(-2 * time.Millisecond), true, 8000, TimingKernel},
		"read at once":            {wall, true, 10000, TimingKernel},
		"no stamp":                {time.Time{}, true, 10000, TimingUserspace},
		"stamps are off":          {wall, false, 10000, TimingUserspace},
		"clock set back":          {wall.Add(time.Hour), true, 10000, TimingUserspace},
		"clock set forward":       {wall.Add(-time.Hour), true, 10000, TimingUserspace},
	} {
		if got, by := sinceStart(start, now, test.arrived, test.stamped); got != test.want || by != test.by {
			t.Errorf("%s: got %d us by %s, want %d by %s", name, got, by, test.want, test.by)
		}
	}
}

func TestQuietCollector_Restores(t *testing.T) {
	percent := debug.SetGCPercent(73)
	defer debug.SetGCPercent(percent)
	limit := debug.SetMemoryLimit(-1)
	first := quietCollector()
	second := quietCollector() // another run at the same time
	first()
	if got := debug.SetGCPercent(-1); got != -1 {
		t.Errorf("while a run samples the collector's percentage is %d", got)
	}
	if got := debug.SetMemoryLimit(-1); got >= limit {
		t.Errorf("while a run samples memory is not limited: %d", got)
	}
	second()
	if got := debug.SetGCPercent(73); got != 73 {
		t.Errorf("afterwards the percentage is %d, want 73", got)
	}
	if got := debug.SetMemoryLimit(-1); got != limit {
		t.Errorf("afterwards the limit is %d, want %d", got, limit)
	}
}
