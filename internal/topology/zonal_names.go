package topology

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// ownDomains are those that AWS's resolver answers in every VPC: names of instances, with the DNS option of a peering also those of the
// other side, and of AWS's services. A private zone of one of them would hide them.
var ownDomains = []string{"compute.internal", "ec2.internal", "amazonaws.com", "amazonaws.com.cn", "aws.internal", "localhost"}

// maxServiceDomain leaves room for the label of a zone: a name in DNS has at most 253 characters (RFC 1035, 2.3.4, in text form).
const maxServiceDomain = 240

// zonalDomains checks that a service's names are answered by its own zone: a VPC asks the zone whose domain is the longest.
func (b *builder) zonalDomains() {
	owner := map[string]string{}
	for _, name := range sortedKeys(b.f.HostedZones) {
		owner[string(b.f.HostedZones[name].Domain)] = "hosted zone " + string(name)
	}
	for _, z := range b.plan.ZonalServices {
		path := fmt.Sprintf("zonalServices[%s].domain", z.Name)
		if other, dup := owner[z.Domain]; dup {
			b.addf(problem.ZonalDomain, path, "the domain of %s too, got %s; a service has one of its own, because a VPC resolves one private zone of a domain", other, z.Domain)
		} else {
			owner[z.Domain] = z.Ref().String()
		}
		if len(z.Domain) > maxServiceDomain {
			b.addf(problem.ZonalDomain, path, "too long with the name of a zone before it, got %d characters; use at most %d", len(z.Domain), maxServiceDomain)
		}
		for _, own := range ownDomains {
			if within(z.Domain, own) {
				b.addf(problem.ZonalDomain, path, "a domain that AWS answers itself, got %s in %s; use one of your own, like %s.internal", z.Domain, own, z.Name)
			}
		}
	}
	for _, z := range b.plan.ZonalServices {
		for _, x := range z.Zones {
			for _, domain := range sortedKeys(owner) {
				if x.Name != "" && domain != z.Domain && within(x.Name, domain) && within(domain, z.Domain) {
					b.addf(problem.ZonalDomain, fmt.Sprintf("zonalServices[%s].domain", z.Name), "%s holds the zone's name %s, got %s; a VPC would ask that one: use another domain", owner[domain], x.Name, z.Domain)
				}
			}
		}
	}
}

// within reports whether a domain is another one or lies in it.
func within(domain, outer string) bool {
	return domain == outer || strings.HasSuffix(domain, "."+outer)
}

// hostedZone is the private zone of a service's names. A zone's name leads to its fixed address and stays there whatever happens in
// the zone; the Regional one follows the health of the load balancer's zones, and zonal shifts. Without a load balancer both are
// lists of targets.
func (z *ZonalService) hostedZone() *HostedZone {
	out := &HostedZone{Name: z.Name, Service: z.Name, Domain: z.Domain, Place: z.Place, Networks: slices.Clone(z.Callers)}
	var all []netip.Addr
	for _, x := range z.Zones {
		var ips []netip.Addr
		for _, h := range x.targets {
			ips = append(ips, h.IP)
		}
		all = append(all, ips...)
		switch {
		case z.Fixed():
			out.Records = append(out.Records, Record{Name: x.Name, ZoneID: x.ZoneID, IP: x.Address})
		case !z.Balanced() && len(ips) > 0: // a zone without a target was reported
			out.Records = append(out.Records, Record{Name: x.Name, ZoneID: x.ZoneID, IPs: ips})
		}
	}
	switch {
	case z.Mode == config.ZonalNLBPerAZ:
		for _, x := range z.Zones {
			out.Records = append(out.Records, Record{Name: z.Domain, ZoneID: x.ZoneID, Alias: true})
		}
	case z.Balanced():
		out.Records = append(out.Records, Record{Name: z.Domain, Alias: true})
	case len(all) > 0:
		out.Records = append(out.Records, Record{Name: z.Domain, IPs: all})
	}
	return out
}

// Value writes what a record leads to.
func (r Record) Value() string {
	switch {
	case r.Alias && r.ZoneID != "":
		return "the load balancer in " + r.ZoneID + " while it is healthy"
	case r.Alias:
		return "the load balancer's healthy zones"
	case len(r.IPs) > 0:
		return joinAddresses(r.IPs)
	}
	return r.IP.String()
}
