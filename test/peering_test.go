package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/peering"
	"github.com/pathproof/pathproof/constructs/transitvpn"
	"github.com/pathproof/pathproof/internal/cdktest"
)

func small(name, cidr string) *network.NetworkProps {
	return &network.NetworkProps{Name: name, CIDR: prefix(cidr), Subnets: []network.SubnetProps{
		{Tier: "private", ZoneID: "apne2-az1", CIDR: prefix(cidr)}}}
}

func TestVpcPeering_WithinOneStack(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		a, b := network.NewNetwork(s, "Network-a", small("a", "10.1.0.0/24")), network.NewNetwork(s, "Network-b", small("b", "10.2.0.0/24"))
		p := peering.NewVpcPeering(s, "Peering-ab", &peering.VpcPeeringProps{RequesterVpcId: a.VpcId(), AccepterVpcId: b.VpcId()})
		side := peering.NewVpcPeeringSide(s, "A", &peering.VpcPeeringSideProps{PeeringConnectionId: p.PeeringConnectionId(), Side: peering.Requester,
			Routes: peering.RoutesTo(a, b.CIDRs()...)})
		if len(side.Routes()) != 1 {
			t.Errorf("%d routes, want 1", len(side.Routes()))
		}
		peering.NewVpcPeeringSide(s, "B", &peering.VpcPeeringSideProps{PeeringConnectionId: p.PeeringConnectionId(), Side: peering.Accepter,
			Routes: peering.RoutesTo(b, a.CIDRs()...)})
	})
	id := logical("Peering-ab/Resource")
	if diff := cdktest.Match(m{"VpcId": cdktest.Ref(logical("Network-a/Resource")), "PeerVpcId": cdktest.Ref(logical("Network-b/Resource")),
		"PeerRegion": cdktest.Absent, "PeerOwnerId": cdktest.Absent, "PeerRoleArn": cdktest.Absent}, tpl.Resource(t, id, "AWS::EC2::VPCPeeringConnection").Properties); diff != nil {
		t.Error(diff)
	}
	route := tpl.Resource(t, logical("Network-a-private-apne2-az1/Route-10.2.0.0-24"), "AWS::EC2::Route")
	if diff := cdktest.Match(m{"RouteTableId": cdktest.Ref(logical("Network-a/private-apne2-az1/RouteTable")), "DestinationCidrBlock": "10.2.0.0/24",
		"VpcPeeringConnectionId": cdktest.Ref(id)}, route.Properties); diff != nil {
		t.Error(diff)
	}
	tpl.Resource(t, logical("Network-b-private-apne2-az1/Route-10.1.0.0-24"), "AWS::EC2::Route")
	tpl.Count(t, "Custom::PathproofVpcPeeringDns", 0)
}

func TestVpcPeering_BetweenAccounts(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		peering.NewVpcPeering(s, "Peering-ab", &peering.VpcPeeringProps{RequesterVpcId: new("vpc-0123456789abcdef0"), AccepterVpcId: new("vpc-0123456789abcdef1"),
			AccepterRegion: tokyo, AccepterAccount: "444455556666", AcceptRoleARN: "arn:aws:iam::444455556666:role/accept"})
	})
	tpl.Has(t, "AWS::EC2::VPCPeeringConnection", m{"PeerRegion": tokyo, "PeerOwnerId": "444455556666", "PeerRoleArn": "arn:aws:iam::444455556666:role/accept"})
}

func TestVpcPeering_TwoPeeringsShareTheNamespaceOfARouteTable(t *testing.T) {
	tpl := inSeoul(t, func(s awscdk.Stack) {
		n := network.FromAttributes(s, "Network-old", adopted()) // two subnets share a route table, a third one's is not known
		for name, dest := range map[string]string{"pcx-01": "10.8.0.0/16", "pcx-02": "10.9.0.0/16"} {
			peering.NewVpcPeeringSide(s, name, &peering.VpcPeeringSideProps{PeeringConnectionId: &name, Side: peering.Requester,
				Routes: peering.RoutesTo(n, prefix(dest))})
		}
	})
	tpl.Count(t, "AWS::EC2::Route", 2)
	tpl.Resource(t, logical("Network-old-rtb-01/Route-10.8.0.0-16"), "AWS::EC2::Route")
	tpl.Resource(t, logical("Network-old-rtb-01/Route-10.9.0.0-16"), "AWS::EC2::Route")
}

