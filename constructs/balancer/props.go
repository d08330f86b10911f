package balancer

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
)

// Kind is the kind of a load balancer.
type Kind string

// The kinds of load balancers.
const (
	Application Kind = "application"
	Network     Kind = "network"
)

// Protocol is what a listener takes.
type Protocol string

// The protocols of listeners: HTTP and HTTPS of application, TCP and TLS of network load balancers.
const (
	HTTP  Protocol = "HTTP"
	HTTPS Protocol = "HTTPS"
	TCP   Protocol = "TCP"
	TLS   Protocol = "TLS"
)

// TargetType is how a target group knows its targets.
type TargetType string

// The types of targets, in AWS's words.
const (
	ByInstance TargetType = "instance"
	ByIP       TargetType = "ip"
)

// Routing is which addresses of a network load balancer callers in its VPC get from DNS.
type Routing string

// OwnZone gives callers the address of their own zone while it is healthy, AnyZone all of them.
const (
	OwnZone Routing = "availability_zone_affinity"
	AnyZone Routing = "any_availability_zone"
)

var pathForm = regexp.MustCompile(`^/[A-Za-z0-9._~/?=&%-]*$`)

var instanceForm = regexp.MustCompile(`^i-([0-9a-f]{8}|[0-9a-f]{17})$`)

// LoadBalancerProps configures a LoadBalancer.
type LoadBalancerProps struct {
	// Name is the Name tag. Required.
	Name string
	// Kind is Application or Network. A change replaces it. Required.
	Kind Kind
	// Public is true for one that faces the Internet. A change replaces it.
	// Default: false.
	Public bool
	// VpcId is the VPC of the targets. A change replaces the target groups. Required.
	VpcId *string
	// SubnetIds are those that it stands in, at most one in a zone; an application load balancer needs two. Required.
	SubnetIds []*string
	// Mappings are the subnets of an internal network load balancer with a fixed private address in each, in place of SubnetIds.
	// Another one is added in place.
	// Default: none; SubnetIds are given.
	Mappings []Mapping
	// SecurityGroupIds are 1 to 5 of the caller's. A network load balancer without any could never get one. Required.
	SecurityGroupIds []*string
	// CrossZone lets a network load balancer send to targets of other zones; traffic between zones is billed. An application load
	// balancer always does.
	// Default: false.
	CrossZone bool
	// ClientRouting is which addresses callers get from DNS, of a network load balancer.
	// Default: not stated; AWS gives them all.
	ClientRouting Routing
	// ZonalShift says whether a zonal shift may move traffic out of a zone.
	// Default: not stated; AWS does not allow it.
	ZonalShift *bool
	// CertificateArn is the ACM certificate of listeners with TLS, in the Region.
	// Default: none; no listener may have TLS.
	CertificateArn string
	// Targets are the target groups, at most one for a port. Required.
	Targets []TargetGroupProps
	// Listeners are 1 or more, at most one for a port. Required.
	Listeners []ListenerProps
}

// Mapping is a subnet with a fixed private address in it.
type Mapping struct {
	// SubnetId is the subnet. Required.
	SubnetId *string
	// Address is an IPv4 address in it that nobody has. Required.
	Address netip.Addr
}

// TargetGroupProps is one target group: HTTP of an application, TCP of a network load balancer.
type TargetGroupProps struct {
	// Port is the targets' port. A change replaces the group. Required.
	Port int
	// Addresses are the targets.
	// Default: none; an auto scaling group registers its instances.
	Addresses []netip.Addr
	// InstanceIDs are the targets, each a running instance, in place of Addresses.
	// Default: none.
	InstanceIDs []string
	// Type is how targets are told, for a group that others fill. A change replaces the group.
	// Default: by IP with Addresses, by instance without.
	Type TargetType
	// PreserveClientIP says whether targets of a network load balancer see their callers' addresses.
	// Default: not stated; AWS preserves them for targets by instance and not for those by IP on TCP and TLS.
	PreserveClientIP *bool
	// HealthPath is what a target answers 200 to 399 on while it works.
	// Default: / for an application, a check by TCP for a network load balancer.
	HealthPath string
	// HealthTLS makes that check use HTTPS; certificates are not verified.
	// Default: false.
	HealthTLS bool
}

