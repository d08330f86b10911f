// Package zonal defines a zonal service: one service with an address and a name in each Availability Zone, so that a caller can stay in its own
// zone, and a name for the Region.
//
//	foo := zonal.NewService(network, "Foo", &zonal.ServiceProps{Name: "foo", VpcId: n.VpcId(), SecurityGroupIds: []*string{callers},
//		Listeners: []zonal.ListenerProps{{Port: 8080}},
//		Zones: []zonal.ZoneProps{
//			{ZoneID: "apne2-az1", SubnetId: n.SubnetId("private", "apne2-az1"), Address: netip.MustParseAddr("172.16.0.10")},
//			{ZoneID: "apne2-az2", SubnetId: n.SubnetId("private", "apne2-az2"), Address: netip.MustParseAddr("172.16.16.10")}},
//		CloudMap: &zonal.CloudMapProps{Namespace: "foo.internal"}})
//	zonal.NewNames(stack, "Names", &zonal.NamesProps{Domain: "foo.internal", Zones: foo.ZoneNames(), Aliases: foo.Aliases(),
//		Vpcs: []zonal.VpcProps{{VpcId: n.VpcId(), Region: "ap-northeast-2"}}})
//
// That is a network load balancer with a fixed address in each zone and cross-zone load balancing off; apne2-az1.foo.internal and
// apne2-az2.foo.internal, which lead to these addresses; foo.internal, which leads to the zones that are healthy and not shifted away; and
// the same addresses in Cloud Map, with their AZ IDs.
//
// Instances, alarms and a zonal autoshift are apart, so that a stack that lives long can hold what others know and a stack that comes and goes
// the rest:
//
//	l := foo.LoadBalancer("apne2-az1")
//	zonal.NewOperations(ops, "Foo", &zonal.OperationsProps{Name: "foo", TopicArn: topic,
//		Zones: []zonal.ZoneHealth{{ZoneID: "apne2-az1", ZoneName: n.ZoneName("private", "apne2-az1"),
//			LoadBalancerFullName: l.FullName(), TargetGroupFullName: l.TargetGroupFullName(8080)}},
//		Members: &zonal.MembersProps{PerZone: 2, SecurityGroupIds: []*string{instances}, ImageId: jsii.String("ami-0123456789abcdef0"),
//			UserData: text, LogGroupName: "/shop/foo", Zones: []zonal.MemberZone{{ZoneID: "apne2-az1",
//				SubnetId: n.SubnetId("private", "apne2-az1"), TargetGroupArns: foo.TargetGroupArns("apne2-az1")}}}})
//
// Targets may also be existing addresses or instances (TargetIPs and TargetInstanceIDs of a zone), or whatever registers with the target group itself:
// an ECS service takes TargetGroupArns in its LoadBalancers.
//
// LatencyAlarms compare the zones by what a gate of package latencyprobe measures in each.
//
// A new template of Members goes through one zone after the other, by AZ ID. With Signals it stops at the first instance that does not serve.
//
// A zone more adds a subnet to a load balancer in place, and resources of its own; it changes no other, but for LatencyAlarms, which
// name the zones that they compare.
//
// Billed by AWS: a load balancer by the hour and by capacity units (in mode nlb-per-az one for each zone); a hosted zone and queries of it; Cloud
// Map by registered resource and by calls of its API; instances with their 8 GB volumes; alarms, those of LatencyAlarms by each metric that they
// look at: two for each zone, each with all zones.
package zonal
