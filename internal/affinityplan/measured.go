package affinityplan

import (
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
)

// measuredTimes takes the times of a pair of zones from the probe result.
func (b *builder) measuredTimes(path string, given *config.AffinityPair) Times {
	if b.measured == nil {
		b.bad(path, "no probe result, got path %s; give one with --measured, or write times", given.Measured)
		return Times{}
	}
	i := slices.IndexFunc(b.measured.Paths, func(p probe.PathResult) bool { return p.Name == string(given.Measured) })
	if i < 0 {
		var names []string
		for k := range b.measured.Paths {
			names = append(names, b.measured.Paths[k].Name)
		}
		b.problems.Addf(problem.UnknownName, path, "not a path of the probe result, got %s; %s", given.Measured, problem.OneOf(string(given.Measured), names))
		return Times{}
	}
	p := &b.measured.Paths[i]
	b.vantage(path, given, p)
	t, ok := timesOf(p)
	if !ok {
		b.bad(path, "no times of a round trip in the probe result, got path %s (%s, %d of %d answered); measure it with tcp, echo, udp or icmp", given.Measured, p.Kind, p.OK, p.Sent)
	}
	return t
}

// vantage refuses a path that was measured from somewhere else, where the result says from where.
func (b *builder) vantage(path string, given *config.AffinityPair, p *probe.PathResult) {
	zone := b.measured.Vantage.AZID
	if p.Vantage != nil && p.Vantage.AZID != "" {
		zone = p.Vantage.AZID
	}
	if zone != "" && !slices.Contains(given.Between, config.ZoneID(zone)) {
		b.bad(path, "a path that was measured from another zone, got %s from %s; name one that begins in either of the two", given.Measured, zone)
	}
}

// roundTrips are the phases that one round trip makes, by kind of path. HTTP and DNS have a server's own time in them.
var roundTrips = map[probe.Kind]probe.Phase{
	probe.KindTCP: probe.PhaseConnect, probe.KindTCPEcho: probe.PhaseWait, probe.KindUDPEcho: probe.PhaseWait, probe.KindICMP: probe.PhaseWait,
}

// timesOf takes percentiles of a path. Those that its sample does not resolve are left out, for they are guesses.
func timesOf(p *probe.PathResult) (Times, bool) {
	phase, ok := roundTrips[p.Kind]
	stats, measured := p.Phases[phase]
	if !ok || !measured || stats.N == 0 || stats.Min <= 0 {
		return Times{}, false
	}
	t := Times{P0: time.Duration(stats.Min) * time.Microsecond}
	for _, q := range stats.Quantiles {
		if q.V == nil || !q.Resolved {
			continue
		}
		switch v := time.Duration(*q.V) * time.Microsecond; q.Q {
		case 0.5:
			t.P50 = v
		case 0.9:
			t.P90 = v
		case 0.99:
			t.P99 = v
		case 0.999:
			t.P999 = v
		}
	}
	return t, t.Known()
}