// layers is how the constructs are meant to be deployed between Regions: networks, then the peering alone, then both
// sides.
func layers(t *testing.T, define func(net, routes [2]awscdk.Stack, peer awscdk.Stack)) (*cdktest.App, []string) {
	t.Helper()
	app := cdktest.NewApp(t)
	net := [2]awscdk.Stack{app.Stack("net-seoul", seoul), app.Stack("net-tokyo", tokyo)}
	peer := app.Stack("peer", seoul)
	define(net, [2]awscdk.Stack{app.Stack("routes-seoul", seoul), app.Stack("routes-tokyo", tokyo)}, peer)
	return app, []string{"net-seoul", "net-tokyo", "peer", "routes-seoul", "routes-tokyo"}
}

func TestVpcPeering_AcrossRegionsUsesWeakReferences(t *testing.T) {
	app, stacks := layers(t, func(net, routes [2]awscdk.Stack, peer awscdk.Stack) {
		a, b := network.NewNetwork(net[0], "Network-a", small("a", "10.1.0.0/24")), network.NewNetwork(net[1], "Network-b", small("b", "10.2.0.0/24"))
		p := peering.NewVpcPeering(peer, "Peering-ab", &peering.VpcPeeringProps{RequesterVpcId: a.VpcId(), AccepterVpcId: b.VpcId(), AccepterRegion: tokyo})
		for i, ends := range [2][2]*network.Network{{a, b}, {b, a}} {
			peering.NewVpcPeeringSide(routes[i], "Peering-ab", &peering.VpcPeeringSideProps{PeeringConnectionId: p.PeeringConnectionId(),
				Side: []peering.Side{peering.Requester, peering.Accepter}[i], DNS: true, Provider: newProvider(routes[i]), Revision: "r1",
				Routes: peering.RoutesTo(ends[0], ends[1].CIDRs()...)})
		}
	})
	weakOnly(t, app, stacks)
	weak := m{"Fn::GetStackOutput": m{"StackName": "peer", "Region": seoul}}
	tokyoRoutes := app.Template(t, "routes-tokyo")
	route := tokyoRoutes.Resource(t, logical("Network-b-private-apne2-az1/Route-10.1.0.0-24"), "AWS::EC2::Route")
	if diff := cdktest.Match(m{"VpcPeeringConnectionId": weak}, route.Properties); diff != nil {
		t.Error(diff)
	}
	tokyoRoutes.Has(t, "Custom::PathproofVpcPeeringDns", m{"VpcPeeringConnectionId": weak, "Side": "accepter", "Revision": "r1"})
	app.Template(t, "routes-seoul").Has(t, "Custom::PathproofVpcPeeringDns", m{"Side": "requester"})
	app.Template(t, "peer").Has(t, "AWS::EC2::VPCPeeringConnection", m{"PeerRegion": tokyo, "PeerVpcId": m{"Fn::GetStackOutput": m{"Region": tokyo}}})
	if d := dependencies(t, app, "routes-tokyo"); !slices.Contains(d, "peer") || !slices.Contains(d, "net-tokyo") {
		t.Errorf("routes-tokyo is deployed after %v, want net-tokyo and peer among them", d)
	}
}

