package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// proveShut judges a path that people must not have: through the one server or Client VPN that via names, or else through all
// of them and over the Internet without any. Only what allow entries open counts: the next route would complete the path.
func (b *builder) proveShut(p *Path, path string, to end, e entry, via []config.Ref) {
	inside := e.server != nil || e.vpn != nil
	ways := b.waysIn(e)
	switch {
	case len(via) > 1 || len(via) == 1 && !inside:
		b.addf(problem.Conflict, path+".via", "a path that must be unreachable goes no way beyond the one that people get in by, got %s; name one openvpn/NAME or clientVpn/NAME, or leave via out", joinRefs(via))
		return
	case to.server != nil && inside:
		b.addf(problem.Conflict, path+".via", "a server's responder stands at its public address, got %s; leave via out", joinRefs(via))
		return
	case to.network == nil && len(ways) == 0:
		b.addf(problem.Conflict, path+".to", "the plan knows no way from people to a site, got %s; name a host in a network", p.To)
		return
	case to.server != nil:
		ways = nil // the people connected to it are no matter of its public address
	}
	var why []string
	open := false
	if !inside && to.network != nil {
		if open = b.opens(to, p.Port, some); open {
			b.addf(problem.NegativeAllowed, path, "must be unreachable, but an allow entry opens TCP %d at %s to the Internet; remove the allow entry", p.Port, p.To)
		}
		why = append(why, fmt.Sprintf("no ingress rule at %s for TCP %d from the Internet", p.To, p.Port))
	}
	for _, w := range ways {
		stopped := b.stopped(p, w, to)
		if stopped == "" {
			open = true
			advice := "remove them"
			if !inside {
				advice += ", or name by via the way in that must not lead there"
			}
			b.addf(problem.NegativeAllowed, path, "must be unreachable, but allow entries let people connected to %s reach TCP %d at %s; %s", w.name(), p.Port, p.To, advice)
		}
		why = append(why, stopped)
	}
	if inside {
		p.Forward = []Hop{{TargetClient, p.From.Name, "the Internet"}, e.hop()}
	}
	if p.Proven = !open; p.Proven {
		p.Why = strings.Join(why, "; ")
	}
}

// waysIn are the servers and Client VPNs that a path is about: the one that it names, or all.
func (b *builder) waysIn(e entry) []entry {
	if e.server != nil || e.vpn != nil {
		return []entry{e}
	}
	var out []entry
	for _, s := range b.plan.OpenVPNs {
		out = append(out, entry{server: s})
	}
	for _, v := range b.plan.ClientVPNs {
		out = append(out, entry{vpn: v})
	}
	return out
}

// stopped says what keeps people who came in from any part of an end, or "".
func (b *builder) stopped(p *Path, e entry, to end) string {
	if e.vpn == nil {
		return b.blockedLeg(e.name(), p.To.String(), p.Port, e.server.end(), to, some)
	}
	if sg := b.blockedLeg(e.name(), p.To.String(), p.Port, e.vpn.end(), to, some); sg != "" {
		return sg
	}
	authorized := slices.ContainsFunc(e.vpn.Rules, func(r Authorization) bool {
		return slices.ContainsFunc(to.blocks, r.Destination.Overlaps)
	})
	if authorized || len(to.blocks) == 0 {
		return ""
	}
	return fmt.Sprintf("no authorization of %s for %s", e.name(), joinPrefixes(to.blocks))
}

// hop is where people come in.
func (e entry) hop() Hop {
	if e.vpn != nil {
		return Hop{TargetClientVPN, e.vpn.Name, e.vpn.inside()}
	}
	return Hop{TargetOpenVPN, e.server.Name, e.server.inside()}
}
