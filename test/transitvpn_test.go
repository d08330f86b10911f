package test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/transitvpn"
	"github.com/pathproof/pathproof/internal/cdktest"
)

func hub(s awscdk.Stack) *transitvpn.TransitGateway {
	return transitvpn.NewTransitGateway(s, "TransitGateway-seoul", &transitvpn.TransitGatewayProps{
		Name: "seoul", Description: "Seoul", AmazonSideASN: 64512, ECMP: true, Provider: newProvider(s),
		Segments: []transitvpn.SegmentProps{{Name: "cloud"}, {Name: "onprem"}}})
}

// idc is a site with one device and one connection; change adapts it.
func idc(gateway *transitvpn.TransitGateway, change func(*transitvpn.SiteProps)) *transitvpn.SiteProps {
	p := &transitvpn.SiteProps{Name: "idc", TransitGateway: gateway, Segment: "onprem", PropagateTo: []string{"cloud"},
		Gateways: []transitvpn.GatewayProps{{Name: "fw1", IP: netip.MustParseAddr("203.0.113.10"), ASN: 65010}},
		Connections: []transitvpn.ConnectionProps{{Name: "main", Gateway: "fw1",
			Inside: [2]netip.Prefix{prefix("169.254.110.0/30"), prefix("169.254.114.0/30")}}}}
	if change != nil {
		change(p)
	}
	return p
}

func siteTemplate(t *testing.T, change func(*transitvpn.SiteProps)) *cdktest.Template {
	t.Helper()
	return inSeoul(t, func(s awscdk.Stack) { transitvpn.NewSite(s, "Site-idc", idc(hub(s), change)) })
}

func TestTransitGateway_HasSegmentsInsteadOfTheDefaultRouteTable(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) { hub(s) })
	id := logical("TransitGateway-seoul/Resource")
	r := tpl.Resource(t, id, "AWS::EC2::TransitGateway")
	if diff := cdktest.Match(m{"AmazonSideAsn": 64512, "Description": "Seoul", "AutoAcceptSharedAttachments": "disable",
		"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable", "DnsSupport": "enable",
		"VpnEcmpSupport": "enable", "Tags": []m{{"Key": "Name", "Value": "seoul"}}}, r.Properties); diff != nil {
		t.Error(diff)
	}
	tpl.Count(t, "AWS::EC2::TransitGatewayRouteTable", 2)
	for _, segment := range []string{"cloud", "onprem"} {
		table := tpl.Resource(t, logical("TransitGateway-seoul/Segment-"+segment+"/Resource"), "AWS::EC2::TransitGatewayRouteTable")
		if diff := cdktest.Match(m{"TransitGatewayId": cdktest.Ref(id), "Tags": []m{{"Value": "seoul-" + segment}}}, table.Properties); diff != nil {
			t.Error(diff)
		}
	}
}