func TestTransitGatewayPeering_AcrossRegions(t *testing.T) {
	app, stacks := layers(t, func(net, routes [2]awscdk.Stack, peer awscdk.Stack) {
		var gateways [2]*transitvpn.TransitGateway
		for i := range gateways {
			gateways[i] = transitvpn.NewTransitGateway(net[i], "TransitGateway-x", &transitvpn.TransitGatewayProps{AmazonSideASN: 64512 + int64(i),
				Segments: []transitvpn.SegmentProps{{Name: "cloud"}, {Name: "peers"}}})
		}
		p := peering.NewTransitGatewayPeering(peer, "Peering-ab", &peering.TransitGatewayPeeringProps{
			RequesterTransitGatewayId: gateways[0].TransitGatewayId(), AccepterTransitGatewayId: gateways[1].TransitGatewayId(), AccepterRegion: tokyo})
		for i, g := range gateways {
			// Create-only properties hold exports of the same Region, or values of their own stack.
			cloud := awscdk.Stack_ConsumeReference(g.SegmentRouteTableId("cloud"), awscdk.ReferenceStrength_STRONG)
			peers := awscdk.Stack_ConsumeReference(g.SegmentRouteTableId("peers"), awscdk.ReferenceStrength_STRONG)
			peering.NewTransitGatewayPeeringSide(routes[i], "Peering-ab", &peering.TransitGatewayPeeringSideProps{TransitGateway: "x",
				TransitGatewayAttachmentId: p.TransitGatewayAttachmentId(), TransitGatewayRouteTableId: peers,
				AccepterRegion: tokyo, Provider: newProvider(routes[i]), Revision: "r1",
				Routes: []peering.SegmentRoute{{Segment: "cloud", SegmentRouteTableId: cloud, Destination: prefix("10.9.0.0/16")}}})
		}
	})
	weakOnly(t, app, stacks)
	app.Template(t, "peer").Has(t, "AWS::EC2::TransitGatewayPeeringAttachment", m{"PeerAccountId": cdktest.Ref("AWS::AccountId"), "PeerRegion": tokyo,
		"PeerTransitGatewayId": m{"Fn::GetStackOutput": m{"Region": tokyo}}})
	for _, stack := range []string{"routes-seoul", "routes-tokyo"} {
		tpl := app.Template(t, stack)
		accepted := tpl.Has(t, "Custom::PathproofTgwPeeringAcceptance", m{"AccepterRegion": tokyo, "Revision": "r1",
			"TransitGatewayAttachmentId": m{"Fn::GetStackOutput": m{"StackName": "peer", "Region": seoul}}})
		// The reference to the acceptance puts both after it, and keeps the other Region's value out of the route.
		attachment, exported := cdktest.GetAtt(accepted, "TransitGatewayAttachmentId"), m{"Fn::ImportValue": cdktest.Any}
		tpl.Has(t, "Custom::PathproofTgwAssociation", m{"TransitGatewayAttachmentId": attachment, "TransitGatewayRouteTableId": exported, "Revision": "r1"})
		route := tpl.Resource(t, logical("TransitGateway-x-Segment-cloud/Route-10.9.0.0-16"), "AWS::EC2::TransitGatewayRoute")
		if diff := cdktest.Match(m{"TransitGatewayAttachmentId": attachment, "TransitGatewayRouteTableId": exported, "DestinationCidrBlock": "10.9.0.0/16"}, route.Properties); diff != nil {
			t.Error(diff)
		}
	}
}

// weakOnly checks that stacks of different Regions refer to each other by weak references, without the Lambdas that CDK's
// strong ones bring.
func weakOnly(t *testing.T, app *cdktest.App, stacks []string) {
	t.Helper()
	weak := 0
	for _, stack := range stacks {
		tpl := app.Template(t, stack)
		for _, typ := range tpl.Types() {
			if strings.HasPrefix(typ, "Custom::CrossRegion") {
				t.Errorf("stack %s has a %s", stack, typ)
			}
		}
		weak += strings.Count(string(tpl.Text), "Fn::GetStackOutput")
	}
	if weak == 0 {
		t.Error("no stack refers to another one")
	}
}

// dependencies returns the stacks that the assembly's manifest puts before a stack.
func dependencies(t *testing.T, app *cdktest.App, stack string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(app.Dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Artifacts map[string]struct{ Dependencies []string }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Artifacts[stack].Dependencies
}
