package diagram

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// wayRows name what people get in by, and load balancers, in a network's card.
func (m *model) wayRows(network string) []row {
	var rows []row
	add := func(kind, name, what string) { rows = append(rows, rowOf(muted(kind), strong(name), text(what))) }
	for _, s := range m.plan.OpenVPNs {
		if s.Network == network {
			add("OpenVPN", s.Name, s.Pool.String())
		}
	}
	for _, v := range m.plan.ClientVPNs {
		if v.Network == network {
			add("Client VPN", v.Name, v.Pool.String())
		}
	}
	for _, e := range m.plan.EdgeProxies {
		if e.Network == network {
			add("edge proxy", e.Name, balancerPorts(e.Listeners))
		}
	}
	for _, l := range m.plan.LoadBalancers {
		if l.Network == network {
			add(map[bool]string{true: "ALB", false: "NLB"}[l.Type == "application"], l.Name, balancerPorts(l.Listeners))
		}
	}
	for _, z := range m.plan.ZonalServices {
		if z.Network == network {
			add("zonal", z.Name, fmt.Sprintf("%s, %s %d", count(len(z.Zones), "zone"), z.Listener.Protocol, z.Listener.Port))
		}
	}
	return rows
}

func balancerPorts(list []topology.BalancerListener) string {
	var out []string
	for _, l := range list {
		out = append(out, fmt.Sprintf("%s %d", l.Protocol, l.Port))
	}
	return strings.Join(out, ", ")
}

// ways lists what stands before networks: accelerators, Client VPN endpoints at transit gateways, and where edge proxies lead.
func (m *model) ways() table {
	var t table
	add := func(kind, name, where, to string) {
		t.cells = append(t.cells, []row{rowOf(strong(name)), rowOf(text(kind)), rowOf(muted(where)), rowOf(muted("to " + to))})
	}
	for _, a := range m.plan.Accelerators {
		for _, l := range a.Listeners {
			var to []string
			for _, g := range l.Groups {
				for _, e := range g.Endpoints {
					to = append(to, e.To.String())
				}
			}
			add("accelerator", a.Name+"/"+l.Name, strings.ToUpper(l.Protocol)+" "+portList(l), strings.Join(to, ", "))
		}
	}
	for _, v := range m.plan.ClientVPNs {
		if v.TransitGateway != "" {
			add("Client VPN", v.Name, v.Pool.String(), "transitGateway/"+v.TransitGateway)
		}
	}
	for _, e := range m.plan.EdgeProxies {
		add("edge proxy", e.Name, "through "+e.Origin.Via, "loadBalancer/"+e.Origin.LoadBalancer)
	}
	return t
}

func portList(l *topology.AcceleratorListener) string {
	var out []string
	for _, p := range l.Ports {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

// describeWays says in words what people get in by.
func (m *model) describeWays() []string {
	var out []string
	for _, s := range m.plan.OpenVPNs {
		out = append(out, fmt.Sprintf("OpenVPN server %s in %s.", s.Name, s.Network))
	}
	for _, v := range m.plan.ClientVPNs {
		at := v.Network
		if v.TransitGateway != "" {
			at = "transit gateway " + v.TransitGateway
		}
		out = append(out, fmt.Sprintf("Client VPN %s in %s.", v.Name, at))
	}
	for _, z := range m.plan.ZonalServices {
		var zones []string
		for _, x := range z.Zones {
			zones = append(zones, x.ZoneID)
		}
		out = append(out, fmt.Sprintf("Zonal service %s in %s, zones %s.", z.Name, z.Network, strings.Join(zones, ", ")))
	}
	for _, x := range m.ways().cells {
		out = append(out, fmt.Sprintf("%s: %s %s.", sentence(x[0].spans), sentence(x[1].spans), sentence(x[3].spans)))
	}
	return out
}
