package test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/naming"
)

type m = map[string]any

// zonal is a network with public and private subnets in two zones and a private one without a public neighbour.
func perZone(egress network.Egress) *network.NetworkProps {
	return &network.NetworkProps{CIDR: prefix("172.16.0.0/16"), Egress: egress, Subnets: []network.SubnetProps{
		{Tier: "public", ZoneID: "apne2-az1", CIDR: prefix("172.16.0.0/24"), Public: true},
		{Tier: "public", ZoneID: "apne2-az3", CIDR: prefix("172.16.1.0/24"), Public: true},
		{Tier: "private", ZoneID: "apne2-az1", CIDR: prefix("172.16.16.0/20")},
		{Tier: "private", ZoneID: "apne2-az3", CIDR: prefix("172.16.32.0/20")},
		{Tier: "attach", ZoneID: "apne2-az1", CIDR: prefix("172.16.2.0/28")},
	}}
}

// inSeoul synthesizes a stack and returns its template.
func inSeoul(t *testing.T, define func(awscdk.Stack)) *cdktest.Template {
	t.Helper()
	app := cdktest.NewApp(t)
	define(app.Stack("Net", seoul))
	return app.Template(t, "Net")
}

func TestNetwork_PinsSubnetsByZoneID(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) { network.NewNetwork(s, naming.Network("app"), perZone(network.EgressNone)) })
	vpc := logical("Network-app/Resource")
	tpl.Resource(t, vpc, "AWS::EC2::VPC")
	tpl.Has(t, "AWS::EC2::VPC", m{"CidrBlock": "172.16.0.0/16", "EnableDnsSupport": true, "EnableDnsHostnames": true,
		"Tags": []m{{"Key": "Name", "Value": "Network-app"}}})
	tpl.Count(t, "AWS::EC2::Subnet", 5)
	tpl.Count(t, "AWS::EC2::RouteTable", 5)
	for _, s := range perZone("").Subnets {
		ns := "Network-app/" + s.Tier + "-" + s.ZoneID
		subnet, table := logical(ns+"/Resource"), logical(ns+"/RouteTable")
		tpl.Resource(t, subnet, "AWS::EC2::Subnet")
		if diff := cdktest.Match(m{"VpcId": cdktest.Ref(vpc), "CidrBlock": s.CIDR.String(), "AvailabilityZoneId": s.ZoneID,
			"AvailabilityZone": cdktest.Absent, "MapPublicIpOnLaunch": false}, tpl.Resources[subnet].Properties); diff != nil {
			t.Errorf("%s: %v", subnet, diff)
		}
		tpl.Resource(t, table, "AWS::EC2::RouteTable")
		tpl.Has(t, "AWS::EC2::SubnetRouteTableAssociation", m{"SubnetId": cdktest.Ref(subnet), "RouteTableId": cdktest.Ref(table)})
	}
	for _, none := range []string{"AWS::EC2::InternetGateway", "AWS::EC2::Route", "AWS::EC2::NatGateway", "AWS::EC2::EIP"} {
		tpl.Count(t, none, 0)
	}
}

func TestNetwork_Egress(t *testing.T) {
	type routes map[string]string // subnet -> target property and logical id
	igw := "GatewayId " + logical("Network-app/InternetGateway")
	nat := func(zone string) string {
		return "NatGatewayId " + logical("Network-app/public-"+zone+"/NatGateway")
	}
	for name, c := range map[network.Egress]routes{
		network.EgressInternetGateway: {"public-apne2-az1": igw, "public-apne2-az3": igw},
		network.EgressNATSingle: {"public-apne2-az1": igw, "public-apne2-az3": igw,
			"private-apne2-az1": nat("apne2-az1"), "private-apne2-az3": nat("apne2-az1")},
		network.EgressNATPerZone: {"public-apne2-az1": igw, "public-apne2-az3": igw,
			"private-apne2-az1": nat("apne2-az1"), "private-apne2-az3": nat("apne2-az3")},
	} {
		t.Run(string(name), func(t *testing.T) {
			tpl := inSeoul(t, func(s awscdk.Stack) { network.NewNetwork(s, "Network-app", perZone(name)) })
			tpl.Count(t, "AWS::EC2::Route", len(c)) // so the tier attach has none
			for subnet, target := range c {
				property, id, _ := strings.Cut(target, " ")
				route := logical("Network-app/" + subnet + "/DefaultRoute")
				want := m{"RouteTableId": cdktest.Ref(logical("Network-app/" + subnet + "/RouteTable")),
					"DestinationCidrBlock": "0.0.0.0/0", property: cdktest.Ref(id)}
				if diff := cdktest.Match(want, tpl.Resource(t, route, "AWS::EC2::Route").Properties); diff != nil {
					t.Errorf("%s: %v", subnet, diff)
				}
				if property == "GatewayId" {
					tpl.DependsOnAll(t, route, logical("Network-app/InternetGatewayAttachment"))
				}
			}
		})
	}
}

