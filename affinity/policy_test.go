package affinity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// When every zone becomes slower it is the work that has: nothing is gained elsewhere, and nothing may go there for long.
func TestSlow_EverywhereStaysInTheOwnZone(t *testing.T) {
	o := &events{}
	simulate(t, 3, func(c *affinity.Config) { c.Observer = o }, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 200, steady, time.Second)
		for _, z := range []string{own, second, third} {
			c.set(z, slow)
		}
		at := c.now()
		c.load(s, 200, 30*time.Second, time.Second)
		if v := c.between(at+5*time.Second, c.now()); v.away != 0 || v.failed != 0 {
			t.Errorf("5 s after all zones became slow: %+v; want everything in the own zone", v)
		}
		if v := c.between(at, at+5*time.Second); v.crossZone() > 0.1 {
			t.Errorf("while comparing %.1f %% went elsewhere; want at most Compare, 10 %%", 100*v.crossZone())
		}
		if len(o.of(affinity.ZoneSuspect)) != 1 || len(o.of(affinity.ZoneCleared)) != 1 || len(o.of(affinity.BreakerChanged)) != 0 {
			t.Errorf("events %+v; want one suspicion, cleared, and no breaker", o.list)
		}
	})
}

// A limit in the configuration needs no comparison.
func TestSlow_OverTheLimitLeavesAtOnce(t *testing.T) {
	change := func(c *affinity.Config) { c.Slow.Duration = 5 * time.Millisecond }
	simulate(t, 3, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.set(own, slow) // from the start: there is no past to compare with
		c.load(s, 200, steady, time.Second)
		if v := c.between(2*time.Second, c.now()); v.crossZone() < 0.95 {
			t.Errorf("%.1f %% go elsewhere; want the zone left", 100*v.crossZone())
		}
	})
}

func TestSlow_Off(t *testing.T) {
	simulate(t, 3, func(c *affinity.Config) { c.Slow.Factor = -1 }, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 200, steady, time.Second)
		c.set(own, slow)
		c.load(s, 200, steady, time.Second)
		if v := c.between(0, c.now()); v.away != 0 {
			t.Errorf("%d attempts went elsewhere although slowness does not count", v.away)
		}
	})
}

// Endpoints that are worse than their neighbours are left out, and the zone keeps its calls while 1/1.4 of its endpoints are well.
func TestEndpointFault(t *testing.T) {
	for name, test := range map[string]struct {
		fault    fault
		sick, of int
		away     [2]float64 // least and most share elsewhere, once settled
	}{
		"one of four refuses":          {refusing, 1, 4, [2]float64{0, 0}},
		"one of four is slow":          {slow, 1, 4, [2]float64{0, 0}},
		"one of four fails":            {failing, 1, 4, [2]float64{0, 0}},
		"two of four refuse":           {refusing, 2, 4, [2]float64{0.25, 0.35}}, // 1 - 1.4 x 2/4
		"three of four swallow":        {swallowing, 3, 4, [2]float64{0.58, 0.70}},
		"one of two is slow":           {slow, 1, 2, [2]float64{0.25, 0.35}},
		"one of three fails every 2nd": {flaky, 1, 3, [2]float64{0, 0.12}}, // 1 - 1.4 x 2/3 = 7 %
	} {
		t.Run(name, func(t *testing.T) {
			change := func(c *affinity.Config) { c.AttemptTimeout = 200 * time.Millisecond }
			simulate(t, test.of, change, func(t *testing.T, c *cluster, s *affinity.Service) {
				c.load(s, 200, steady, time.Second)
				at := c.now()
				for i := range test.sick {
					c.setEndpoint(fmt.Sprintf("10.0.1.%d:80", i+1), test.fault)
				}
				c.load(s, 200, 20*time.Second, time.Second)
				v := c.between(at+4*time.Second, c.now())
				// Trials go to the sick endpoint and are repeated elsewhere: a handful of 3200.
				if x := v.crossZone(); x < test.away[0] || x > test.away[1]+0.01 {
					t.Errorf("%.1f %% went elsewhere; want %.0f to %.0f %%", 100*x, 100*test.away[0], 100*test.away[1])
				}
				if v := c.between(at, c.now()); v.failed != 0 {
					t.Errorf("%d of %d calls failed", v.failed, v.calls)
				}
				c.mu.Lock()
				c.endpoints = map[string]fault{}
				c.mu.Unlock()
				at = c.now()
				c.load(s, 200, 20*time.Second, time.Second)
				if v := c.between(at+10*time.Second, c.now()); v.away != 0 {
					t.Errorf("10 s after recovery %d of %d attempts go elsewhere", v.away, v.attempts)
				}
			})
		})
	}
}