func TestTransitGateway_AttachesNetworks(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		gateway := hub(s)
		p := perZone(network.EgressNone)
		p.Name = "app"
		n := network.NewNetwork(s, "Network-app", p)
		a := gateway.AttachNetwork(&transitvpn.NetworkAttachmentProps{Network: n, Segment: "cloud", PropagateTo: []string{"cloud", "onprem"}})
		n.AddRoute("private", "apne2-az1", prefix("10.20.0.0/16"), network.RouteTarget{TransitGatewayId: gateway.TransitGatewayId()}, a)
		gateway.AddStaticRoute("onprem", prefix("10.99.0.0/16"), a.TransitGatewayAttachmentId())
		gateway.AddBlackhole("onprem", prefix("10.66.0.0/16"))
		cdktest.WantPanic(t, func() { gateway.AddBlackhole("onprem", prefix("10.66.0.0/16")) }, "Net/TransitGateway-seoul: segment onprem has a static route to 10.66.0.0/16 already")
		cdktest.WantPanic(t, func() { gateway.AddBlackhole("dmz", prefix("10.66.0.0/16")) }, `no such segment, got "dmz"`)
		gateway.AttachNetwork(&transitvpn.NetworkAttachmentProps{Name: "old", VpcId: new("vpc-0123456789abcdef0"),
			SubnetIds: []*string{new("subnet-0123456789abcdef0")}, Segment: "onprem", ApplianceMode: true})
	})
	ns := "TransitGateway-seoul/Attachment-network-app"
	attachment, gateway := logical(ns+"/Resource"), logical("TransitGateway-seoul/Resource")
	cloud, onprem := logical("TransitGateway-seoul/Segment-cloud/Resource"), logical("TransitGateway-seoul/Segment-onprem/Resource")
	// This type, unlike TransitGatewayVpcAttachment, changes its subnets in place.
	if diff := cdktest.Match(m{"TransitGatewayId": cdktest.Ref(gateway), "VpcId": cdktest.Ref(logical("Network-app/Resource")),
		"SubnetIds": []m{cdktest.Ref(logical("Network-app/attach-apne2-az1/Resource"))}, "Options": cdktest.Absent},
		tpl.Resource(t, attachment, "AWS::EC2::TransitGatewayAttachment").Properties); diff != nil {
		t.Error(diff)
	}
	association := tpl.Has(t, "Custom::PathproofTgwAssociation", m{"TransitGatewayAttachmentId": cdktest.Ref(attachment), "TransitGatewayRouteTableId": cdktest.Ref(cloud)})
	if !strings.HasPrefix(association, "TransitGatewayseoulAttachmentnetworkappAssociation") {
		t.Errorf("the association is %s, want it inside the attachment's namespace", association)
	}
	for segment, table := range map[string]string{"cloud": cloud, "onprem": onprem} {
		p := tpl.Resource(t, logical(ns+"/Propagation-"+segment), "AWS::EC2::TransitGatewayRouteTablePropagation")
		if diff := cdktest.Match(m{"TransitGatewayAttachmentId": cdktest.Ref(attachment), "TransitGatewayRouteTableId": cdktest.Ref(table)}, p.Properties); diff != nil {
			t.Error(diff)
		}
	}
	tpl.Count(t, "AWS::EC2::TransitGatewayRouteTableAssociation", 0)
	tpl.DependsOnAll(t, logical("Network-app/private-apne2-az1/Route-10.20.0.0-16"), attachment, association)
	static := tpl.Resource(t, logical("TransitGateway-seoul/Segment-onprem/Route-10.99.0.0-16"), "AWS::EC2::TransitGatewayRoute")
	if diff := cdktest.Match(m{"TransitGatewayAttachmentId": cdktest.Ref(attachment), "TransitGatewayRouteTableId": cdktest.Ref(onprem),
		"DestinationCidrBlock": "10.99.0.0/16", "Blackhole": cdktest.Absent}, static.Properties); diff != nil {
		t.Error(diff)
	}
	tpl.Has(t, "AWS::EC2::TransitGatewayRoute", m{"DestinationCidrBlock": "10.66.0.0/16", "Blackhole": true, "TransitGatewayAttachmentId": cdktest.Absent})
	tpl.Has(t, "AWS::EC2::TransitGatewayAttachment", m{"VpcId": "vpc-0123456789abcdef0", "Options": m{"ApplianceModeSupport": "enable"}})
}

func TestTransitGateway_AdoptsAnExistingOne(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		gateway := transitvpn.NewTransitGateway(s, "TransitGateway-old", &transitvpn.TransitGatewayProps{TransitGatewayID: "tgw-0123456789abcdef0",
			Segments: []transitvpn.SegmentProps{{Name: "all", RouteTableID: "tgw-rtb-0123456789abcdef0"}}, Provider: newProvider(s)})
		gateway.AddBlackhole("all", prefix("10.66.0.0/16"))
		transitvpn.NewSite(s, "Site-idc", idc(gateway, func(p *transitvpn.SiteProps) {
			p.Segment, p.PropagateTo = "all", []string{"all"}
			p.Gateways[0] = transitvpn.GatewayProps{Name: "fw1", CustomerGatewayID: "cgw-0123456789abcdef0"}
		}))
	})
	for _, none := range []string{"AWS::EC2::TransitGateway", "AWS::EC2::TransitGatewayRouteTable", "AWS::EC2::CustomerGateway"} {
		tpl.Count(t, none, 0)
	}
	tpl.Has(t, "AWS::EC2::VPNConnection", m{"TransitGatewayId": "tgw-0123456789abcdef0", "CustomerGatewayId": "cgw-0123456789abcdef0"})
	tpl.Has(t, "Custom::PathproofTgwAssociation", m{"TransitGatewayRouteTableId": "tgw-rtb-0123456789abcdef0"})
	// Slots of an adopted route table are named by its id: another name of the segment changes nothing in AWS.
	table := "tgw-rtb-0123456789abcdef0"
	tpl.Resource(t, logical("TransitGateway-old/Segment-"+table+"/Route-10.66.0.0-16"), "AWS::EC2::TransitGatewayRoute")
	tpl.Resource(t, logical("TransitGateway-old/Attachment-site-idc/Connection-main/Propagation-"+table), "AWS::EC2::TransitGatewayRouteTablePropagation")
}

