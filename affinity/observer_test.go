package affinity_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
)

// What an operator reads afterwards must tell the story: which breaker, why, in which order, once.
func TestEvents_TellTheStoryOfAZone(t *testing.T) {
	for name, test := range map[string]struct {
		fault fault
		want  []string
	}{
		"refusing": {refusing, []string{"closed to open: ", "open to half-open: a call tries it", "half-open to open: its trial failed"}},
		"slow":     {slow, []string{"closed to open: answers take ", "open to half-open: a call tries it", "half-open to open: its trial was slow: "}},
		"swallowing": {swallowing, []string{"closed to open: ", "open to half-open: a call tries it",
			"half-open to open: its trial failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &events{}
			simulate(t, 2, func(c *affinity.Config) { c.Observer = o }, func(t *testing.T, c *cluster, s *affinity.Service) {
				c.load(s, 200, steady, 3*time.Second)
				c.set(own, test.fault)
				c.load(s, 200, 10*time.Second, 3*time.Second)
				c.set(own, healthy)
				c.load(s, 200, 20*time.Second, 3*time.Second)
			})
			var story []string
			state := affinity.Closed
			for _, e := range o.of(affinity.BreakerChanged) {
				if e.Endpoint != "" {
					continue
				}
				if e.Zone != own || e.Service != "foo.internal" || e.From != state || e.From == e.To || e.Reason == "" {
					t.Errorf("after %v came %+v", state, e)
				}
				state = e.To
				story = append(story, fmt.Sprintf("%v to %v: %s", e.From, e.To, e.Reason))
			}
			for i, want := range test.want {
				if i >= len(story) || !strings.HasPrefix(story[i], want) {
					t.Fatalf("the story is %q; want line %d to begin with %q", story, i+1, want)
				}
			}
			if last := story[len(story)-1]; last != "half-open to closed: trials succeeded" {
				t.Errorf("it ends with %q", last)
			}
		})
	}
}

func TestEvents_SayWhatIsDenied(t *testing.T) {
	o := &events{}
	simulate(t, 2, func(c *affinity.Config) { c.Observer = o }, func(t *testing.T, c *cluster, s *affinity.Service) {
		for _, z := range []string{own, second, third} {
			c.set(z, failing)
		}
		c.load(s, 200, 5*time.Second, time.Second)
		st := s.Stats()
		if denied, shed := len(o.of(affinity.RetryDenied)), len(o.of(affinity.CallShed)); denied == 0 || shed == 0 ||
			uint64(denied) != st.RetriesDenied || uint64(shed) != st.Shed {
			t.Errorf("told of %d retries denied and %d calls refused; %+v", denied, shed, st)
		}
	})
}

// Stats add up.
func TestStats(t *testing.T) {
	simulate(t, 2, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 100, steady, time.Second)
		c.set(own, failing)
		c.load(s, 100, 5*time.Second, time.Second)
		st, v := s.Stats(), c.between(0, c.now())
		failures := 0
		for _, r := range c.attempts {
			if r.err != nil {
				failures++
			}
		}
		if st.Calls != uint64(v.calls) || st.Attempts != uint64(v.attempts) || st.CrossZone != uint64(v.away) || st.Failures != uint64(failures) ||
			st.Retries != uint64(v.attempts-v.calls) {
			t.Errorf("%+v; the servers saw %+v, %d failures", st, v, failures)
		}
		z := st.Zones[0]
		if len(st.Zones) != 3 || z.Zone != own || !z.Own || z.Breaker == affinity.Closed || z.Share != 0 || z.Usual < 500*time.Microsecond || z.Usual > 2*time.Millisecond {
			t.Errorf("the own zone is %+v", z)
		}
		if share := st.Zones[1].Share + st.Zones[2].Share; share < 0.999 || share > 1.001 || st.Zones[1].Median < 2*time.Millisecond {
			t.Errorf("the others are %+v", st.Zones[1:])
		}
	})
}