// Slow endpoints are left out only up to Ejection.MaxRatio.
func TestEjection_IsBounded(t *testing.T) {
	simulate(t, 5, func(c *affinity.Config) { c.Ejection.MaxRatio = 0.2 }, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 500, steady, time.Second)
		c.setEndpoint("10.0.1.1:80", slow)
		c.setEndpoint("10.0.1.2:80", slow)
		for range 40 {
			c.load(s, 500, 250*time.Millisecond, time.Second)
			open := 0
			for _, e := range s.Stats().Zones[0].Endpoints {
				if e.Breaker != affinity.Closed {
					open++
				}
			}
			if open > 1 {
				t.Fatalf("%d of 5 endpoints are left out; want at most 20 %%", open)
			}
		}
	})
}

func TestFlapping(t *testing.T) {
	simulate(t, 3, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 200, steady, 3*time.Second)
		for range 15 {
			c.set(own, refusing)
			c.load(s, 200, time.Second, 3*time.Second)
			c.set(own, healthy)
			c.load(s, 200, time.Second, 3*time.Second)
		}
		at := c.now()
		c.load(s, 200, 30*time.Second, 3*time.Second)
		if v := c.between(0, c.now()); v.failed != 0 {
			t.Errorf("%d of %d calls failed", v.failed, v.calls)
		}
		if v := c.between(at+10*time.Second, c.now()); v.away != 0 {
			t.Errorf("10 s after the last flap %+v; want everything in the own zone", v)
		}
		if a, from := c.amplification(); a >= 1.2 {
			t.Errorf("%.2f attempts a call in the 10 s from %v", a, from)
		}
	})
}

// When everything fails, calls do too; but attempts stay within the budget, most calls are refused, and the end is noticed soon.
func TestTotalFailure(t *testing.T) {
	for name, f := range map[string]fault{"refuses": refusing, "fails": failing, "swallows": swallowing} {
		t.Run(name, func(t *testing.T) {
			simulate(t, 3, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
				c.load(s, 200, steady, 3*time.Second)
				at := c.now()
				for _, z := range []string{own, second, third} {
					c.set(z, f)
				}
				c.load(s, 200, 30*time.Second, 3*time.Second)
				if v := c.between(at+10*time.Second, at+30*time.Second); v.attempts > v.calls/4 {
					t.Errorf("%d calls made %d attempts; want most of them refused", v.calls, v.attempts)
				}
				if a, from := c.amplification(); a >= 1.2 {
					t.Errorf("%.2f attempts a call in the 10 s from %v", a, from)
				}
				at = c.now()
				for _, z := range []string{own, second, third} {
					c.set(z, healthy)
				}
				c.load(s, 200, 30*time.Second, 3*time.Second)
				t.Logf("the last call failed %v after recovery", c.lastFailure()-at)
				if v := c.between(at+10*time.Second, c.now()); v.failed != 0 || v.away != 0 {
					t.Errorf("10 s after recovery: %+v; want all well in the own zone", v)
				}
			})
		})
	}
}

// Zones that take over and cannot carry it all are not asked for more than they can give, and they still serve.
func TestShed_ProtectsZonesThatTakeOver(t *testing.T) {
	simulate(t, 3, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 400, steady, time.Second)
		c.set(own, refusing)
		c.capacity = map[string]int{second: 5, third: 5} // 100 a second together, for 400
		at := c.now()
		c.load(s, 400, 30*time.Second, time.Second)
		v := c.between(at+10*time.Second, at+30*time.Second)
		t.Logf("%d of 2000 that the zones could answer were served, by %d attempts", v.calls-v.failed, v.attempts)
		if perSecond := v.attempts / 20; perSecond > 260 {
			t.Errorf("%d attempts a second reach zones that can answer 100; want little more than Shed.Multiplier, 2 times", perSecond)
		}
		if served := v.calls - v.failed; served < 20*85 {
			t.Errorf("%d calls in 20 s succeed; want nearly the 2000 that the zones can answer", served)
		}
	})
}

