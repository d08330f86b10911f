package affinity_test

import (
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
)

const steady = 10 * time.Second

func TestHealthy_StaysInTheOwnZone(t *testing.T) {
	simulate(t, 3, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 200, 2*time.Minute, time.Second)
		if v := c.between(0, c.now()); v.away != 0 || v.failed != 0 || v.attempts != v.calls {
			t.Errorf("healthy zones: %+v; want no attempt elsewhere, none failed, none repeated", v)
		}
	})
}

// The table is what the documentation promises of the loss of a zone.
func TestZoneFault(t *testing.T) {
	for name, test := range map[string]struct {
		fault   fault
		timeout time.Duration
		rate    int
		left    time.Duration // then calls have left the zone
	}{
		"refuses connections":                 {refusing, 0, 100, 500 * time.Millisecond},
		"swallows packets":                    {swallowing, 0, 100, 1500 * time.Millisecond},
		"swallows packets, limit 250 ms":      {swallowing, 250 * time.Millisecond, 100, 500 * time.Millisecond},
		"fails all calls":                     {failing, 0, 100, 500 * time.Millisecond},
		"fails every other call":              {flaky, 0, 100, 3 * time.Second},
		"is ten times slower":                 {slow, 0, 100, 5 * time.Second},
		"refuses connections of many callers": {refusing, 0, 1000, 500 * time.Millisecond},
		"swallows packets of many callers":    {swallowing, 0, 1000, 1500 * time.Millisecond},
		"is ten times slower for many":        {slow, 0, 1000, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			change := func(c *affinity.Config) { c.AttemptTimeout = test.timeout }
			simulate(t, 3, change, func(t *testing.T, c *cluster, s *affinity.Service) {
				c.load(s, test.rate, steady, 3*time.Second)
				fault := c.now()
				c.set(own, test.fault)
				c.load(s, test.rate, 20*time.Second, 3*time.Second)
				recovery := c.now()
				c.set(own, healthy)
				c.load(s, test.rate, 30*time.Second, 3*time.Second)

				t.Logf("during %+v; after 2 s %+v; recovered %+v", c.between(fault, recovery), c.between(fault+2*time.Second, recovery), c.between(recovery, c.now()))
				if v := c.between(0, fault); v.away != 0 || v.failed != 0 {
					t.Errorf("before: %+v; want nothing elsewhere and no failure", v)
				}
				if v := c.between(fault, recovery); float64(v.failed) > 0.01*float64(v.calls) {
					t.Errorf("during: %d of %d calls failed; want at most 1 %%", v.failed, v.calls)
				}
				if v := c.between(fault+2*time.Second, recovery); v.failed != 0 {
					t.Errorf("after 2 s: %d of %d calls failed; want none", v.failed, v.calls)
				}
				if v := c.between(fault+test.left, recovery); v.crossZone() < 0.97 {
					t.Errorf("after %v: %.1f %% of attempts go elsewhere; want the zone left but for trials", test.left, 100*v.crossZone())
				}
				if v := c.between(recovery+10*time.Second, c.now()); v.away != 0 || v.failed != 0 {
					t.Errorf("10 s after recovery: %+v; want everything in the own zone", v)
				}
				if a, at := c.amplification(); a >= 1.2 {
					t.Errorf("%.2f attempts a call in the 10 s from %v; want less than 1.2", a, at)
				}
			})
		})
	}
}

// A quiet client has few retries to spend on finding out, and must not lose calls to that.
func TestZoneFault_QuietClient(t *testing.T) {
	for name, f := range map[string]fault{"refuses": refusing, "swallows": swallowing} {
		t.Run(name, func(t *testing.T) {
			change := func(c *affinity.Config) { c.AttemptTimeout = 300 * time.Millisecond }
			simulate(t, 2, change, func(t *testing.T, c *cluster, s *affinity.Service) {
				c.load(s, 5, 30*time.Second, 3*time.Second)
				fault := c.now()
				c.set(own, f)
				c.load(s, 5, 20*time.Second, 3*time.Second)
				recovery := c.now()
				c.set(own, healthy)
				c.load(s, 5, 30*time.Second, 3*time.Second)
				if v := c.between(fault, c.now()); v.failed != 0 {
					t.Errorf("%d of %d calls failed", v.failed, v.calls)
				}
				if v := c.between(fault+3*time.Second, recovery); v.crossZone() < 0.9 {
					t.Errorf("after 3 s %.0f %% of attempts go elsewhere; want the zone left but for trials", 100*v.crossZone())
				}
				if v := c.between(recovery+10*time.Second, c.now()); v.away != 0 {
					t.Errorf("10 s after recovery %+v; want everything in the own zone", v)
				}
			})
		})
	}
}

