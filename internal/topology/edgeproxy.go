package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// EdgeProxy is a group of nginx reverse proxies behind a load balancer.
type EdgeProxy struct {
	Name      string             `json:"name"`
	Network   string             `json:"network"`
	Place     Place              `json:"place"`
	Zones     []string           `json:"zones"`
	Subnets   []string           `json:"subnets"` // construct ids, one by zone, of the load balancer and of the proxies
	Entry     config.Entry       `json:"entry"`
	Listeners []BalancerListener `json:"listeners"` // http and https, as people call them
	// Nginx are the proxies' own ports: those of Listeners, but plain HTTP on the port of https when TLS ends in front.
	Nginx EdgePorts `json:"nginx"`
	// Certificate is that of the load balancer, Secret that of nginx: ARNs, at most one of them.
	Certificate  string      `json:"certificate,omitempty"`
	Secret       string      `json:"secret,omitempty"`
	DNS          *EdgeRecord `json:"dns,omitempty"`
	Origin       EdgeOrigin  `json:"origin"`
	PerZone      int         `json:"perZone"`
	MaxPerZone   int         `json:"maxPerZone,omitempty"` // 0: always PerZone
	Image        Image       `json:"image"`
	InstanceType string      `json:"instanceType"`
	Resolver     netip.Addr  `json:"resolver"`
	LogDays      int         `json:"logDays"`
	network      *Network
	subnets      []*Subnet
	origin       *LoadBalancer
}

// EdgePorts are ports of nginx; 0: none.
type EdgePorts struct {
	HTTP  int `json:"http,omitempty"`
	HTTPS int `json:"https,omitempty"`
}

// list lists the ports.
func (p EdgePorts) list() []int {
	return slices.DeleteFunc([]int{p.HTTP, p.HTTPS}, func(port int) bool { return port == 0 })
}

// EdgeOrigin is where an edge proxy sends requests on to.
type EdgeOrigin struct {
	LoadBalancer string `json:"loadBalancer"`
	DNSName      string `json:"dnsName,omitempty"` // of an adopted one; else known when it is there
	Protocol     string `json:"protocol"`          // http or https
	// CertificateName is the name in its certificate, of https.
	CertificateName string `json:"certificateName,omitempty"`
	Port            int    `json:"port"`
	Via             string `json:"via"` // internet, or what the routes lead through: peering/NAME, transitGateway/NAME, or local
}

// EdgeRecord is the latency-based record of an edge proxy.
type EdgeRecord struct {
	Zone string `json:"zone"`
	Name string `json:"name"`
}

// Ref names the proxies as the file does.
func (e *EdgeProxy) Ref() config.Ref { return config.Ref{Kind: config.KindEdgeProxy, Name: e.Name} }

// Instances is the key of the security group of the proxies themselves; Ref().String() is that of the load balancer.
func (e *EdgeProxy) Instances() string { return e.Ref().String() + "/instances" }

func (b *builder) edgeProxies() {
	named := map[[2]string]config.Name{}
	for _, name := range sortedKeys(b.f.EdgeProxies) {
		c := b.f.EdgeProxies[name]
		path := fmt.Sprintf("edgeProxies[%s]", name)
		n := b.findNetwork(path+".network", c.Network)
		if n == nil {
			continue
		}
		e := &EdgeProxy{Name: string(name), Network: n.Key, Place: n.Place, Entry: c.Entry, Certificate: string(c.Certificate), Secret: string(c.Secret), PerZone: c.PerZone,
			Image: imageOf(c.Image), InstanceType: string(c.InstanceType), Resolver: c.Resolver.Addr, LogDays: c.Logs.Days(), network: n}
		ok := b.edgeSubnets(e, path, c)
		b.edgeListeners(e, path, c)
		ok = b.edgeOrigin(e, path, c) && ok
		b.logRetention(path+".logs", c.Logs)
		if c.PerZone < 1 || c.PerZone > 10 {
			b.addf(problem.BadValue, path+".perZone", "out of range, got %d; use 1 to 10", c.PerZone)
		} else if c.MaxPerZone != 0 && (c.MaxPerZone < c.PerZone || c.MaxPerZone > 10) {
			b.addf(problem.BadValue, path+".maxPerZone", "out of range, got %d with perZone: %d; use %d to 10", c.MaxPerZone, c.PerZone, c.PerZone)
		}
		if c.MaxPerZone > c.PerZone {
			e.MaxPerZone = c.MaxPerZone
		}
		if d := c.DNS; d != nil {
			slot := [2]string{string(d.Name), e.Place.Region}
			if other, dup := named[slot]; dup {
				b.addf(problem.Conflict, path+".dns.name", "the record of edge proxy %s in %s too, got %s; a name has one record in a Region", other, e.Place.Region, d.Name)
			}
			named[slot] = name
			e.DNS = &EdgeRecord{string(d.Zone), string(d.Name)}
		}
		if ok {
			b.plan.EdgeProxies = append(b.plan.EdgeProxies, e)
		}
	}
}

