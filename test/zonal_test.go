package test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/pathproof/pathproof/constructs/zonal"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/naming"
)

// zonalProps is a service in three zones.
func zonalProps(edit func(*zonal.ServiceProps)) *zonal.ServiceProps {
	p := &zonal.ServiceProps{Name: "foo", VpcId: new("vpc-0123456789abcdef0"), SecurityGroupIds: []*string{new("sg-0123456789abcdef0")}, Listeners: []zonal.ListenerProps{{Port: 8080}},
		Zones: []zonal.ZoneProps{zoneOf("1"), zoneOf("2"), zoneOf("3")}, CloudMap: &zonal.CloudMapProps{Namespace: "foo.internal"}}
	if edit != nil {
		edit(p)
	}
	return p
}

func zoneOf(n string) zonal.ZoneProps {
	return zonal.ZoneProps{ZoneID: "apne2-az" + n, SubnetId: new(subnetOf + n), Address: netip.MustParseAddr("172.16." + n + ".10")}
}

func zonalTemplate(t *testing.T, edit func(*zonal.ServiceProps)) *cdktest.Template {
	t.Helper()
	return inSeoul(t, func(s awscdk.Stack) { zonal.NewService(s, "S", zonalProps(edit)) })
}

func attribute(key, value string) m { return m{"Key": key, "Value": value} }

// subnetOf begins the ids of subnets, which end in the number of their zone.
const subnetOf = "subnet-0123456789abcdef"

const (
	nlb      = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	targets  = "AWS::ElasticLoadBalancingV2::TargetGroup"
	listener = "AWS::ElasticLoadBalancingV2::Listener"
	record   = "AWS::Route53::RecordSet"
	alarm    = "AWS::CloudWatch::Alarm"
)

func TestZonal_OneLoadBalancerWithAnAddressInEachZone(t *testing.T) {
	tpl := zonalTemplate(t, nil)
	var mappings []m
	for _, n := range []string{"1", "2", "3"} {
		mappings = append(mappings, m{"SubnetId": subnetOf + n, "PrivateIPv4Address": "172.16." + n + ".10"})
	}
	id := tpl.Has(t, nlb, m{"Type": "network", "Scheme": "internal", "Subnets": cdktest.Absent, "SubnetMappings": mappings, "SecurityGroups": []string{"sg-0123456789abcdef0"},
		"LoadBalancerAttributes": []m{attribute("load_balancing.cross_zone.enabled", "false"), attribute("dns_record.client_routing_policy", "any_availability_zone"),
			attribute("zonal_shift.config.enabled", "true")}})
	group := tpl.Has(t, targets, m{"Protocol": "TCP", "Port": 8080, "TargetType": "instance", "Targets": cdktest.Absent, "HealthCheckProtocol": "TCP",
		"TargetGroupAttributes": []m{attribute("deregistration_delay.timeout_seconds", "60"), attribute("preserve_client_ip.enabled", "false")}})
	tpl.Has(t, listener, m{"LoadBalancerArn": cdktest.Ref(id), "Port": 8080, "Protocol": "TCP", "DefaultActions": []m{{"Type": "forward", "TargetGroupArn": cdktest.Ref(group)}}})
	if id != logical("S/Resource") || group != logical("S/Targets-8080") {
		t.Errorf("ids are a contract: %s and %s", id, group)
	}
}

func TestZonal_CloudMapKnowsEachZone(t *testing.T) {
	tpl := zonalTemplate(t, nil)
	namespace := tpl.Has(t, "AWS::ServiceDiscovery::HttpNamespace", m{"Name": "foo.internal"})
	service := tpl.Has(t, "AWS::ServiceDiscovery::Service", m{"Name": "foo", "NamespaceId": cdktest.Ref(namespace), "DnsConfig": cdktest.Absent})
	for _, n := range []string{"1", "2", "3"} {
		tpl.Has(t, "AWS::ServiceDiscovery::Instance", m{"ServiceId": cdktest.Ref(service), "InstanceId": "apne2-az" + n, "InstanceAttributes": m{
			"AWS_INSTANCE_IPV4": "172.16." + n + ".10", "AWS_INSTANCE_PORT": "8080", "AVAILABILITY_ZONE_ID": "apne2-az" + n, "AVAILABILITY_ZONE": cdktest.Absent}})
	}
}

