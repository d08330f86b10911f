package diagram

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
)

// section is a list below the picture: a heading, and tables of cells. A cell is one row of spans.
type section struct {
	heading string
	tables  []table
}

// table has columns as wide as their widest cell, or with a heading as many equal ones as there is room for.
type table struct {
	heading []span
	cells   [][]row
}

// manyPaths is the number from which paths are grouped by the way they go.
const manyPaths = 24

func (m *model) sections() []section {
	var out []section
	if zones := m.hostedZones(); len(zones.cells) > 0 {
		out = append(out, section{"Hosted zones", []table{zones}})
	}
	if ways := m.ways(); len(ways.cells) > 0 {
		out = append(out, section{"Ways in", []table{ways}})
	}
	switch {
	case len(m.paths) >= manyPaths:
		out = append(out, section{"Paths", m.pathGroups()})
	case len(m.paths) > 0:
		out = append(out, section{"Paths", []table{m.pathTable()}})
	}
	return out
}

func (m *model) hostedZones() table {
	var t table
	for _, z := range m.plan.HostedZones {
		if z.Service != "" {
			continue // stands with its service
		}
		by := []span{muted("resolved by the VPCs it is associated with already")}
		if z.ID == "" {
			by = append([]span{muted("resolved by")}, listed(z.Networks, text)...)
		}
		t.cells = append(t.cells, []row{rowOf(strong(z.Name)), rowOf(text(z.Domain)), rowOf(muted("in " + z.Place.String())), rowOf(muted(count(len(z.Records), "record"))), {spans: by}})
	}
	return t
}

// pathTable has a line for each path: from where to where, what is proven, and which way it goes or what stops it.
func (m *model) pathTable() table {
	var t table
	for _, x := range m.paths {
		way := route(x.there, x.back, x.twoWays())
		if x.Expect == config.Unreachable {
			way = x.Why
		}
		t.cells = append(t.cells, []row{{spans: m.marked(x, strong(x.Name))}, rowOf(endsOf(x)...), rowOf(verdict(x)), rowOf(muted(way))})
	}
	return t
}

// pathGroups has the paths by what is proven and by the way between their networks, which many of them share.
func (m *model) pathGroups() []table {
	var order []string
	groups := map[string]*table{}
	for _, x := range m.paths {
		heading := []span{verdict(x)}
		if len(x.there) > 2 {
			heading = append(heading, muted("through "+route(x.there[1:len(x.there)-1], x.back[1:len(x.back)-1], x.twoWays())))
		}
		key := fmt.Sprint(heading)
		if groups[key] == nil {
			groups[key] = &table{heading: heading}
			order = append(order, key)
		}
		groups[key].cells = append(groups[key].cells, []row{{spans: append(m.marked(x, strong(x.Name)), endsOf(x)...)}})
	}
	var out []table
	for _, key := range order {
		out = append(out, *groups[key])
	}
	return out
}

// marked puts a path's badge before something, if the picture has it too.
func (m *model) marked(x *path, s span) []span {
	if !m.draw {
		return []span{s}
	}
	return []span{m.badge(x), s}
}

func endsOf(x *path) []span {
	return []span{text(x.From.String()), muted("→"), text(x.To.String()), muted(fmt.Sprintf("TCP %d", x.Port))}
}

func verdict(x *path) span {
	switch {
	case !x.Proven:
		return strong("NOT PROVEN " + string(x.Expect))
	case x.Expect == config.Unreachable:
		return text("proven unreachable")
	}
	return text("proven reachable")
}

// route writes the way of packets, and of answers where they come back another way.
func route(there, back []step, twoWays bool) string {
	way := strings.Join(routeNames(there), " › ")
	if twoWays {
		way += ", back " + strings.Join(routeNames(back), " › ")
	}
	return way
}

// routeNames are the names of steps. The segments in which a transit gateway is crossed stand behind its name.
func routeNames(steps []step) []string {
	var out []string
	for i, s := range steps {
		_, segment, crossed := strings.Cut(s.node, "segment/"+strings.TrimPrefix(s.name, "transitGateway/")+"/")
		switch {
		case !crossed:
			out = append(out, s.name)
		case i > 0 && steps[i-1].name == s.name:
			out[len(out)-1] = strings.TrimSuffix(out[len(out)-1], ")") + " to " + segment + ")"
		default:
			out = append(out, fmt.Sprintf("%s (%s)", s.name, segment))
		}
	}
	return out
}