// ListenerProps is one listener.
type ListenerProps struct {
	// Port is 1 to 65535. Required.
	Port int
	// Protocol is what it takes. Required.
	Protocol Protocol
	// TargetPort is the port of the target group that it leads to. Required, unless RedirectPort is given.
	TargetPort int
	// HTTP2 has a TLS listener offer HTTP/2 and HTTP/1.1 to clients. The targets get what was agreed on, without TLS, so they must
	// speak HTTP/2 by prior knowledge, too. An HTTPS listener offers it by itself.
	// Default: false; clients speak HTTP/1.1.
	HTTP2 bool
	// RedirectPort has an HTTP listener send people to that port by HTTPS.
	// Default: none.
	RedirectPort int
}

func (p Protocol) encrypted() bool { return p == HTTPS || p == TLS }

// protocols are those of each kind.
var protocols = map[Kind][]Protocol{Application: {HTTP, HTTPS}, Network: {TCP, TLS}}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p LoadBalancerProps) Validate() error {
	var f cdkx.Fields
	if p.Name == "" {
		f.Addf("name", "missing; name the load balancer")
	}
	if protocols[p.Kind] == nil {
		f.Addf("kind", "unknown value, got %q; use %q or %q", p.Kind, Application, Network)
	}
	machine.RequireText(&f, "vpcId", p.VpcId, "give that of the targets")
	least := map[Kind]int{Application: 2}[p.Kind]
	if n := len(p.SubnetIds); n < max(least, 1) && len(p.Mappings) == 0 {
		f.Addf("subnetIds", "want %d or more, each in another zone, got %d; add some", max(least, 1), n)
	}
	p.validateMappings(&f)
	if n := len(p.SecurityGroupIds); n < 1 || n > 5 {
		f.Addf("securityGroupIds", "want 1 to 5, got %d; give those that let people in", n)
	}
	p.validateTargets(&f)
	p.validateListeners(&f)
	return f.Err()
}

// validateMappings also looks at what only a network load balancer has.
func (p LoadBalancerProps) validateMappings(f *cdkx.Fields) {
	if p.Kind != Network && (p.ClientRouting != "" || p.ZonalShift != nil) {
		f.Addf("clientRouting", "only a network load balancer is told that or zonalShift, got kind %q; leave them out", p.Kind)
	}
	if r := p.ClientRouting; r != "" && r != OwnZone && r != AnyZone {
		f.Addf("clientRouting", "unknown value, got %q; use %q or %q", r, OwnZone, AnyZone)
	}
	if len(p.Mappings) == 0 {
		return
	}
	if len(p.SubnetIds) > 0 {
		f.Addf("mappings", "beside subnetIds, got %d and %d; give one of them", len(p.Mappings), len(p.SubnetIds))
	}
	if p.Kind != Network || p.Public {
		f.Addf("mappings", "only an internal network load balancer has fixed private addresses, got %d; give subnetIds", len(p.Mappings))
	}
	seen := map[netip.Addr]bool{}
	for i, m := range p.Mappings {
		at := fmt.Sprintf("mappings[%d]", i)
		machine.RequireText(f, at+".subnetId", m.SubnetId, "give that of the zone")
		switch {
		case !m.Address.IsValid():
			f.Addf(at+".address", "missing; give one of the subnet")
		case !m.Address.Is4():
			f.Addf(at+".address", "not an IPv4 address, got %s; give one of the subnet", m.Address)
		case seen[m.Address]:
			f.Addf(at+".address", "stands twice, got %s; give each its own", m.Address)
		}
		seen[m.Address] = true
	}
}

