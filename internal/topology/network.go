package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// The tiers with a meaning of their own.
const (
	TierPublic = "public" // routes to the Internet gateway
	TierAttach = "attach" // holds the transit gateway attachment; gets no routes
)

// AWS's bounds for the size of VPC blocks and subnets.
const minBits, maxBits = 16, 28

func (b *builder) networks() {
	for _, key := range sortedKeys(b.f.Networks) {
		n := b.network(key, b.f.Networks[key])
		if n == nil {
			continue
		}
		if twin := find(b.plan.Networks, func(o *Network) bool { return o.Place == n.Place && o.Name == n.Name }); twin != nil {
			b.addf(problem.Conflict, fmt.Sprintf("networks[%s]", key), "the name and place of %s too, got %s in %s; names are unique within an account and Region", twin.Key, n.Name, n.Place)
			continue
		}
		b.plan.Networks = append(b.plan.Networks, n)
	}
}

func (b *builder) network(key config.NetworkKey, c config.Network) *Network {
	path := fmt.Sprintf("networks[%s]", key)
	r := b.region(path, key.Region())
	if r == nil {
		return nil
	}
	n := &Network{Key: string(key), Name: string(key.Name()), Alias: r.Alias, Place: r.Place, ID: string(c.ID),
		Egress: c.Egress, FlowLogs: c.FlowLogs, GatewayEndpoints: asStrings(c.GatewayEndpoints), tables: map[string]*RouteTable{}}
	if c.Account != "" {
		place, ok := b.place(path, r.Region, c.Account)
		if !ok {
			return nil
		}
		n.Place = place
	}
	b.blocks(n, path, c)
	b.adopt(path+".id", n.ID)
	b.adoption(n, path, c)
	b.subnets(n, path, c)
	b.egress(n, path)
	b.flowLogs(path+".flowLogs.expire", c.FlowLogs)
	return n
}

func (b *builder) blocks(n *Network, path string, c config.Network) {
	n.CIDR = b.masked(path+".cidr", c.CIDR)
	n.Blocks = []netip.Prefix{n.CIDR}
	b.blockSize(path+".cidr", n.CIDR)
	for i, s := range c.SecondaryCIDRs {
		at := fmt.Sprintf("%s.secondaryCidrs[%d]", path, i)
		p := b.masked(at, s)
		b.blockSize(at, p)
		for _, other := range n.Blocks {
			if p.Overlaps(other) {
				b.addf(problem.Overlap, at, "overlaps another block of the same VPC, got %s and %s; choose a free block", p, other)
			}
		}
		n.Blocks = append(n.Blocks, p)
	}
}

// notForHosts are the blocks that no host can have an address in (RFC 6890, RFC 5771, RFC 1112).
var notForHosts = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("240.0.0.0/4")}

func (b *builder) blockSize(path string, p netip.Prefix) {
	for _, no := range notForHosts {
		if no.Overlaps(p) {
			b.addf(problem.NetworkSize, path, "hosts cannot have addresses there, got %s, in %s; choose a private block", p, no)
		}
	}
	if p.Bits() < minBits || p.Bits() > maxBits {
		b.addf(problem.NetworkSize, path, "a VPC block must be /%d to /%d, got %s; choose another size", minBits, maxBits, p)
	}
}

// adoption checks that a network is either defined or adopted, not half of each.
func (b *builder) adoption(n *Network, path string, c config.Network) {
	if n.ID == "" {
		return
	}
	refuse := func(key string, given bool, why string) {
		if given {
			b.addf(problem.Conflict, path+"."+key, "not for an adopted VPC, got %s with id %s; %s", key, n.ID, why)
		}
	}
	refuse("tiers", len(c.Tiers) > 0, "give its subnets by id under subnets")
	refuse("zones", len(c.Zones) > 0, "give its subnets by id under subnets")
	refuse("egress", c.Egress != config.EgressNone, "its gateways stay as they are")
	refuse("gatewayEndpoints", len(c.GatewayEndpoints) > 0, "its endpoints stay as they are")
	refuse("flowLogs", c.FlowLogs != nil, "its flow logs stay as they are")
}

