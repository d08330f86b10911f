package planview

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

func (v *view) site(s *topology.Site) {
	routing := "BGP"
	if s.Static {
		routing = "static routes"
	}
	v.linef("\nSite %s  %s  VPN to transit gateway %s, %s", s.Name, joinPrefixes(s.Prefixes), s.TransitGateway, routing)
	for _, g := range s.Gateways {
		v.linef("  gateway %s  %s  ASN %d%s", g.Name, g.IP, g.ASN, adopted(g.ID))
	}
	for _, c := range s.Connections {
		for i, p := range c.Inside {
			aws := p.Addr().Next() // by AWS's convention the first usable address is AWS's, the second the gateway's
			v.linef("  connection %s tunnel %d to %s  inside %s  AWS %s  gateway %s", c.Name, i+1, c.Gateway, p, aws, aws.Next())
		}
	}
	if z := s.Sizing; z != nil {
		v.linef("  capacity  %s", strings.Join(z.Arithmetic, "\n            "))
		switch {
		case z.AskedDown > 0:
			v.linef("            asked: %s normal, %s with one tunnel down", z.AskedNormal, z.AskedDown)
		case z.AskedNormal > 0:
			v.linef("            asked: %s normal", z.AskedNormal)
		}
	}
	if f := s.Failover; f != nil {
		target := "no target declared"
		if f.Target > 0 {
			target = "target " + f.Target.String()
		}
		v.linef("  failover  at most %s, %s\n            %s", f.Worst, target, strings.Join(append([]string{f.Arithmetic}, f.Directions...), "\n            "))
	}
}

func joinPrefixes(list []netip.Prefix) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return strings.Join(out, ", ")
}

func (v *view) peerings() {
	if len(v.plan.Peerings) == 0 {
		return
	}
	v.linef("\nPeerings")
	var rows []string
	for _, p := range v.plan.Peerings {
		dns := ""
		if p.Mode == config.ModeVPC {
			dns = fmt.Sprintf("private DNS %s", map[[2]bool]string{{false, false}: "off", {true, true}: "both ways",
				{true, false}: "of " + p.Requester.Name, {false, true}: "of " + p.Accepter.Name}[[2]bool{p.Requester.DNS, p.Accepter.DNS}])
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s (%s) <-> %s (%s)\t%s", p.Name, p.Mode, p.Requester.Name, p.Requester.Place, p.Accepter.Name, p.Accepter.Place, dns))
	}
	v.table("  ", rows)
}

func (v *view) hostedZones() {
	for _, z := range v.plan.HostedZones {
		by := list(z.Networks)
		if z.ID != "" {
			by = "the VPCs it is associated with already"
		}
		name := z.Name
		if z.Service != "" {
			name = "of zonal service " + z.Service
		}
		v.linef("\nHosted zone %s  %s in %s%s  resolved by %s", name, z.Domain, z.Place, adopted(z.ID), by)
		var rows []string
		for _, r := range z.Records {
			rows = append(rows, fmt.Sprintf("%s\tA\t%s", r.Name, r.Value()))
		}
		v.table("  ", rows)
	}
}

func (v *view) paths() {
	if len(v.plan.Paths) == 0 {
		return
	}
	v.linef("\nPaths")
	for _, p := range v.plan.Paths {
		v.linef("  %s: %s -> %s %s %d, must be %s%s", p.Name, p.From, p.To, protocol(p), p.Port, p.Expect, map[bool]string{false: ", NOT PROVEN"}[p.Proven])
		if p.Expect == config.Unreachable {
			v.linef("    blocked   %s", cmp.Or(p.Why, "by nothing"))
		} else {
			v.hops("there", p.Forward)
			v.hops("back", p.Return)
		}
		if p.Expect == config.Reachable {
			v.linef("    physics   %s", physics(p.Bound))
		}
		if how := p.Judged(); how != "" {
			v.linef("    judged    %s", how)
		}
		v.linef("    vantage   %s: %s", p.Vantage, p.VantageNote)
		if p.SLO != "" {
			v.linef("    objective %s", p.SLO)
		}
	}
}

// protocol is what a path is a connection of.
func protocol(p *topology.Path) string {
	switch {
	case p.HTTP == nil:
		return "TCP"
	case p.HTTP.TLS:
		return "HTTPS " + p.HTTP.Path + " on"
	}
	return "HTTP " + p.HTTP.Path + " on"
}

// physics says how fast a round trip can be at best.
func physics(b *topology.Bound) string {
	switch {
	case b == nil:
		return "no bound: a place on the way has no location"
	case len(b.Legs) == 0:
		return "no bound: the whole path lies in one Region"
	}
	separator := " "
	if len(b.Legs) > 1 {
		separator = "\n              " // else the line is long
	}
	between := fmt.Sprintf("great circle %s:%sround trip of light in fibre (2/3 c) %.1f ms", strings.Join(b.Legs, ", "), separator, float64(awsdata.MinRTT(b.KM))/1e6)
	if b.RTT == 0 {
		return between + "; no firm bound, AWS names only the Region's city"
	}
	return fmt.Sprintf("%s; at least %.1f ms, since AWS names only each Region's city", between, float64(b.RTT)/1e6)
}

func (v *view) hops(label string, hops []topology.Hop) {
	var rows []string
	for i, h := range hops {
		if i > 0 {
			label = ""
		}
		rows = append(rows, fmt.Sprintf("%-8s\t%s\t%s", label, topology.Target{Kind: h.Kind, Name: h.Name}, h.Detail))
	}
	v.table("    ", rows)
}

func (v *view) stacks() {
	v.linef("\nStacks, in order of deployment")
	var rows []string
	for _, s := range v.plan.Stacks {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s", s.Name, count(len(s.Resources), "planned resource"), after(s.DependsOn)))
	}
	v.table("  ", rows)
}

// after names the stacks that one waits for, as many as a line holds.
func after(names []string) string {
	const most = 2
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		return fmt.Sprintf("after %s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return "after " + strings.Join(names, ", ")
}

func (v *view) billed() {
	if len(v.plan.Billed) == 0 {
		return
	}
	v.linef("\nBilled by AWS (counts; prices differ by Region)")
	var rows []string
	for _, b := range v.plan.Billed {
		rows = append(rows, fmt.Sprintf("%d\t%s\t%s", b.Count, b.Item, b.Note))
	}
	v.table("  ", rows)
}
