package diagram

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// Limits of what a card lists; the rest is counted.
const (
	maxHosts    = 3
	maxPrefixes = 6
	maxBadges   = 6
	maxNames    = 10
)

func text(s string) span   { return span{text: s, style: styleText} }
func muted(s string) span  { return span{text: s, style: styleMuted} }
func name(s string) span   { return span{text: s, style: styleName} }
func strong(s string) span { return span{text: s, style: styleStrong} }
func chip(s string) span   { return span{text: s, style: styleChip, shape: "tag"} }

func rowOf(spans ...span) row { return row{spans: spans} }

// regionSpans names a Region, and the account that holds it.
func regionSpans(r topology.Region) []span {
	spans := []span{{text: r.Alias, style: styleHead}, text(r.Region)}
	if at, ok := awsdata.PlaceOf(r.Region); ok {
		spans = append(spans, muted(at.Name))
	}
	if r.Account != "" {
		spans = append(spans, muted("account "+r.Account), muted(r.AccountID))
	}
	return spans
}

// networkCard says what a network is: blocks, zones, way to the Internet, and the hosts where paths end.
func (m *model) networkCard(n *topology.Network) []row {
	head := []span{name(n.Key)}
	if way := internet(n.Egress); way != "" {
		head = append(head, chip(way))
	}
	rows := []row{{spans: head}, {spans: listed(prefixes(n), text)}}
	if zones := zonesOf(n); zones != "" {
		rows = append(rows, rowOf(muted(zones)))
	}
	if n.Place != m.region(n.Alias).Place {
		rows = append(rows, rowOf(muted("account "+n.Place.Account)))
	}
	rows = append(rows, adoptedRow(n.ID)...)
	rows = append(rows, m.wayRows(n.Key)...)
	rows = append(rows, m.hostRows(n)...)
	return append(rows, m.badgeRow(networkNode(n.Key))...)
}

func internet(e config.Egress) string {
	return map[config.Egress]string{config.EgressIGW: "IGW", config.EgressNATSingle: "NAT", config.EgressNATPerZone: "NAT per zone"}[e]
}

func prefixes(n *topology.Network) []string {
	out := make([]string, len(n.Blocks))
	for i, b := range n.Blocks {
		out[i] = b.String()
	}
	return out
}

// zonesOf shortens a network's zones: apne2-az1, az3.
func zonesOf(n *topology.Network) string {
	seen := map[string]bool{}
	var out []string
	for _, s := range n.Subnets {
		if !seen[s.ZoneID] {
			seen[s.ZoneID] = true
			out = append(out, s.ZoneID)
		}
	}
	return strings.Join(shortZones(out), ", ")
}

// shortZones leaves the Region's prefix to the first zone.
func shortZones(zones []string) []string {
	for i := 1; i < len(zones); i++ {
		_, zones[i], _ = strings.Cut(zones[i], "-")
	}
	return zones
}

func adoptedRow(id string) []row {
	if id == "" {
		return nil
	}
	return []row{rowOf(muted("adopted"), muted(id))}
}

func (m *model) hostRows(n *topology.Network) []row {
	var rows []row
	for _, h := range m.plan.Hosts {
		if h.Network == n.Key {
			rows = append(rows, rowOf(muted("host"), text(fmt.Sprintf("%s:%d", h.Name, h.Port))))
		}
	}
	if len(rows) > maxHosts {
		return []row{rowOf(muted(fmt.Sprintf("%d hosts", len(rows))))}
	}
	return rows
}

func gatewayCard(t *topology.TransitGateway) []row {
	ecmp := "ECMP"
	if !t.ECMP {
		ecmp = "no ECMP"
	}
	return append([]row{rowOf(muted("transit gateway")), rowOf(name(t.Name)), rowOf(text(fmt.Sprintf("AS %d · %s", t.ASN, ecmp)))}, adoptedRow(t.ID)...)
}

// segmentCard says what a segment reaches; what it holds stands beside it.
func (m *model) segmentCard(t *topology.TransitGateway, s *topology.Segment) []row {
	reaches := []span{muted("reaches")}
	for _, r := range s.Reaches {
		reaches = append(reaches, chip(r))
	}
	if len(s.Reaches) == 0 {
		reaches = append(reaches, muted("nothing"))
	}
	rows := []row{rowOf(muted("segment"), strong(s.Name)), {spans: reaches}}
	rows = append(rows, adoptedRow(s.ID)...)
	return append(rows, m.badgeRow(segmentNode(t.Name, s.Name))...)
}

// listed is names with commas, the first few of them.
func listed(names []string, as func(string) span) []span {
	var out []span
	for i, n := range names {
		if i == maxPrefixes && len(names) > maxPrefixes+1 {
			return append(out, muted(fmt.Sprintf("and %d more", len(names)-i)))
		}
		if i < len(names)-1 {
			n += ","
		}
		out = append(out, as(n))
	}
	return out
}

// badgeRow is the numbers of the drawn paths that pass a node.
func (m *model) badgeRow(node string) []row {
	numbers := m.passing[node]
	if len(numbers) == 0 {
		return nil
	}
	if len(numbers) > maxBadges {
		return []row{{spans: []span{{count(len(numbers), "path"), styleBadge, "badge many"}}, gap: 2}}
	}
	r := row{gap: 2}
	for _, n := range numbers {
		r.spans = append(r.spans, m.badge(m.paths[n-1]))
	}
	return []row{r}
}

// badge is a path's number in its colour: full where the path is proven reachable, hollow where it is proven unreachable.
func (m *model) badge(x *path) span {
	return span{fmt.Sprint(x.number), styleBadge, "badge " + m.colour(x)}
}

// colour is the class of a path's colour.
func (m *model) colour(x *path) string {
	switch {
	case !x.Proven:
		return "unproven"
	case x.Expect == config.Unreachable:
		return "closed"
	case !m.draw || len(m.paths) > MaxColours:
		return "many"
	}
	return fmt.Sprintf("path%d", x.number)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
