package network

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// AWS's bounds for the prefix length of VPC blocks and subnets.
const minBits, maxBits = 16, 28

var (
	zonePattern = regexp.MustCompile(`^[a-z]+[a-z0-9-]*-az[0-9]+$`)
	namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)
)

// Validate reports every problem in p. It needs no Node.js.
func (p NetworkProps) Validate() error {
	p = p.withDefaults("network")
	var f cdkx.Fields
	blocks := validateBlocks(&f, append([]netip.Prefix{p.CIDR}, p.SecondaryCIDRs...), func(i int) string {
		if i == 0 {
			return "cidr"
		}
		return fmt.Sprintf("secondaryCidrs[%d]", i-1)
	})
	validateSubnets(&f, p.Subnets, blocks)
	p.validateEgress(&f)
	for i, s := range p.GatewayEndpoints {
		where := fmt.Sprintf("gatewayEndpoints[%d]", i)
		if s != "s3" && s != "dynamodb" {
			f.Addf(where, "no gateway endpoint, got %q; use s3 or dynamodb", s)
		}
		if slices.Contains(p.GatewayEndpoints[:i], s) {
			f.Addf(where, "stands twice, got %q; leave one out", s)
		}
	}
	if l := p.FlowLogs; l != nil {
		if !slices.Contains([]string{"ALL", "ACCEPT", "REJECT"}, l.Traffic) {
			f.Addf("flowLogs.traffic", "unknown value, got %q; use ALL, ACCEPT or REJECT", l.Traffic)
		}
		if l.ExpireDays < 1 {
			f.Addf("flowLogs.expireDays", "out of range, got %d; use 1 or more", l.ExpireDays)
		}
	}
	validateSecurityGroups(&f, p.SecurityGroups, p.Provider)
	return f.Err()
}

// Validate reports every problem in a. It needs no Node.js.
func (a NetworkAttributes) Validate() error {
	var f cdkx.Fields
	validateID(&f, "vpcId", "vpc-", a.VpcID)
	if len(a.CIDRs) == 0 {
		f.Addf("cidrs", "missing; give the VPC's blocks, the primary one first")
	}
	blocks := validateBlocks(&f, a.CIDRs, func(i int) string { return fmt.Sprintf("cidrs[%d]", i) })
	plain := make([]SubnetProps, len(a.Subnets))
	for i, s := range a.Subnets {
		plain[i] = s.SubnetProps
		validateID(&f, fmt.Sprintf("subnets[%d].subnetId", i), "subnet-", s.SubnetID)
		if s.RouteTableID != "" {
			validateID(&f, fmt.Sprintf("subnets[%d].routeTableId", i), "rtb-", s.RouteTableID)
		}
	}
	validateSubnets(&f, plain, blocks)
	validateSecurityGroups(&f, a.SecurityGroups, a.Provider)
	return f.Err()
}

func validateID(f *cdkx.Fields, where, prefix, id string) {
	switch {
	case id == "":
		f.Addf(where, "missing; write it like %s0123456789abcdef0", prefix)
	case !strings.HasPrefix(id, prefix):
		f.Addf(where, "not an id of this kind, got %q; write it like %s0123456789abcdef0", id, prefix)
	}
}

// validateBlocks returns the blocks that are valid.
func validateBlocks(f *cdkx.Fields, blocks []netip.Prefix, where func(int) string) []netip.Prefix {
	var valid []netip.Prefix
	for i, b := range blocks {
		if !validateBlock(f, where(i), b) {
			continue
		}
		for _, other := range valid {
			if b.Overlaps(other) {
				f.Addf(where(i), "overlaps another block of the VPC, got %s and %s; choose a free block", b, other)
			}
		}
		valid = append(valid, b)
	}
	return valid
}

func validateBlock(f *cdkx.Fields, where string, b netip.Prefix) bool {
	switch {
	case b == netip.Prefix{}:
		f.Addf(where, "missing; write it like 10.0.0.0/16")
	case !b.IsValid() || !b.Addr().Is4():
		f.Addf(where, "not an IPv4 prefix, got %q; write it like 10.0.0.0/16", b)
	case b.Bits() < minBits || b.Bits() > maxBits:
		f.Addf(where, "size out of range, got %s; use /%d to /%d", b, minBits, maxBits)
	case b != b.Masked():
		f.Addf(where, "host bits are set, got %s; write %s", b, b.Masked())
	default:
		return true
	}
	return false
}

func validateSubnets(f *cdkx.Fields, subnets []SubnetProps, blocks []netip.Prefix) {
	public := map[string]bool{}
	for i, s := range subnets {
		where := fmt.Sprintf("subnets[%d]", i)
		if !namePattern.MatchString(s.Tier) {
			f.Addf(where+".tier", "not a name, got %q; use letters, digits and hyphens", s.Tier)
		}
		if !zonePattern.MatchString(s.ZoneID) {
			f.Addf(where+".zoneId", "not an AZ ID, got %q; write it like apne2-az1", s.ZoneID)
		}
		if first, ok := public[s.Tier]; ok && first != s.Public {
			f.Addf(where+".public", "differs within tier %s, got %t; make a tier wholly public or wholly private", s.Tier, s.Public)
		}
		public[s.Tier] = s.Public
		if s.Public && s.Tier == TierAttach {
			f.Addf(where+".public", "the tier %s cannot be public, got true; use another tier", TierAttach)
		}
		inside := func(b netip.Prefix) bool { return b.Bits() <= s.CIDR.Bits() && b.Contains(s.CIDR.Addr()) }
		if validateBlock(f, where+".cidr", s.CIDR) && !slices.ContainsFunc(blocks, inside) {
			f.Addf(where+".cidr", "outside the VPC, got %s; choose a block inside %v", s.CIDR, blocks)
		}
		for _, other := range subnets[:i] {
			if other.Tier == s.Tier && other.ZoneID == s.ZoneID {
				f.Addf(where, "a second subnet of one tier in one zone, got %s in %s; use another tier", s.Tier, s.ZoneID)
			}
			if other.CIDR.Overlaps(s.CIDR) {
				f.Addf(where+".cidr", "overlaps subnet %s in %s, got %s and %s; choose a free block", other.Tier, other.ZoneID, s.CIDR, other.CIDR)
			}
		}
	}
}

func (p NetworkProps) validateEgress(f *cdkx.Fields) {
	var zones []string
	for _, s := range p.Subnets {
		if s.Public {
			zones = append(zones, s.ZoneID)
		}
	}
	switch p.Egress {
	case EgressNone:
	case EgressInternetGateway, EgressNATSingle, EgressNATPerZone:
		if len(zones) == 0 {
			f.Addf("egress", "needs a public subnet, got %s without one; add one or use none", p.Egress)
			return
		}
	default:
		f.Addf("egress", "unknown value, got %q; use none, igw, nat-single or nat-per-zone", p.Egress)
	}
	if p.Egress != EgressNATPerZone {
		return
	}
	for i, s := range p.Subnets {
		if s.isPrivate() && !slices.Contains(zones, s.ZoneID) {
			f.Addf(fmt.Sprintf("subnets[%d]", i), "no public subnet in its zone, got egress nat-per-zone in %s; add one or use nat-single", s.ZoneID)
		}
	}
}

// isPrivate reports whether the subnet takes part in egress through NAT.
func (s SubnetProps) isPrivate() bool { return !s.Public && s.Tier != TierAttach }