func TestZonal_LoadBalancerForEachZone(t *testing.T) {
	tpl := zonalTemplate(t, func(p *zonal.ServiceProps) {
		p.Mode, p.TargetsParameter = zonal.NLBPerAZ, "/pathproof/shop/zonal/foo/targets"
		for i := range p.Zones {
			p.Zones[i].TargetIPs = []netip.Addr{p.Zones[i].Address.Next()}
		}
	})
	tpl.Count(t, nlb, 3)
	for _, n := range []string{"1", "2", "3"} {
		path := "S/Balancer-apne2-az" + n + "/"
		tpl.Has(t, nlb, m{"SubnetMappings": []m{{"SubnetId": subnetOf + n, "PrivateIPv4Address": "172.16." + n + ".10"}}})
		if diff := cdktest.Match(m{"TargetType": "ip", "Targets": []m{{"Id": "172.16." + n + ".11"}}}, tpl.Resource(t, logical(path+"Targets-8080"), targets).Properties); diff != nil {
			t.Errorf("zone %s calls targets of others, or none: %s", n, diff)
		}
		tpl.Has(t, listener, m{"LoadBalancerArn": cdktest.Ref(logical(path + "Resource")), "DefaultActions": []m{{"TargetGroupArn": cdktest.Ref(logical(path + "Targets-8080"))}}})
		tpl.Has(t, "AWS::SSM::Parameter", m{"Name": "/pathproof/shop/zonal/foo/targets/apne2-az" + n, "Value": cdktest.Ref(logical(path + "Targets-8080"))})
	}
}

func TestZonal_ClientRouting(t *testing.T) {
	tpl := zonalTemplate(t, func(p *zonal.ServiceProps) {
		p.Mode, p.CloudMap, p.NoZonalShift, p.PreserveClientIP, p.HealthPath = zonal.ClientRouting, nil, true, true, "/health"
		for i := range p.Zones {
			p.Zones[i].Address, p.Zones[i].TargetInstanceIDs = netip.Addr{}, []string{"i-0123456789abcdef0"}
		}
	})
	tpl.Has(t, nlb, m{"SubnetMappings": cdktest.Absent, "Subnets": []string{subnetOf + "1", subnetOf + "2", subnetOf + "3"},
		"LoadBalancerAttributes": []m{attribute("load_balancing.cross_zone.enabled", "false"), attribute("dns_record.client_routing_policy", "availability_zone_affinity"),
			attribute("zonal_shift.config.enabled", "false")}})
	tpl.Has(t, targets, m{"TargetType": "instance", "Targets": []m{{"Id": "i-0123456789abcdef0"}, {"Id": "i-0123456789abcdef0"}, {"Id": "i-0123456789abcdef0"}},
		"HealthCheckProtocol": "HTTP", "HealthCheckPath": "/health", "TargetGroupAttributes": []m{attribute("deregistration_delay.timeout_seconds", "60"), attribute("preserve_client_ip.enabled", "true")}})
}

func TestZonal_TLSAndSeveralPorts(t *testing.T) {
	const certificate = "arn:aws:acm:ap-northeast-2:111122223333:certificate/1"
	tpl := zonalTemplate(t, func(p *zonal.ServiceProps) {
		p.CertificateArn, p.Listeners = certificate, []zonal.ListenerProps{{Port: 443, TLS: true, TargetPort: 8080}, {Port: 80, TargetPort: 8080}, {Port: 9000}}
	})
	tpl.Count(t, targets, 2)
	tpl.Has(t, listener, m{"Port": 443, "Protocol": "TLS", "Certificates": []m{{"CertificateArn": certificate}}, "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
		"DefaultActions": []m{{"TargetGroupArn": cdktest.Ref(logical("S/Targets-8080"))}}})
	tpl.Has(t, listener, m{"Port": 80, "Protocol": "TCP", "Certificates": cdktest.Absent, "DefaultActions": []m{{"TargetGroupArn": cdktest.Ref(logical("S/Targets-8080"))}}})
	tpl.Has(t, listener, m{"Port": 9000, "DefaultActions": []m{{"TargetGroupArn": cdktest.Ref(logical("S/Targets-9000"))}}})
}

