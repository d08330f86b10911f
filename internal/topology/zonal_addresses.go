package topology

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// zonalAddresses gives every zone of a service with a load balancer a fixed address. It follows from the service's name and the subnet
// alone, so no zone, host or other service that comes later can move it; where it is taken, the file has to name another one.
func (b *builder) zonalAddresses() {
	taken := map[string]string{}
	for _, h := range b.plan.Hosts {
		if h.IP.IsValid() && h.network != nil {
			taken[h.Network+" "+h.IP.String()] = "host/" + h.Name
		}
	}
	for _, z := range b.plan.ZonalServices {
		c := b.f.ZonalServices[config.Name(z.Name)]
		path := fmt.Sprintf("zonalServices[%s].addresses", z.Name)
		if !z.Fixed() {
			continue
		}
		for _, id := range sortedKeys(c.Addresses) {
			if z.Zone(string(id)) == nil {
				b.addf(problem.UnknownZone, fmt.Sprintf("%s[%s]", path, id), "the service is not in that zone, got %q; use one of: %s", id, z.zoneList())
			}
		}
		for _, x := range z.Zones {
			at := path
			if own, given := c.Addresses[config.ZoneID(x.ZoneID)]; given {
				x.Address, at = own.Addr, fmt.Sprintf("%s[%s]", path, x.ZoneID)
			} else {
				x.Address = zonalAddress(z.Name, x.subnet.CIDR)
			}
			key := z.Network + " " + x.Address.String()
			switch other := taken[key]; {
			case !x.subnet.CIDR.Contains(x.Address):
				b.addf(problem.ZonalAddress, at, "outside its subnet, got %s; use an address of %s", x.Address, x.subnet.CIDR)
			case reservedInSubnet(x.subnet.CIDR, x.Address):
				b.addf(problem.ZonalAddress, at, "reserved by AWS in subnet %s, got %s; the first four addresses and the last one cannot be used", x.subnet.CIDR, x.Address)
			case other != "":
				b.addf(problem.ZonalAddress, at, "the address of %s too, got %s; write addresses: {%s: ADDRESS} with a free one of %s", other, x.Address, x.ZoneID, x.subnet.CIDR)
			default:
				taken[key] = z.Ref().String()
			}
		}
	}
}

// zonalAddress picks a service's address in a subnet: one of its upper half, by a hash of the name. AWS hands out addresses of a subnet
// at random, so a service in a subnet that is in use already may find it taken.
func zonalAddress(service string, subnet netip.Prefix) netip.Addr {
	half := size(subnet.Bits()) / 2
	h := fnv.New32a()
	_, _ = h.Write([]byte(service)) // a hash takes everything
	return addr(ipv4(subnet.Masked().Addr()) + uint32(half) + h.Sum32()%uint32(half-1))
}

// cloudMap lists what is registered: the fixed address of each zone or, without a load balancer, every target.
func (z *ZonalService) cloudMap() {
	if z.CloudMap == nil {
		return
	}
	for _, x := range z.Zones {
		if z.Fixed() {
			z.CloudMap.Instances = append(z.CloudMap.Instances, CloudMapInstance{x.ZoneID, x.ZoneID, x.Address, z.Listener.Port})
		}
		for _, h := range x.targets {
			if !z.Balanced() {
				z.CloudMap.Instances = append(z.CloudMap.Instances, CloudMapInstance{h.Name, x.ZoneID, h.IP, h.Port})
			}
		}
	}
	slices.SortFunc(z.CloudMap.Instances, func(x, y CloudMapInstance) int { return compareZones(x.ID, y.ID) })
}
