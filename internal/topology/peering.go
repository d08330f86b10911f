package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// Peering joins two networks or two transit gateways. Which end requests does not depend on the order in the file: the
// requester's Region holds the connection's stack, and a connection cannot move.
type Peering struct {
	Name       string             `json:"name"`
	Mode       config.PeeringMode `json:"mode"`
	Requester  PeeringEnd         `json:"requester"`
	Accepter   PeeringEnd         `json:"accepter"`
	AcceptRole string             `json:"acceptRole,omitempty"`
}

// PeeringEnd is one side of a peering.
type PeeringEnd struct {
	Name    string `json:"name"` // network key or transit gateway name
	Place   Place  `json:"place"`
	DNS     bool   `json:"dns"` // its private names resolve to private addresses from the other end
	network *Network
	gateway *TransitGateway
}

// Other returns the end that is not the named one.
func (p *Peering) Other(name string) *PeeringEnd {
	if p.Requester.Name == name {
		return &p.Accepter
	}
	return &p.Requester
}

func (b *builder) peerings() {
	edges := map[[2]string]config.Name{}
	for _, name := range sortedKeys(b.f.Peerings) {
		c := b.f.Peerings[name]
		path := fmt.Sprintf("peerings[%s]", name)
		p := b.peering(string(name), path, c)
		if p == nil {
			continue
		}
		edge := [2]string{p.Requester.Name, p.Accepter.Name}
		slices.Sort(edge[:])
		if other, dup := edges[edge]; dup {
			b.addf(problem.DuplicateEdge, path+".between", "the same two ends as peering %s, got %s and %s; leave one out", other, edge[0], edge[1])
			continue
		}
		edges[edge] = name
		b.plan.Peerings = append(b.plan.Peerings, p)
		if p.Mode == config.ModeVPC {
			p.Requester.network.peerings = append(p.Requester.network.peerings, p)
			p.Accepter.network.peerings = append(p.Accepter.network.peerings, p)
		}
	}
}

func (b *builder) peering(name, path string, c config.Peering) *Peering {
	if len(c.Between) != 2 {
		b.addf(problem.BadValue, path+".between", "a peering has two ends, got %d; name exactly two", len(c.Between))
		return nil
	}
	if c.Between[0] == c.Between[1] {
		b.addf(problem.SelfPeering, path+".between", "both ends are the same, got %q twice; name two different ends", c.Between[0])
		return nil
	}
	p := &Peering{Name: name, Mode: c.Mode, AcceptRole: string(c.AcceptRole)}
	ends := [2]*PeeringEnd{&p.Requester, &p.Accepter}
	ok := true
	for i, end := range ends {
		ok = b.peeringEnd(end, fmt.Sprintf("%s.between[%d]", path, i), c.Between[i], c.Mode) && ok
	}
	if !ok {
		return nil
	}
	p.Requester.DNS = c.DNS == config.DNSBoth || c.DNS == config.DNSFirst
	p.Accepter.DNS = c.DNS == config.DNSBoth || c.DNS == config.DNSSecond
	if p.reversed() {
		p.Requester, p.Accepter = p.Accepter, p.Requester
	}
	b.samePartition(p, path)
	if c.Mode == config.ModeVPC {
		b.vpcPeering(p, path)
	} else {
		b.gatewayPeering(p, path, c)
	}
	return p
}

// reversed reports whether the second end of the file requests: the role that accepts says which end accepts, or else
// Region, account and name decide.
func (p *Peering) reversed() bool {
	first, second := &p.Requester, &p.Accepter
	if account := roleAccount(p.AcceptRole); account != "" && first.Place.AccountID != second.Place.AccountID {
		return account == first.Place.AccountID
	}
	return cmp.Or(cmp.Compare(first.Place.Region, second.Place.Region), cmp.Compare(first.Place.Account, second.Place.Account),
		cmp.Compare(first.Name, second.Name)) > 0
}