// subnets resolves carved and explicit subnets and gives each its route table.
func (b *builder) subnets(n *Network, path string, c config.Network) {
	at, zoneAt := map[*Subnet]string{}, map[string]string{} // where subnets and zones are declared
	for _, s := range b.carved(n, path, c) {
		n.Subnets = append(n.Subnets, s)
		at[s] = path + ".tiers"
		zoneAt[s.ZoneID] = fmt.Sprintf("%s.zones[%d]", path, slices.Index(c.Zones, config.ZoneID(s.ZoneID)))
	}
	for _, tier := range sortedKeys(c.Subnets) {
		if !slices.Contains(n.Tiers, string(tier)) {
			n.Tiers = append(n.Tiers, string(tier))
		}
		for _, zone := range sortedKeys(c.Subnets[tier]) {
			where := fmt.Sprintf("%s.subnets[%s][%s]", path, tier, zone)
			s := b.explicit(n, where, string(tier), string(zone), c.Subnets[tier][zone])
			n.Subnets = append(n.Subnets, s)
			at[s] = where
			if zoneAt[s.ZoneID] == "" {
				zoneAt[s.ZoneID] = where
			}
		}
	}
	slices.SortStableFunc(n.Subnets, func(x, y *Subnet) int {
		return cmp.Or(cmp.Compare(slices.Index(n.Tiers, x.Tier), slices.Index(n.Tiers, y.Tier)), compareZones(x.ZoneID, y.ZoneID))
	})
	for _, zone := range sortedKeys(zoneAt) {
		b.zone(n, zoneAt[zone], zone)
	}
	for i, s := range n.Subnets {
		b.subnetBounds(n, at[s], s)
		for _, other := range n.Subnets[:i] {
			if s.CIDR.Overlaps(other.CIDR) {
				b.addf(problem.SubnetOverlap, at[s], "overlaps subnet %s/%s, got %s and %s; choose a free block", other.Tier, other.ZoneID, s.CIDR, other.CIDR)
			}
		}
		b.adopt(at[s], s.ID)
		if t := n.tables[s.Table]; t == nil && s.Table != "" {
			b.adopt(at[s], adoptedTable(s))
			t = &RouteTable{Key: s.Table, ID: adoptedTable(s), Tier: s.Tier, ZoneID: s.ZoneID}
			n.tables[s.Table] = t
			n.RouteTables = append(n.RouteTables, t)
		}
	}
	if len(n.Subnets) == 0 && len(c.Tiers) == 0 && len(c.Zones) == 0 {
		b.addf(problem.MissingKey, path, "no subnets; give zones and tiers, or subnets")
	}
}

func adoptedTable(s *Subnet) string {
	if s.ID == "" {
		return ""
	}
	return s.Table
}

func (b *builder) explicit(n *Network, where, tier, zone string, c config.Subnet) *Subnet {
	s := &Subnet{Tier: tier, ZoneID: zone, CIDR: b.masked(where, c.CIDR), ID: string(c.ID), Table: naming.Subnet(tier, zone)}
	switch {
	case n.ID != "":
		s.Table = string(c.RouteTable)
		if c.ID == "" {
			b.addf(problem.MissingKey, where, "a subnet of an adopted VPC needs its id; write {cidr: %s, id: subnet-..., routeTable: rtb-...}", s.CIDR)
		}
	case c.ID != "" || c.RouteTable != "":
		b.addf(problem.Conflict, where, "an id in a VPC that is not adopted; give the network its id too, or leave id and routeTable out")
		s.ID = ""
	}
	return s
}

// zone checks that an AZ ID exists in the network's Region.
func (b *builder) zone(n *Network, where, zoneID string) {
	region := awsdata.RegionOfZone(zoneID)
	if region == n.Place.Region || !awsdata.KnownRegion(n.Place.Region) {
		return
	}
	what := "unknown AZ ID"
	if region != "" {
		what = "an AZ ID of " + region
	}
	b.addf(problem.UnknownZone, where, "%s, got %q; %s has %s", what, zoneID, n.Place.Region, strings.Join(awsdata.ZonesOf(n.Place.Region), ", "))
}

func (b *builder) subnetBounds(n *Network, where string, s *Subnet) {
	if s.CIDR.Bits() < minBits || s.CIDR.Bits() > maxBits {
		b.addf(problem.SubnetSize, where, "a subnet must be /%d to /%d, got %s; choose another size", minBits, maxBits, s.CIDR)
		return
	}
	inside := slices.ContainsFunc(n.Blocks, func(p netip.Prefix) bool { return contains(p, s.CIDR) })
	if !inside {
		b.addf(problem.SubnetOutside, where, "outside its VPC, got %s in %s; choose a block inside", s.CIDR, joinPrefixes(n.Blocks))
	}
}