func TestZonal_NamesOfZonesAndOfTheRegion(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		service := zonal.NewService(s, "S", zonalProps(nil))
		zonal.NewNames(s, "N", &zonal.NamesProps{Domain: "foo.internal", Zones: service.ZoneNames(), Aliases: service.Aliases(),
			Vpcs: []zonal.VpcProps{{VpcId: new("vpc-0123456789abcdef0"), Region: seoul}, {VpcId: new("vpc-0123456789abcdef1"), Region: tokyo}}})
	})
	zone := tpl.Has(t, "AWS::Route53::HostedZone", m{"Name": "foo.internal", "VPCs": []m{{"VPCId": "vpc-0123456789abcdef0", "VPCRegion": seoul}, {"VPCId": "vpc-0123456789abcdef1", "VPCRegion": tokyo}}})
	for _, n := range []string{"1", "2", "3"} {
		tpl.Has(t, record, m{"HostedZoneId": cdktest.Ref(zone), "Name": "apne2-az" + n + ".foo.internal", "Type": "A", "TTL": "60", "ResourceRecords": []string{"172.16." + n + ".10"}})
	}
	// All healthy zones, and without one that a zonal shift moved traffic out of.
	tpl.Has(t, record, m{"HostedZoneId": cdktest.Ref(zone), "Name": "foo.internal", "Type": "A", "TTL": cdktest.Absent, "ResourceRecords": cdktest.Absent, "Weight": cdktest.Absent,
		"AliasTarget": m{"EvaluateTargetHealth": true, "DNSName": cdktest.GetAtt(logical("S/Resource"), "DNSName"), "HostedZoneId": cdktest.GetAtt(logical("S/Resource"), "CanonicalHostedZoneID")}})
	tpl.Count(t, record, 4)
}

func TestZonal_NamesWhereEachZoneHasALoadBalancer(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		service := zonal.NewService(s, "S", zonalProps(func(p *zonal.ServiceProps) { p.Mode = zonal.NLBPerAZ }))
		zonal.NewNames(s, "N", &zonal.NamesProps{Domain: "foo.internal", Zones: service.ZoneNames(), Aliases: service.Aliases(), Vpcs: []zonal.VpcProps{{VpcId: new("vpc-0123456789abcdef0"), Region: seoul}}})
	})
	tpl.Count(t, record, 6)
	for _, zone := range []string{"apne2-az1", "apne2-az2", "apne2-az3"} {
		tpl.Has(t, record, m{"Name": "foo.internal", "SetIdentifier": zone, "Weight": 1, "AliasTarget": m{"EvaluateTargetHealth": true,
			"DNSName": cdktest.GetAtt(logical("S/"+naming.ZonalBalancer(zone)+"/Resource"), "DNSName")}})
	}
}

func TestZonal_WithoutLoadBalancer(t *testing.T) {
	tpl := zonalTemplate(t, func(p *zonal.ServiceProps) {
		*p = zonal.ServiceProps{Name: "foo", Mode: zonal.Direct, Zones: []zonal.ZoneProps{{ZoneID: "apne2-az1"}}, CloudMap: &zonal.CloudMapProps{Namespace: "foo.internal", Service: "bar",
			Instances: []zonal.InstanceProps{{ID: "one", ZoneID: "apne2-az1", Address: netip.MustParseAddr("172.16.1.20"), Port: 6379}}}}
	})
	tpl.Count(t, nlb, 0)
	tpl.Has(t, "AWS::ServiceDiscovery::Service", m{"Name": "bar"})
	tpl.Has(t, "AWS::ServiceDiscovery::Instance", m{"InstanceId": "one", "InstanceAttributes": m{"AWS_INSTANCE_IPV4": "172.16.1.20", "AWS_INSTANCE_PORT": "6379", "AVAILABILITY_ZONE_ID": "apne2-az1"}})
}