// roleAccount returns the account in a role's ARN, or "".
func roleAccount(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

// samePartition refuses a peering between partitions, such as AWS GovCloud and the rest of the world.
func (b *builder) samePartition(p *Peering, path string) {
	if x, y := partition(p.Requester.Place.Region), partition(p.Accepter.Place.Region); x != y {
		b.addf(problem.PeeringEnds, path+".between", "the ends are in different AWS partitions, got %s (%s) and %s (%s); partitions cannot be peered", p.Requester.Place.Region, x, p.Accepter.Place.Region, y)
	}
}

func partition(region string) string {
	for prefix, name := range map[string]string{"us-gov-": "aws-us-gov", "cn-": "aws-cn", "eusc-": "aws-eusc"} {
		if strings.HasPrefix(region, prefix) {
			return name
		}
	}
	return "aws"
}

func (b *builder) peeringEnd(e *PeeringEnd, path, name string, mode config.PeeringMode) bool {
	e.Name = name
	if mode == config.ModeVPC {
		if _, declared := b.f.Networks[config.NetworkKey(name)]; !declared {
			if _, gateway := b.f.TransitGateways[config.Name(name)]; gateway {
				b.addf(problem.PeeringEnds, path, "a transit gateway in a peering of mode vpc, got %q; name a network or set mode: transitGateway", name)
			} else {
				unknown(b, path, "network", config.NetworkKey(name), b.f.Networks)
			}
			return false
		}
		if e.network = b.plan.Network(name); e.network == nil {
			return false // reported with the network
		}
		e.Place = e.network.Place
		return true
	}
	if _, declared := b.f.TransitGateways[config.Name(name)]; !declared {
		if _, network := b.f.Networks[config.NetworkKey(name)]; network {
			b.addf(problem.PeeringEnds, path, "a network in a peering of mode transitGateway, got %q; name a transit gateway or set mode: vpc", name)
		} else {
			unknown(b, path, "transit gateway", config.Name(name), b.f.TransitGateways)
		}
		return false
	}
	if e.gateway = b.plan.TransitGateway(name); e.gateway == nil {
		return false
	}
	e.Place = e.gateway.Place
	return true
}

func (b *builder) vpcPeering(p *Peering, path string) {
	same := p.Requester.Place.Account == p.Accepter.Place.Account
	switch {
	case !same && p.AcceptRole == "":
		b.addf(problem.PeeringAccounts, path, "the ends are in different accounts, got %s and %s; add acceptRole, a role in one of them that may accept the peering", accountName(p.Requester.Place), accountName(p.Accepter.Place))
	case !same && (p.Requester.Place.AccountID == "" || p.Accepter.Place.AccountID == ""):
		b.addf(problem.PeeringAccounts, path, "one end has no declared account, got %s and %s; name both accounts", accountName(p.Requester.Place), accountName(p.Accepter.Place))
	case !same && roleAccount(p.AcceptRole) != p.Accepter.Place.AccountID:
		b.addf(problem.PeeringAccounts, path+".acceptRole", "a role of another account, got %s; it must be in the account of one end, which then accepts: %s or %s", p.AcceptRole, p.Requester.Place.AccountID, p.Accepter.Place.AccountID)
	case same && p.AcceptRole != "":
		b.addf(problem.Conflict, path+".acceptRole", "both ends are in one account, got %s; leave acceptRole out", p.AcceptRole)
	}
}

func (b *builder) gatewayPeering(p *Peering, path string, c config.Peering) {
	if c.DNS != config.DNSNone {
		b.addf(problem.Conflict, path+".dns", "only VPC peerings have DNS options, got %s; leave it out", c.DNS)
	}
	if c.AcceptRole != "" {
		b.addf(problem.Conflict, path+".acceptRole", "only for VPC peerings between accounts, got %s; leave it out", c.AcceptRole)
	}
	if p.Requester.Place.Account != p.Accepter.Place.Account {
		b.addf(problem.PeeringAccounts, path, "transit gateways of different accounts, got %s and %s; pathproof peers transit gateways within one account", accountName(p.Requester.Place), accountName(p.Accepter.Place))
	}
	if p.Requester.Place.Region == p.Accepter.Place.Region {
		b.addf(problem.PeeringSameTGWs, path+".between", "both transit gateways are in %s; use one transit gateway with segments there", p.Requester.Place.Region)
	}
	if p.Requester.gateway.ASN == p.Accepter.gateway.ASN {
		b.addf(problem.ASNPeering, path+".between", "both transit gateways have ASN %d; give each its own, since dynamic routing between them could never work", p.Requester.gateway.ASN)
	}
}

func accountName(p Place) string {
	if p.Account == "" {
		return "the credentials' own account"
	}
	return p.Account
}
