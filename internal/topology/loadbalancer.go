package topology

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// LoadBalancer is an application or network load balancer.
type LoadBalancer struct {
	Name        string                  `json:"name"`
	ID          string                  `json:"id,omitempty"` // ARN of an adopted one
	DNSName     string                  `json:"dnsName,omitempty"`
	Type        config.LoadBalancerType `json:"type"`
	Network     string                  `json:"network"`
	Place       Place                   `json:"place"`
	Scheme      config.Scheme           `json:"scheme"`
	Listeners   []BalancerListener      `json:"listeners"`
	Certificate string                  `json:"certificate,omitempty"`
	Targets     []string                `json:"targets,omitempty"` // hosts
	TargetPort  int                     `json:"targetPort,omitempty"`
	HealthPath  string                  `json:"healthPath,omitempty"` // of an application load balancer
	// Subnets are those that it stands in, as construct ids, one by zone.
	Subnets []string `json:"subnets,omitempty"`
	// SecurityGroups is false for an adopted network load balancer without any.
	SecurityGroups bool `json:"securityGroups"`
	network        *Network
	subnets        []*Subnet
	targets        []*Host
}

// BalancerListener is a port of a load balancer.
type BalancerListener struct {
	Protocol string `json:"protocol"` // http, https, tcp or tls
	Port     int    `json:"port"`
}

// Adopted reports whether the load balancer exists already.
func (l *LoadBalancer) Adopted() bool { return l.ID != "" || l.DNSName != "" }

// Ref names the load balancer as the file does.
func (l *LoadBalancer) Ref() config.Ref {
	return config.Ref{Kind: config.KindLoadBalancer, Name: l.Name}
}

// endsTCP reports whether connections to a port end at the load balancer.
func (l *LoadBalancer) endsTCP(port int) bool {
	i := find(ptrs(l.Listeners), func(x *BalancerListener) bool { return x.Port == port })
	return l.Type == config.ApplicationLoadBalancer || i != nil && i.Protocol == "tls"
}

func (l *LoadBalancer) has(protocol string) bool {
	return find(ptrs(l.Listeners), func(x *BalancerListener) bool { return x.Protocol == protocol }) != nil
}

