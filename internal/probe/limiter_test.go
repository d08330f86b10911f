package probe

import (
	"net/netip"
	"testing"
	"time"
)

func TestLimiter_FillsAtItsRate(t *testing.T) {
	l, now, a := newLimiter(10, 3, 100), time.Unix(1000, 0), netip.MustParseAddr("192.0.2.1")
	take := func(want int) {
		t.Helper()
		got := 0
		for range 100 {
			if l.allow(a, now) {
				got++
			}
		}
		if got != want {
			t.Errorf("at %s: got %d, want %d", now.UTC(), got, want)
		}
	}
	take(3)
	now = now.Add(200 * time.Millisecond)
	take(2)
	now = now.Add(time.Hour)
	take(3)
}

func TestLimiter_TellsSourcesApart(t *testing.T) {
	l, now := newLimiter(1, 1, 100), time.Unix(1000, 0)
	for _, test := range []struct {
		source string
		want   bool
	}{
		{"192.0.2.1", true}, {"192.0.2.1", false}, {"192.0.2.2", true},
		{"::ffff:192.0.2.2", false},                   // the same
		{"2001:db8::1", true}, {"2001:db8::2", false}, // one /64
		{"2001:db8:0:1::1", true}, {"2001:db8:0:1::1%eth0", false}, // another
	} {
		if got := l.allow(netip.MustParseAddr(test.source), now); got != test.want {
			t.Errorf("%s: got %v, want %v", test.source, got, test.want)
		}
	}
}

// A flood of forged sources fills the table; it must neither grow nor push out those that are served.
func TestLimiter_BoundsItsTable(t *testing.T) {
	l, now := newLimiter(10, 20, 50), time.Unix(1000, 0)
	known := netip.MustParseAddr("198.51.100.1")
	source := netip.MustParseAddr("10.0.0.0")
	allowed := 0
	for i := range 10_000 {
		source = source.Next()
		if l.allow(source, now) {
			allowed++
		}
		if i%100 == 0 && !l.allow(known, now) {
			t.Fatalf("the known source is pushed out after %d others", i)
		}
		now = now.Add(10 * time.Millisecond)
		if len(l.buckets) > 50 {
			t.Fatalf("the table holds %d sources", len(l.buckets))
		}
	}
	// 100 new ones come a second: once in it 50 find a place, and the others share 10.
	if allowed < 5000 || allowed > 7000 {
		t.Errorf("of 10,000 new sources %d were allowed, want about 6,000", allowed)
	}
}

func TestLimiter_SharesWhatDoesNotFit(t *testing.T) {
	l, now := newLimiter(1, 2, 1), time.Unix(1000, 0)
	l.allow(netip.MustParseAddr("10.0.0.1"), now)
	allowed, source := 0, netip.MustParseAddr("10.1.0.0")
	for range 100 {
		source = source.Next()
		if l.allow(source, now) {
			allowed++
		}
	}
	if allowed != 2 {
		t.Errorf("100 sources that do not fit got %d requests, want 2", allowed)
	}
}
