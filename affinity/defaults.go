package affinity

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/pathproof/pathproof/affinity/pacing"
	"github.com/pathproof/pathproof/affinity/zone"
)

// withDefaults fills in what was left out. It does not judge.
func (c Config) withDefaults() Config {
	if len(c.Hosts) == 0 && c.Name != "" {
		c.Hosts = []string{c.Name}
	}
	or(&c.AttemptTimeout, time.Second)
	or(&c.ConnectTimeout, 500*time.Millisecond)
	if c.AttemptTimeout > 0 {
		c.ConnectTimeout = min(c.ConnectTimeout, c.AttemptTimeout)
	}
	or(&c.Retry.MaxAttempts, 3)
	or(&c.Retry.Budget, 0.19)
	or(&c.Retry.Floor, 10)
	or(&c.Retry.Base, 10*time.Millisecond)
	or(&c.Retry.Max, max(time.Second, c.Retry.Base))
	or(&c.Breaker.Window, 2*time.Second)
	or(&c.Breaker.FailureRatio, 0.5)
	or(&c.Breaker.MinCalls, 10)
	or(&c.Breaker.Consecutive, 5)
	or(&c.Breaker.OpenFor, time.Second)
	or(&c.Breaker.MaxOpen, max(3*time.Second, c.Breaker.OpenFor))
	or(&c.Breaker.Trials, 3)
	or(&c.Slow.Factor, 5)
	or(&c.Slow.Excess, 2*time.Millisecond)
	or(&c.Slow.Ratio, 0.5)
	or(&c.Slow.Compare, 0.1)
	or(&c.Ejection.MaxRatio, 0.5)
	or(&c.Shed.Multiplier, 2)
	or(&c.Shed.MaxRatio, 0.9)
	or(&c.Spill.Overprovision, 1.4)
	or(&c.Spill.Back, 3*time.Second)
	return c
}

func or[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// check returns everything that is wrong with a configuration, as it was given.
func (c Config) check() error {
	p := &problems{}
	switch {
	case c.Name == "":
		p.add("a service without a name, got Name %q; give its DNS name, such as foo.internal", c.Name)
	case strings.ContainsAny(c.Name, "/: "):
		p.add("a service's name is a host without scheme and port, got Name %q; give its DNS name, such as foo.internal", c.Name)
	}
	for _, h := range c.Hosts {
		if h == "" || strings.ContainsAny(h, "/: ") {
			p.add("a host without scheme and port is needed, got %q in Hosts; give one as Name is, such as foo.internal: any port of it is meant", h)
		}
	}
	if c.Source == nil {
		p.add("a service without discovery, got no Source; give one, such as a discover.Static")
	}
	if c.Zone != "" {
		if err := zone.Check(c.Zone); err != nil {
			p.add("Zone: %w", err)
		}
	}
	if c.PacingRate > 0 && !pacing.Supported {
		p.add("the kernel cannot pace connections, got PacingRate %d on %s; leave it out: %w", c.PacingRate, runtime.GOOS, pacing.ErrUnsupported)
	}
	c.checkDurations(p)
	c.checkRatios(p)
	c.checkCounts(p)
	c.checkContradictions(p)
	if len(p.all) == 0 {
		return nil
	}
	return errors.Join(p.all...)
}

type problems struct{ all []error }

func (p *problems) add(format string, args ...any) {
	p.all = append(p.all, fmt.Errorf(format, args...))
}

func (c Config) checkDurations(p *problems) {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"ConnectTimeout", c.ConnectTimeout}, {"Retry.Base", c.Retry.Base}, {"Retry.Max", c.Retry.Max},
		{"Breaker.Window", c.Breaker.Window}, {"Breaker.OpenFor", c.Breaker.OpenFor}, {"Breaker.MaxOpen", c.Breaker.MaxOpen},
		{"Slow.Excess", c.Slow.Excess}, {"Slow.Duration", c.Slow.Duration}, {"Hedge.After", c.Hedge.After}, {"Spill.Back", c.Spill.Back},
	} {
		if d.value < 0 {
			p.add("a negative duration, got %s %v; leave it out for the default", d.name, d.value)
		}
	}
}

