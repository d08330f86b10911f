package topology

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// AcceleratorRegion is the Region of Global Accelerator's API, metrics and alarms.
const AcceleratorRegion = "us-west-2"

// Accelerator is a Global Accelerator.
type Accelerator struct {
	Name      string                 `json:"name"`
	Place     Place                  `json:"place"`
	Listeners []*AcceleratorListener `json:"listeners"` // by name, TCP before UDP
	// FlowLogDays is how long a bucket keeps flow logs; 0: there are none.
	FlowLogDays int `json:"flowLogDays,omitempty"`
}

// AcceleratorListener is a listener of Global Accelerator, which has one protocol: one of the file with TCP and UDP is two.
type AcceleratorListener struct {
	Name     string             `json:"name"` // in the file
	Protocol string             `json:"protocol"`
	Ports    []config.PortRange `json:"ports"`          // with that of echo
	Echo     int                `json:"echo,omitempty"` // of TCP
	Affinity config.Affinity    `json:"affinity"`
	Groups   []*EndpointGroup   `json:"groups"` // by Region
}

// EndpointGroup is what a listener leads to in one Region.
type EndpointGroup struct {
	Region string `json:"region"`
	Dial   int    `json:"dial"` // percent
	// Health is how endpoints are checked that have no health check of their own.
	Health        Health                `json:"health"`
	PortOverrides []PortOverride        `json:"portOverrides,omitempty"`
	Endpoints     []AcceleratorEndpoint `json:"endpoints"`
}

// PortOverride leads a port of a listener to another one of its endpoints.
type PortOverride struct {
	Listener int `json:"listener"`
	Endpoint int `json:"endpoint"`
}

// Health is an endpoint group's health check.
type Health struct {
	Protocol  config.HealthProtocol `json:"protocol"`
	Port      int                   `json:"port,omitempty"` // 0: of load balancers only, which have a check of their own
	Path      string                `json:"path,omitempty"`
	Seconds   int                   `json:"seconds"` // between checks
	Threshold int                   `json:"threshold"`
}

// EndpointKind is what Global Accelerator calls an endpoint.
type EndpointKind string

// The kinds of endpoints.
const (
	EndpointAddress  EndpointKind = "address"      // an Elastic IP
	EndpointBalancer EndpointKind = "loadBalancer" // by its ARN
	EndpointInstance EndpointKind = "instance"
)

// AcceleratorEndpoint is one endpoint.
type AcceleratorEndpoint struct {
	To               config.Ref   `json:"to"`
	Kind             EndpointKind `json:"kind"`
	ID               string       `json:"id,omitempty"` // of an adopted one: its ARN, or the id of the instance
	Weight           int          `json:"weight"`
	PreserveClientIP bool         `json:"preserveClientIp"`
}

// backend is what stands behind an endpoint.
type backend struct {
	AcceleratorEndpoint
	place   Place
	network *Network
	zones   []string
	tcp     []int // ports on which it answers; nil: not known
	udp     []int
	echo    int
	health  int
	port    int // of a host
	client  clientIP
	pki     string
	routed  bool
}

func (b *builder) accelerators() {
	for _, name := range sortedKeys(b.f.Accelerators) {
		c := b.f.Accelerators[name]
		path := fmt.Sprintf("accelerators[%s]", name)
		a := &Accelerator{Name: string(name), Place: Place{Region: AcceleratorRegion}}
		if c.FlowLogs != nil {
			b.flowLogs(path+".flowLogs.expire", &config.FlowLogs{Expire: c.FlowLogs.Expire})
			a.FlowLogDays = c.FlowLogs.Expire.Days()
		}
		b.healthCheck(path+".healthCheck", c.HealthCheck)
		var all []backend
		for _, lname := range sortedKeys(c.Listeners) {
			backends := b.listener(a, fmt.Sprintf("%s.listeners[%s]", path, lname), lname, c)
			all = append(all, backends...)
		}
		b.acceleratorAccount(a, path, all)
		b.acceleratorPorts(a, path)
		b.overrides(a, path, c)
		b.plan.Accelerators = append(b.plan.Accelerators, a)
	}
}

func (b *builder) healthCheck(path string, c config.HealthCheck) {
	if s := c.Interval.Seconds(); s != 10 && s != 30 {
		b.addf(problem.AcceleratorLimit, path+".interval", "not one that Global Accelerator offers, got %s; use 10s or 30s", c.Interval)
	}
	if c.Threshold < 1 || c.Threshold > 10 {
		b.addf(problem.AcceleratorLimit, path+".threshold", "out of range, got %d; use 1 to 10", c.Threshold)
	}
	if c.Path != "" && c.Protocol == config.HealthTCP {
		b.addf(problem.Conflict, path+".path", "a check by TCP asks for no path, got %s; set protocol: http, or leave it out", c.Path)
	}
}