func TestTransitGateway_NeedsAProviderToAttach(t *testing.T) {
	inSeoul(t, func(s awscdk.Stack) {
		gateway := transitvpn.NewTransitGateway(s, "TransitGateway", &transitvpn.TransitGatewayProps{Segments: []transitvpn.SegmentProps{{Name: "a"}}})
		cdktest.WantPanic(t, func() {
			gateway.AttachNetwork(&transitvpn.NetworkAttachmentProps{Network: network.NewNetwork(s, "Net", perZone("")), Segment: "a"})
		}, "Net/TransitGateway: no provider")
	})
}

func TestSite_DefinesGatewaysAndConnections(t *testing.T) {
	tpl := siteTemplate(t, nil)
	gateway := logical("Site-idc/Gateway-fw1")
	if diff := cdktest.Match(m{"IpAddress": "203.0.113.10", "Type": "ipsec.1", "BgpAsn": 65010, "BgpAsnExtended": cdktest.Absent,
		"DeviceName": "Net-idc-fw1", "Tags": []m{{"Value": "idc-fw1"}}}, tpl.Resource(t, gateway, "AWS::EC2::CustomerGateway").Properties); diff != nil {
		t.Error(diff)
	}
	connection := logical("Site-idc/Connection-main/Resource")
	if diff := cdktest.Match(m{"Type": "ipsec.1", "CustomerGatewayId": cdktest.Ref(gateway), "TransitGatewayId": cdktest.Ref(logical("TransitGateway-seoul/Resource")),
		"StaticRoutesOnly": false, "EnableAcceleration": false, "TunnelBandwidth": "standard", "PreSharedKeyStorage": "SecretsManager"},
		tpl.Resource(t, connection, "AWS::EC2::VPNConnection").Properties); diff != nil {
		t.Error(diff)
	}
	// The connection keeps its id when the transit gateway is replaced, so the facts depend on that one's id too.
	facts := tpl.Has(t, "Custom::PathproofVpnFacts", m{"VpnConnectionId": cdktest.Ref(connection), "TransitGatewayId": cdktest.Ref(logical("TransitGateway-seoul/Resource"))})
	tpl.DependsOnAll(t, facts, tpl.ByType("AWS::Lambda::EventInvokeConfig")...)
	attachment := cdktest.GetAtt(facts, "TransitGatewayAttachmentId") // so both wait for the facts, and these for the connection
	tpl.Has(t, "Custom::PathproofTgwAssociation", m{"TransitGatewayAttachmentId": attachment,
		"TransitGatewayRouteTableId": cdktest.Ref(logical("TransitGateway-seoul/Segment-onprem/Resource"))})
	p := tpl.Resource(t, logical("TransitGateway-seoul/Attachment-site-idc/Connection-main/Propagation-cloud"), "AWS::EC2::TransitGatewayRouteTablePropagation")
	if diff := cdktest.Match(m{"TransitGatewayAttachmentId": attachment, "TransitGatewayRouteTableId": cdktest.Ref(logical("TransitGateway-seoul/Segment-cloud/Resource"))}, p.Properties); diff != nil {
		t.Error(diff)
	}
	tpl.Count(t, "AWS::EC2::TransitGatewayRoute", 0)
	tpl.Count(t, "AWS::Logs::LogGroup", 1) // the provider's own
}

func TestSite_Acceleration(t *testing.T) {
	siteTemplate(t, func(p *transitvpn.SiteProps) { p.Acceleration = true }).Has(t, "AWS::EC2::VPNConnection", m{"EnableAcceleration": true})
}

