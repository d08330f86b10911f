package stacks

import (
	"fmt"
	"time"

	"github.com/pathproof/pathproof/constructs/balancer"
	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/zonal"
	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// zonalService defines what stays of a service, in its network's stack: load balancers, target groups, what Cloud Map knows.
func (b *builder) zonalService(st *stack, p *topology.Network, n *network.Network, z *topology.ZonalService) {
	if !z.Balanced() && z.CloudMap == nil {
		return // names alone, which stand in the routes stack
	}
	props := &zonal.ServiceProps{Name: z.Name, Mode: zonal.Mode(z.Mode), VpcId: n.VpcId()}
	if z.Balanced() {
		props.SecurityGroupIds, props.CertificateArn, props.TargetType = []*string{n.SecurityGroupId(z.Ref().String())}, z.Certificate, zonal.TargetType(z.TargetType)
		props.Listeners = []zonal.ListenerProps{{Port: z.Listener.Port, TLS: z.Listener.Protocol == "tls", TargetPort: z.TargetPort}}
		props.PreserveClientIP, props.NoZonalShift = z.PreserveClientIP, !z.ZonalShift
		if z.Registered {
			props.TargetsParameter = naming.ZonalTargetsParameter(b.plan.Name, z.Name, "")
		}
	}
	for _, x := range z.Zones {
		zone := zonal.ZoneProps{ZoneID: x.ZoneID}
		if z.Balanced() {
			zone.SubnetId, zone.Address = subnetID(p, n, x.Subnet), x.Address
			for _, host := range x.Targets {
				b.zonalTarget(&zone, z, b.plan.Host(host))
			}
		}
		props.Zones = append(props.Zones, zone)
	}
	if c := z.CloudMap; c != nil {
		props.CloudMap = &zonal.CloudMapProps{Namespace: c.Namespace, Service: c.Service}
		if !z.Balanced() {
			for _, i := range c.Instances {
				props.CloudMap.Instances = append(props.CloudMap.Instances, zonal.InstanceProps{ID: i.ID, ZoneID: i.ZoneID, Address: i.IP, Port: i.Port})
			}
		}
	}
	service := zonal.NewService(n, naming.ZonalService(z.Name), props)
	b.ways.services[z.Name] = service
	if z.Registers() {
		st.export(service.ServiceId())
		st.export(service.ServiceArn())
	}
	for _, l := range service.LoadBalancers() {
		b.exportBalancer(st, l, z.TargetPort)
	}
	if z.Balanced() && z.Mode != config.ZonalNLBPerAZ && !n.Adopted() {
		for _, x := range z.Zones {
			st.export(n.ZoneName(b.subnet(p, x.Subnet).Tier, x.ZoneID))
		}
	}
}

func (b *builder) exportBalancer(st *stack, l *balancer.LoadBalancer, targetPort int) {
	for _, v := range []*string{l.LoadBalancerArn(), l.CanonicalHostedZoneId(), l.DnsName(), l.FullName(), l.TargetGroupArn(targetPort), l.TargetGroupFullName(targetPort)} {
		st.export(v)
	}
}

// zonalTarget adds a host to the targets of its zone.
func (b *builder) zonalTarget(zone *zonal.ZoneProps, z *topology.ZonalService, h *topology.Host) {
	if z.TargetType == config.TargetInstance {
		zone.TargetInstanceIDs = append(zone.TargetInstanceIDs, h.Instance)
	} else {
		zone.TargetIPs = append(zone.TargetIPs, h.IP)
	}
}

// names defines the private hosted zone of a service, in the routes stack of its place: its VPCs may be in several Regions.
func (b *builder) names(st *stack, h *topology.HostedZone) {
	z := b.plan.ZonalService(h.Service)
	props := &zonal.NamesProps{Domain: h.Domain, Comment: fmt.Sprintf("pathproof network %s, zonal service %s", b.plan.Name, z.Name)}
	for _, key := range h.Networks {
		props.Vpcs = append(props.Vpcs, zonal.VpcProps{VpcId: b.vpcID(st, key), Region: b.plan.Network(key).Place.Region})
	}
	from := func(v *string) *string { return b.value(st, b.networkStackOf(b.plan.Network(z.Network)), "", "", v) }
	for _, r := range h.Records {
		ips := r.IPs
		if r.IP.IsValid() {
			ips = append(ips, r.IP)
		}
		switch {
		case r.Alias:
			for _, a := range b.ways.services[z.Name].Aliases() {
				if a.ZoneID == r.ZoneID {
					props.Aliases = append(props.Aliases, zonal.AliasProps{ZoneID: a.ZoneID, DnsName: from(a.DnsName), CanonicalHostedZoneId: from(a.CanonicalHostedZoneId)})
				}
			}
		case r.ZoneID == "":
			props.RegionalIPs = ips
		default:
			props.Zones = append(props.Zones, zonal.ZoneName{ZoneID: r.ZoneID, Addresses: ips})
		}
	}
	zonal.NewNames(st.Stack, naming.HostedZone(h.Domain), props)
}

// zonalOperations defines what comes and goes of a place's services: instances, alarms, autoshifts. topic is the place's own, if alarms
// go there.
func (b *builder) zonalOperations(st *stack, topic *string) {
	for _, z := range b.plan.ZonalServices {
		if z.Place != st.plan.Place || !z.Balanced() && z.Group == nil {
			continue
		}
		p, n, service := b.plan.Network(z.Network), b.networks[z.Network], b.ways.services[z.Name]
		from := func(v *string) *string { return b.value(st, b.networkStackOf(p), "", "", v) }
		props := &zonal.OperationsProps{Name: z.Name, TopicArn: topic}
		for _, x := range z.Zones {
			l := service.LoadBalancer(x.ZoneID)
			if l == nil {
				break // its instances say themselves how they are
			}
			health := zonal.ZoneHealth{ZoneID: x.ZoneID, LoadBalancerFullName: from(l.FullName()), TargetGroupFullName: from(l.TargetGroupFullName(z.TargetPort))}
			if z.Mode != config.ZonalNLBPerAZ && !n.Adopted() {
				health.ZoneName = from(n.ZoneName(b.subnet(p, x.Subnet).Tier, x.ZoneID))
			}
			props.Zones = append(props.Zones, health)
		}
		if z.Group != nil {
			props.Members = b.zonalMembers(st, z, from)
		}
		if z.ZonalAutoshift {
			l := service.LoadBalancers()[0]
			props.Autoshift = &zonal.AutoshiftProps{LoadBalancerArn: from(l.LoadBalancerArn()), LoadBalancerFullName: from(l.FullName()), TargetGroupFullName: from(l.TargetGroupFullName(z.TargetPort))}
		}
		zonal.NewOperations(st.Stack, naming.ZonalService(z.Name), props)
	}
}

func (b *builder) zonalMembers(st *stack, z *topology.ZonalService, from func(*string) *string) *zonal.MembersProps {
	p, n, program := b.plan.Network(z.Network), b.networks[z.Network], b.program(st)
	boot := bootstrap.ZonalMember{OS: bootstrap.AmazonLinux2023, Name: z.Name, Region: z.Place.Region, Namespace: zonal.Namespace, LogGroup: naming.LogGroup(b.plan.Name, "zonal", z.Name), SignalStack: st.plan.Name,
		Responder: bootstrap.Responder{Port: z.TargetPort, Bucket: *program.asset.S3BucketName(), Key: *program.asset.S3ObjectKey(), BucketRegion: z.Place.Region, SHA256: program.sum}}
	var discovery *zonal.DiscoveryProps
	if service := b.ways.services[z.Name]; z.Registers() {
		discovery = &zonal.DiscoveryProps{ServiceId: from(service.ServiceId()), ServiceArn: from(service.ServiceArn())}
		boot.CloudMapService = *discovery.ServiceId
	}
	text, err := boot.UserData()
	if err != nil {
		panic(fmt.Errorf("%s: %w", z.Ref(), err))
	}
	m := &zonal.MembersProps{PerZone: z.Group.PerZone, SecurityGroupIds: []*string{from(n.SecurityGroupId(z.Instances()))}, InstanceType: z.Group.InstanceType, UserData: text,
		Program: &zonal.Object{BucketName: program.asset.S3BucketName(), Key: program.asset.S3ObjectKey()}, LogGroupName: boot.LogGroup, LogDays: z.Group.LogDays, Signals: true,
		ImageId: imageID(z.Group.Image), ImageName: z.Group.Image.Name, Provider: b.resources(st), Discovery: discovery}
	for _, x := range z.Zones {
		m.Public = b.subnet(p, x.Subnet).Tier == topology.TierPublic && p.Egress != config.EgressNone
		zone := zonal.MemberZone{ZoneID: x.ZoneID, SubnetId: from(subnetID(p, n, x.Subnet))}
		for _, arn := range b.ways.services[z.Name].TargetGroupArns(x.ZoneID) {
			zone.TargetGroupArns = append(zone.TargetGroupArns, from(arn))
		}
		m.Zones = append(m.Zones, zone)
	}
	return m
}

// zonalLatencies defines the alarms that compare the zones of services. They stand where the gate writes its metrics.
func (b *builder) zonalLatencies(st *stack, topic *string) {
	for _, z := range b.plan.ZonalServices {
		if !b.plan.HasZoneAlarms(z) {
			continue
		}
		props := &zonal.LatencyAlarmsProps{Service: z.Name, Config: b.gateConfig(), Every: time.Duration(b.plan.Measurement.Every), TopicArn: topic}
		for _, l := range z.Latencies {
			props.Zones = append(props.Zones, zonal.ZonePath{ZoneID: l.ZoneID, Path: l.Path})
		}
		zonal.NewLatencyAlarms(st.Stack, naming.ZonalLatency(z.Name), props)
	}
}

// zonesBeside puts the zones of each service into graphs of their own.
func (b *builder) zonesBeside() []latencyprobe.BesideProps {
	var out []latencyprobe.BesideProps
	for _, z := range b.plan.ZonalServices {
		if len(z.Latencies) < 2 {
			continue
		}
		beside := latencyprobe.BesideProps{Title: "Zones of " + z.Name}
		for _, l := range z.Latencies {
			beside.Paths = append(beside.Paths, l.Path)
		}
		out = append(out, beside)
	}
	return out
}