func (p LoadBalancerProps) validateTargets(f *cdkx.Fields) {
	for i, t := range p.Targets {
		at := fmt.Sprintf("targets[%d]", i)
		port(f, at+".port", t.Port)
		if slices.ContainsFunc(p.Targets[:i], func(o TargetGroupProps) bool { return o.Port == t.Port }) {
			f.Addf(at+".port", "stands twice, got %d; join the groups", t.Port)
		}
		if t.HealthPath != "" && (len(t.HealthPath) > 1024 || !pathForm.MatchString(t.HealthPath)) {
			f.Addf(at+".healthPath", "not a path, got %q; begin it with /", t.HealthPath)
		}
		t.validateType(f, at)
		for _, a := range t.Addresses {
			if !a.Is4() {
				f.Addf(at+".addresses", "not an IPv4 address, got %s; give private ones of the VPC", a)
			}
		}
	}
}

func (t TargetGroupProps) validateType(f *cdkx.Fields, at string) {
	if len(t.Addresses) > 0 && len(t.InstanceIDs) > 0 {
		f.Addf(at+".instanceIds", "beside addresses, got %d and %d; give one of them", len(t.InstanceIDs), len(t.Addresses))
	}
	for _, id := range t.InstanceIDs {
		if !instanceForm.MatchString(id) {
			f.Addf(at+".instanceIds", "not the id of an instance, got %q; write it like i-0123456789abcdef0", id)
		}
	}
	switch {
	case t.Type != "" && t.Type != ByInstance && t.Type != ByIP:
		f.Addf(at+".type", "unknown value, got %q; use %q or %q", t.Type, ByInstance, ByIP)
	case t.Type == ByInstance && len(t.Addresses) > 0, t.Type == ByIP && len(t.InstanceIDs) > 0:
		f.Addf(at+".type", "not that of the targets, got %q; leave it out", t.Type)
	}
}

// targetType is how the targets are told.
func (t TargetGroupProps) targetType() TargetType {
	switch {
	case t.Type != "":
		return t.Type
	case len(t.Addresses) > 0:
		return ByIP
	}
	return ByInstance
}

func (p LoadBalancerProps) validateListeners(f *cdkx.Fields) {
	if len(p.Listeners) == 0 {
		f.Addf("listeners", "missing; give at least one port")
	}
	for i, l := range p.Listeners {
		at := fmt.Sprintf("listeners[%d]", i)
		port(f, at+".port", l.Port)
		if slices.ContainsFunc(p.Listeners[:i], func(o ListenerProps) bool { return o.Port == l.Port }) {
			f.Addf(at+".port", "stands twice, got %d; give each its own", l.Port)
		}
		if allowed := protocols[p.Kind]; allowed != nil && !slices.Contains(allowed, l.Protocol) {
			f.Addf(at+".protocol", "not one of this kind (%s), got %q; use one of %q", p.Kind, l.Protocol, allowed)
		}
		if l.Protocol.encrypted() && p.CertificateArn == "" {
			f.Addf("certificateArn", "missing; %s on port %d needs one", l.Protocol, l.Port)
		}
		if l.HTTP2 && l.Protocol != TLS {
			f.Addf(at+".http2", "only a listener by TLS is told to offer it, got %s; leave it out", l.Protocol)
		}
		switch {
		case l.RedirectPort != 0 && (l.TargetPort != 0 || l.Protocol != HTTP):
			f.Addf(at+".redirectPort", "only a listener by HTTP that leads nowhere else redirects, got %d; leave it out", l.RedirectPort)
		case l.RedirectPort == 0 && !slices.ContainsFunc(p.Targets, func(t TargetGroupProps) bool { return t.Port == l.TargetPort }):
			f.Addf(at+".targetPort", "no such target group, got %d; add it to targets", l.TargetPort)
		}
	}
}

func port(f *cdkx.Fields, at string, n int) {
	if n < 1 || n > 65535 {
		f.Addf(at, "out of range, got %d; use 1 to 65535", n)
	}
}