// EC2 gives the second of two customer gateways of equal address, ASN and device name the first one's id.
func TestSite_DeviceNamesDifferBetweenStacks(t *testing.T) {
	app := cdktest.NewApp(t)
	stack := func(name string) awscdk.Stack {
		return awscdk.NewStack(app.App, new("Stack-"+name), &awscdk.StackProps{StackName: &name, Env: &awscdk.Environment{Region: new(seoul)}})
	}
	nested := awscdk.NewNestedStack(stack("net-c"), new("Inner"), nil)
	long := stack(strings.Repeat("n", 128))
	suffix := strings.Repeat("s", 126)
	gateways := map[awscdk.Stack]*transitvpn.TransitGateway{}
	for _, c := range []struct {
		stack      awscdk.Stack
		site, want string
	}{
		{stack("net-a"), "idc", "net-a-idc-fw1"},
		{stack("net-b"), "idc", "net-b-idc-fw1"},
		{nested, "idc", "net-c-Inner-idc-fw1"}, // a nested stack's own name is known to CloudFormation only
		// EC2 takes 255 characters.
		{long, suffix[5:] + "x", *long.StackName() + "-" + suffix[5:] + "x-fw1"},
		{long, suffix + "y", *long.StackName() + "-" + suffix[:117] + "-bafc0753"},
		{long, suffix + "z", *long.StackName() + "-" + suffix[:117] + "-80727a3e"},
	} {
		if gateways[c.stack] == nil {
			gateways[c.stack] = hub(c.stack)
		}
		site := transitvpn.NewSite(c.stack, "Site-"+c.site, idc(gateways[c.stack], func(p *transitvpn.SiteProps) { p.Name = c.site }))
		got := *site.Node().FindChild(new("Gateway-fw1")).(awsec2.CfnCustomerGateway).DeviceName()
		if got != c.want || len(got) > 255 {
			t.Errorf("device name: got %q (%d characters), want %q", got, len(got), c.want)
		}
	}
}

func TestSite_ExtendedASN(t *testing.T) {
	for asn, want := range map[int64]m{
		2147483647: {"BgpAsn": 2147483647, "BgpAsnExtended": cdktest.Absent},
		2147483648: {"BgpAsn": cdktest.Absent, "BgpAsnExtended": 2147483648},
		4294967294: {"BgpAsn": cdktest.Absent, "BgpAsnExtended": 4294967294},
	} {
		siteTemplate(t, func(p *transitvpn.SiteProps) { p.Gateways[0].ASN = asn }).Has(t, "AWS::EC2::CustomerGateway", want)
	}
}

func values[T any](list ...T) []m {
	var out []m
	for _, v := range list {
		out = append(out, m{"Value": v})
	}
	return out
}

func TestSite_EveryTunnelOptionReachesBothTunnels(t *testing.T) {
	tpl := siteTemplate(t, func(p *transitvpn.SiteProps) {
		p.TunnelBandwidth = "large"
		p.Tunnel = transitvpn.TunnelProps{DPDTimeoutAction: "restart", DPDTimeout: 40 * time.Second, StartupAction: "start",
			IKEVersions: []string{"ikev2"}, Phase1EncryptionAlgorithms: []string{"AES256-GCM-16"}, Phase2EncryptionAlgorithms: []string{"AES128-GCM-16", "AES256"},
			Phase1IntegrityAlgorithms: []string{"SHA2-384"}, Phase2IntegrityAlgorithms: []string{"SHA2-512", "SHA2-256"},
			Phase1DHGroupNumbers: []int{20}, Phase2DHGroupNumbers: []int{21, 19}, Phase1Lifetime: 4 * time.Hour, Phase2Lifetime: 30 * time.Minute,
			RekeyMarginTime: 5 * time.Minute, RekeyFuzzPercentage: new(0), ReplayWindowSize: 2048, LifecycleControl: true}
		p.Logs = transitvpn.LogsProps{Activity: true, BGP: true, RetentionDays: 30}
	})
	activity, bgp := logical("Site-idc/ActivityLog"), logical("Site-idc/BgpLog")
	tunnel := func(inside string) m {
		return m{"TunnelInsideCidr": inside, "DPDTimeoutAction": "restart", "DPDTimeoutSeconds": 40, "StartupAction": "start",
			"IKEVersions": values("ikev2"), "Phase1EncryptionAlgorithms": values("AES256-GCM-16"), "Phase2EncryptionAlgorithms": values("AES128-GCM-16", "AES256"),
			"Phase1IntegrityAlgorithms": values("SHA2-384"), "Phase2IntegrityAlgorithms": values("SHA2-512", "SHA2-256"),
			"Phase1DHGroupNumbers": values(20), "Phase2DHGroupNumbers": values(21, 19), "Phase1LifetimeSeconds": 14400, "Phase2LifetimeSeconds": 1800,
			"RekeyMarginTimeSeconds": 300, "RekeyFuzzPercentage": 0, "ReplayWindowSize": 2048, "EnableTunnelLifecycleControl": true,
			"PreSharedKey": cdktest.Absent,
			"LogOptions": m{"CloudwatchLogOptions": m{"LogEnabled": true, "LogGroupArn": cdktest.GetAtt(activity, "Arn"), "LogOutputFormat": "json",
				"BgpLogEnabled": true, "BgpLogGroupArn": cdktest.GetAtt(bgp, "Arn"), "BgpLogOutputFormat": "json"}}}
	}
	tpl.Has(t, "AWS::EC2::VPNConnection", m{"EnableAcceleration": false, "TunnelBandwidth": "large",
		"VpnTunnelOptionsSpecifications": []m{tunnel("169.254.110.0/30"), tunnel("169.254.114.0/30")}})
	for _, id := range []string{activity, bgp} {
		if r := tpl.Resource(t, id, "AWS::Logs::LogGroup"); r.Properties["RetentionInDays"] != 30.0 {
			t.Errorf("%s keeps logs for %v days, want 30", id, r.Properties["RetentionInDays"])
		}
	}
}

