package topology

import (
	"fmt"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// quotas compares what one account and Region, VPC or transit gateway gets with AWS's default quotas. Only what this
// file defines is counted: an account may hold more already.
func (b *builder) quotas() {
	b.regionQuotas()
	for _, n := range b.plan.Networks {
		path := fmt.Sprintf("networks[%s]", n.Key)
		b.quota(path, awsdata.SubnetsPerVPC, len(n.Subnets), n.Key)
		b.quota(path, awsdata.RouteTablesPerVPC, len(n.RouteTables)+1, n.Key) // and the main route table
		b.quota(path, awsdata.CIDRBlocksPerVPC, len(n.Blocks), n.Key)
		b.quota(path, awsdata.PeeringsPerVPC, len(n.peerings), n.Key)
		b.quota(path, awsdata.TransitGatewaysPerVPC, b.gatewaysOf(n), n.Key)
		for _, t := range n.RouteTables {
			b.quota(path, awsdata.RoutesPerRouteTable, len(t.Routes), n.Key+" "+t.Key)
		}
		for _, g := range n.SecurityGroups {
			b.quota(path, awsdata.RulesPerSecurityGroup, max(ruleCount(g.Ingress), ruleCount(g.Egress)), "security group "+groupName(n, g))
		}
	}
	for _, t := range b.plan.TransitGateways {
		path, routes, peerings, attachments := fmt.Sprintf("transitGateways[%s]", t.Name), 0, 0, 0
		for _, s := range t.Segments {
			routes += len(s.Routes)
			for _, a := range s.Attachments {
				attachments++
				if s := b.plan.Site(a.Name); a.Kind == TargetSite && s != nil {
					attachments += len(s.Connections) - 1
				}
				if a.Kind == TargetPeering {
					peerings++
				}
			}
		}
		b.quota(path, awsdata.RouteTablesPerTransitGateway, len(t.Segments), t.Name)
		b.quota(path, awsdata.AttachmentsPerTransitGateway, attachments, t.Name)
		b.quota(path, awsdata.PeeringAttachmentsPerTransitGateway, peerings, t.Name)
		b.quota(path, awsdata.RoutesPerTransitGateway, routes, t.Name)
	}
	b.acceleratorQuotas()
	b.balancerQuotas()
	for _, s := range b.plan.Sites {
		b.quota(fmt.Sprintf("sites[%s].prefixes", s.Name), awsdata.RoutesFromCustomerGateway, len(s.Prefixes), "site "+s.Name)
	}
}

// regionQuotas counts by account and Region.
func (b *builder) regionQuotas() {
	for _, at := range b.plan.Places() {
		var vpcs, addresses, groups, gateways, customers, connections, accelerated int
		nats := map[string]int{}
		for _, n := range b.plan.Networks {
			if n.Place != at {
				continue
			}
			if n.ID == "" {
				vpcs++
			}
			addresses += len(n.natZones()) + len(n.servers)
			groups += len(n.SecurityGroups)
			for _, z := range n.natZones() {
				nats[z]++
			}
		}
		for _, t := range b.plan.TransitGateways {
			if t.Place == at && t.ID == "" {
				gateways++
			}
		}
		for _, s := range b.plan.Sites {
			if s.Place != at {
				continue
			}
			connections += len(s.Connections)
			if s.Acceleration {
				accelerated += len(s.Connections)
			}
			for _, g := range s.Gateways {
				if g.ID == "" {
					customers++
				}
			}
		}
		for _, q := range []struct {
			quota awsdata.Quota
			used  int
		}{{awsdata.VPCsPerRegion, vpcs}, {awsdata.ElasticIPsPerRegion, addresses}, {awsdata.SecurityGroupsPerRegion, groups},
			{awsdata.TransitGatewaysPerRegion, gateways}, {awsdata.CustomerGatewaysPerRegion, customers},
			{awsdata.VPNConnectionsPerRegion, connections}, {awsdata.AcceleratedVPNConnectionsPerRegion, accelerated}} {
			b.quota(b.regionPath(at), q.quota, q.used, at.String())
		}
		for _, zone := range sortedKeys(nats) {
			b.quota(b.regionPath(at), awsdata.NATGatewaysPerZone, nats[zone], zone)
		}
	}
}

func (b *builder) quota(path string, q awsdata.Quota, used int, where string) {
	if used <= q.Default {
		return
	}
	if q.Adjustable {
		b.addf(problem.QuotaExceeded, path, "needs increase: %s, default %d (%s), got %d in %s; request it before deploying", q.Name, q.Default, awsdata.QuotasAsOf, used, where)
		return
	}
	b.addf(problem.QuotaFixed, path, "more than AWS allows: %s, %d (%s), got %d in %s; AWS does not raise it, so use fewer", q.Name, q.Default, awsdata.QuotasAsOf, used, where)
}

// regionPath is the key path of a place's Region.
func (b *builder) regionPath(at Place) string {
	for _, r := range b.plan.Regions {
		if r.Region == at.Region {
			return "regions[" + r.Alias + "]"
		}
	}
	return "regions"
}

// gatewaysOf counts the transit gateways that a network is attached to.
func (b *builder) gatewaysOf(n *Network) int {
	count := 0
	for _, t := range b.plan.TransitGateways {
		if s, _ := t.Segment(TargetNetwork, n.Key); s != nil {
			count++
		}
	}
	return count
}

// ruleCount is what rules count against the quota: one with a prefix list counts as many entries as the list may have.
func ruleCount(rules []Rule) int {
	count := len(rules)
	for _, r := range rules {
		if r.PrefixList != "" {
			count += awsdata.HealthCheckerRules - 1
		}
	}
	return count
}

// balancerQuotas counts network load balancers by account and Region, and the targets of each in a zone.
func (b *builder) balancerQuotas() {
	for _, at := range b.plan.Places() {
		count := 0
		for _, l := range b.plan.LoadBalancers {
			if l.Place == at && !l.Adopted() && l.Type == config.NetworkLoadBalancer {
				count++
			}
		}
		for _, e := range b.plan.EdgeProxies {
			if e.Place == at && e.Entry == config.EntryNLB {
				count++
			}
		}
		for _, z := range b.plan.ZonalServices {
			if z.Place == at {
				count += len(z.fronts())
			}
		}
		b.quota(b.regionPath(at), awsdata.NetworkLoadBalancersPerRegion, count, at.String())
	}
	for _, z := range b.plan.ZonalServices {
		for _, x := range z.Zones {
			if z.Balanced() {
				b.quota(fmt.Sprintf("zonalServices[%s].targets", z.Name), awsdata.TargetsPerZone, len(x.targets), z.Name+" "+x.ZoneID)
			}
		}
	}
}

// acceleratorQuotas counts accelerators by account, and what each holds.
func (b *builder) acceleratorQuotas() {
	count := map[string]int{}
	for _, a := range b.plan.Accelerators {
		path, groups := fmt.Sprintf("accelerators[%s]", a.Name), 0
		for _, l := range a.Listeners {
			groups += len(l.Groups)
		}
		b.quota(path, awsdata.ListenersPerAccelerator, len(a.Listeners), a.Name)
		b.quota(path, awsdata.EndpointGroupsPerAccelerator, groups, a.Name)
		count[a.Place.Account]++
	}
	for _, account := range sortedKeys(count) {
		b.quota("accelerators", awsdata.AcceleratorsPerAccount, count[account], accountName(Place{Account: account}))
	}
}

func groupName(n *Network, g *SecurityGroup) string {
	switch {
	case g.Of != "":
		return g.Of
	case g.Host != "":
		return "host/" + g.Host
	}
	return n.Key
}
