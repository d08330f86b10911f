package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// clientIP says whether an endpoint can see clients' own addresses.
type clientIP int

const (
	clientEither clientIP = iota
	clientNever
	clientAlways
)

// defaultWeight is AWS's own default of an endpoint's weight, which the API and the template schema state differently.
const defaultWeight = 128

// backend finds what an endpoint of a listener is.
func (b *builder) backend(path string, e config.Endpoint) (backend, bool) {
	x := backend{AcceleratorEndpoint: AcceleratorEndpoint{To: e.To, Weight: defaultWeight}}
	name := config.Name(e.To.Name)
	switch e.To.Kind {
	case config.KindOpenVPN:
		if s := b.findOpenVPN(path, name); s != nil {
			x.Kind, x.client = EndpointAddress, clientNever
			x.place, x.network, x.zones = s.Place, s.network, []string{s.ZoneID}
			x.tcp, x.udp, x.echo, x.health, x.pki, x.routed = s.TCP, s.UDP, s.Echo, s.Health, s.PKI, s.Routed()
		}
	case config.KindEdgeProxy:
		if p := b.findEdgeProxy(path, name); p != nil {
			x.Kind, x.place, x.network, x.zones = EndpointBalancer, p.Place, p.network, p.Zones
			if p.Entry == config.EntryNLB && p.Certificate != "" {
				x.client = clientNever
			}
			x.tcp = portsOf(p.Listeners)
		}
	case config.KindLoadBalancer:
		if l := b.findBalancer(path, name); l != nil {
			x.Kind, x.ID, x.place, x.network, x.client = EndpointBalancer, l.ID, l.Place, l.network, l.clientIP()
			for _, s := range l.subnets {
				x.zones = append(x.zones, s.ZoneID)
			}
			x.tcp = portsOf(l.Listeners)
			if l.ID == "" && l.DNSName != "" {
				b.addf(problem.MissingKey, path, "an accelerator finds a load balancer by its ARN, got %s adopted by name; add its arn", e.To)
				return x, false
			}
		}
	case config.KindHost:
		if h := b.findHost(path, name); h != nil {
			id := string(b.f.Hosts[name].Instance)
			if id == "" || h.network == nil {
				b.addf(problem.MissingKey, path, "an accelerator finds an instance by its id, got %s; give the host network and instance: i-...", e.To)
				return x, false
			}
			x.Kind, x.ID, x.client = EndpointInstance, id, clientAlways
			x.place, x.network, x.zones, x.tcp = h.network.Place, h.network, []string{h.ZoneID}, nil
			x.port = h.Port
		}
	default:
		b.addf(problem.BadValue, path, "an accelerator does not lead there, got %q; use openvpn/NAME, edgeProxy/NAME, loadBalancer/NAME or host/NAME", e.To)
	}
	return x, x.network != nil
}

func portsOf(list []BalancerListener) []int {
	var out []int
	for _, x := range list {
		out = append(out, x.Port)
	}
	return out
}

// clientIP follows AWS's rules for load balancers (Global Accelerator guide, preserve client IP addresses).
func (l *LoadBalancer) clientIP() clientIP {
	switch {
	case l.Type == config.NetworkLoadBalancer && (!l.SecurityGroups || l.has("tls")):
		return clientNever
	case l.Type == config.ApplicationLoadBalancer && l.Scheme == config.SchemeInternal:
		return clientAlways
	}
	return clientEither
}

// endpointRules checks what Global Accelerator refuses, or would never send anything to, and settles weight and client IP preservation.
func (b *builder) endpointRules(path string, e config.Endpoint, x *backend) {
	if e.Weight != nil {
		if x.Weight = *e.Weight; x.Weight < 0 || x.Weight > 255 {
			b.addf(problem.AcceleratorLimit, path+".weight", "out of range, got %d; use 0 to 255", x.Weight)
		}
	}
	if n := x.network; n.ID == "" && !n.hasInternetGateway() {
		b.addf(problem.NoEntry, path, "an accelerator leads only into a VPC with an Internet gateway, got %s in %s without; set egress: igw there", x.To, n.Key)
	}
	for _, z := range x.zones {
		if awsdata.AcceleratorLacks(z) {
			b.addf(problem.AcceleratorZone, path, "in a zone that Global Accelerator does not support, got %s in %s; move it to another zone", x.To, z)
		}
	}
	want := e.PreserveClientIP
	x.PreserveClientIP = x.client != clientNever
	switch {
	case want == nil:
	case *want && x.client == clientNever:
		b.addf(problem.ClientIP, path+".preserveClientIp", "the endpoint cannot see clients' own addresses, got true for %s; %s", x.To, b.whyNoClientIP(x))
	case !*want && x.client == clientAlways:
		b.addf(problem.ClientIP, path+".preserveClientIp", "the endpoint always sees clients' own addresses, got false for %s; leave it out", x.To)
	default:
		x.PreserveClientIP = *want
	}
}

func (b *builder) whyNoClientIP(x *backend) string {
	l := b.plan.LoadBalancer(x.To.Name)
	switch {
	case x.Kind == EndpointAddress:
		return "an accelerator translates what it sends to an Elastic IP, so leave it out"
	case x.To.Kind == config.KindLoadBalancer && l != nil && !l.SecurityGroups:
		return "a network load balancer needs security groups for it"
	}
	return "a network load balancer with a TLS listener cannot, so let TLS end behind it"
}

// endpointPorts checks that an endpoint answers on the ports that a listener sends to. Ports of an instance are not known.
func (b *builder) endpointPorts(path string, c config.Listener, x backend) {
	if x.Kind == EndpointInstance {
		return
	}
	override := map[config.Port]config.Port{}
	for _, o := range c.PortOverrides {
		override[o.Listener] = o.Endpoint
	}
	check := func(key string, ranges []config.PortRange, answers []int) {
		for _, r := range ranges {
			for port := int(r.First); port <= int(r.Last); port++ {
				at := port
				if o, ok := override[config.Port(port)]; ok { // #nosec G115 -- a port
					at = int(o)
				}
				if !slices.Contains(answers, at) {
					b.addf(problem.EndpointPort, path+"."+key, "the endpoint does not answer there, got %s on port %d; %s", x.To, at, answersOn(x.To, answers))
					return
				}
			}
		}
	}
	check("tcp", c.TCP, x.tcp)
	check("udp", c.UDP, x.udp)
	if c.Echo != 0 && int(c.Echo) != x.echo {
		if x.echo == 0 {
			b.addf(problem.EndpointPort, path+".echo", "the endpoint has no responder, got %s; leave echo out", x.To)
			return
		}
		b.addf(problem.EndpointPort, path+".echo", "the endpoint's responder answers elsewhere, got %d for %s; set echo: %d there, or %d here", c.Echo, x.To, c.Echo, x.echo)
	}
}

func answersOn(to config.Ref, ports []int) string {
	if len(ports) == 0 {
		return "it has no such port, so add one to its listen, or leave this out"
	}
	return fmt.Sprintf("it answers on %s, so use one of these or add the port to listen of %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(ports), " ", ", "), "[]"), to)
}