// operationsProps watches two zones of a service.
func operationsProps(edit func(*zonal.OperationsProps)) *zonal.OperationsProps {
	p := &zonal.OperationsProps{Name: "foo", TopicArn: new("arn:aws:sns:ap-northeast-2:111122223333:t"), Zones: []zonal.ZoneHealth{
		{ZoneID: "apne2-az1", ZoneName: new("ap-northeast-2a"), LoadBalancerFullName: new("net/foo/1"), TargetGroupFullName: new("targetgroup/foo/1")},
		{ZoneID: "apne2-az2", LoadBalancerFullName: new("net/foo/2"), TargetGroupFullName: new("targetgroup/foo/2")}}}
	if edit != nil {
		edit(p)
	}
	return p
}

func members(discovery *zonal.DiscoveryProps) *zonal.MembersProps {
	p := &zonal.MembersProps{PerZone: 2, SecurityGroupIds: []*string{new("sg-0123456789abcdef1")}, ImageId: new("ami-0123456789abcdef0"), UserData: "#cloud-config\n", LogGroupName: "/pathproof/shop/zonal/foo",
		Discovery: discovery, Zones: []zonal.MemberZone{{ZoneID: "apne2-az1", SubnetId: new(subnetOf + "1")}, {ZoneID: "apne2-az2", SubnetId: new(subnetOf + "2")}}}
	if discovery == nil {
		p.Zones[0].TargetGroupArns, p.Zones[1].TargetGroupArns = []*string{new("arn:tg1")}, []*string{new("arn:tg2")}
	}
	return p
}

func operations(t *testing.T, edit func(*zonal.OperationsProps)) *cdktest.Template {
	t.Helper()
	return inSeoul(t, func(s awscdk.Stack) { zonal.NewOperations(s, "O", operationsProps(edit)) })
}

