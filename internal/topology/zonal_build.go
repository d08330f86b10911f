package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// zonalServices resolves zonal services: zones, targets, addresses and ways to find them. Who calls them is known when allow entries are
// (zonalCallers).
func (b *builder) zonalServices() {
	for _, name := range sortedKeys(b.f.ZonalServices) {
		c := b.f.ZonalServices[name]
		path := fmt.Sprintf("zonalServices[%s]", name)
		n := b.findNetwork(path+".network", c.Network)
		if n == nil {
			continue
		}
		z := &ZonalService{Name: string(name), Network: n.Key, Place: n.Place, Mode: c.Mode, Domain: string(c.Domain), Certificate: string(c.Certificate),
			PreserveClientIP: c.PreserveClientIP, ZonalShift: c.ZonalShift && c.Mode != config.ZonalDirect, network: n}
		z.ZonalAutoshift = c.ZonalAutoshift && z.ZonalShift && z.Mode != config.ZonalNLBPerAZ // else refused
		b.zonalListener(z, path, c)
		if !b.zonalZones(z, path, c) {
			continue
		}
		b.zonalTargets(z, path, c)
		b.zonalOptions(z, path, c)
		b.zonalDiscovery(z, path, c)
		b.plan.ZonalServices = append(b.plan.ZonalServices, z)
	}
	b.zonalAddresses()
	for _, z := range b.plan.ZonalServices {
		z.cloudMap()
	}
	b.zonalDomains()
}

func (b *builder) zonalListener(z *ZonalService, path string, c config.ZonalService) {
	tcp, tls := int(c.Listen.TCP), int(c.Listen.TLS)
	switch {
	case tcp == 0 && tls == 0:
		b.addf(problem.MissingKey, path+".listen", "no port; add tcp or tls")
	case tcp != 0 && tls != 0:
		b.addf(problem.Conflict, path+".listen.tls", "a zonal service has one port, got tcp %d and tls %d; leave one out, or make it two services", tcp, tls)
	case tls != 0 && c.Certificate == "":
		b.addf(problem.CertificateMissing, path+".listen.tls", "no certificate, got tls on port %d; add certificate: the ARN of one in ACM", tls)
	case tls == 0 && c.Certificate != "":
		b.addf(problem.Conflict, path+".certificate", "nothing ends TLS, got a certificate with tcp %d; use listen: {tls: PORT}, or leave it out", tcp)
	}
	b.ofRegion(path+".certificate", c.Certificate.Region(), z.Place)
	if z.Listener = (BalancerListener{"tcp", tcp}); tls != 0 {
		z.Listener = BalancerListener{"tls", tls}
	}
}

// zonalZones finds the subnets: of one tier, one for each zone.
func (b *builder) zonalZones(z *ZonalService, path string, c config.ZonalService) bool {
	tiers := slices.DeleteFunc(slices.Clone(z.network.Tiers), func(t string) bool { return t == TierAttach })
	tier := string(c.Tier)
	switch private := slices.DeleteFunc(slices.Clone(tiers), func(t string) bool { return t == TierPublic }); {
	case tier != "":
	case len(private) > 0:
		tier = private[0]
	case len(tiers) > 0:
		tier = tiers[0]
	default:
		return false // a network without subnets has a problem of its own
	}
	zones := z.network.zonesOf(tier)
	if !slices.Contains(tiers, tier) || len(zones) == 0 {
		b.addf(problem.UnknownName, path+".tier", "no such workload tier of %s, got %q; %s", z.Network, tier, problem.OneOf(tier, tiers))
		return false
	}
	if len(c.Zones) > 0 {
		zones = b.zonesWithin(path+".zones", c.Zones, zones, z.Network+" tier "+tier)
	}
	for _, id := range zones {
		s := find(z.network.Subnets, func(s *Subnet) bool { return s.Tier == tier && s.ZoneID == id })
		z.Zones = append(z.Zones, &ServiceZone{ZoneID: id, Subnet: naming.Subnet(tier, id), subnet: s})
	}
	return len(z.Zones) > 0
}

// zonalOptions checks what goes with a service's mode.
func (b *builder) zonalOptions(z *ZonalService, path string, c config.ZonalService) {
	if !z.Fixed() && len(c.Addresses) > 0 {
		b.addf(problem.ZonalOption, path+".addresses", "no fixed addresses in mode %s, got %d; use mode per-az or nlb-per-az, or leave them out", z.Mode, len(c.Addresses))
	}
	if z.Mode == config.ZonalDirect {
		for _, x := range []struct {
			key string
			set bool
		}{{"listen.tls", z.Listener.Protocol == "tls"}, {"preserveClientIp", c.PreserveClientIP}, {"zonalAutoshift", c.ZonalAutoshift}} {
			if x.set {
				b.addf(problem.ZonalOption, path+"."+x.key, "a load balancer does that, and mode direct has none; use another mode, or leave it out")
			}
		}
		return
	}
	switch {
	case c.ZonalAutoshift && !c.ZonalShift:
		b.addf(problem.ZonalOption, path+".zonalAutoshift", "an autoshift is a zonal shift, got zonalShift: false; leave zonalShift out, or set zonalAutoshift: false")
	case c.ZonalAutoshift && z.Mode == config.ZonalNLBPerAZ:
		b.addf(problem.ZonalOption, path+".zonalAutoshift", "each load balancer stands in one zone in mode %s, so no zone is left of it; use mode per-az, or set zonalAutoshift: false", z.Mode)
	case c.ZonalAutoshift && len(z.Zones) < 2:
		b.addf(problem.ZonalOption, path+".zonalAutoshift", "no zone is left when AWS shifts traffic out of one, got %d zone; add a zone, or set zonalAutoshift: false", len(z.Zones))
	}
}