// Calls that cannot be repeated find out as well that the zone is back, in time.
func TestZoneFault_CallsThatCannotBeRepeated(t *testing.T) {
	for name, f := range map[string]fault{"refuses": refusing, "swallows": swallowing} {
		t.Run(name, func(t *testing.T) {
			change := func(c *affinity.Config) { c.AttemptTimeout = 300 * time.Millisecond }
			simulate(t, 2, change, func(t *testing.T, c *cluster, s *affinity.Service) {
				c.once = true
				c.load(s, 100, steady, 3*time.Second)
				c.set(own, f)
				fault := c.now()
				c.load(s, 100, 20*time.Second, 3*time.Second)
				recovery := c.now()
				c.set(own, healthy)
				c.load(s, 100, 20*time.Second, 3*time.Second)
				if v := c.between(fault+2*time.Second, recovery); v.failed > 8 {
					t.Errorf("%d calls failed after 2 s; want at most one trial in 3 s", v.failed)
				}
				if v := c.between(recovery+9*time.Second, c.now()); v.away != 0 || v.failed != 0 {
					t.Errorf("9 s after recovery %+v; want everything in the own zone", v)
				}
			})
		})
	}
}

// A client that begins while its zone is dead has no calls to its account: it waits for its budget rather than fail.
func TestZoneFault_ColdStart(t *testing.T) {
	for _, limit := range []time.Duration{300 * time.Millisecond, time.Second} {
		change := func(c *affinity.Config) { c.AttemptTimeout = limit }
		simulate(t, 2, change, func(t *testing.T, c *cluster, s *affinity.Service) {
			c.set(own, swallowing)
			c.load(s, 250, 20*time.Second, 3*time.Second)
			if v := c.between(0, 10*time.Second); float64(v.failed) > 0.01*float64(v.calls) || v.slowest > limit+1100*time.Millisecond {
				t.Errorf("limit %v: %d of the first %d calls failed, the slowest took %v; want at most 1 %%", limit, v.failed, v.calls, v.slowest)
			}
			if a, at := c.amplification(); a >= 1.2 {
				t.Errorf("limit %v: %.2f attempts a call in the 10 s from %v", limit, a, at)
			}
		})
	}
}

// A service that is slow from the start is silent for a while as well: the first answer puts that right.
func TestStall_SlowServiceIsNotDead(t *testing.T) {
	o := &events{}
	change := func(c *affinity.Config) { c.Observer, c.AttemptTimeout = o, 5*time.Second }
	simulate(t, 2, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.latency = 400 * time.Millisecond
		c.load(s, 100, 20*time.Second, 3*time.Second)
		if v := c.between(time.Second, c.now()); v.crossZone() > 0.01 || v.failed > v.calls/50 {
			t.Errorf("after the first second %+v; want the own zone", v)
		}
		if got := o.of(affinity.BreakerChanged); len(got) == 0 || got[len(got)-1].Reason != "it answers after all" && got[len(got)-1].Reason != "not needed now" {
			t.Errorf("told of %+v; want the breaker closed because of an answer", got)
		}
	})
}

// What is noticed by silence is noticed long before the time limit of attempts.
func TestStall_NoticedBeforeTheTimeout(t *testing.T) {
	change := func(c *affinity.Config) { c.AttemptTimeout = 10 * time.Second }
	simulate(t, 3, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 200, steady, 30*time.Second)
		c.set(own, swallowing)
		at := c.now()
		c.load(s, 200, 5*time.Second, 30*time.Second)
		if v := c.between(at+500*time.Millisecond, at+5*time.Second); v.crossZone() < 0.99 {
			t.Errorf("after 0.5 s %.1f %% go elsewhere; want the zone left though no attempt has timed out", 100*v.crossZone())
		}
	})
}

// A recovered zone gets its calls back gradually: it may be cold.
func TestSpillBack_IsGradual(t *testing.T) {
	simulate(t, 3, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 500, steady, time.Second)
		c.set(own, refusing)
		c.load(s, 500, 5*time.Second, time.Second)
		c.set(own, healthy)
		for s.Stats().Zones[0].Breaker != affinity.Closed {
			c.load(s, 500, 20*time.Millisecond, time.Second)
		}
		closed := c.now()
		c.load(s, 500, 5*time.Second, time.Second)
		for _, test := range []struct{ after, least, most float64 }{{0, 0.05, 0.3}, {1, 0.3, 0.6}, {2, 0.6, 0.9}, {3.2, 1, 1}} {
			from := closed + time.Duration(test.after*float64(time.Second))
			if in := 1 - c.between(from, from+500*time.Millisecond).crossZone(); in < test.least || in > test.most {
				t.Errorf("%v s after its breaker closed the zone gets %.0f %%; want %.0f to %.0f %%", test.after, 100*in, 100*test.least, 100*test.most)
			}
		}
	})
}
