// Package planview writes a plan for a person to read.
package planview

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// Write writes the whole plan: Regions with their networks, transit gateways, sites, peerings, paths, stacks and
// billed items. It returns the writer's error.
func Write(w io.Writer, p *topology.Plan) error {
	v := &view{plan: p}
	v.summary()
	for _, r := range p.Regions {
		v.region(r)
	}
	for _, s := range p.Sites {
		v.site(s)
	}
	v.peerings()
	v.hostedZones()
	v.ways()
	v.paths()
	v.stacks()
	v.billed()
	_, err := w.Write(v.out.Bytes())
	return err
}

type view struct {
	plan *topology.Plan
	out  bytes.Buffer
}

func (v *view) linef(format string, args ...any) { fmt.Fprintf(&v.out, format+"\n", args...) }

// table writes rows of tab-separated cells in aligned columns.
func (v *view) table(indent string, rows []string) {
	if len(rows) == 0 {
		return
	}
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, r)
	}
	_ = t.Flush() // a bytes.Buffer does not fail
	for line := range strings.Lines(b.String()) {
		v.out.WriteString(strings.TrimRight(indent+line, " \n") + "\n")
	}
}

func (v *view) summary() {
	p := v.plan
	ways := ""
	if n := len(p.OpenVPNs) + len(p.ClientVPNs) + len(p.Accelerators) + len(p.EdgeProxies); n > 0 {
		ways = ", " + strings.Replace(count(n, "way in"), "way ins", "ways in", 1)
	}
	v.linef("%s: %s, %s, %s, %s, %s%s, %s", p.Name, count(len(p.Regions), "Region"), count(len(p.Networks), "network"),
		count(len(p.TransitGateways), "transit gateway"), count(len(p.Sites), "site"), count(len(p.Peerings), "peering"), ways, count(len(p.Paths), "path"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (v *view) region(r topology.Region) {
	place := ""
	if at, ok := awsdata.PlaceOf(r.Region); ok {
		place = ", " + at.Name
	}
	v.linef("\nRegion %s (%s%s)", r.Place, r.Alias, place)
	for _, n := range v.plan.Networks {
		if n.Alias == r.Alias {
			v.network(n)
		}
	}
	for _, t := range v.plan.TransitGateways {
		if t.Alias == r.Alias {
			v.gateway(t)
		}
	}
}

func (v *view) network(n *topology.Network) {
	blocks := make([]string, len(n.Blocks))
	for i, b := range n.Blocks {
		blocks[i] = b.String()
	}
	account := ""
	if n.Place.Account != "" {
		account = "  account " + n.Place.Account
	}
	v.linef("  network %s  %s  egress %s%s%s", n.Key, strings.Join(blocks, ", "), n.Egress, account, adopted(n.ID))
	if len(n.GatewayEndpoints) > 0 {
		v.linef("    gateway endpoints %s", strings.Join(n.GatewayEndpoints, ", "))
	}
	if f := n.FlowLogs; f != nil {
		v.linef("    flow logs %s, kept %s", f.Traffic, f.Expire)
	}
	var rows []string
	for _, s := range n.Subnets {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s%s", s.Tier, s.ZoneID, s.CIDR, adopted(s.ID)))
	}
	v.table("    ", rows)
	for _, g := range groupTables(n) {
		v.linef("    routes of %s", strings.Join(g.names, ", "))
		v.table("      ", routeRows(g.routes))
	}
	for _, g := range n.SecurityGroups {
		v.group(n, g)
	}
}

func adopted(id string) string {
	if id == "" {
		return ""
	}
	return "  (adopted " + id + ")"
}

// tableGroup is a set of route tables with the same routes.
type tableGroup struct {
	names  []string
	routes []*topology.Route
}

func groupTables(n *topology.Network) []tableGroup {
	var groups []tableGroup
	for _, t := range n.RouteTables {
		i := slices.IndexFunc(groups, func(g tableGroup) bool {
			return slices.EqualFunc(g.routes, t.Routes, func(x, y *topology.Route) bool { return *x == *y })
		})
		if i < 0 {
			groups = append(groups, tableGroup{routes: t.Routes})
			i = len(groups) - 1
		}
		groups[i].names = append(groups[i].names, t.Key)
	}
	return groups
}

func routeRows(routes []*topology.Route) []string {
	var rows []string
	for _, r := range routes {
		how := "static"
		if !r.Static {
			how = map[topology.TargetKind]string{topology.TargetLocal: "", topology.TargetSite: "BGP"}[r.Target.Kind]
			if r.Target.Kind == topology.TargetNetwork {
				how = "propagated"
			}
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s", r.Destination, r.Target, how))
	}
	return rows
}

func (v *view) group(n *topology.Network, g *topology.SecurityGroup) {
	name := n.Key
	switch {
	case g.Of != "":
		name = g.Of
	case g.Host != "":
		name = "host/" + g.Host
	}
	v.linef("    security group of %s", name)
	var rows []string
	for _, r := range g.Ingress {
		rows = append(rows, fmt.Sprintf("in\t%s\t%s\t%s", ports(r), peer(r), r.Description))
	}
	for _, r := range g.Egress {
		rows = append(rows, fmt.Sprintf("out\t%s\t%s\t%s", ports(r), peer(r), r.Description))
	}
	v.table("      ", rows)
}

// peer is the other end of a rule.
func peer(r topology.Rule) string {
	if r.Peer.IsValid() {
		return r.Peer.String()
	}
	return r.PrefixList + r.Group
}

func ports(r topology.Rule) string {
	if r.Protocol == "icmp" {
		if r.To >= 0 {
			return fmt.Sprintf("icmp type %d code %d", r.From, r.To)
		}
		return fmt.Sprintf("icmp type %d", r.From)
	}
	return r.Protocol + " " + config.PortRange{First: config.Port(r.From), Last: config.Port(r.To)}.String()
}

func (v *view) gateway(t *topology.TransitGateway) {
	ecmp := "ECMP"
	if !t.ECMP {
		ecmp = "no ECMP"
	}
	v.linef("  transit gateway %s  ASN %d  %s%s%s", t.Name, t.ASN, ecmp, blocks(t), adopted(t.ID))
	for _, s := range t.Segments {
		var names []string
		for _, a := range s.Attachments {
			names = append(names, topology.Target{Kind: a.Kind, Name: a.Name}.String())
		}
		v.linef("    segment %s%s  holds %s  reaches %s", s.Name, adopted(s.ID), list(names), list(s.Reaches))
		v.table("      ", routeRows(s.Routes))
	}
}

// blocks are a transit gateway's own.
func blocks(t *topology.TransitGateway) string {
	if len(t.CIDRBlocks) == 0 {
		return ""
	}
	return "  " + joinPrefixes(t.CIDRBlocks)
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
