package topology

import (
	"slices"
	"strconv"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// front is one load balancer of a zonal service, with the zones that it stands in.
type front struct {
	path  []string // of construct ids, in the network's stack
	name  string
	zone  string // where each zone has one
	zones []*ServiceZone
}

// fronts lists a service's load balancers.
func (z *ZonalService) fronts() []front {
	path, name := []string{naming.Network(z.network.Name), naming.ZonalService(z.Name)}, z.Ref().String()
	switch z.Mode {
	case config.ZonalDirect:
		return nil
	case config.ZonalNLBPerAZ:
		var out []front
		for _, x := range z.Zones {
			out = append(out, front{append(slices.Clone(path), naming.ZonalBalancer(x.ZoneID)), name + "/" + x.ZoneID, x.ZoneID, []*ServiceZone{x}})
		}
		return out
	default:
		return []front{{path, name, "", z.Zones}}
	}
}

// frontOf is the load balancer that stands in a zone.
func (z *ZonalService) frontOf(x *ServiceZone) front {
	fronts := z.fronts()
	return fronts[max(0, slices.IndexFunc(fronts, func(f front) bool { return f.zone == x.ZoneID }))]
}

// zonalService plans what stays of a service, in its network's stack.
func (pl *planner) zonalService(n *Network, z *ZonalService) {
	for _, f := range z.fronts() {
		pl.zonalFront(n, z, f)
	}
	pl.zonesExported(n, z)
	id, ns := naming.Network(n.Name), naming.ZonalService(z.Name)
	for _, g := range n.SecurityGroups {
		if g.Of == z.Ref().String() {
			for _, r := range g.Egress {
				pl.groupEgress(n, g, r, id)
			}
		}
	}
	if z.CloudMap != nil {
		pl.cloudMap(z, id, ns)
	}
}

func (pl *planner) zonalFront(n *Network, z *ZonalService, f front) {
	in := func(last string) []string { return append(slices.Clone(f.path), last) }
	p := props{"Type": "network", "Scheme": string(config.SchemeInternal)}
	if z.Fixed() {
		type mapping struct{ PrivateIPv4Address, SubnetId string }
		var mappings []mapping
		for _, x := range f.zones {
			mappings = append(mappings, mapping{x.Address.String(), pl.subnetRef(n, x.subnet)})
		}
		p["SubnetMappings"] = compact(mappings)
	}
	r := pl.add("AWS::ElasticLoadBalancingV2::LoadBalancer", f.name, p, in(naming.Resource)...)
	for _, attribute := range []string{"", "CanonicalHostedZoneID", "DNSName", "LoadBalancerFullName"} {
		pl.exportID(r.LogicalID, attribute)
	}
	group := pl.targets(n, f.name, "TCP", string(z.TargetType), z.TargetPort, f.path...)
	pl.exportID(group.LogicalID, "")
	pl.exportID(group.LogicalID, "TargetGroupFullName")
	pl.balancerPort(f.name, z.Listener, f.path...)
	if z.Registered {
		pl.add("AWS::SSM::Parameter", f.name+"/parameter", props{"Name": naming.ZonalTargetsParameter(pl.plan.Name, z.Name, f.zone)}, in(naming.Parameter)...)
	}
}

// zonesExported plans the names that zones have in the account, by which metrics of a load balancer with several zones tell them apart.
func (pl *planner) zonesExported(n *Network, z *ZonalService) {
	if z.Mode != config.ZonalPerAZ && z.Mode != config.ZonalClientRouting || n.ID != "" {
		return
	}
	for _, x := range z.Zones {
		id := naming.LogicalID(naming.Network(n.Name), x.Subnet, naming.Resource) + ".AvailabilityZone"
		if !slices.Contains(pl.stack.Exports, id) {
			pl.stack.Exports = append(pl.stack.Exports, id)
		}
	}
}

func (pl *planner) cloudMap(z *ZonalService, id, ns string) {
	name := z.Ref().String() + "/cloudMap"
	pl.add("AWS::ServiceDiscovery::HttpNamespace", name, props{"Name": z.CloudMap.Namespace}, id, ns, naming.DiscoveryNamespace)
	service := pl.add("AWS::ServiceDiscovery::Service", name+"/service", props{"Name": z.CloudMap.Service, "NamespaceId": pl.ref(id, ns, naming.DiscoveryNamespace)}, id, ns, naming.DiscoveryService)
	if z.Registers() {
		pl.exportID(service.LogicalID, "")
		pl.exportID(service.LogicalID, "Arn")
	}
	for _, i := range z.CloudMap.Instances {
		pl.add("AWS::ServiceDiscovery::Instance", name+"/instance/"+i.ID, props{"InstanceId": i.ID, "ServiceId": "{" + pl.stack.Name + "/" + service.LogicalID + "}"}, id, ns, naming.DiscoveryInstance(i.ID))
	}
}

// zonalOperations plans what of a place's services comes and goes: instances, alarms, autoshifts.
func (pl *planner) zonalOperations(at Place) {
	for _, z := range pl.plan.ZonalServices {
		if z.Place != at || !z.operated() {
			continue
		}
		id, name := naming.ZonalService(z.Name), z.Ref().String()
		if z.Group != nil {
			pl.zonalGroups(z, id, name)
		}
		for _, x := range z.Zones {
			alarm := pl.add("AWS::CloudWatch::Alarm", name+"/alarm/"+naming.ZoneUnhealthyAlarm(x.ZoneID), nil, id, naming.ZoneUnhealthyAlarm(x.ZoneID))
			if !z.Balanced() {
				continue // of what its instances say themselves
			}
			alarm.use(pl.measuredAs(z, z.frontOf(x))...)
			if z.Mode != config.ZonalNLBPerAZ && x.subnet.ID == "" {
				alarm.use(attribute(pl.subnetRef(z.network, x.subnet), "AvailabilityZone"))
			}
		}
		if z.ZonalAutoshift {
			f := z.fronts()[0]
			pl.add("AWS::CloudWatch::Alarm", name+"/alarm/"+naming.OutcomeAlarm, nil, id, naming.OutcomeAlarm).use(pl.measuredAs(z, f)...)
			pl.add("AWS::ARCZonalShift::ZonalAutoshiftConfiguration", name+"/autoshift", props{"ResourceIdentifier": pl.frontRef(z, f, naming.Resource)}, id, naming.Autoshift)
		}
	}
}

// operated reports whether a service has anything in an ops stack: alarms of load balancers, or instances.
func (z *ZonalService) operated() bool { return z.Balanced() || z.Group != nil }

// zonalGroups plans a service's instances. Those that callers meet themselves register with Cloud Map, and rules see to it that those
// that are gone leave it.
func (pl *planner) zonalGroups(z *ZonalService, id, name string) {
	if z.Registers() {
		pl.add("AWS::StepFunctions::StateMachine", name+"/departures", nil, id, naming.Departures).use(pl.discoveryRef(z))
	}
	template := pl.instances(name, id, z.Group.Image)
	template.use(pl.groupRef(z.network, z.Instances()))
	if z.Registers() {
		template.use(pl.discoveryRef(z))
	}
	for _, x := range z.Zones {
		group := pl.groupAt(name+"/"+x.ZoneID, id, z.network, []*Subnet{x.subnet}, id, naming.ZonalGroup(x.ZoneID), naming.Group)
		if z.Balanced() {
			group.use(pl.frontRef(z, z.frontOf(x), naming.PortTargets(strconv.Itoa(z.TargetPort))))
		}
		if z.Registers() {
			pl.add("AWS::Events::Rule", name+"/"+x.ZoneID+"/departures", nil, id, naming.DepartureRule(x.ZoneID))
		}
	}
}

// discoveryRef is a service in Cloud Map, in its network's stack.
func (pl *planner) discoveryRef(z *ZonalService) string {
	return resourceRef(pl.plan.NetworkStackName(z.network), naming.Network(z.network.Name), naming.ZonalService(z.Name), naming.DiscoveryService)
}

// measuredAs are what metrics call a load balancer and its targets.
func (pl *planner) measuredAs(z *ZonalService, f front) []string {
	return []string{attribute(pl.frontRef(z, f, naming.Resource), "LoadBalancerFullName"),
		attribute(pl.frontRef(z, f, naming.PortTargets(strconv.Itoa(z.TargetPort))), "TargetGroupFullName")}
}

// frontRef is something of a service's load balancer, in its network's stack.
func (pl *planner) frontRef(z *ZonalService, f front, what string) string {
	return resourceRef(pl.plan.NetworkStackName(z.network), append(slices.Clone(f.path), what)...)
}

// zonalLatency plans the alarms that compare the zones of services, where the gate writes its metrics.
func (pl *planner) zonalLatency(at Place) {
	for _, z := range pl.plan.ZonalServices {
		if !pl.plan.HasZoneAlarms(z) || pl.plan.Measurement.Home != at {
			continue
		}
		id, name := naming.ZonalLatency(z.Name), z.Ref().String()
		for _, x := range z.Latencies {
			for _, alarm := range []string{naming.SlowZoneAlarm(x.ZoneID), naming.FailingZoneAlarm(x.ZoneID)} {
				pl.add("AWS::CloudWatch::Alarm", name+"/alarm/"+alarm, nil, id, alarm)
			}
		}
	}
}

// aliasUses are what a service's Regional record is made of.
func (pl *planner) aliasUses(z *HostedZone, r Record) []string {
	s := pl.plan.ZonalService(z.Service)
	f := s.fronts()[0]
	if r.ZoneID != "" {
		f = s.frontOf(s.Zone(r.ZoneID))
	}
	nlb := pl.frontRef(s, f, naming.Resource)
	return []string{attribute(nlb, "CanonicalHostedZoneID"), attribute(nlb, "DNSName")}
}