// listener resolves a listener of the file and returns what it leads to.
func (b *builder) listener(a *Accelerator, path string, name config.Name, whole config.Accelerator) []backend {
	c := whole.Listeners[name]
	if len(c.TCP)+len(c.UDP) == 0 {
		b.addf(problem.MissingKey, path, "no port; add tcp or udp")
	}
	var backends []backend
	for i, e := range c.Endpoints {
		where := fmt.Sprintf("%s.endpoints[%d]", path, i)
		x, ok := b.backend(where, e)
		switch {
		case !ok:
			continue
		case slices.ContainsFunc(backends, func(o backend) bool { return o.To == x.To }):
			b.addf(problem.Conflict, where, "an endpoint stands twice, got %s; leave one out", x.To)
			continue
		}
		b.endpointRules(where, e, &x)
		b.endpointPorts(path, c, x)
		backends = append(backends, x)
	}
	b.interchangeable(path, c, backends)
	b.dials(path, c, backends)
	tcp := slices.Clone(c.TCP)
	if c.Echo != 0 {
		tcp = append(tcp, config.PortRange{First: c.Echo, Last: c.Echo})
	}
	for _, l := range []*AcceleratorListener{{Name: string(name), Protocol: "tcp", Ports: tcp, Echo: int(c.Echo), Affinity: c.Affinity},
		{Name: string(name), Protocol: "udp", Ports: slices.Clone(c.UDP), Affinity: c.Affinity}} {
		if len(l.Ports) == 0 {
			continue
		}
		slices.SortFunc(l.Ports, func(x, y config.PortRange) int {
			return cmp.Or(cmp.Compare(x.First, y.First), cmp.Compare(x.Last, y.Last))
		})
		l.Groups = b.endpointGroups(whole.HealthCheck, c, l, backends)
		b.listenerLimits(path, l)
		a.Listeners = append(a.Listeners, l)
	}
	return backends
}

// endpointGroups sorts endpoints by Region.
func (b *builder) endpointGroups(check config.HealthCheck, c config.Listener, l *AcceleratorListener, backends []backend) []*EndpointGroup {
	var out []*EndpointGroup
	for _, x := range backends {
		g := find(out, func(g *EndpointGroup) bool { return g.Region == x.place.Region })
		if g == nil {
			g = &EndpointGroup{Region: x.place.Region, Dial: 100, Health: Health{Protocol: check.Protocol, Port: int(check.Port), Path: string(check.Path),
				Seconds: check.Interval.Seconds(), Threshold: check.Threshold}}
			if dial, ok := c.Dials[b.alias(x.place.Region)]; ok {
				g.Dial = dial
			}
			if g.Health.Protocol != config.HealthTCP && g.Health.Path == "" {
				g.Health.Path = "/"
			}
			g.PortOverrides = b.overridesOf(c, l)
			out = append(out, g)
		}
		if g.Health.Port == 0 {
			g.Health.Port = x.checkedAt(l, g.PortOverrides)
		}
		g.Endpoints = append(g.Endpoints, x.AcceleratorEndpoint)
	}
	for _, g := range out {
		slices.SortFunc(g.Endpoints, func(x, y AcceleratorEndpoint) int { return cmp.Compare(x.To.String(), y.To.String()) })
	}
	slices.SortFunc(out, func(x, y *EndpointGroup) int { return cmp.Compare(x.Region, y.Region) })
	return out
}

// checkedAt is the port of a health check by default, 0 where the endpoint has one of its own. Of a host it is the host's port,
// unless the listener, after its overrides, leads to other ports only.
func (x backend) checkedAt(l *AcceleratorListener, overrides []PortOverride) int {
	if x.To.Kind != config.KindHost {
		return x.health
	}
	leads := func(port int) int {
		if i := slices.IndexFunc(overrides, func(o PortOverride) bool { return o.Listener == port }); i >= 0 {
			return overrides[i].Endpoint
		}
		return port
	}
	for _, r := range l.Ports {
		for port := int(r.First); port <= int(r.Last); port++ {
			if leads(port) == x.port {
				return x.port
			}
		}
	}
	if l.Protocol == "udp" { // the check is by TCP
		return x.port
	}
	return leads(int(l.Ports[0].First))
}

// alias is the first declared name of a Region.
func (b *builder) alias(region string) config.Name {
	for _, r := range b.plan.Regions {
		if r.Region == region {
			return config.Name(r.Alias)
		}
	}
	return ""
}

// Accelerator returns an accelerator by name, or nil.
func (p *Plan) Accelerator(name string) *Accelerator {
	return find(p.Accelerators, func(x *Accelerator) bool { return x.Name == name })
}
