package topology

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// OpenVPN is an OpenVPN server.
type OpenVPN struct {
	Name    string            `json:"name"`
	Network string            `json:"network"`
	Place   Place             `json:"place"`
	ZoneID  string            `json:"zoneId"`
	Subnet  string            `json:"subnet"` // construct id
	PKI     string            `json:"pki"`
	TCP     []int             `json:"tcp,omitempty"` // the daemon has the first; the others lead to it
	UDP     []int             `json:"udp,omitempty"`
	Pool    netip.Prefix      `json:"pool"`
	Forward config.Forward    `json:"forward"`
	Tunnel  config.TunnelMode `json:"tunnel"`
	DNS     []netip.Addr      `json:"dns,omitempty"`
	// Routes are what it tells people's machines to send through the tunnel: everything that it reaches by private addresses.
	Routes []netip.Prefix `json:"routes"`
	// Grants are what people may begin through it: the egress that allow entries open for them. The rules of its security group
	// are more, for its own calls, so its packet filter decides.
	Grants       []Rule `json:"grants,omitempty"`
	Image        Image  `json:"image"`
	InstanceType string `json:"instanceType"`
	Health       int    `json:"health"`
	Echo         int    `json:"echo"`
	LogDays      int    `json:"logDays"`
	network      *Network
	subnet       *Subnet
}

// Image is what an instance starts from: the id of an image, or the name that the image has in every Region.
type Image struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"` // of an image of Amazon's
}

// imageOf resolves a pinned image. A release of Amazon Linux 2023 stands for the one with kernel 6.1, which is the kernel
// that all its releases have.
func imageOf(c config.Image) Image {
	if r, ok := c.Release(); ok {
		return Image{Name: r.Name()}
	}
	return Image{ID: string(c)}
}

// Ref names the server as the file does.
func (s *OpenVPN) Ref() config.Ref { return config.Ref{Kind: config.KindOpenVPN, Name: s.Name} }

// Routed reports whether what people reach sees their own addresses.
func (s *OpenVPN) Routed() bool { return s.Forward == config.ForwardRouted }

// seen are the addresses that what people reach sees.
func (s *OpenVPN) seen() []netip.Prefix {
	if s.Routed() {
		return []netip.Prefix{s.Pool}
	}
	return []netip.Prefix{s.subnet.CIDR} // its private address is not known before it runs
}

func (b *builder) openVPNs() {
	for _, name := range sortedKeys(b.f.OpenVPN) {
		c := b.f.OpenVPN[name]
		path := fmt.Sprintf("openvpn[%s]", name)
		n := b.findNetwork(path+".network", c.Network)
		if n == nil {
			continue
		}
		s := &OpenVPN{Name: string(name), Network: n.Key, Place: n.Place, ZoneID: string(c.Zone), PKI: string(c.PKI), TCP: ints(c.Listen.TCP), UDP: ints(c.Listen.UDP),
			Pool: b.masked(path+".pool", c.Pool), Forward: c.Forward, Tunnel: c.Tunnel, DNS: addresses(c.DNS), Image: imageOf(c.Image), InstanceType: string(c.InstanceType),
			Health: int(c.Health), Echo: int(c.Echo), LogDays: c.Logs.Days(), network: n}
		b.issuer(path+".pki", c.PKI, s.Ref(), s.Place)
		b.poolSize(path+".pool", s.Pool, 16, 28)
		b.openVPNPorts(path, s)
		b.logRetention(path+".logs", c.Logs)
		s.subnet = find(n.Subnets, func(x *Subnet) bool { return x.Tier == TierPublic && x.ZoneID == s.ZoneID })
		if s.subnet == nil {
			b.addf(problem.UnknownZone, path+".zone", "%s has no subnet of the tier %s there, got %q; %s", n.Key, TierPublic, c.Zone, zoneAdvice(n))
			continue
		}
		s.Subnet = naming.Subnet(s.subnet.Tier, s.subnet.ZoneID)
		if !b.toInternet(n, s.subnet) {
			b.addf(problem.NoEntry, path+".network", "people do not reach it, got %s without a route from %s to an Internet gateway; set egress: igw there", n.Key, s.Subnet)
		}
		b.plan.OpenVPNs = append(b.plan.OpenVPNs, s)
		n.servers = append(n.servers, s)
	}
}

// zoneAdvice lists the zones that a server can stand in.
func zoneAdvice(n *Network) string {
	if zones := n.zonesOf(TierPublic); len(zones) > 0 {
		return "use one of: " + strings.Join(zones, ", ")
	}
	return "add the tier " + TierPublic + " and set egress: igw"
}

// openVPNPorts checks that each of a server's ports has one use.
func (b *builder) openVPNPorts(path string, s *OpenVPN) {
	if len(s.TCP)+len(s.UDP) == 0 {
		b.addf(problem.MissingKey, path+".listen", "no port, got neither tcp nor udp; write listen: {tcp: 1194}")
	}
	used := map[int]string{}
	take := func(key string, port int) {
		if other, dup := used[port]; dup {
			b.addf(problem.PortClash, path+"."+key, "the port of %s too, got TCP %d; give each its own", other, port)
			return
		}
		used[port] = key
	}
	for _, port := range s.TCP {
		take("listen.tcp", port)
	}
	take("health", s.Health)
	take("echo", s.Echo)
	udp := slices.Sorted(slices.Values(s.UDP))
	if len(slices.Compact(udp)) < len(s.UDP) {
		b.addf(problem.PortClash, path+".listen.udp", "a port stands twice, got %v; name each once", s.UDP)
	}
}

func (b *builder) poolSize(path string, p netip.Prefix, largest, smallest int) {
	if p.Bits() < largest || p.Bits() > smallest {
		b.addf(problem.PoolSize, path, "a pool must be /%d to /%d, got %s; choose another size", largest, smallest, p)
	}
	for _, no := range notForHosts {
		if no.Overlaps(p) {
			b.addf(problem.PoolSize, path, "people's machines cannot have addresses there, got %s, in %s; choose a private block", p, no)
		}
	}
}

// toInternet reports whether a subnet leads to an Internet gateway, as far as the file shows: an adopted VPC keeps its own.
func (b *builder) toInternet(n *Network, s *Subnet) bool {
	if n.ID != "" {
		return true
	}
	t := n.tables[s.Table]
	return t != nil && slices.ContainsFunc(t.Routes, func(r *Route) bool {
		return r.Destination == internet && r.Target.Kind == TargetInternetGateway
	})
}

func (b *builder) logRetention(path string, d config.Duration) {
	b.retention(path, config.VPNLogs{Retention: d})
}

func ints(ports []config.Port) []int {
	var out []int
	for _, p := range ports {
		out = append(out, int(p))
	}
	return out
}

func addresses(in []config.Addr) []netip.Addr {
	var out []netip.Addr
	for _, a := range in {
		out = append(out, a.Addr)
	}
	return out
}

// OpenVPN returns a server by name, or nil.
func (p *Plan) OpenVPN(name string) *OpenVPN {
	return find(p.OpenVPNs, func(x *OpenVPN) bool { return x.Name == name })
}