// zonalDiscovery settles how callers find the service, and the names of its zones.
func (b *builder) zonalDiscovery(z *ZonalService, path string, c config.ZonalService) {
	z.DNS = slices.Contains(c.Discovery, config.DiscoveryDNS)
	mapped := slices.Contains(c.Discovery, config.DiscoveryCloudMap)
	if len(c.Discovery) == 0 {
		b.addf(problem.MissingKey, path+".discovery", "nobody could find it; name dns, cloudMap or both, or leave discovery out")
	}
	if mapped && z.Mode == config.ZonalClientRouting {
		b.addf(problem.ZonalOption, path+".discovery", "Cloud Map needs an address in each zone, which mode %s does not fix; use mode per-az, or dns alone", z.Mode)
	} else if mapped {
		z.CloudMap = &CloudMap{Namespace: z.Domain, Service: z.Name}
		b.cloudMapNames(z, path)
	}
	if z.DNS && z.Mode != config.ZonalClientRouting {
		for _, x := range z.Zones {
			x.Name = x.ZoneID + "." + z.Domain
		}
	}
}

// The longest names that Cloud Map takes: of a service (CreateService), and the id of an instance (RegisterInstance).
const (
	maxMapService  = 127
	maxMapInstance = 64
)

// cloudMapNames looks at the names that become Cloud Map's.
func (b *builder) cloudMapNames(z *ZonalService, path string) {
	if n := len(z.Name); n > maxMapService {
		b.addf(problem.ZonalOption, path+".discovery", "Cloud Map takes a shorter name of a service, got %d characters; use at most %d", n, maxMapService)
	}
	for _, x := range z.Zones {
		for _, host := range x.Targets {
			if n := len(host); n > maxMapInstance && !z.Balanced() {
				b.addf(problem.ZonalTarget, path+".targets.hosts", "Cloud Map takes a shorter name of an instance, got %d characters: %s; use at most %d", n, host, maxMapInstance)
			}
		}
	}
}

// zonalCallers finds the networks that allow entries let call a service: they resolve its names. The service's own is one of them,
// because a private hosted zone has at least one VPC.
func (b *builder) zonalCallers() {
	for _, z := range b.plan.ZonalServices {
		z.Callers = []string{z.Network}
		for i, a := range b.f.Allow {
			if !slices.Contains(a.To, z.Ref()) {
				continue
			}
			for j, ref := range a.From {
				b.zonalCaller(z, fmt.Sprintf("allow[%d].from[%d]", i, j), ref)
			}
		}
		slices.Sort(z.Callers)
		z.Callers = slices.Compact(z.Callers)
		if z.DNS {
			b.plan.HostedZones = append(b.plan.HostedZones, z.hostedZone())
		}
	}
}

func (b *builder) zonalCaller(z *ZonalService, path string, ref config.Ref) {
	for _, n := range b.networksOf(ref) {
		if z.DNS && n.Place.Account != z.Place.Account {
			b.addf(problem.ZonalCaller, path, "%s does not resolve %s: it is of another account than %s, and CloudFormation associates only VPCs of the zone's account; "+
				"associate it by hand and tune this code, or use discovery: cloudMap", n.Key, z.Domain, z.Network)
			continue
		}
		z.Callers = append(z.Callers, n.Key)
	}
}

// networksOf are the networks in which a caller's names are looked up.
func (b *builder) networksOf(ref config.Ref) []*Network {
	var n *Network
	switch ref.Kind {
	case config.KindNetwork:
		n = b.plan.Network(ref.Name)
	case config.KindHost:
		if h := b.plan.Host(ref.Name); h != nil {
			n = h.network
		}
	case config.KindOpenVPN:
		var out []*Network
		for _, s := range b.plan.OpenVPNs {
			if ref.Name == "*" || ref.Name == s.Name {
				out = append(out, s.network)
			}
		}
		return out
	case config.KindClientVPN:
		if v := b.plan.ClientVPN(ref.Name); v != nil {
			n = v.network
		}
	case config.KindEdgeProxy:
		if e := b.plan.EdgeProxy(ref.Name); e != nil {
			n = e.network
		}
	case config.KindLoadBalancer:
		if l := b.plan.LoadBalancer(ref.Name); l != nil {
			n = l.network
		}
	case config.KindZonalService:
		if other := b.plan.ZonalService(ref.Name); other != nil {
			n = other.network
		}
	default: // a site, or the Internet: their resolvers know no private zone
	}
	if n == nil {
		return nil
	}
	return []*Network{n}
}

// zoneList names a service's zones.
func (z *ZonalService) zoneList() string {
	var ids []string
	for _, x := range z.Zones {
		ids = append(ids, x.ZoneID)
	}
	return strings.Join(ids, ", ")
}