func TestZonal_AlarmOfEachZonesTargets(t *testing.T) {
	tpl := operations(t, nil)
	topic := []string{"arn:aws:sns:ap-northeast-2:111122223333:t"}
	unhealthy := m{"Namespace": "AWS/NetworkELB", "MetricName": "UnHealthyHostCount", "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 5, "DatapointsToAlarm": 5,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1, "TreatMissingData": "breaching", "AlarmActions": topic, "OKActions": topic}
	for zone, dimensions := range map[string][]m{
		"apne2-az1": {{"Name": "AvailabilityZone", "Value": "ap-northeast-2a"}, {"Name": "LoadBalancer", "Value": "net/foo/1"}, {"Name": "TargetGroup", "Value": "targetgroup/foo/1"}},
		"apne2-az2": {{"Name": "LoadBalancer", "Value": "net/foo/2"}, {"Name": "TargetGroup", "Value": "targetgroup/foo/2"}},
	} {
		unhealthy["Dimensions"] = dimensions
		if diff := cdktest.Match(unhealthy, tpl.Resource(t, logical("O/"+naming.ZoneUnhealthyAlarm(zone)), alarm).Properties); diff != nil {
			t.Errorf("%s: %s", zone, diff)
		}
	}
	tpl.Count(t, alarm, 2)
	// In an adopted VPC zones share a load balancer, and metrics cannot tell them apart.
	unnamed := operations(t, func(p *zonal.OperationsProps) {
		p.Zones[0].ZoneName, p.Zones[1].LoadBalancerFullName = nil, p.Zones[0].LoadBalancerFullName
	})
	for zone, says := range map[*cdktest.Template]string{tpl: "in zone apne2-az1 is unhealthy", unnamed: "in some zone, perhaps apne2-az1 "} {
		got := zone.Resource(t, logical("O/"+naming.ZoneUnhealthyAlarm("apne2-az1")), alarm).Properties["AlarmDescription"].(string)
		if !strings.Contains(got, says) {
			t.Errorf("got %q, want %q in it", got, says)
		}
	}
}

func TestZonal_AutoshiftEndsAPracticeRunThatHurts(t *testing.T) {
	tpl := operations(t, func(p *zonal.OperationsProps) {
		p.Zones, p.Autoshift = nil, &zonal.AutoshiftProps{LoadBalancerArn: new("arn:nlb"), LoadBalancerFullName: new("net/foo/1"), TargetGroupFullName: new("targetgroup/foo/1")}
	})
	outcome := tpl.Has(t, alarm, m{"MetricName": "UnHealthyHostCount", "TreatMissingData": "notBreaching",
		"Dimensions": []m{{"Name": "LoadBalancer", "Value": "net/foo/1"}, {"Name": "TargetGroup", "Value": "targetgroup/foo/1"}}})
	tpl.Has(t, "AWS::ARCZonalShift::ZonalAutoshiftConfiguration", m{"ResourceIdentifier": "arn:nlb", "ZonalAutoshiftStatus": "ENABLED",
		"PracticeRunConfiguration": m{"OutcomeAlarms": []m{{"Type": "CLOUDWATCH", "AlarmIdentifier": cdktest.GetAtt(outcome, "Arn")}}}})
}

func TestZonal_AGroupForEachZone(t *testing.T) {
	tpl := operations(t, func(p *zonal.OperationsProps) { p.Members = members(nil) })
	template := tpl.Has(t, "AWS::EC2::LaunchTemplate", m{"LaunchTemplateData": m{"MetadataOptions": m{"HttpTokens": "required"}, "KeyName": cdktest.Absent,
		"NetworkInterfaces": []m{{"Groups": []string{"sg-0123456789abcdef1"}, "AssociatePublicIpAddress": false}}}})
	for zone, n := range map[string]string{"apne2-az1": "1", "apne2-az2": "2"} {
		group := tpl.Resource(t, logical("O/"+naming.ZonalGroup(zone)+"/Group"), "AWS::AutoScaling::AutoScalingGroup")
		if diff := cdktest.Match(m{"MinSize": "2", "MaxSize": "3", "DesiredCapacity": "2", "VPCZoneIdentifier": []string{subnetOf + n}, "TargetGroupARNs": []string{"arn:tg" + n},
			"HealthCheckType": "ELB", "LaunchTemplate": m{"LaunchTemplateId": cdktest.Ref(template)}}, group.Properties); diff != nil {
			t.Errorf("%s: %s", zone, diff)
		}
	}
	tpl.Count(t, alarm, 2) // the load balancer's view of them
	if got := len(statementsOf(tpl, logical("O/Role"))); got != 3 {
		t.Errorf("the role has %d statements, want those that all machines have", got)
	}
}

// Without a load balancer instances register themselves, and those that are gone are taken out, also if they could not say goodbye.
func TestZonal_InstancesInCloudMap(t *testing.T) {
	tpl := operations(t, func(p *zonal.OperationsProps) {
		p.Zones, p.Members = nil, members(&zonal.DiscoveryProps{ServiceId: new("srv-1"), ServiceArn: new("arn:aws:servicediscovery:::service/srv-1")})
	})
	text, _ := json.Marshal(statementsOf(tpl, logical("O/Role"))[3:])
	const own = `[{"Action":["servicediscovery:RegisterInstance","servicediscovery:DeregisterInstance"],"Effect":"Allow","Resource":["arn:aws:servicediscovery:::service/srv-1"]}]`
	if string(text) != own {
		t.Errorf("beyond what all machines may the role allows %s, want %s", text, own)
	}
	states := tpl.Has(t, "AWS::StepFunctions::StateMachine", m{"RoleArn": cdktest.GetAtt(logical("O/DeparturesRole"), "Arn")})
	var machine struct {
		States map[string]struct {
			Type, Resource string
			Parameters     m
		}
	}
	var definition strings.Builder
	for _, part := range tpl.Resources[states].Properties["DefinitionString"].(m)["Fn::Join"].([]any)[1].([]any) {
		if text, ok := part.(string); ok {
			definition.WriteString(text)
		} else {
			definition.WriteString("<" + part.(m)["Ref"].(string) + ">")
		}
	}
	if err := json.Unmarshal([]byte(definition.String()), &machine); err != nil {
		t.Fatal(err)
	}
	task := machine.States["Deregister"]
	if task.Resource != "arn:<AWS::Partition>:states:::aws-sdk:servicediscovery:deregisterInstance" || task.Parameters["ServiceId"] != "srv-1" ||
		task.Parameters["InstanceId.$"] != "$.detail.EC2InstanceId" {
		t.Errorf("the state machine does %+v", task)
	}
	for _, zone := range []string{"apne2-az1", "apne2-az2"} {
		tpl.Has(t, "AWS::Events::Rule", m{"EventPattern": m{"source": []string{"aws.autoscaling"}, "detail-type": []string{"EC2 Instance Terminate Successful"},
			"detail": m{"AutoScalingGroupName": []any{cdktest.Ref(logical("O/" + naming.ZonalGroup(zone) + "/Group"))}}},
			"Targets": []m{{"Arn": cdktest.Ref(states), "RoleArn": cdktest.GetAtt(logical("O/DeparturesStart"), "Arn")}}})
		tpl.Has(t, alarm, m{"Namespace": "Pathproof/Zonal", "MetricName": "Healthy", "Dimensions": []m{{"Name": "Name", "Value": "foo-" + zone}, {"Name": "Role", "Value": "zonal"}},
			"TreatMissingData": "breaching"})
	}
	for role, want := range map[string]string{"O/DeparturesRole": "servicediscovery:DeregisterInstance", "O/DeparturesStart": "states:StartExecution"} {
		if got, _ := json.Marshal(statementsOf(tpl, logical(role))); len(statementsOf(tpl, logical(role))) != 1 || !json.Valid(got) || statementsOf(tpl, logical(role))[0].(m)["Action"].([]any)[0] != want {
			t.Errorf("%s may %s", role, got)
		}
	}
}

// defineZonal defines everything that constructs of zonal services can define.
func defineZonal(s awscdk.Stack) {
	one := zonal.NewService(s, "One", zonalProps(func(p *zonal.ServiceProps) { p.TargetsParameter = "/x" }))
	zonal.NewService(s, "Each", zonalProps(func(p *zonal.ServiceProps) { p.Mode = zonal.NLBPerAZ }))
	zonal.NewNames(s, "Names", &zonal.NamesProps{Domain: "foo.internal", Zones: one.ZoneNames(), Aliases: one.Aliases(), Vpcs: []zonal.VpcProps{{VpcId: new("vpc-0123456789abcdef0"), Region: seoul}}})
	discovery := &zonal.DiscoveryProps{ServiceId: one.ServiceId(), ServiceArn: one.ServiceArn()}
	zonal.NewOperations(s, "Operations", operationsProps(func(p *zonal.OperationsProps) {
		p.Zones, p.Members = nil, members(discovery)
		b := one.LoadBalancer("apne2-az1")
		p.Autoshift = &zonal.AutoshiftProps{LoadBalancerArn: b.LoadBalancerArn(), LoadBalancerFullName: b.FullName(), TargetGroupFullName: b.TargetGroupFullName(8080)}
	}))
	zonal.NewLatencyAlarms(s, "Latency", &zonal.LatencyAlarmsProps{Service: "foo", Config: gateConfig(), Every: 5 * time.Minute,
		Zones: []zonal.ZonePath{{ZoneID: "apne2-az1", Path: "db"}, {ZoneID: "apne2-az2", Path: "plain"}}})
}
