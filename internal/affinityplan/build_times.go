package affinityplan

import (
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/config"
)

// times reads percentiles.
func (b *builder) times(path string, given config.AffinityTimes, required bool) Times {
	t := Times{
		P0: time.Duration(given.P0), P50: time.Duration(given.P50), P90: time.Duration(given.P90),
		P99: time.Duration(given.P99), P999: time.Duration(given.P999),
	}
	if t == (Times{}) && !required {
		return t
	}
	if !t.Known() {
		b.bad(path, "incomplete, got p0 %s and p50 %s; give both", orNone(t.P0), orNone(t.P50))
		return t
	}
	last, lastName := t.P0, "p0"
	for _, p := range []struct {
		name string
		time time.Duration
	}{{"p50", t.P50}, {"p90", t.P90}, {"p99", t.P99}, {"p999", t.P999}} {
		if p.time == 0 {
			continue
		}
		if p.time < last {
			b.bad(path+"."+p.name, "shorter than %s, got %s after %s; percentiles rise", lastName, p.time, last)
		}
		last, lastName = p.time, p.name
	}
	return t
}

func orNone(d time.Duration) string {
	if d == 0 {
		return "missing"
	}
	return d.String()
}

func (b *builder) latency() {
	given := &b.file.Latency
	b.chain.Latency = Latency{
		Same:       b.times("latency.sameZone", given.SameZone, true),
		Cross:      b.times("latency.crossZone", given.CrossZone, true),
		PerMessage: given.For == config.ForMessage,
		Pairs:      map[[2]int]Pair{},
	}
	for i := range given.Pairs {
		b.pair(fmt.Sprintf("latency.pairs[%d]", i), &given.Pairs[i])
	}
}

func (b *builder) pair(path string, given *config.AffinityPair) {
	key, ok := b.between(path+".between", given.Between)
	if _, twice := b.chain.Latency.Pairs[key]; ok && twice {
		b.bad(path+".between", "a pair that stands twice, got %s and %s; remove one", given.Between[0], given.Between[1])
		ok = false
	}
	none := given.Times == (config.AffinityTimes{})
	if none == (given.Measured == "") {
		what := "both"
		if none {
			what = "neither"
		}
		b.bad(path, "times or measured, got %s; give one of them", what)
		return
	}
	p := Pair{PerMessage: b.chain.Latency.PerMessage, Measured: string(given.Measured)}
	if given.Measured != "" {
		p.PerMessage = false
		p.Times = b.measuredTimes(path+".measured", given)
	} else {
		p.Times = b.times(path+".times", given.Times, true)
	}
	if ok {
		b.chain.Latency.Pairs[key] = p
	}
}

// between reads the two zones of a pair.
func (b *builder) between(path string, zones []config.ZoneID) ([2]int, bool) {
	if len(zones) != 2 {
		b.bad(path, "not a pair, got %d zones; write two, like [apne2-az1, apne2-az2]", len(zones))
		return [2]int{}, false
	}
	var at [2]int
	known := true
	for i, zone := range zones {
		z, ok := b.zones[zone]
		if !ok {
			b.bad(fmt.Sprintf("%s[%d]", path, i), "not one of the zones, got %s; add it to zones, or remove the pair", zone)
		}
		known = known && ok
		at[i] = z
	}
	return [2]int{min(at[0], at[1]), max(at[0], at[1])}, known
}