func TestNetwork_NatAddressesStay(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) { network.NewNetwork(s, "Network-app", perZone(network.EgressNATPerZone)) })
	for _, zone := range []string{"apne2-az1", "apne2-az3"} {
		ns := "Network-app/public-" + zone
		address := logical(ns + "/NatAddress")
		r := tpl.Resource(t, address, "AWS::EC2::EIP")
		if r.DeletionPolicy != "RetainExceptOnCreate" || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s: policies %q and %q, want RetainExceptOnCreate and Retain", address, r.DeletionPolicy, r.UpdateReplacePolicy)
		}
		nat := tpl.Has(t, "AWS::EC2::NatGateway", m{"AllocationId": cdktest.GetAtt(address, "AllocationId"),
			"SubnetId": cdktest.Ref(logical(ns + "/Resource"))})
		tpl.DependsOnAll(t, nat, logical(ns+"/DefaultRoute"))
	}
	if p := tpl.Resources[logical("Network-app/Resource")].DeletionPolicy; p != "" {
		t.Errorf("the VPC has DeletionPolicy %s, want none: an empty VPC is worth nothing", p)
	}
}

func TestNetwork_SecondaryBlocksComeFirst(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		network.NewNetwork(s, "Network-app", &network.NetworkProps{CIDR: prefix("10.0.0.0/24"), SecondaryCIDRs: []netip.Prefix{prefix("10.9.0.0/24")},
			Subnets: []network.SubnetProps{
				{Tier: "a", ZoneID: "apne2-az1", CIDR: prefix("10.0.0.0/25")},
				{Tier: "b", ZoneID: "apne2-az1", CIDR: prefix("10.9.0.0/25")},
			}})
	})
	block := logical("Network-app/Block-10.9.0.0-24")
	tpl.Resource(t, block, "AWS::EC2::VPCCidrBlock")
	tpl.Has(t, "AWS::EC2::VPCCidrBlock", m{"CidrBlock": "10.9.0.0/24", "VpcId": cdktest.Ref(logical("Network-app/Resource"))})
	tpl.DependsOnAll(t, logical("Network-app/b-apne2-az1/Resource"), block)
	if d := tpl.DependsOn(logical("Network-app/a-apne2-az1/Resource")); len(d) > 0 {
		t.Errorf("the subnet in the primary block depends on %v, want nothing", d)
	}
}

func TestNetwork_GatewayEndpoints(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		p := perZone(network.EgressNone)
		p.GatewayEndpoints = []string{"s3", "dynamodb"}
		network.NewNetwork(s, "Network-app", p)
	})
	var tables []m
	for _, s := range []string{"public-apne2-az1", "public-apne2-az3", "private-apne2-az1", "private-apne2-az3"} {
		tables = append(tables, cdktest.Ref(logical("Network-app/"+s+"/RouteTable")))
	}
	for _, service := range []string{"s3", "dynamodb"} {
		tpl.Resource(t, logical("Network-app/Endpoint-"+service), "AWS::EC2::VPCEndpoint")
		tpl.Has(t, "AWS::EC2::VPCEndpoint", m{"ServiceName": "com.amazonaws.ap-northeast-2." + service,
			"VpcEndpointType": "Gateway", "RouteTableIds": tables})
	}
}

