package topology

import (
	"slices"

	"github.com/pathproof/pathproof/internal/config"
)

// wiring opens what a way in is made of, which no allow entry is about: a server's own calls to AWS, an accelerator's health
// checks, and the proxies behind their load balancer. It lets nobody in, and people nowhere (docs/adr/0060).
func (b *builder) wiring() {
	for _, s := range b.plan.OpenVPNs {
		g := s.network.group(s.Ref().String())
		s.Grants = mergeRules(slices.Clone(g.Egress)) // all that is there until now is of allow entries
		g.Egress = append(g.Egress, toAWS())
	}
	for _, e := range b.plan.EdgeProxies {
		front, instances := e.network.group(e.Ref().String()), e.network.group(e.Instances())
		instances.Egress = append(instances.Egress, toAWS())
		for _, port := range e.Nginx.list() {
			front.Egress = append(front.Egress, Rule{Group: e.Instances(), Protocol: "tcp", From: port, To: port, Description: "to its proxies"})
			instances.Ingress = append(instances.Ingress, Rule{Group: e.Ref().String(), Protocol: "tcp", From: port, To: port, Description: "from the load balancer in front"})
		}
	}
	for _, l := range b.plan.LoadBalancers {
		if !l.Adopted() {
			l.network.group(l.Ref().String())
		}
	}
	for _, v := range b.plan.ClientVPNs {
		if v.network != nil {
			v.network.group(v.Ref().String())
		}
	}
	b.zonalWiring()
	for _, a := range b.plan.Accelerators {
		b.healthRules(a)
	}
}

// toAWS is what every instance calls: Systems Manager, Secrets Manager, CloudWatch, and the packages of its image.
func toAWS() Rule {
	return Rule{Peer: internet, Protocol: "tcp", From: 443, To: 443, Description: "to AWS APIs and packages"}
}

// HealthCheckers is the name of AWS's list of the addresses that Route 53, and with it Global Accelerator, checks from.
func HealthCheckers(region string) string { return "com.amazonaws." + region + ".route53-healthchecks" }

// healthRules lets an accelerator check what has no health check of its own. Load balancers have one.
func (b *builder) healthRules(a *Accelerator) {
	for _, l := range a.Listeners {
		for _, g := range l.Groups {
			for _, e := range g.Endpoints {
				var to *SecurityGroup
				switch e.To.Kind {
				case config.KindOpenVPN:
					to = b.plan.OpenVPN(e.To.Name).network.group(e.To.String())
				case config.KindHost:
					to = b.plan.Host(e.To.Name).network.group(e.To.Name)
				default:
					continue
				}
				to.Ingress = append(to.Ingress, Rule{PrefixList: HealthCheckers(g.Region), Protocol: "tcp", From: g.Health.Port, To: g.Health.Port, Description: "from health checks of accelerators"})
			}
		}
	}
}