func TestSite_DefaultTunnelOptionsLeaveOutWhatIsWeak(t *testing.T) {
	tpl := siteTemplate(t, nil)
	tunnel := m{"DPDTimeoutAction": "clear", "DPDTimeoutSeconds": 30, "StartupAction": "add", "IKEVersions": values("ikev2"),
		"Phase1EncryptionAlgorithms": values("AES256-GCM-16", "AES256"), "Phase2IntegrityAlgorithms": values("SHA2-256", "SHA2-384", "SHA2-512"),
		"Phase1DHGroupNumbers": values(19, 20, 21, 14), "RekeyFuzzPercentage": 100, "LogOptions": cdktest.Absent}
	tpl.Has(t, "AWS::EC2::VPNConnection", m{"VpnTunnelOptionsSpecifications": []m{tunnel, tunnel}})
}

func TestSite_StaticRoutes(t *testing.T) {
	tpl := siteTemplate(t, func(p *transitvpn.SiteProps) {
		p.StaticRoutes, p.Prefixes, p.Logs.BGP = true, []netip.Prefix{prefix("10.20.0.0/16"), prefix("10.21.0.0/16")}, true
	})
	tpl.Has(t, "AWS::EC2::VPNConnection", m{"StaticRoutesOnly": true})
	tpl.Count(t, "AWS::EC2::TransitGatewayRouteTablePropagation", 0)
	tpl.Count(t, "AWS::Logs::LogGroup", 1) // there is no BGP to log
	facts := tpl.ByType("Custom::PathproofVpnFacts")[0]
	for _, dest := range []string{"10.20.0.0/16", "10.21.0.0/16"} {
		route := tpl.Resource(t, logical("TransitGateway-seoul/Segment-cloud/Route-"+strings.ReplaceAll(dest, "/", "-")), "AWS::EC2::TransitGatewayRoute")
		if diff := cdktest.Match(m{"DestinationCidrBlock": dest, "TransitGatewayAttachmentId": cdktest.GetAtt(facts, "TransitGatewayAttachmentId")}, route.Properties); diff != nil {
			t.Error(diff)
		}
	}
}

func TestSite_NoSecretStandsInTheTemplate(t *testing.T) {
	text := string(siteTemplate(t, nil).Text)
	for _, word := range []string{`"PreSharedKey"`, "resolve:secretsmanager", "GetSecretValue"} {
		if strings.Contains(text, word) {
			t.Errorf("the template contains %s", word)
		}
	}
}