func ptrs[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

func (b *builder) loadBalancers() {
	for _, name := range sortedKeys(b.f.LoadBalancers) {
		c := b.f.LoadBalancers[name]
		path := fmt.Sprintf("loadBalancers[%s]", name)
		n := b.findNetwork(path+".network", c.Network)
		if n == nil {
			continue
		}
		l := &LoadBalancer{Name: string(name), ID: string(c.ARN), DNSName: string(c.DNSName), Type: c.Type, Network: n.Key, Place: n.Place, Scheme: c.Scheme,
			Certificate: string(c.Certificate), SecurityGroups: c.SecurityGroups, network: n}
		b.adopt(path+".arn", l.ID)
		b.balancerListeners(l, path, c)
		if !b.balancerSubnets(l, path) {
			continue
		}
		if l.Adopted() {
			b.adoptedBalancer(l, path, c)
		} else {
			b.ownBalancer(l, path, c)
		}
		b.plan.LoadBalancers = append(b.plan.LoadBalancers, l)
	}
}

func (b *builder) balancerListeners(l *LoadBalancer, path string, c config.LoadBalancer) {
	used := map[config.Port]string{}
	for _, x := range []struct {
		protocol string
		port     config.Port
		of       config.LoadBalancerType
	}{{"http", c.Listen.HTTP, config.ApplicationLoadBalancer}, {"https", c.Listen.HTTPS, config.ApplicationLoadBalancer},
		{"tcp", c.Listen.TCP, config.NetworkLoadBalancer}, {"tls", c.Listen.TLS, config.NetworkLoadBalancer}} {
		key := path + ".listen." + x.protocol
		switch {
		case x.port == 0:
			continue
		case x.of != c.Type:
			b.addf(problem.Conflict, key, "not a protocol of this type, got %s for type %s; set type: %s", x.protocol, c.Type, x.of)
		case used[x.port] != "":
			b.addf(problem.PortClash, key, "the port of %s too, got %d; give each its own", used[x.port], x.port)
		case (x.protocol == "https" || x.protocol == "tls") && c.Certificate == "" && !l.Adopted():
			b.addf(problem.CertificateMissing, key, "no certificate, got %s on port %d; add certificate: the ARN of one in ACM", x.protocol, x.port)
		}
		used[x.port] = x.protocol
		l.Listeners = append(l.Listeners, BalancerListener{x.protocol, int(x.port)})
	}
	if len(used) == 0 {
		b.addf(problem.MissingKey, path+".listen", "no port; add http, https, tcp or tls")
	}
	b.ofRegion(path+".certificate", c.Certificate.Region(), l.Place)
}

// balancerSubnets picks one workload subnet by zone: of the tier public for one that faces the Internet, else of the first
// other tier.
func (b *builder) balancerSubnets(l *LoadBalancer, path string) bool {
	public := l.Scheme == config.SchemeInternetFacing
	for _, s := range l.network.workloads() {
		taken := find(l.subnets, func(x *Subnet) bool { return x.ZoneID == s.ZoneID }) != nil
		if taken || public != (s.Tier == TierPublic) && (public || len(l.network.zonesOf(TierPublic)) < len(l.network.workloads())) {
			continue
		}
		l.subnets = append(l.subnets, s)
		l.Subnets = append(l.Subnets, naming.Subnet(s.Tier, s.ZoneID))
	}
	switch {
	case public && (len(l.subnets) == 0 || !b.toInternet(l.network, l.subnets[0])):
		b.addf(problem.NoEntry, path+".scheme", "people do not reach it, got %s without a tier %s that leads to an Internet gateway; set egress: igw there", l.Network, TierPublic)
	case len(l.subnets) < 2 && l.Type == config.ApplicationLoadBalancer && !l.Adopted():
		b.addf(problem.BalancerOption, path+".network", "an application load balancer needs subnets in two zones, got %d in %s; add a zone", len(l.subnets), l.Network)
	}
	return len(l.subnets) > 0
}

func (b *builder) adoptedBalancer(l *LoadBalancer, path string, c config.LoadBalancer) {
	if len(c.Targets) > 0 {
		b.addf(problem.Conflict, path+".targets", "an adopted load balancer keeps its targets, got %s; leave targets out", joinRefs(c.Targets))
	}
	if c.HealthPath != "" {
		b.addf(problem.Conflict, path+".healthPath", "an adopted load balancer keeps its health checks, got %s; leave healthPath out", c.HealthPath)
	}
	if r := c.ARN.Region(); r != "" && r != l.Place.Region {
		b.addf(problem.EndpointRegion, path+".arn", "a load balancer of another Region than its network, got %s and %s; %s", r, l.Place.Region, b.regionHint(r))
	}
	if kind := strings.Contains(l.ID, "/app/"); l.ID != "" && kind != (l.Type == config.ApplicationLoadBalancer) {
		b.addf(problem.Conflict, path+".type", "the ARN is of the other type, got %s and %s; correct one of them", l.Type, l.ID)
	}
}

// regionHint says whether a Region is declared at all.
func (b *builder) regionHint(code string) string {
	for _, r := range b.plan.Regions {
		if r.Region == code {
			return "name a network of " + r.Alias
		}
	}
	return "declare the Region and a network there"
}

func (b *builder) ownBalancer(l *LoadBalancer, path string, c config.LoadBalancer) {
	if !c.SecurityGroups {
		b.addf(problem.Conflict, path+".securityGroups", "a load balancer that is defined here has a security group, got false; leave it out")
		l.SecurityGroups = true
	}
	if l.HealthPath = string(c.HealthPath); l.Type == config.ApplicationLoadBalancer && l.HealthPath == "" {
		l.HealthPath = "/"
	} else if l.Type == config.NetworkLoadBalancer && c.HealthPath != "" {
		b.addf(problem.Conflict, path+".healthPath", "a network load balancer checks by TCP, got %s; leave it out", c.HealthPath)
	}
	if len(c.Targets) == 0 {
		b.addf(problem.MissingKey, path, "it leads nowhere; add targets: [host/NAME], or arn or dnsName of an existing load balancer")
	}
	for i, ref := range c.Targets {
		where := fmt.Sprintf("%s.targets[%d]", path, i)
		if ref.Kind != config.KindHost {
			b.addf(problem.BadValue, where, "a load balancer leads to hosts, got %q; use host/NAME", ref)
			continue
		}
		h := b.findHost(where, config.Name(ref.Name))
		switch {
		case h == nil:
		case h.network != l.network || !h.IP.IsValid():
			b.addf(problem.BalancerOption, where, "a target has an address in the load balancer's network, got %s; give it network: %s and ip", ref, l.Network)
		case l.TargetPort != 0 && l.TargetPort != h.Port:
			b.addf(problem.BalancerOption, where, "targets have one port, got %d and %d; use a load balancer for each", l.TargetPort, h.Port)
		default:
			l.TargetPort = h.Port
			l.Targets, l.targets = append(l.Targets, h.Name), append(l.targets, h)
		}
	}
}

// LoadBalancer returns a load balancer by name, or nil.
func (p *Plan) LoadBalancer(name string) *LoadBalancer {
	return find(p.LoadBalancers, func(x *LoadBalancer) bool { return x.Name == name })
}

func (b *builder) findBalancer(path string, name config.Name) *LoadBalancer {
	if _, declared := b.f.LoadBalancers[name]; !declared {
		unknown(b, path, "load balancer", name, b.f.LoadBalancers)
		return nil
	}
	return b.plan.LoadBalancer(string(name))
}
