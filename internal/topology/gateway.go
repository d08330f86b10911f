package topology

import (
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// transitGateways resolves gateways and segments and what is attached to them; segments() adds their routes when
// sites and peerings are known too.
func (b *builder) transitGateways() {
	for _, name := range sortedKeys(b.f.TransitGateways) {
		c := b.f.TransitGateways[name]
		path := fmt.Sprintf("transitGateways[%s]", name)
		if !privateASN(int64(c.ASN)) {
			b.addf(problem.ASNRange, path+".asn", "not a private ASN that AWS takes for a transit gateway, got %d; use 64512 to 65534 or 4200000000 to 4294967294", c.ASN)
		}
		r := b.region(path+".region", c.Region)
		if r == nil {
			continue
		}
		t := &TransitGateway{Name: string(name), Alias: r.Alias, Place: r.Place, ID: string(c.ID), ASN: int64(c.ASN), ECMP: c.ECMP}
		b.gatewayBlocks(t, path+".cidrBlocks", c.CIDRBlocks)
		b.adopt(path+".id", t.ID)
		for _, sname := range sortedKeys(c.Segments) {
			t.Segments = append(t.Segments, b.segment(t, fmt.Sprintf("%s.segments[%s]", path, sname), string(sname), c.Segments[sname]))
		}
		b.reaches(t, path, c)
		b.attachedOnce(t, path, c)
		b.plan.TransitGateways = append(b.plan.TransitGateways, t)
	}
}

// gatewayBlocks checks the blocks of a transit gateway's own.
func (b *builder) gatewayBlocks(t *TransitGateway, path string, blocks []config.Prefix) {
	for i, c := range blocks {
		at := fmt.Sprintf("%s[%d]", path, i)
		p := b.masked(at, c)
		if p.Bits() > 24 {
			b.addf(problem.NetworkSize, at, "a transit gateway's block must be /24 or larger, got %s; choose another size", p)
		}
		t.CIDRBlocks = append(t.CIDRBlocks, p)
	}
	if t.ID != "" && len(blocks) > 0 {
		b.addf(problem.Conflict, path, "an adopted transit gateway keeps its blocks, got id %s; leave cidrBlocks out", t.ID)
	}
}

func privateASN(n int64) bool {
	return n >= 64512 && n <= 65534 || n >= 4200000000 && n <= 4294967294
}

func (b *builder) segment(t *TransitGateway, path, name string, c config.Segment) *Segment {
	s := &Segment{Name: name, ID: string(c.ID), Reaches: asStrings(c.Reaches), gateway: t}
	slices.Sort(s.Reaches)
	s.Reaches = slices.Compact(s.Reaches)
	b.adopt(path+".id", s.ID)
	switch {
	case c.ID != "" && t.ID == "":
		b.addf(problem.Conflict, path+".id", "a route table id in a transit gateway that is not adopted, got %s; give the transit gateway its id too", c.ID)
	case c.ID == "" && t.ID != "":
		b.addf(problem.MissingKey, path, "a segment of an adopted transit gateway needs the id of its route table; add id: tgw-rtb-...")
	}
	for i, ref := range c.Attach {
		where := fmt.Sprintf("%s.attach[%d]", path, i)
		if a := b.attachment(t, where, ref); a != nil {
			a.segment = s
			s.Attachments = append(s.Attachments, a)
		}
	}
	return s
}

func (b *builder) attachment(t *TransitGateway, where string, ref config.Ref) *Attachment {
	switch ref.Kind {
	case config.KindNetwork:
		if n := b.findNetwork(where, config.NetworkKey(ref.Name)); n != nil {
			return b.attachNetwork(t, where, n)
		}
		return nil
	case config.KindSite:
		s, ok := b.f.Sites[config.Name(ref.Name)]
		if !ok {
			unknown(b, where, "site", config.Name(ref.Name), b.f.Sites)
			return nil
		}
		if string(s.Connect.TransitGateway) != t.Name {
			b.addf(problem.SiteOtherGateway, where, "site %s connects to transit gateway %s, got it in a segment of %s; move it there", ref.Name, s.Connect.TransitGateway, t.Name)
			return nil
		}
		return &Attachment{Kind: TargetSite, Name: ref.Name}
	case config.KindPeering:
		p, ok := b.f.Peerings[config.Name(ref.Name)]
		if !ok {
			unknown(b, where, "peering", config.Name(ref.Name), b.f.Peerings)
			return nil
		}
		if p.Mode != config.ModeTransitGateway || !slices.Contains(p.Between, t.Name) {
			b.addf(problem.SiteOtherGateway, where, "peering %s does not end at transit gateway %s, got mode %s between %v; attach peerings of mode transitGateway at their own ends", ref.Name, t.Name, p.Mode, p.Between)
			return nil
		}
		return &Attachment{Kind: TargetPeering, Name: ref.Name}
	case config.KindClientVPN:
		c, ok := b.f.ClientVPNs[config.Name(ref.Name)]
		if !ok {
			unknown(b, where, "Client VPN", config.Name(ref.Name), b.f.ClientVPNs)
			return nil
		}
		if string(c.TransitGateway) != t.Name {
			b.addf(problem.SiteOtherGateway, where, "Client VPN %s is not at transit gateway %s, got transitGateway %q; set it there, or leave it out here", ref.Name, t.Name, c.TransitGateway)
			return nil
		}
		return &Attachment{Kind: TargetClientVPN, Name: ref.Name}
	}
	b.addf(problem.BadValue, where, "cannot be attached to a transit gateway, got %q; use a network, site/NAME, clientVpn/NAME or peering/NAME", ref)
	return nil
}

// attachNetwork picks one subnet per zone: those of the tier attach, or else the first workload subnet of each zone.
func (b *builder) attachNetwork(t *TransitGateway, where string, n *Network) *Attachment {
	if n.Place.Region != t.Place.Region {
		b.addf(problem.AttachRegion, where, "a network of another Region, got %s (%s) at a transit gateway in %s; peer the two Regions instead", n.Key, n.Place.Region, t.Place.Region)
		return nil
	}
	if n.Place.Account != t.Place.Account {
		b.addf(problem.AttachAccount, where, "a network of another account, got %s; pathproof does not share transit gateways between accounts, use a transit gateway in the network's account", n.Key)
		return nil
	}
	a := &Attachment{Kind: TargetNetwork, Name: n.Key}
	var zones []string
	tier := n.zonesOf(TierAttach)
	for _, s := range n.Subnets {
		if (len(tier) == 0 || s.Tier == TierAttach) && !slices.Contains(zones, s.ZoneID) {
			zones = append(zones, s.ZoneID)
			a.Subnets = append(a.Subnets, naming.Subnet(s.Tier, s.ZoneID))
		}
	}
	a.zones = slices.Clone(zones)
	for _, s := range n.Subnets {
		if !slices.Contains(zones, s.ZoneID) {
			b.addf(problem.ZoneNotAttached, where, "subnet %s/%s of %s has no attachment subnet in its zone, so it cannot reach the transit gateway; add %s to the tier attach", s.Tier, s.ZoneID, n.Key, s.ZoneID)
			zones = append(zones, s.ZoneID)
		}
	}
	return a
}

// reaches checks the names of segments.
func (b *builder) reaches(t *TransitGateway, path string, c config.TransitGateway) {
	for _, s := range t.Segments {
		for i, r := range c.Segments[config.Name(s.Name)].Reaches {
			if _, ok := c.Segments[r]; !ok {
				unknown(b, fmt.Sprintf("%s.segments[%s].reaches[%d]", path, s.Name, i), "segment of transit gateway "+t.Name, r, c.Segments)
			}
		}
	}
}

// attachedOnce checks that each attachment is in one segment, and that sites and peerings are in one at all.
func (b *builder) attachedOnce(t *TransitGateway, path string, c config.TransitGateway) {
	first := map[config.Ref]string{}
	for _, s := range sortedKeys(c.Segments) {
		for i, ref := range c.Segments[s].Attach {
			where := fmt.Sprintf("%s.segments[%s].attach[%d]", path, s, i)
			if other, dup := first[ref]; dup && other == string(s) {
				b.addf(problem.AttachedTwice, where, "attached twice, got %s in segment %s; leave one out", ref, s)
				continue
			} else if dup {
				b.addf(problem.AttachedTwice, where, "attached twice, got %s in segment %s and in %s; an attachment belongs to exactly one segment", ref, other, s)
				continue
			}
			first[ref] = string(s)
		}
	}
	missing := func(at string, ref config.Ref) {
		if _, ok := first[ref]; !ok {
			b.addf(problem.NotInSegment, at, "in no segment of transit gateway %s, got %s; add it to one segment's attach list", t.Name, ref)
		}
	}
	for _, name := range sortedKeys(b.f.Sites) {
		if string(b.f.Sites[name].Connect.TransitGateway) == t.Name {
			missing(fmt.Sprintf("sites[%s].connect.transitGateway", name), config.Ref{Kind: config.KindSite, Name: string(name)})
		}
	}
	for _, name := range sortedKeys(b.f.ClientVPNs) {
		if string(b.f.ClientVPNs[name].TransitGateway) == t.Name {
			missing(fmt.Sprintf("clientVpns[%s].transitGateway", name), config.Ref{Kind: config.KindClientVPN, Name: string(name)})
		}
	}
	for _, name := range sortedKeys(b.f.Peerings) {
		if p := b.f.Peerings[name]; p.Mode == config.ModeTransitGateway && slices.Contains(p.Between, t.Name) {
			missing(fmt.Sprintf("peerings[%s]", name), config.Ref{Kind: config.KindPeering, Name: string(name)})
		}
	}
}