func (b *builder) edgeSubnets(e *EdgeProxy, path string, c config.EdgeProxy) bool {
	zones := e.network.zonesOf(TierPublic)
	if len(zones) == 0 {
		b.addf(problem.NoEntry, path+".network", "people do not reach it, got %s without the tier %s; add it and set egress: igw", e.Network, TierPublic)
		return false
	}
	if len(c.Zones) > 0 {
		zones = b.zonesWithin(path+".zones", c.Zones, zones, e.Network+" tier "+TierPublic)
	}
	for _, z := range zones {
		s := find(e.network.Subnets, func(s *Subnet) bool { return s.Tier == TierPublic && s.ZoneID == z })
		e.Zones, e.Subnets, e.subnets = append(e.Zones, z), append(e.Subnets, naming.Subnet(TierPublic, z)), append(e.subnets, s)
	}
	switch {
	case len(e.subnets) == 0:
		return false
	case !b.toInternet(e.network, e.subnets[0]):
		b.addf(problem.NoEntry, path+".network", "people do not reach it, got %s without a route from %s to an Internet gateway; set egress: igw there", e.Network, e.Subnets[0])
	case len(e.subnets) < 2 && e.Entry == config.EntryALB:
		b.addf(problem.BalancerOption, path+".entry", "an application load balancer needs subnets in two zones, got %d; add a zone, or use entry: nlb", len(e.subnets))
	}
	return true
}

func (b *builder) edgeListeners(e *EdgeProxy, path string, c config.EdgeProxy) {
	http, https := int(c.Listen.HTTP), int(c.Listen.HTTPS)
	switch {
	case http == 0 && https == 0:
		b.addf(problem.MissingKey, path+".listen", "no port; add http or https")
	case http == https:
		b.addf(problem.PortClash, path+".listen.https", "the port of http too, got %d; give each its own", https)
	}
	if http != 0 {
		e.Listeners = append(e.Listeners, BalancerListener{"http", http})
	}
	if https != 0 {
		e.Listeners = append(e.Listeners, BalancerListener{"https", https})
	}
	switch {
	case https != 0 && e.Certificate == "" && e.Secret == "":
		b.addf(problem.CertificateMissing, path+".listen.https", "no certificate, got https on port %d; add certificate (TLS ends in front) or secret (TLS ends at nginx)", https)
	case e.Certificate != "" && e.Secret != "":
		b.addf(problem.Conflict, path+".secret", "TLS ends once, got certificate and secret; leave one out")
	case e.Secret != "" && e.Entry == config.EntryALB:
		b.addf(problem.Conflict, path+".secret", "an application load balancer ends TLS itself, got secret with entry alb; use certificate, or entry: nlb")
	}
	if e.Nginx = (EdgePorts{http, https}); e.Certificate != "" {
		e.Nginx = EdgePorts{HTTP: https}
		if http != 0 && e.Entry == config.EntryNLB {
			b.addf(problem.Conflict, path+".listen.http", "a network load balancer that ends TLS redirects nothing, got http %d beside certificate; leave http out, or use entry: alb", http)
		}
	}
	b.ofRegion(path+".certificate", c.Certificate.Region(), e.Place)
	b.ofRegion(path+".secret", c.Secret.Region(), e.Place)
}

// ofRegion checks that what an ARN names can be used in a place.
func (b *builder) ofRegion(path, region string, at Place) {
	if region != "" && region != at.Region {
		b.addf(problem.CertificateMissing, path, "of another Region, got %s for %s; use one of that Region", region, at.Region)
	}
}

// edgeOrigin finds the origin; edgeRoutes proves later that the proxies reach it.
func (b *builder) edgeOrigin(e *EdgeProxy, path string, c config.EdgeProxy) bool {
	if c.Origin.Kind != config.KindLoadBalancer {
		b.addf(problem.BadValue, path+".origin", "an origin is a load balancer, got %q; declare it under loadBalancers and write loadBalancer/NAME", c.Origin)
		return false
	}
	l := b.findBalancer(path+".origin", config.Name(c.Origin.Name))
	if l == nil {
		return false
	}
	e.origin = l
	e.Origin = EdgeOrigin{LoadBalancer: l.Name, DNSName: l.DNSName}
	for _, x := range l.Listeners { // https, if it has both
		if x.Protocol == "http" || x.Protocol == "https" {
			e.Origin.Protocol, e.Origin.Port = x.Protocol, x.Port
		}
	}
	if l.Type == config.NetworkLoadBalancer && len(l.Listeners) > 0 { // tls, if it has both
		last := l.Listeners[len(l.Listeners)-1]
		e.Origin.Protocol, e.Origin.Port = map[string]string{"tcp": "http", "tls": "https"}[last.Protocol], last.Port
	}
	if l.ID != "" && l.DNSName == "" {
		b.addf(problem.OriginName, path+".origin", "an origin without a name, got %s adopted by arn alone; add its dnsName: proxies find it by name, because its addresses change", c.Origin)
	}
	if e.Origin.Protocol == "https" {
		e.Origin.CertificateName = cmp.Or(l.CertificateName, l.DNSName)
		if name := e.Origin.CertificateName; name == "" || strings.Contains(name, ".amazonaws.com") {
			b.addf(problem.CertificateMissing, path+".origin", "proxies could not verify the origin, got https at %s with the name that AWS gave it; add certificateName to it, the name in its certificate", c.Origin)
		}
	}
	return e.Origin.Port != 0
}

// EdgeProxy returns an edge proxy by name, or nil.
func (p *Plan) EdgeProxy(name string) *EdgeProxy {
	return find(p.EdgeProxies, func(x *EdgeProxy) bool { return x.Name == name })
}
