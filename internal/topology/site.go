package topology

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// Site is a place outside AWS, connected by Site-to-Site VPN.
type Site struct {
	Name           string                 `json:"name"`
	Location       *config.Location       `json:"location,omitempty"`
	Prefixes       []netip.Prefix         `json:"prefixes"`
	TransitGateway string                 `json:"transitGateway"`
	Place          Place                  `json:"place"`
	Gateways       []Gateway              `json:"gateways"`
	Connections    []Connection           `json:"vpnConnections"`
	Static         bool                   `json:"static"`
	Acceleration   bool                   `json:"acceleration"`
	Bandwidth      config.TunnelBandwidth `json:"tunnelBandwidth"`
	Tunnel         config.TunnelOptions   `json:"tunnel"`
	Lifecycle      bool                   `json:"lifecycleControl"`
	Logs           config.VPNLogs         `json:"logs"`
	Sizing         *Sizing                `json:"sizing,omitempty"`
	Failover       *Failover              `json:"failover,omitempty"`
	gateway        *TransitGateway
}

// Gateway is a customer gateway.
type Gateway struct {
	Name string     `json:"name"`
	ID   string     `json:"id,omitempty"` // of an adopted one
	IP   netip.Addr `json:"ip"`
	ASN  int64      `json:"asn"`
	// Appliance is not in the plan's JSON: templates hold a hash of that, and nothing in AWS depends on what the device is.
	Appliance Appliance `json:"-"`
}

// Appliance is the device behind a customer gateway, as far as its configuration needs it.
type Appliance struct {
	Device       config.Device // empty: not declared
	LocalAddress netip.Addr    // its own address behind NAT; invalid: the gateway's IP
	Interfaces   config.TunnelInterfaces
	WAN, LAN     string // names of interfaces; empty: not declared
}

// Connection is a VPN connection with its two tunnels.
type Connection struct {
	Name    string         `json:"name"`
	Gateway string         `json:"gateway"`
	Inside  []netip.Prefix `json:"inside"`
}

func (b *builder) sites() {
	insides := map[string]map[netip.Prefix]string{} // transit gateway -> inside CIDR -> where
	addresses := map[netip.Addr]string{}
	asns := map[int64]string{}
	for _, name := range sortedKeys(b.f.Sites) {
		c := b.f.Sites[name]
		path := fmt.Sprintf("sites[%s]", name)
		s := &Site{Name: string(name), Location: c.Location, TransitGateway: string(c.Connect.TransitGateway),
			Static: c.Connect.Routing == config.RoutingStatic, Acceleration: c.Connect.Acceleration, Bandwidth: c.Connect.TunnelBandwidth,
			Tunnel: c.Connect.Tunnel, Lifecycle: c.Connect.Maintenance.LifecycleControl, Logs: c.Connect.Logs}
		b.location(path, c.Location)
		for i, p := range c.Prefixes {
			at := fmt.Sprintf("%s.prefixes[%d]", path, i)
			m := b.masked(at, p)
			if slices.Contains(s.Prefixes, m) {
				b.addf(problem.Conflict, at, "a prefix stands twice, got %s; leave one out", m)
				continue
			}
			s.Prefixes = append(s.Prefixes, m)
		}
		slices.SortFunc(s.Prefixes, comparePrefix)
		b.gateways(s, path, c, addresses, asns)
		if _, ok := b.f.TransitGateways[c.Connect.TransitGateway]; !ok {
			unknown(b, path+".connect.transitGateway", "transit gateway", c.Connect.TransitGateway, b.f.TransitGateways)
		}
		s.gateway = b.plan.TransitGateway(s.TransitGateway)
		b.connections(s, path+".connect", c.Connect, insides)
		if s.gateway == nil {
			continue
		}
		s.Place = s.gateway.Place
		b.siteASN(s, path)
		b.tunnelOptions(path+".connect.tunnel", c.Connect)
		b.sizing(s, path+".connect", c.Connect)
		b.failover(s, path+".connect", c.Connect)
		b.retention(path+".connect.logs.retention", c.Connect.Logs)
		b.plan.Sites = append(b.plan.Sites, s)
	}
}

func (b *builder) location(path string, l *config.Location) {
	if l == nil {
		return
	}
	if l.Lat < -90 || l.Lat > 90 {
		b.addf(problem.BadValue, path+".location.lat", "latitude out of range, got %g; use -90 to 90", l.Lat)
	}
	if l.Lon < -180 || l.Lon > 180 {
		b.addf(problem.BadValue, path+".location.lon", "longitude out of range, got %g; use -180 to 180", l.Lon)
	}
}