func TestEvacuated(t *testing.T) {
	o := &events{}
	simulate(t, 3, func(c *affinity.Config) { c.Observer = o }, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 100, steady, time.Second)
		at := c.now()
		c.evacuate(own)
		c.load(s, 100, 20*time.Second, time.Second)
		if v := c.between(at+5*time.Second, c.now()); v.crossZone() != 1 || v.failed != 0 {
			t.Errorf("5 s after evacuation %+v; want nothing in the zone", v)
		}
		c.evacuate(own, second, third)
		c.load(s, 100, 15*time.Second, time.Second)
		at = c.now()
		c.load(s, 100, 5*time.Second, time.Second)
		if v := c.between(at, c.now()); v.away != 0 || v.failed != 0 {
			t.Errorf("all zones evacuated: %+v; want the own one, since there is no better", v)
		}
		if n := len(o.of(affinity.ZoneEvacuated)); n != 3 {
			t.Errorf("%d zones told as evacuated; want 3", n)
		}
	})
}

// Without a known own zone calls are spread, and Observer is told once.
func TestUnknownZone(t *testing.T) {
	for name, zone := range map[string]string{"not given": "", "without endpoints": "apne2-az4"} {
		t.Run(name, func(t *testing.T) {
			o := &events{}
			change := func(c *affinity.Config) { c.Observer, c.Zone = o, zone }
			simulate(t, 2, change, func(t *testing.T, c *cluster, s *affinity.Service) {
				c.load(s, 100, 20*time.Second, time.Second)
				if v := c.between(0, c.now()); v.crossZone() < 0.6 || v.crossZone() > 0.73 {
					t.Errorf("%.0f %% left az1; want two thirds", 100*v.crossZone())
				}
				if got := o.of(affinity.ZoneUnknown); len(got) != 1 || got[0].Reason == "" {
					t.Errorf("told %v; want it once, with a reason", got)
				}
			})
		})
	}
}

func TestNoEndpoint(t *testing.T) {
	simulate(t, 0, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := s.Do(ctx, c.serve)
		if !errors.Is(err, affinity.ErrNoEndpoint) || !errors.Is(err, discover.ErrEmpty) || len(c.attempts) != 0 {
			t.Errorf("got %v; want ErrNoEndpoint and why", err)
		}
	})
}

// An endpoint that comes back under the same address has no past; one that goes is forgotten.
func TestUpdate_ForgetsWhatIsGone(t *testing.T) {
	simulate(t, 1, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		for i := range 500 {
			c.mu.Lock()
			c.answer.Endpoints = []discover.Endpoint{{Addr: fmt.Sprintf("10.0.1.%d:80", i%250+1), Zone: own, ID: fmt.Sprint(i)}}
			c.mu.Unlock()
			c.load(s, 10, 6*time.Second, time.Second)
			if n := len(s.Stats().Zones[0].Endpoints); n != 1 || len(s.Stats().Zones) != 1 {
				t.Fatalf("%d endpoints are known; want the one that there is", n)
			}
		}
		if v := c.between(0, c.now()); v.failed != 0 {
			t.Errorf("%d calls failed", v.failed)
		}
	})
}

func TestClose(t *testing.T) {
	simulate(t, 1, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 10, time.Second, time.Second)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Do(context.Background(), c.serve); !errors.Is(err, affinity.ErrClosed) {
			t.Errorf("a call after Close got %v", err)
		}
		if _, err := s.Pick(context.Background(), affinity.PickOptions{}); !errors.Is(err, affinity.ErrClosed) {
			t.Errorf("a pick after Close got %v", err)
		}
	})
}

// A zone that was left with one good endpoint among dead ones is found to have it: trials do not insist on the dead.
func TestTrial_FindsTheGoodEndpoint(t *testing.T) {
	simulate(t, 4, func(c *affinity.Config) { c.AttemptTimeout = 200 * time.Millisecond }, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 100, steady, time.Second)
		c.set(own, refusing)
		c.load(s, 100, 5*time.Second, time.Second)
		for i := range 3 {
			c.setEndpoint(fmt.Sprintf("10.0.1.%d:80", i+1), refusing)
		}
		c.set(own, healthy)
		c.load(s, 100, 30*time.Second, time.Second)
		at := c.now()
		c.load(s, 100, 10*time.Second, time.Second)
		if v := c.between(at, c.now()); v.crossZone() > 0.75 || v.failed != 0 {
			t.Errorf("30 s later %.0f %% still go elsewhere, %d failed; want 65 %%, as one of four endpoints serves", 100*v.crossZone(), v.failed)
		}
	})
}