func (c Config) checkRatios(p *problems) {
	for _, r := range []struct {
		name  string
		value float64
	}{
		{"Breaker.FailureRatio", c.Breaker.FailureRatio}, {"Slow.Ratio", c.Slow.Ratio}, {"Slow.Compare", c.Slow.Compare},
		{"Ejection.MaxRatio", c.Ejection.MaxRatio}, {"Shed.MaxRatio", c.Shed.MaxRatio},
	} {
		if !(r.value >= 0 && r.value <= 1) {
			p.add("a share outside 0 to 1, got %s %v; give a share, such as 0.5", r.name, r.value)
		}
	}
	if !(c.Retry.Budget <= 1) {
		p.add("retries may at most double the calls, got Retry.Budget %v; give a share of calls, such as 0.19", c.Retry.Budget)
	}
	if c.Slow.Factor > 0 && c.Slow.Factor <= 1 {
		p.add("every answer would be slow, got Slow.Factor %v; give more than 1, such as 5", c.Slow.Factor)
	}
	if c.Shed.Multiplier > 0 && c.Shed.Multiplier < 1 {
		p.add("calls would be refused although all succeed, got Shed.Multiplier %v; give at least 1, such as 2", c.Shed.Multiplier)
	}
	if c.Spill.Overprovision != 0 && !(c.Spill.Overprovision >= 1) {
		p.add("calls would leave a healthy zone, got Spill.Overprovision %v; give at least 1, such as 1.4", c.Spill.Overprovision)
	}
}

func (c Config) checkCounts(p *problems) {
	for _, n := range []struct {
		name  string
		value int
	}{
		{"Retry.MaxAttempts", c.Retry.MaxAttempts}, {"Breaker.MinCalls", c.Breaker.MinCalls},
		{"Breaker.Consecutive", c.Breaker.Consecutive}, {"Breaker.Trials", c.Breaker.Trials},
	} {
		if n.value < 0 {
			p.add("a negative number, got %s %d; leave it out for the default", n.name, n.value)
		}
	}
}

func (c Config) checkContradictions(p *problems) {
	full := c.withDefaults()
	none := c.Retry.Budget < 0 && c.Retry.Floor < 0
	if c.Retry.MaxAttempts == 1 && (c.Retry.Budget > 0 || c.Retry.Floor > 0) {
		p.add("a budget for retries that are off, got Retry.MaxAttempts 1 with Budget %v and Floor %d; raise MaxAttempts or leave the budget out",
			c.Retry.Budget, c.Retry.Floor)
	}
	if none && c.Retry.MaxAttempts > 1 {
		p.add("retries without a budget, got Retry.MaxAttempts %d with Budget %v and Floor %d; give a budget, or set MaxAttempts to 1",
			c.Retry.MaxAttempts, c.Retry.Budget, c.Retry.Floor)
	}
	if c.Hedge.On && none {
		p.add("hedging without a budget, got Hedge.On with Retry.Budget %v and Retry.Floor %d; hedges come out of the budget of retries",
			c.Retry.Budget, c.Retry.Floor)
	}
	if c.Hedge.On && c.Retry.MaxAttempts == 1 {
		p.add("a hedge is a second attempt, got Hedge.On with Retry.MaxAttempts 1; allow 2 or more, or turn hedging off")
	}
	if !c.Hedge.On && c.Hedge.After > 0 {
		p.add("a wait for hedges that are off, got Hedge.After %v; set Hedge.On or leave After out", c.Hedge.After)
	}
	if full.Hedge.On && full.Hedge.After > 0 && full.AttemptTimeout > 0 && full.Hedge.After >= full.AttemptTimeout {
		p.add("a hedge would never start, got Hedge.After %v and AttemptTimeout %v; hedge earlier", full.Hedge.After, full.AttemptTimeout)
	}
	if full.Retry.Max < full.Retry.Base {
		p.add("the longest backoff is below the first, got Retry.Max %v and Retry.Base %v; raise Max", full.Retry.Max, full.Retry.Base)
	}
	if full.Breaker.MaxOpen < full.Breaker.OpenFor {
		p.add("the longest open time is below the first, got Breaker.MaxOpen %v and Breaker.OpenFor %v; raise MaxOpen",
			full.Breaker.MaxOpen, full.Breaker.OpenFor)
	}
	if c.ConnectTimeout > 0 && c.AttemptTimeout > 0 && c.ConnectTimeout > c.AttemptTimeout {
		p.add("connecting may take longer than the attempt, got ConnectTimeout %v and AttemptTimeout %v; lower ConnectTimeout",
			c.ConnectTimeout, c.AttemptTimeout)
	}
	if c.Slow.Duration > 0 && c.AttemptTimeout > 0 && c.Slow.Duration >= c.AttemptTimeout {
		p.add("no answer could be slow before it is too late, got Slow.Duration %v and AttemptTimeout %v; lower Slow.Duration",
			c.Slow.Duration, c.AttemptTimeout)
	}
}