func TestNetwork_FlowLogs(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		network.NewNetwork(s, "Network-app", &network.NetworkProps{CIDR: prefix("10.0.0.0/24"),
			FlowLogs: &network.FlowLogsProps{Traffic: "REJECT", ExpireDays: 30}})
	})
	bucket := logical("Network-app/FlowLogBucket/Resource")
	r := tpl.Resource(t, bucket, "AWS::S3::Bucket")
	if r.DeletionPolicy != "RetainExceptOnCreate" {
		t.Errorf("the bucket has DeletionPolicy %q, want RetainExceptOnCreate", r.DeletionPolicy)
	}
	tpl.Has(t, "AWS::S3::Bucket", m{
		"BucketEncryption":               m{"ServerSideEncryptionConfiguration": []m{{"ServerSideEncryptionByDefault": m{"SSEAlgorithm": "AES256"}}}},
		"PublicAccessBlockConfiguration": m{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"OwnershipControls":              m{"Rules": []m{{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"LifecycleConfiguration":         m{"Rules": []m{{"ExpirationInDays": 30, "Status": "Enabled"}}},
	})
	policy := tpl.Has(t, "AWS::S3::BucketPolicy", m{"Bucket": cdktest.Ref(bucket), "PolicyDocument": m{"Statement": []m{
		{"Effect": "Deny", "Action": "s3:*", "Condition": m{"Bool": m{"aws:SecureTransport": "false"}}},
		{"Effect": "Allow", "Action": "s3:PutObject", "Principal": m{"Service": "delivery.logs.amazonaws.com"},
			"Condition": m{"StringEquals": m{"aws:SourceAccount": cdktest.Ref("AWS::AccountId"), "s3:x-amz-acl": "bucket-owner-full-control"}, "ArnLike": cdktest.Any}},
		{"Effect": "Allow", "Action": []string{"s3:GetBucketAcl", "s3:ListBucket"}, "Principal": m{"Service": "delivery.logs.amazonaws.com"}},
	}}})
	log := tpl.Has(t, "AWS::EC2::FlowLog", m{"ResourceId": cdktest.Ref(logical("Network-app/Resource")), "ResourceType": "VPC",
		"TrafficType": "REJECT", "LogDestinationType": "s3", "LogDestination": cdktest.GetAtt(bucket, "Arn")})
	tpl.DependsOnAll(t, log, policy)
}

func TestNetwork_FlowLogsIntoGivenBuckets(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("Net", seoul)
	shared := awss3.NewBucket(s, new("Logs"), nil)
	theirs := awss3.Bucket_FromBucketName(s, new("Theirs"), new("logs-111122223333"))
	for id, bucket := range map[string]awss3.IBucket{"A": shared, "B": theirs} {
		network.NewNetwork(s, id, &network.NetworkProps{CIDR: prefix("10.0.0.0/24"), FlowLogs: &network.FlowLogsProps{Bucket: bucket}})
	}
	tpl := app.Template(t, "Net")
	tpl.Count(t, "AWS::S3::Bucket", 1)
	tpl.DependsOnAll(t, logical("A/FlowLog"), tpl.Has(t, "AWS::S3::BucketPolicy", m{"Bucket": cdktest.Ref(tpl.ByType("AWS::S3::Bucket")[0])}))
	if d := tpl.DependsOn(logical("B/FlowLog")); len(d) > 0 {
		t.Errorf("a flow log into a bucket that is not CDK's depends on %v, want nothing", d)
	}
	tpl.Has(t, "AWS::EC2::FlowLog", m{"TrafficType": "ALL", "LogDestination": "arn:aws:s3:::logs-111122223333"})
}

func TestNetwork_SecurityGroupsHoldTheirRules(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		network.NewNetwork(s, "Network-app", &network.NetworkProps{CIDR: prefix("10.0.0.0/24"), SecurityGroups: []network.SecurityGroupProps{
			{},
			{Name: "db", Description: "Database", Ingress: []network.RuleProps{
				{Peer: prefix("10.1.0.0/16"), Protocol: "tcp", FromPort: 5432, ToPort: 5433, Description: "app to db"},
				{Peer: prefix("10.1.0.0/16"), Protocol: "icmp", FromPort: 8, ToPort: -1},
				{Peer: prefix("fd00::/8"), Protocol: network.ProtocolAll},
			}, Egress: []network.RuleProps{{Peer: prefix("10.2.0.0/16"), Protocol: "udp", FromPort: 53, ToPort: 53}}},
		}})
	})
	tpl.Count(t, "AWS::EC2::SecurityGroupIngress", 0)
	tpl.Count(t, "AWS::EC2::SecurityGroupEgress", 0)
	own := tpl.Resource(t, logical("Network-app/SecurityGroup"), "AWS::EC2::SecurityGroup")
	// Without any rule CloudFormation would open all egress.
	if diff := cdktest.Match(m{"SecurityGroupIngress": cdktest.Absent, "GroupDescription": "Security group Network-app", "SecurityGroupEgress": []m{
		{"CidrIp": "255.255.255.255/32", "IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "Description": "Disallow all traffic"}}}, own.Properties); diff != nil {
		t.Errorf("own security group: %v", diff)
	}
	db := tpl.Resource(t, logical("Network-app/SecurityGroup-db"), "AWS::EC2::SecurityGroup")
	if diff := cdktest.Match(m{"GroupDescription": "Database", "GroupName": cdktest.Absent,
		"SecurityGroupIngress": []m{
			{"CidrIp": "10.1.0.0/16", "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5433, "Description": "app to db"},
			{"CidrIp": "10.1.0.0/16", "IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "Description": cdktest.Absent},
			{"CidrIpv6": "fd00::/8", "CidrIp": cdktest.Absent, "IpProtocol": "-1", "FromPort": cdktest.Absent, "ToPort": cdktest.Absent},
		},
		"SecurityGroupEgress": []m{{"CidrIp": "10.2.0.0/16", "IpProtocol": "udp", "FromPort": 53, "ToPort": 53}}}, db.Properties); diff != nil {
		t.Errorf("named security group: %v", diff)
	}
}

func TestNetwork_AddRouteFillsSlots(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		n := network.NewNetwork(s, "Network-app", perZone(network.EgressNone))
		attachment := awsec2.NewCfnTransitGatewayAttachment(s, new("Attachment"), &awsec2.CfnTransitGatewayAttachmentProps{
			TransitGatewayId: "tgw-0123456789abcdef0", VpcId: n.VpcId(), SubnetIds: &[]any{n.SubnetId("attach", "apne2-az1")}})
		to := network.RouteTarget{TransitGatewayId: new("tgw-0123456789abcdef0")}
		n.AddRoute("private", "apne2-az1", prefix("10.20.0.0/16"), to, attachment)
		n.AddRoute("private", "apne2-az3", prefix("0.0.0.0/0"), to, attachment)
		n.AddRoute("public", "apne2-az1", prefix("10.30.0.0/16"), network.RouteTarget{NetworkInterfaceId: new("eni-0123456789abcdef0")})
		cdktest.WantPanic(t, func() {
			n.AddRoute("private", "apne2-az1", prefix("10.20.0.0/16"), network.RouteTarget{VpcPeeringConnectionId: new("pcx-1")})
		}, "Net/Network-app: route 10.20.0.0/16 of subnet private in apne2-az1", "another target")
		cdktest.WantPanic(t, func() { n.AddRoute("private", "apne2-az1", prefix("10.21.0.0/16"), network.RouteTarget{}) }, "one target, got 0")
		cdktest.WantPanic(t, func() { n.AddRoute("db", "apne2-az1", prefix("10.21.0.0/16"), to) }, "no such subnet, got db in apne2-az1", "private in apne2-az3")
	})
	tpl.Count(t, "AWS::EC2::Route", 3)
	id := logical("Network-app/private-apne2-az1/Route-10.20.0.0-16")
	if diff := cdktest.Match(m{"RouteTableId": cdktest.Ref(logical("Network-app/private-apne2-az1/RouteTable")), "DestinationCidrBlock": "10.20.0.0/16",
		"TransitGatewayId": "tgw-0123456789abcdef0", "GatewayId": cdktest.Absent}, tpl.Resource(t, id, "AWS::EC2::Route").Properties); diff != nil {
		t.Error(diff)
	}
	tpl.DependsOnAll(t, id, "Attachment")
	// The default route keeps its id whatever it leads to, so a change of egress is an update in place.
	tpl.Resource(t, logical("Network-app/private-apne2-az3/DefaultRoute"), "AWS::EC2::Route")
	tpl.Has(t, "AWS::EC2::Route", m{"NetworkInterfaceId": "eni-0123456789abcdef0", "TransitGatewayId": cdktest.Absent})
}

func adopted() *network.NetworkAttributes {
	in := func(tier, zone, cidr string) network.SubnetProps {
		return network.SubnetProps{Tier: tier, ZoneID: zone, CIDR: prefix(cidr)}
	}
	return &network.NetworkAttributes{Name: "old", VpcID: "vpc-0123456789abcdef0", CIDRs: []netip.Prefix{prefix("10.5.0.0/16")},
		SecurityGroups: []network.SecurityGroupProps{{}},
		Subnets: []network.SubnetAttributes{
			{SubnetProps: in("private", "apne2-az1", "10.5.0.0/24"), SubnetID: "subnet-01", RouteTableID: "rtb-01", ZoneName: "ap-northeast-2a"},
			{SubnetProps: in("private", "apne2-az2", "10.5.1.0/24"), SubnetID: "subnet-02", RouteTableID: "rtb-01", ZoneName: "ap-northeast-2b"},
			{SubnetProps: in("db", "apne2-az1", "10.5.2.0/24"), SubnetID: "subnet-03"},
		}}
}

func TestNetwork_AdoptsAnExistingVpc(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		n := network.FromAttributes(s, "Network-old", adopted())
		to := network.RouteTarget{VpcPeeringConnectionId: new("pcx-0123456789abcdef0")}
		first := n.AddRoute("private", "apne2-az1", prefix("10.9.0.0/16"), to)
		if second := n.AddRoute("private", "apne2-az2", prefix("10.9.0.0/16"), to); second != first {
			t.Error("one route in a shared route table was defined twice")
		}
		n.WaitForInternet(s) // nothing to wait for
		if !n.Adopted() || *n.VpcId() != "vpc-0123456789abcdef0" || *n.SubnetId("db", "apne2-az1") != "subnet-03" {
			t.Error("attributes did not come through")
		}
		cdktest.WantPanic(t, func() { n.AddRoute("db", "apne2-az1", prefix("10.9.0.0/16"), to) }, "route table of subnet db in apne2-az1 is not known")
		cdktest.WantPanic(t, func() { n.Tier("db") }, "zone name of subnet db in apne2-az1 is not known")
		awslambda.NewFunction(s, new("Fn"), lambdaIn(n.Tier("private"), n.Subnet("private", "apne2-az2"), n.SecurityGroup("")))
	})
	if types := strings.Join(tpl.Types(), " "); strings.Contains(types, "VPC") || strings.Contains(types, "Subnet") {
		t.Errorf("an adopted network defines %s", types)
	}
	tpl.Count(t, "AWS::EC2::Route", 1)
	tpl.Resource(t, logical("Network-old/rtb-01/Route-10.9.0.0-16"), "AWS::EC2::Route")
	tpl.Has(t, "AWS::EC2::SecurityGroup", m{"VpcId": "vpc-0123456789abcdef0"})
	tpl.Has(t, "AWS::Lambda::Function", m{"VpcConfig": m{"SubnetIds": []string{"subnet-02"}}})
}

func lambdaIn(vpc awsec2.IVpc, subnet awsec2.ISubnet, sg awsec2.ISecurityGroup) *awslambda.FunctionProps {
	return &awslambda.FunctionProps{Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: new("bootstrap"),
		Code: awslambda.Code_FromAsset(new("testdata/bootstrap-lambda"), nil), Vpc: vpc,
		VpcSubnets:     &awsec2.SubnetSelection{Subnets: &[]awsec2.ISubnet{subnet}},
		SecurityGroups: &[]awsec2.ISecurityGroup{sg}}
}

func TestNetwork_TierSuitsL2Constructs(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		p := perZone(network.EgressInternetGateway)
		p.SecurityGroups = []network.SecurityGroupProps{{}}
		n := network.NewNetwork(s, "Network-app", p)
		if n.Tier("private") != n.Tier("private") || n.Subnet("public", "apne2-az3") != n.Subnet("public", "apne2-az3") {
			t.Error("a getter returned another object the second time")
		}
		cdktest.WantPanic(t, func() { n.Tier("db") }, `Net/Network-app: no such tier, got "db"`)
		instance := awsec2.NewInstance(s, new("Box"), &awsec2.InstanceProps{Vpc: n.Tier("public"),
			VpcSubnets:    &awsec2.SubnetSelection{Subnets: &[]awsec2.ISubnet{n.Subnet("public", "apne2-az3")}},
			SecurityGroup: awsec2.NewSecurityGroup(s, new("BoxGroup"), &awsec2.SecurityGroupProps{Vpc: n.Tier("public"), AllowAllOutbound: new(false)}),
			InstanceType:  awsec2.NewInstanceType(new("t4g.nano")), AssociatePublicIpAddress: new(true),
			MachineImage: awsec2.MachineImage_GenericLinux(&map[string]*string{seoul: new("ami-0123456789abcdef0")}, nil)})
		n.WaitForInternet(instance)
		n.Connections().AllowFrom(awsec2.Peer_Ipv4(new("10.1.0.0/16")), awsec2.Port_Tcp(new(80.0)), nil)
		instance.Connections().AllowTo(n, awsec2.Port_Tcp(new(7007.0)), nil) // Network is an IConnectable
	})
	subnet := logical("Network-app/public-apne2-az3/Resource")
	box := tpl.Has(t, "AWS::EC2::Instance", m{"AvailabilityZone": cdktest.GetAtt(subnet, "AvailabilityZone"),
		"NetworkInterfaces": []m{{"SubnetId": cdktest.Ref(subnet), "AssociatePublicIpAddress": true}}})
	tpl.DependsOnAll(t, box, logical("Network-app/InternetGatewayAttachment"), logical("Network-app/public-apne2-az3/DefaultRoute"))
	own := cdktest.GetAtt(logical("Network-app/SecurityGroup"), "GroupId")
	tpl.Has(t, "AWS::EC2::SecurityGroupIngress", m{"GroupId": own, "CidrIp": "10.1.0.0/16", "FromPort": 80})
	tpl.Has(t, "AWS::EC2::SecurityGroupIngress", m{"GroupId": own, "FromPort": 7007})
}