func TestSite_SecondDeviceAndConnection(t *testing.T) {
	tpl := siteTemplate(t, func(p *transitvpn.SiteProps) {
		p.Gateways = append(p.Gateways, transitvpn.GatewayProps{Name: "fw2", IP: netip.MustParseAddr("203.0.113.11"), ASN: 65010})
		p.Connections = append(p.Connections, transitvpn.ConnectionProps{Name: "second", Gateway: "fw2",
			Inside: [2]netip.Prefix{prefix("169.254.110.4/30"), prefix("169.254.114.4/30")}})
		p.Logs.Activity = true
	})
	tpl.Has(t, "AWS::EC2::CustomerGateway", m{"DeviceName": "Net-idc-fw2"})
	tpl.Has(t, "AWS::EC2::VPNConnection", m{"CustomerGatewayId": cdktest.Ref(logical("Site-idc/Gateway-fw2"))})
	tpl.Count(t, "Custom::PathproofVpnFacts", 2)
	tpl.Count(t, "AWS::Logs::LogGroup", 2) // one for the site, one for the provider
	tpl.Resource(t, logical("TransitGateway-seoul/Attachment-site-idc/Connection-second/Propagation-cloud"), "AWS::EC2::TransitGatewayRouteTablePropagation")
}

func TestSite_GettersGrantsAndMetrics(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("Net", seoul)
	site := transitvpn.NewSite(s, "Site-idc", idc(hub(s), func(p *transitvpn.SiteProps) { p.Logs.BGP = true }))
	role := awsiam.NewRole(s, new("Reader"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(new("ec2.amazonaws.com"), nil)})
	site.GrantReadPreSharedKeys(role)
	ips := site.TunnelOutsideIps("main")
	dimension := (*site.MetricTunnelStateOf("main", 2, nil).Dimensions())["TunnelIpAddress"].(string)
	for name, value := range map[string]*string{"Ip1": ips[0], "Ip2": ips[1], "Psk": site.PreSharedKeyArn("main"), "Vpn": site.ConnectionId("main"),
		"Cgw": site.CustomerGatewayId("fw1"), "Tgw": site.TransitGatewayId(), "Log": site.BgpLogGroupName(), "Att": site.Attachment("main").TransitGatewayAttachmentId(),
		"Dim": &dimension} {
		awscdk.NewCfnOutput(s, &name, &awscdk.CfnOutputProps{Value: value})
	}
	if site.ActivityLogGroupName() != nil {
		t.Error("there is a log group for activity, want none")
	}
	state := site.MetricTunnelState("main", nil)
	if *state.Namespace() != "AWS/VPN" || *state.MetricName() != "TunnelState" || *state.Statistic() != "Minimum" || len(*state.Dimensions()) != 1 {
		t.Errorf("tunnel state: got %s %s %s %v", *state.Namespace(), *state.MetricName(), *state.Statistic(), *state.Dimensions())
	}
	cdktest.WantPanic(t, func() { site.MetricTunnelStateOf("main", 0, nil) }, "no such tunnel, got 0; use 1 or 2")
	cdktest.WantPanic(t, func() { site.ConnectionId("x") }, `Net/Site-idc: no such VPN connection, got "x"; the connections are ["main"]`)

	tpl := app.Template(t, "Net")
	facts, vpn := tpl.ByType("Custom::PathproofVpnFacts")[0], logical("Site-idc/Connection-main/Resource")
	for name, want := range map[string]m{"Ip1": cdktest.GetAtt(facts, "Tunnel1OutsideIp"), "Ip2": cdktest.GetAtt(facts, "Tunnel2OutsideIp"),
		"Psk": cdktest.GetAtt(facts, "PreSharedKeyArn"), "Vpn": cdktest.Ref(vpn), "Cgw": cdktest.Ref(logical("Site-idc/Gateway-fw1")),
		"Tgw": cdktest.Ref(logical("TransitGateway-seoul/Resource")), "Log": cdktest.Ref(logical("Site-idc/BgpLog")),
		"Att": cdktest.GetAtt(facts, "TransitGatewayAttachmentId"), "Dim": cdktest.GetAtt(facts, "Tunnel2OutsideIp")} {
		if diff := cdktest.Match(m{"Value": want}, tpl.Outputs[name]); diff != nil {
			t.Errorf("%s: %v", name, diff)
		}
	}
	tpl.Has(t, "AWS::IAM::Policy", m{"Roles": []m{cdktest.Ref(tpl.ByType("AWS::IAM::Role")[slices.IndexFunc(tpl.ByType("AWS::IAM::Role"), func(id string) bool { return strings.HasPrefix(id, "Reader") })])},
		"PolicyDocument": m{"Statement": []m{{"Action": []string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"},
			"Resource": cdktest.GetAtt(facts, "PreSharedKeyArn")}}}})
}
