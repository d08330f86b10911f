package diagram

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/topology"
)

// siteCard says what a site announces, over which gateways and tunnels, and what they carry. The rows of tunnels are
// ports: a tunnel's line starts there.
func (m *model) siteCard(s *topology.Site) []row {
	rows := []row{rowOf(muted("site"), name(s.Name))}
	var blocks []string
	for _, p := range s.Prefixes {
		blocks = append(blocks, p.String())
	}
	rows = append(rows, row{spans: listed(blocks, text)}, rowOf(text(routing(s))))
	if z := s.Sizing; z != nil {
		rows = append(rows, rowOf(muted(z.Normal.String()), muted(fmt.Sprintf("(%s with one tunnel down)", z.OneTunnelDown))))
	}
	rows = append(rows, m.badgeRow(siteNode(s.Name))...)
	for _, g := range s.Gateways {
		rows = append(rows, row{spans: []span{muted("gateway"), strong(g.Name), text(g.IP.String())}, gap: 4})
		rows = append(rows, adoptedRow(g.ID)...)
		for _, c := range byGateway(s) {
			if c.Gateway == g.Name {
				rows = append(rows, m.connectionRows(s, c)...)
			}
		}
	}
	return rows
}

// byGateway lists a site's connections in the order of its gateways.
func byGateway(s *topology.Site) []topology.Connection {
	return slices.SortedStableFunc(slices.Values(s.Connections), func(x, y topology.Connection) int {
		return cmp.Compare(x.Gateway, y.Gateway)
	})
}

func routing(s *topology.Site) string {
	kind := "BGP"
	if s.Static {
		kind = "static routes"
	}
	if s.Acceleration {
		kind += " · accelerated"
	}
	if len(s.Gateways) == 0 {
		return kind
	}
	return fmt.Sprintf("AS %d · %s", s.Gateways[0].ASN, kind)
}

// connectionRows have one row by tunnel. Between them is room for the paths, which may take either.
func (m *model) connectionRows(s *topology.Site, c topology.Connection) []row {
	rows := []row{rowOf(muted("VPN"), strong(c.Name))}
	paths := m.width(len(m.passing[siteNode(s.Name)]))
	for i, inside := range c.Inside {
		r := row{spans: []span{muted(fmt.Sprintf("tunnel %d", i+1)), text(inside.String())}, port: true}
		if i > 0 {
			r.gap = max(0, paths-styleText.lineHeight()+strandSpare)
		}
		rows = append(rows, r)
	}
	return rows
}

// jointCard names a peering, or counts the peerings of a mesh.
func (m *model) jointCard(j *joint) []row {
	first := j.peerings[0]
	kind := "transit gateway"
	if joinsNetworks(first) {
		kind = "VPC"
	}
	var rows []row
	if len(j.peerings) == 1 {
		rows = []row{rowOf(muted(kind + " peering")), rowOf(name(first.Name))}
	} else {
		rows = []row{rowOf(muted(kind + " peerings")), rowOf(name(fmt.Sprintf("full mesh of %d", j.members()))), rowOf(meshNames(j)...)}
	}
	if joinsNetworks(first) {
		if dns := privateDNS(j); dns != "" {
			rows = append(rows, rowOf(text(dns)))
		}
	}
	return append(rows, m.badgeRow(j.node)...)
}

func meshNames(j *joint) []span {
	if len(j.peerings) > maxNames {
		return []span{text(count(len(j.peerings), "peering"))}
	}
	var out []span
	for i, p := range j.peerings {
		comma := ","
		if i == len(j.peerings)-1 {
			comma = ""
		}
		out = append(out, text(p.Name+comma))
	}
	return out
}

// privateDNS says whose private names resolve at the other end.
func privateDNS(j *joint) string {
	p := j.peerings[0]
	for _, x := range j.peerings[1:] {
		if x.Requester.DNS != p.Requester.DNS || x.Accepter.DNS != p.Accepter.DNS {
			return "private DNS in part"
		}
	}
	switch {
	case p.Requester.DNS && p.Accepter.DNS:
		return "private DNS both ways"
	case !p.Requester.DNS && !p.Accepter.DNS:
		return ""
	case len(j.peerings) > 1:
		return "private DNS one way"
	}
	return "private DNS of " + map[bool]string{p.Requester.DNS: p.Requester.Name, p.Accepter.DNS: p.Accepter.Name}[true]
}