func (b *builder) gateways(s *Site, path string, c config.Site, addresses map[netip.Addr]string, asns map[int64]string) {
	for _, name := range sortedKeys(c.Gateways) {
		g := c.Gateways[name]
		where := fmt.Sprintf("%s.gateways[%s]", path, name)
		label := s.Name + "/" + string(name)
		if other, dup := addresses[g.IP.Addr]; dup {
			b.addf(problem.GatewayAddress, where+".ip", "the address of gateway %s too, got %s; every gateway needs its own public address", other, g.IP)
		}
		addresses[g.IP.Addr] = label
		if !isPublic(g.IP.Addr) {
			b.addf(problem.BadValue, where+".ip", "not a public address, got %s; give the address that AWS sees", g.IP)
		}
		b.adopt(where+".id", string(g.ID))
		if why := reservedASN(int64(g.ASN)); why != "" {
			b.addf(problem.ASNRange, where+".asn", "%s, got %d; use a private ASN, 64512 to 65534 or 4200000000 to 4294967294, or one of your own", why, g.ASN)
		}
		if len(s.Gateways) > 0 && s.Gateways[0].ASN != int64(g.ASN) {
			b.addf(problem.ASNDevices, where+".asn", "gateways of one site share one ASN, got %d and %d at %s; with different ones BGP prefers one gateway and ECMP is lost", g.ASN, s.Gateways[0].ASN, s.Gateways[0].Name)
		}
		b.appliance(where, g)
		s.Gateways = append(s.Gateways, Gateway{string(name), string(g.ID), g.IP.Addr, int64(g.ASN),
			Appliance{g.Device, g.LocalAddress.Addr, g.Interfaces, string(g.WAN), string(g.LAN)}})
	}
	if len(s.Gateways) == 0 {
		return
	}
	asn := s.Gateways[0].ASN
	if other, dup := asns[asn]; dup {
		b.addf(problem.ASNSites, path+".gateways["+s.Gateways[0].Name+"].asn", "the ASN of site %s too, got %d; each site drops the other's routes as its own, so give it another if the two must talk", other, asn)
	}
	asns[asn] = s.Name
}

// reservedASN says why a gateway cannot have an ASN, or "". AWS's own reservations hold in some Regions only, but an ASN
// of Amazon's is nobody else's anywhere (AWS Site-to-Site VPN User Guide, customer gateway options).
func reservedASN(n int64) string {
	switch n {
	case 7224, 9059, 10124, 17943:
		return "an ASN of Amazon's own"
	case 23456, 65535, 4294967295:
		return "an ASN that nobody may use (RFC 6793, RFC 7300)"
	}
	return ""
}

// isPublic reports whether AWS could reach an address over the Internet. Documentation blocks count as public, so
// that examples and tests can use them.
func isPublic(a netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10")
	return a.IsValid() && !a.IsPrivate() && !a.IsLoopback() && !a.IsMulticast() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() && !shared.Contains(a) &&
		!slices.ContainsFunc(notForHosts, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (b *builder) siteASN(s *Site, path string) {
	for _, g := range s.Gateways {
		if g.ASN == s.gateway.ASN {
			b.addf(problem.ASNSameAsSite, fmt.Sprintf("%s.gateways[%s].asn", path, g.Name), "the ASN of transit gateway %s too, got %d; external BGP needs two different ASNs", s.TransitGateway, g.ASN)
		}
	}
}

func (b *builder) connections(s *Site, path string, c config.Connect, insides map[string]map[netip.Prefix]string) {
	used := insides[s.TransitGateway]
	if used == nil {
		used = map[netip.Prefix]string{}
		insides[s.TransitGateway] = used
	}
	for _, name := range sortedKeys(c.VPNConnections) {
		v := c.VPNConnections[name]
		where := fmt.Sprintf("%s.vpnConnections[%s]", path, name)
		if !slices.ContainsFunc(s.Gateways, func(g Gateway) bool { return g.Name == string(v.Gateway) }) {
			unknown(b, where+".gateway", "gateway of site "+s.Name, v.Gateway, b.f.Sites[config.Name(s.Name)].Gateways)
		}
		if len(v.Inside) != 2 {
			b.addf(problem.BadValue, where+".inside", "a VPN connection has two tunnels, got %d inside CIDRs; give one /30 for each", len(v.Inside))
		}
		conn := Connection{Name: string(name), Gateway: string(v.Gateway)}
		for i, p := range v.Inside {
			conn.Inside = append(conn.Inside, b.inside(fmt.Sprintf("%s.inside[%d]", where, i), p, used, s.Name+"/"+string(name)))
		}
		s.Connections = append(s.Connections, conn)
	}
}

// inside checks a tunnel inside CIDR. AWS wants them unique per virtual private gateway; on a transit gateway they are
// kept unique too, since equal ones make BGP peers indistinguishable in logs and on shared devices.
func (b *builder) inside(path string, c config.Prefix, used map[netip.Prefix]string, label string) netip.Prefix {
	p := b.masked(path, c)
	if p.Bits() != 30 {
		b.addf(problem.InsideSize, path, "a tunnel inside CIDR is a /30, got %s; write it like 169.254.10.0/30", p)
		return p
	}
	if !netip.MustParsePrefix("169.254.0.0/16").Contains(p.Addr()) {
		b.addf(problem.InsideRange, path, "outside 169.254.0.0/16, got %s; choose a /30 in it", p)
		return p
	}
	for _, r := range awsdata.ReservedInside {
		if r.Overlaps(p) {
			b.addf(problem.InsideReserved, path, "reserved by AWS, got %s; choose another /30 in 169.254.0.0/16", p)
		}
	}
	if other, dup := used[p]; dup {
		b.addf(problem.InsideReused, path, "used by %s on the same transit gateway too, got %s; choose a free /30", other, p)
	}
	used[p] = label
	return p
}
