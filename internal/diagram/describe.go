package diagram

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

func (m *model) title() string { return "Network " + m.plan.Name + ": " + m.counts(", ") }

// counts says how large the network is.
func (m *model) counts(separator string) string {
	p := m.plan
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{len(p.Regions), "Region"}, {len(p.Networks), "network"}, {len(p.TransitGateways), "transit gateway"}, {len(p.Sites), "site"},
		{len(p.Peerings), "peering"}, {len(p.Paths), "path"}} {
		if c.n > 0 {
			parts = append(parts, count(c.n, c.noun))
		}
	}
	return strings.Join(parts, separator)
}

// description says in words what the picture shows, for those who do not see it.
func (m *model) description() string {
	var out []string
	for _, r := range m.plan.Regions {
		var names []string
		for _, n := range m.plan.Networks {
			if n.Alias == r.Alias {
				names = append(names, fmt.Sprintf("%s %s", n.Key, n.CIDR))
			}
		}
		out = append(out, fmt.Sprintf("Region %s (%s): %s.", r.Alias, r.Region, enumerate(names, "no network")))
	}
	for _, t := range m.plan.TransitGateways {
		for _, s := range t.Segments {
			var names []string
			for _, a := range s.Attachments {
				names = append(names, topology.Target{Kind: a.Kind, Name: a.Name}.String())
			}
			out = append(out, fmt.Sprintf("Transit gateway %s, segment %s: holds %s; reaches %s.", t.Name, s.Name, enumerate(names, "nothing"), enumerate(s.Reaches, "nothing")))
		}
	}
	for _, s := range m.plan.Sites {
		out = append(out, fmt.Sprintf("Site %s: %s to transit gateway %s, %s.", s.Name, count(len(s.Connections), "VPN connection"), s.TransitGateway, routing(s)))
	}
	for _, p := range m.plan.Peerings {
		out = append(out, fmt.Sprintf("Peering %s joins %s and %s.", p.Name, p.Requester.Name, p.Accepter.Name))
	}
	out = append(out, m.describeWays()...)
	return strings.Join(append(out, m.verdicts()), " ")
}

// verdicts counts the paths by what is proven.
func (m *model) verdicts() string {
	var reachable, unreachable, unproven int
	for _, x := range m.paths {
		switch {
		case !x.Proven:
			unproven++
		case x.Expect == config.Unreachable:
			unreachable++
		default:
			reachable++
		}
	}
	return fmt.Sprintf("Paths shown: %d proven reachable, %d proven unreachable, %d not proven.", reachable, unreachable, unproven)
}

func enumerate(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}
