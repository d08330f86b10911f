package planview

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// ways writes how people get in, and what stands on their way.
func (v *view) ways() {
	for _, p := range v.plan.PKIs {
		v.linef("\nPKI %s  key in %s (%s), copies for %s", p.Name, p.Home, p.KeyAlias, places(p.Replicas))
		v.linef("  issues for %s  servers' certificates %d days, people's %d days", list(p.Servers), p.ServerDays, p.ClientDays)
		if p.ClientVPNKeyAlias != "" {
			v.linef("  a second key, of RSA, for AWS Client VPN (%s)", p.ClientVPNKeyAlias)
		}
	}
	for _, s := range v.plan.OpenVPNs {
		v.openVPN(s)
	}
	for _, c := range v.plan.ClientVPNs {
		v.clientVPN(c)
	}
	for _, a := range v.plan.Accelerators {
		v.accelerator(a)
	}
	for _, l := range v.plan.LoadBalancers {
		v.loadBalancer(l)
	}
	for _, e := range v.plan.EdgeProxies {
		v.edgeProxy(e)
	}
	for _, z := range v.plan.ZonalServices {
		v.zonalService(z)
	}
}

func places(list []topology.Place) string {
	var out []string
	for _, p := range list {
		out = append(out, p.String())
	}
	return cmp.Or(strings.Join(out, ", "), "no other Region")
}

func numbers(ports []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ports), " ", ", "), "[]")
}

func (v *view) openVPN(s *topology.OpenVPN) {
	var listens []string
	if len(s.TCP) > 0 {
		listens = append(listens, "TCP "+numbers(s.TCP))
	}
	if len(s.UDP) > 0 {
		listens = append(listens, "UDP "+numbers(s.UDP))
	}
	forward := "NAT"
	if s.Routed() {
		forward = "routed"
	}
	v.linef("\nOpenVPN server %s  in %s %s  %s  pool %s  %s, %s tunnel", s.Name, s.Network, s.Subnet, strings.Join(listens, ", "), s.Pool, forward, s.Tunnel)
	v.linef("  leads to %s", joinPrefixes(s.Routes))
	v.linef("  responder TCP %d, health TCP %d  image %s  %s", s.Echo, s.Health, cmp.Or(s.Image.ID, s.Image.Name), s.InstanceType)
}

func (v *view) clientVPN(c *topology.ClientVPN) {
	at := c.Network
	if at == "" {
		at = "transit gateway " + c.TransitGateway
	}
	proof := "certificates of the authority of " + c.Certificate
	switch {
	case c.PKI != "" && c.SAML != "":
		proof = "certificates of PKI " + c.PKI + " and SAML"
	case c.PKI != "":
		proof = "certificates of PKI " + c.PKI
	case c.SAML != "":
		proof = "SAML"
	}
	v.linef("\nClient VPN %s  in %s, %s  %s %d  pool %s  %s tunnel  by %s", c.Name, at, strings.Join(c.Zones, ", "), strings.ToUpper(string(c.Transport)), c.Port, c.Pool, c.Tunnel, proof)
	var rows []string
	for _, r := range c.Rules {
		rows = append(rows, fmt.Sprintf("everybody may reach\t%s\t%s", r.Destination, r.Description))
	}
	v.table("  ", rows)
}

func (v *view) accelerator(a *topology.Accelerator) {
	v.linef("\nAccelerator %s", a.Name)
	var rows []string
	for _, l := range a.Listeners {
		for _, g := range l.Groups {
			for _, e := range g.Endpoints {
				address := "the accelerator's addresses"
				if e.PreserveClientIP {
					address = "clients' own addresses"
				}
				rows = append(rows, fmt.Sprintf("%s\t%s %s\t-> %s\t%s\t%s, weight %d\tsees %s", l.Name, strings.ToUpper(l.Protocol), ranges(l.Ports), e.To, g.Region, dial(g.Dial), e.Weight, address))
			}
		}
	}
	v.table("  ", rows)
}

func dial(percent int) string { return fmt.Sprintf("dial %d %%", percent) }

func ranges(list []config.PortRange) string {
	var out []string
	for _, r := range list {
		out = append(out, r.String())
	}
	return strings.Join(out, ", ")
}

func (v *view) loadBalancer(l *topology.LoadBalancer) {
	v.linef("\nLoad balancer %s  %s, %s  in %s  %s%s", l.Name, l.Type, l.Scheme, l.Network, listeners(l.Listeners), adopted(cmp.Or(l.ID, l.DNSName)))
	if len(l.Targets) > 0 {
		v.linef("  leads to %s on TCP %d", strings.Join(l.Targets, ", "), l.TargetPort)
	}
}

func listeners(list []topology.BalancerListener) string {
	var out []string
	for _, l := range list {
		out = append(out, fmt.Sprintf("%s %d", l.Protocol, l.Port))
	}
	return strings.Join(out, ", ")
}

func (v *view) edgeProxy(e *topology.EdgeProxy) {
	instances := count(e.PerZone*len(e.Zones), "instance")
	if e.MaxPerZone > 0 {
		instances = fmt.Sprintf("%d to %s by load", e.PerZone*len(e.Zones), count(e.MaxPerZone*len(e.Zones), "instance"))
	}
	v.linef("\nEdge proxy %s  in %s, %s  %s behind %s  %s", e.Name, e.Network, strings.Join(e.Zones, ", "), instances, e.Entry, listeners(e.Listeners))
	v.linef("  goes on to loadBalancer/%s by %s %d, through %s", e.Origin.LoadBalancer, e.Origin.Protocol, e.Origin.Port, e.Origin.Via)
	if e.DNS != nil {
		v.linef("  found as %s, the nearest by latency", e.DNS.Name)
	}
}