// flowLogs checks what S3 lifecycle rules can do: whole days.
func (b *builder) flowLogs(path string, c *config.FlowLogs) {
	if c != nil && (c.Expire.Days() < 1 || time.Duration(c.Expire)%(24*time.Hour) != 0) {
		b.addf(problem.BadValue, path, "not a number of whole days, got %s; use 1d or more", c.Expire)
	}
}

// egress checks the tier that gateways stand in and adds default routes.
func (b *builder) egress(n *Network, path string) {
	if n.Egress == config.EgressNone || n.ID != "" {
		return
	}
	public := n.zonesOf(TierPublic)
	if len(public) == 0 {
		b.addf(problem.EgressWithoutTop, path+".egress", "needs a tier named public, got egress %s and tiers %s; add one or set egress: none", n.Egress, strings.Join(n.Tiers, ", "))
		return
	}
	var reported []string
	for _, s := range n.Subnets {
		target := Target{TargetInternetGateway, n.Key}
		switch {
		case s.Tier == TierAttach || s.Tier != TierPublic && n.Egress == config.EgressIGW:
			continue
		case s.Tier != TierPublic && n.Egress == config.EgressNATSingle:
			target = Target{TargetNATGateway, public[0]}
		case s.Tier != TierPublic:
			target = Target{TargetNATGateway, s.ZoneID}
			if !slices.Contains(public, s.ZoneID) && !slices.Contains(reported, s.ZoneID) {
				reported = append(reported, s.ZoneID)
				b.addf(problem.EgressWithoutTop, path+".egress", "nat-per-zone needs a public subnet in every zone, got none in %s; add one or set egress: nat-single", s.ZoneID)
			}
		}
		t := n.tables[s.Table]
		t.Routes = append(t.Routes, &Route{internet, target, true})
	}
}

// natZones lists the zones with a NAT gateway.
func (n *Network) natZones() []string {
	switch zones := n.zonesOf(TierPublic); {
	case len(zones) == 0 || n.ID != "":
		return nil
	case n.Egress == config.EgressNATSingle:
		return zones[:1]
	case n.Egress == config.EgressNATPerZone:
		return zones
	}
	return nil
}

// hasInternetGateway reports whether the network defines an Internet gateway.
func (n *Network) hasInternetGateway() bool {
	return n.ID == "" && n.Egress != config.EgressNone && len(n.zonesOf(TierPublic)) > 0
}

// zonesOf lists the zones of one tier by zone number.
func (n *Network) zonesOf(tier string) []string {
	var zones []string
	for _, s := range n.Subnets {
		if s.Tier == tier {
			zones = append(zones, s.ZoneID)
		}
	}
	return zones
}

// workloads lists the subnets that may hold workloads: all but the attach tier.
func (n *Network) workloads() []*Subnet {
	return slices.DeleteFunc(slices.Clone(n.Subnets), func(s *Subnet) bool { return s.Tier == TierAttach })
}

// subnetOf returns the subnet that holds an address, or nil.
func (n *Network) subnetOf(a netip.Addr) *Subnet {
	return find(n.Subnets, func(s *Subnet) bool { return s.CIDR.Contains(a) })
}

// holds reports whether an address is one of the VPC's own.
func (n *Network) holds(a netip.Addr) bool {
	return slices.ContainsFunc(n.Blocks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// zoneNumber returns the number of an AZ ID: 3 for apne2-az3.
func zoneNumber(zoneID string) int {
	_, digits, _ := strings.Cut(zoneID, "-az")
	n, _ := strconv.Atoi(digits) // 0 for a malformed id, which the loader refused
	return n
}

func compareZones(a, b string) int {
	return cmp.Or(cmp.Compare(zoneNumber(a), zoneNumber(b)), strings.Compare(a, b))
}

// contains reports whether outer holds all of inner.
func contains(outer, inner netip.Prefix) bool {
	return outer.IsValid() && inner.IsValid() && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

func joinPrefixes(list []netip.Prefix) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return strings.Join(out, ", ")
}
