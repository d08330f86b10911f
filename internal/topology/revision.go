package topology

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// A revision is a short hash of a resource's create-only properties. It stands in the name of every output that another
// Region reads: CloudFormation resolves such a value only when the reader's template changes, so a replaced resource
// must change the reader's text (docs/adr/0002).

// Revision changes when the VPC would be replaced.
func (n *Network) Revision() string { return revision("vpc", n.ID, n.CIDR) }

// Revision changes when the transit gateway would be replaced.
func (t *TransitGateway) Revision() string { return revision("tgw", t.ID, t.ASN) }

// Revision changes when the load balancer would be replaced.
func (l *LoadBalancer) Revision() string { return revision("loadBalancer", l.Type, l.Scheme) }

// Revision changes when what stands in front of the proxies would be replaced.
func (e *EdgeProxy) Revision() string { return revision("edgeProxy", e.Entry) }

// Revision changes when the peering connection would be replaced: with either end, or with what names them.
func (x *Peering) Revision() string {
	return revision("peering", x.Mode, x.Requester.revision(), x.Accepter.revision(), x.AcceptRole)
}

// ConnectionRevision changes when a VPN connection would be replaced, or moved to another transit gateway.
func (p *Plan) ConnectionRevision(s *Site, c Connection) string {
	return revision("vpn", s.Name, c.Name, s.Acceleration, s.Static, s.Bandwidth, s.TransitGateway, p.TransitGateway(s.TransitGateway).Revision())
}

func (e *PeeringEnd) revision() string {
	if e.network != nil {
		return e.Name + e.network.Revision() + e.Place.Region + e.Place.AccountID
	}
	return e.Name + e.gateway.Revision() + e.Place.Region + e.Place.AccountID
}

func revision(parts ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:4])
}