func TestNetwork_Metrics(t *testing.T) {
	inSeoul(t, func(s awscdk.Stack) {
		n := network.NewNetwork(s, "Network-app", perZone(network.EgressNATSingle))
		metric := n.MetricNatErrorPortAllocation("apne2-az3", nil)
		if *metric.Namespace() != "AWS/NATGateway" || *metric.MetricName() != "ErrorPortAllocation" || *metric.Statistic() != "Sum" {
			t.Errorf("got %s %s %s", *metric.Namespace(), *metric.MetricName(), *metric.Statistic())
		}
		if *n.NatGatewayId("apne2-az3") != *n.NatGatewayId("apne2-az1") {
			t.Error("nat-single has one NAT gateway for all zones")
		}
		none := network.NewNetwork(s, "Network-b", perZone(network.EgressNone))
		cdktest.WantPanic(t, func() { none.NatGatewayId("apne2-az1") }, "no NAT gateway")
	})
}

func TestNetwork_PanicsWithEveryProblemLocated(t *testing.T) {
	app := cdktest.NewApp(t)
	cdktest.WantPanic(t, func() {
		network.NewNetwork(app.Stack("Net", seoul), "App", &network.NetworkProps{CIDR: prefix("10.0.0.0/8"), Egress: "nat"})
	}, "\nNet/App: egress: unknown value, got \"nat\"", "Net/App: cidr: size out of range, got 10.0.0.0/8; use /16 to /28")
}
