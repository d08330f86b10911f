package e2e

import (
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/topology"
)

func (w *wanted) gateways() {
	for _, t := range w.d.plan.TransitGateways {
		ecmp := "disable"
		if t.ECMP {
			ecmp = "enable"
		}
		w.set("transitGateway/"+t.Name, "VpnEcmpSupport", ecmp, "DefaultRouteTableAssociation", "disable", "DefaultRouteTablePropagation", "disable", "Name", t.Name)
		for _, s := range t.Segments {
			w.segment(t, s)
		}
		for _, n := range w.d.plan.Networks {
			if _, a := t.Segment(topology.TargetNetwork, n.Key); a != nil {
				w.set("network/"+n.Key+"/attachment/"+t.Name, "State", "available", "SubnetIds", join(w.subnets(n, a)...))
			}
		}
	}
}

func (w *wanted) subnets(n *topology.Network, a *topology.Attachment) []string {
	var out []string
	for _, s := range n.Subnets {
		if ns := s.Tier + "-" + s.ZoneID; slices.Contains(a.Subnets, ns) {
			out = append(out, w.id(s.ID, "network/"+n.Key+"/subnet/"+ns))
		}
	}
	return out
}

// segment sets everything that a transit gateway route table holds. What a site announces by BGP is not there: no device
// answers moto.
func (w *wanted) segment(t *topology.TransitGateway, s *topology.Segment) {
	var associated, propagated, routes []string
	for _, a := range s.Attachments {
		associated = append(associated, w.attachments(t, a.Kind, a.Name)...)
	}
	for _, other := range t.Segments {
		for _, a := range other.Attachments {
			if slices.Contains(a.PropagateTo, s.Name) {
				propagated = append(propagated, w.attachments(t, a.Kind, a.Name)...)
			}
		}
	}
	for _, r := range s.Routes {
		switch to := w.attachments(t, r.Target.Kind, r.Target.Name)[0]; {
		case r.Static:
			routes = append(routes, fmt.Sprintf("%s %s static", r.Destination, to))
			w.set(fmt.Sprintf("transitGateway/%s/segment/%s/route/%s", t.Name, s.Name, r.Destination), "State", "active")
		case r.Target.Kind == topology.TargetNetwork:
			routes = append(routes, fmt.Sprintf("%s %s propagated", r.Destination, to))
		}
	}
	want := properties{"Associations": join(associated...), "Propagations": join(propagated...), "Routes": join(routes...)}
	if s.ID != "" { // adopted: no resource of ours
		compare(w.t, "adopted "+s.ID, want, readSegment(w.t, w.d, t.Place.Region, s.ID))
		return
	}
	for name, value := range want {
		w.set("transitGateway/"+t.Name+"/segment/"+s.Name, name, value)
	}
}

// attachments are the ids of a network's attachment, of a peering's, or of those of a site's connections.
func (w *wanted) attachments(t *topology.TransitGateway, kind topology.TargetKind, name string) []string {
	switch kind {
	case topology.TargetNetwork:
		return []string{w.id("", "network/"+name+"/attachment/"+t.Name)}
	case topology.TargetPeering:
		return []string{w.id("", "peering/"+name)}
	}
	var out []string
	for _, c := range w.d.plan.Site(name).Connections {
		out = append(out, w.d.vpnAttachment(w.t, t.Place.Region, w.id("", "site/"+name+"/vpnConnection/"+c.Name)))
	}
	return out
}

func (w *wanted) sites() {
	for _, s := range w.d.plan.Sites {
		for _, c := range s.Connections {
			i := slices.IndexFunc(s.Gateways, func(g topology.Gateway) bool { return g.Name == c.Gateway })
			w.set("site/"+s.Name+"/vpnConnection/"+c.Name, "Inside", join(each(c.Inside)...), "TransitGatewayId", w.gateway(s.TransitGateway),
				"CustomerGatewayId", w.id(s.Gateways[i].ID, "site/"+s.Name+"/gateway/"+c.Gateway))
		}
	}
}

func (w *wanted) peerings() {
	for _, x := range w.d.plan.Peerings {
		state := "active"
		if w.d.plan.Network(x.Requester.Name) == nil { // of transit gateways
			state = "available"
		}
		w.set("peering/"+x.Name, "State", state)
		w.set("peering/"+x.Name+"/dns/requester", "AllowRemoteDns", "true")
		w.set("peering/"+x.Name+"/dns/accepter", "AllowRemoteDns", "true")
		for _, e := range []*topology.PeeringEnd{&x.Requester, &x.Accepter} {
			w.set("peering/"+x.Name+"/"+e.Name+"/acceptance", "State", "available")
		}
	}
}

// services sets what is not EC2.
func (w *wanted) services() {
	for _, s := range w.d.plan.Stacks {
		w.set("marker of "+s.Name, "Value", w.d.plan.Name+" "+string(s.Layer))
		w.set("plan of "+s.Name, "Plan", "as planned")
	}
	if w.d.plan.Alerts != nil {
		key := w.id("", "alerts/key")
		w.set("alerts/key", "State", "Enabled", "Rotation", "true")
		w.set("alerts/topic", "KmsMasterKeyId", fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", w.d.plan.Alerts.Place.Region, account, key))
	}
	for _, z := range w.d.plan.HostedZones {
		for _, r := range z.Records {
			w.set("hostedZone/"+z.Name+"/record/"+r.Host, "ResourceRecords", "["+r.IP.String()+"]")
		}
	}
}
