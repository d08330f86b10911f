package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// interchangeable checks that a listener leads to one Region, or says that it does not matter to which, and that servers
// behind one listener take the same people.
func (b *builder) interchangeable(path string, c config.Listener, backends []backend) {
	var regions []string
	for _, x := range backends {
		if !slices.Contains(regions, x.place.Region) {
			regions = append(regions, x.place.Region)
		}
	}
	if len(regions) > 1 && !c.Interchangeable {
		b.addf(problem.PinnedListener, path+".endpoints", "endpoints in several Regions, got %s; each client is sent to the nearest, so give each Region a listener with a port of its own, or set interchangeable: true",
			strings.Join(regions, ", "))
	}
	for i, x := range backends {
		where := fmt.Sprintf("%s.endpoints[%d]", path, i)
		if x.To.Kind != config.KindOpenVPN || len(backends) == 1 {
			continue
		}
		switch first := backends[0]; {
		case first.To.Kind != config.KindOpenVPN:
			b.addf(problem.PinnedListener, where, "a server beside something else, got %s and %s; give each a listener", first.To, x.To)
		case x.pki != first.pki:
			b.addf(problem.PinnedListener, where, "servers of different PKIs behind one listener, got %s of %s and %s of %s; a profile fits one of them, so give each a listener", first.To, first.pki, x.To, x.pki)
		case x.place == first.place && x.health != first.health:
			b.addf(problem.PinnedListener, where, "health ports differ, got %d at %s and %d at %s; a Region has one health check, so give them one port", first.health, first.To, x.health, x.To)
		case x.routed && i > 0, first.routed:
			b.addf(problem.PinnedListener, where, "a routed server is not interchangeable, got %s; people keep its pool's addresses, so give it a listener or set forward: nat", x.To)
		}
	}
}

func (b *builder) dials(path string, c config.Listener, backends []backend) {
	for _, alias := range sortedKeys(c.Dials) {
		where := fmt.Sprintf("%s.dials[%s]", path, alias)
		r := b.region(where, alias)
		switch dial := c.Dials[alias]; {
		case dial < 0 || dial > 100:
			b.addf(problem.AcceleratorLimit, where, "out of range, got %d; use 0 to 100 (percent)", dial)
		case r != nil && !slices.ContainsFunc(backends, func(x backend) bool { return x.place.Region == r.Region }):
			b.addf(problem.Conflict, where, "the listener has no endpoint there, got %s; leave it out", alias)
		}
	}
}

// acceleratorAccount settles the account: that of all endpoints, and its Region's place if that is declared with one.
func (b *builder) acceleratorAccount(a *Accelerator, path string, all []backend) {
	for i, x := range all {
		if i == 0 {
			a.Place.Account, a.Place.AccountID = x.place.Account, x.place.AccountID
			continue
		}
		if x.place.Account != a.Place.Account {
			b.addf(problem.EndpointRegion, path+".listeners", "endpoints of several accounts, got %s in %s and %s in %s; use an accelerator for each account", all[0].To, all[0].place, x.To, x.place)
			return
		}
	}
}

// acceleratorPorts checks that no two listeners of an accelerator share a port.
func (b *builder) acceleratorPorts(a *Accelerator, path string) {
	for i, x := range a.Listeners {
		for _, y := range a.Listeners[:i+1] {
			if x.Protocol != y.Protocol {
				continue
			}
			for j, r := range x.Ports {
				for k, o := range y.Ports {
					if x == y && k >= j || r.First > o.Last || o.First > r.Last {
						continue
					}
					b.addf(problem.PortClash, fmt.Sprintf("%s.listeners[%s]", path, x.Name), "shares %s ports with listener %s, got %s and %s; an accelerator leads each port one way", strings.ToUpper(x.Protocol), y.Name, r, o)
				}
			}
		}
	}
}

// overridesOf are the overrides of the ports of one listener.
func (b *builder) overridesOf(c config.Listener, l *AcceleratorListener) []PortOverride {
	var out []PortOverride
	for _, o := range c.PortOverrides {
		if inRanges(l.Ports, o.Listener) {
			out = append(out, PortOverride{int(o.Listener), int(o.Endpoint)})
		}
	}
	slices.SortFunc(out, func(x, y PortOverride) int { return x.Listener - y.Listener })
	return out
}

func inRanges(ranges []config.PortRange, port config.Port) bool {
	return slices.ContainsFunc(ranges, func(r config.PortRange) bool { return r.First <= port && port <= r.Last })
}

// overrides follows AWS's rules for port overrides (Global Accelerator guide, override listener ports).
func (b *builder) overrides(a *Accelerator, path string, c config.Accelerator) {
	to := map[config.Port]string{}
	for _, name := range sortedKeys(c.Listeners) {
		l := c.Listeners[name]
		for i, o := range l.PortOverrides {
			where := fmt.Sprintf("%s.listeners[%s].portOverrides[%d]", path, name, i)
			own := slices.Concat(l.TCP, l.UDP)
			if !inRanges(own, o.Listener) {
				b.addf(problem.PortOverride, where+".listener", "not a port of the listener, got %d; use one of %s", o.Listener, joinRanges(own))
			}
			for _, x := range a.Listeners {
				if inRanges(x.Ports, o.Endpoint) {
					b.addf(problem.PortOverride, where+".endpoint", "a port of listener %s, got %d; Global Accelerator refuses an endpoint's port that lies in a listener's range, so let the endpoint answer on %d", x.Name, o.Endpoint, o.Listener)
					break
				}
			}
			if other, dup := to[o.Endpoint]; dup {
				b.addf(problem.PortOverride, where+".endpoint", "the port of an override of listener %s too, got %d; Global Accelerator leads to a port by one override, so let the endpoint answer on %d", other, o.Endpoint, o.Listener)
			}
			to[o.Endpoint] = string(name)
		}
	}
}

func joinRanges(ranges []config.PortRange) string {
	var out []string
	for _, r := range ranges {
		out = append(out, r.String())
	}
	return strings.Join(out, ", ")
}

// listenerLimits compares a listener with what Global Accelerator does not raise.
func (b *builder) listenerLimits(path string, l *AcceleratorListener) {
	if n := len(l.Ports); n > awsdata.PortRangesPerListener.Default {
		b.addf(problem.AcceleratorLimit, path+"."+l.Protocol, "too many port ranges, got %d with echo; the limit is %d, so use wider ranges or another listener", n, awsdata.PortRangesPerListener.Default)
	}
	for _, g := range l.Groups {
		if n := len(g.Endpoints); n > awsdata.EndpointsPerGroup.Default {
			b.addf(problem.AcceleratorLimit, path+".endpoints", "too many endpoints in one Region, got %d in %s; the limit is %d", n, g.Region, awsdata.EndpointsPerGroup.Default)
		}
		if n := len(g.PortOverrides); n > awsdata.OverridesPerGroup.Default {
			b.addf(problem.AcceleratorLimit, path+".portOverrides", "too many overrides, got %d; the limit is %d", n, awsdata.OverridesPerGroup.Default)
		}
		for _, e := range g.Endpoints {
			if e.To.Kind == config.KindOpenVPN && g.Health.Protocol != config.HealthTCP {
				b.addf(problem.Conflict, path+".endpoints", "an OpenVPN server answers health checks by TCP, got protocol %s for %s; set healthCheck: {protocol: tcp}", g.Health.Protocol, e.To)
			}
		}
	}
}
