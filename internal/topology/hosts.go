package topology

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// hosts resolves endpoints to networks, subnets and sites.
func (b *builder) hosts() {
	used := map[string]string{}
	for _, name := range sortedKeys(b.f.Hosts) {
		c := b.f.Hosts[name]
		path := fmt.Sprintf("hosts[%s]", name)
		h := &Host{Name: string(name), Network: string(c.Network), Site: string(c.Site), ZoneID: string(c.Zone), IP: c.IP.Addr, Port: int(c.Port), Instance: string(c.Instance)}
		b.adopt(path+".instance", h.Instance)
		ok := false
		switch {
		case (c.Network == "") == (c.Site == ""):
			b.addf(problem.Conflict, path, "a host is in one network or one site, got network %q and site %q; give one of them", c.Network, c.Site)
		case c.Site != "":
			ok = b.siteHost(h, path, c)
		default:
			ok = b.networkHost(h, path, c)
		}
		if !ok {
			continue
		}
		if h.IP.IsValid() {
			key := h.Network + h.Site + " " + h.IP.String()
			if other, dup := used[key]; dup {
				b.addf(problem.HostAddressTwin, path+".ip", "the address of host %s too, got %s; give each its own", other, h.IP)
			}
			used[key] = h.Name
		}
		b.plan.Hosts = append(b.plan.Hosts, h)
	}
}

func (b *builder) siteHost(h *Host, path string, c config.Host) bool {
	if h.site = b.findSite(path+".site", c.Site); h.site == nil {
		return false
	}
	if c.Zone != "" {
		b.addf(problem.Conflict, path+".zone", "a site has no zones, got %q; leave it out", c.Zone)
	}
	if !h.IP.IsValid() {
		b.addf(problem.MissingKey, path, "a host in a site needs its address; add ip")
		return false
	}
	if !slices.ContainsFunc(h.site.Prefixes, func(p netip.Prefix) bool { return p.Contains(h.IP) }) {
		b.addf(problem.HostAddress, path+".ip", "outside the prefixes of site %s, got %s; use an address in %s", h.Site, h.IP, joinPrefixes(h.site.Prefixes))
	}
	return true
}

func (b *builder) networkHost(h *Host, path string, c config.Host) bool {
	if h.network = b.findNetwork(path+".network", c.Network); h.network == nil || len(h.network.Subnets) == 0 {
		return false // reported with the network
	}
	if !h.IP.IsValid() {
		return b.hostByZone(h, path, c)
	}
	h.subnet = h.network.subnetOf(h.IP)
	switch {
	case h.subnet == nil:
		b.addf(problem.HostAddress, path+".ip", "in no subnet of %s, got %s; use an address of one of its subnets: %s", h.Network, h.IP, subnetList(h.network))
		return false
	case reservedInSubnet(h.subnet.CIDR, h.IP):
		b.addf(problem.HostAddress, path+".ip", "reserved by AWS in subnet %s, got %s; the first four addresses and the last one cannot be used", h.subnet.CIDR, h.IP)
	case c.Zone != "" && h.subnet.ZoneID != h.ZoneID:
		b.addf(problem.HostAddress, path+".zone", "its address is in %s, got zone %s; leave zone out or change the address", h.subnet.ZoneID, c.Zone)
	}
	h.ZoneID = h.subnet.ZoneID
	h.Subnet = naming.Subnet(h.subnet.Tier, h.subnet.ZoneID)
	return true
}

func (b *builder) hostByZone(h *Host, path string, c config.Host) bool {
	if c.Zone == "" {
		b.addf(problem.MissingKey, path, "a host in a network needs ip or zone; add one")
		return false
	}
	var there []*Subnet
	for _, s := range h.network.workloads() {
		if s.ZoneID == h.ZoneID {
			there = append(there, s)
		}
	}
	if len(there) > 1 {
		b.addf(problem.HostAddress, path+".zone", "several subnets of %s are in that zone, got %s: %s/%s, %s/%s; give ip instead", h.Network, c.Zone,
			there[0].Tier, there[0].CIDR, there[1].Tier, there[1].CIDR)
		return false
	}
	if len(there) == 1 {
		h.subnet = there[0]
	}
	if h.subnet == nil {
		b.addf(problem.UnknownZone, path+".zone", "%s has no subnet there, got %q; use a zone of one of its subnets: %s", h.Network, c.Zone, subnetList(h.network))
		return false
	}
	h.Subnet = naming.Subnet(h.subnet.Tier, h.subnet.ZoneID)
	return true
}

// reservedInSubnet reports whether AWS keeps an address for itself: the first four and the last of a subnet.
func reservedInSubnet(p netip.Prefix, a netip.Addr) bool {
	offset := uint64(ipv4(a) - ipv4(p.Addr()))
	return offset < 4 || offset == size(p.Bits())-1
}

func subnetList(n *Network) string {
	list := make([]netip.Prefix, 0, len(n.Subnets))
	for _, s := range n.workloads() {
		list = append(list, s.CIDR)
	}
	return joinPrefixes(list)
}
