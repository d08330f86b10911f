package topology

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// zoneSlots is how many zones every tier has room for. A zone's subnet is found by the zone's own number, so adding a
// zone moves nothing. No Region has more than six zones; eight keeps blocks aligned.
const zoneSlots = 8

// carved places the subnets of tiers: each tier in the order of the file takes the next aligned block of eight
// subnets, and zone number n gets the n-th of them. Appending a tier moves nothing either.
func (b *builder) carved(n *Network, path string, c config.Network) []*Subnet {
	if len(c.Tiers) == 0 && len(c.Zones) == 0 || n.ID != "" {
		return nil
	}
	if len(c.Tiers) == 0 || len(c.Zones) == 0 {
		b.addf(problem.Conflict, path, "zones and tiers go together, got zones %v and tiers %v; give both, or subnets only", c.Zones, c.Tiers)
		return nil
	}
	zones := b.distinctZones(path, c.Zones)
	var out []*Subnet
	next := uint64(ipv4(n.CIDR.Addr()))
	end := next + size(n.CIDR.Bits())
	for i, t := range c.Tiers {
		where := fmt.Sprintf("%s.tiers[%d]", path, i)
		if slices.Contains(n.Tiers, string(t.Name)) {
			b.addf(problem.Conflict, where, "a tier stands twice, got %q; give it another name", t.Name)
			continue
		}
		n.Tiers = append(n.Tiers, string(t.Name))
		block := zoneSlots * size(t.Bits)
		start := (next + block - 1) / block * block
		if start+block > end {
			b.addf(problem.TiersDoNotFit, where, "does not fit, got %s after %s, which needs %d blocks of /%d (room for %d zones) in %s; %s",
				t, tiersBefore(c.Tiers, i), zoneSlots, t.Bits, zoneSlots, n.CIDR, tierAdvice(c.Tiers, n.CIDR))
			continue
		}
		next = start + block
		for _, zone := range zones {
			number := zoneNumber(string(zone))
			if _, explicit := c.Subnets[t.Name][zone]; explicit {
				continue
			}
			if number < 1 || number > zoneSlots {
				b.addf(problem.UnknownZone, path+".zones", "a zone number that carving has no room for, got %q; use 1 to %d, or explicit subnets", zone, zoneSlots)
				continue
			}
			first := start + uint64(number-1)*size(t.Bits)
			out = append(out, &Subnet{Tier: string(t.Name), ZoneID: string(zone),
				CIDR: netip.PrefixFrom(addr(uint32(first)), t.Bits), Table: naming.Subnet(string(t.Name), string(zone)),
				block: netip.PrefixFrom(addr(uint32(start)), t.Bits-3)})
		}
	}
	return out
}

func (b *builder) distinctZones(path string, zones []config.ZoneID) []config.ZoneID {
	var distinct []config.ZoneID
	for i, z := range zones {
		if slices.Contains(distinct, z) {
			b.addf(problem.Conflict, fmt.Sprintf("%s.zones[%d]", path, i), "a zone stands twice, got %q; leave one out", z)
			continue
		}
		distinct = append(distinct, z)
	}
	return distinct
}

// tierAdvice offers another order when that is all it takes: larger tiers first leave no gaps.
func tierAdvice(tiers []config.Tier, block netip.Prefix) string {
	sorted := slices.Clone(tiers)
	slices.SortStableFunc(sorted, func(x, y config.Tier) int { return cmp.Compare(x.Bits, y.Bits) })
	need := uint64(0)
	for _, t := range sorted {
		need += zoneSlots * size(t.Bits)
	}
	if need <= size(block.Bits()) && !slices.Equal(sorted, tiers) {
		return "put larger tiers first, they fit as [" + strings.Trim(strings.ReplaceAll(fmt.Sprint(sorted), " ", ", "), "[]") + "]"
	}
	return "use smaller tiers, a larger cidr, or explicit subnets"
}

func tiersBefore(tiers []config.Tier, i int) string {
	if i == 0 {
		return "nothing"
	}
	return fmt.Sprint(tiers[:i])
}

// size is the number of addresses of an IPv4 prefix of this length.
func size(bits int) uint64 { return 1 << (32 - bits) }

func ipv4(a netip.Addr) uint32 {
	if !a.Is4() {
		return 0
	}
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

func addr(n uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b)
}
