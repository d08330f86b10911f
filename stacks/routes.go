package stacks

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/peering"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// peerStack defines one peering and nothing else. Its values are create-only and one comes from another Region: a stack
// that never changes is never planned anew (docs/adr/0001).
func (b *builder) peerStack(st *stack) {
	x := b.plan.Peering(st.plan.Peering)
	if x.Mode == config.ModeTransitGateway {
		b.peerings[x.Name] = b.gatewayPeering(st, x)
	} else {
		b.peerings[x.Name] = b.vpcPeering(st, x)
	}
	// Both ends may read the id, whether or not they do today: what they need may change, this stack must not.
	st.export(b.peerings[x.Name])
	if x.Accepter.Place != st.plan.Place {
		st.output(peeringOutput, x.Revision(), b.peerings[x.Name])
	}
	if x.Accepter.Place.Account != st.plan.Place.Account {
		st.reader(x.Accepter.Place)
	}
}

func (b *builder) gatewayPeering(st *stack, x *topology.Peering) *string {
	return peering.NewTransitGatewayPeering(st.Stack, naming.Peering(x.Name), &peering.TransitGatewayPeeringProps{Name: x.Name,
		RequesterTransitGatewayId: b.gatewayID(st, x.Requester.Name), AccepterTransitGatewayId: b.gatewayID(st, x.Accepter.Name),
		AccepterRegion: x.Accepter.Place.Region, AccepterAccount: x.Accepter.Place.AccountID}).TransitGatewayAttachmentId()
}

func (b *builder) vpcPeering(st *stack, x *topology.Peering) *string {
	props := &peering.VpcPeeringProps{Name: x.Name, RequesterVpcId: b.vpcID(st, x.Requester.Name), AccepterVpcId: b.vpcID(st, x.Accepter.Name),
		AccepterRegion: x.Accepter.Place.Region, AcceptRoleARN: x.AcceptRole}
	if x.AcceptRole != "" {
		props.AccepterAccount = x.Accepter.Place.AccountID
	}
	return peering.NewVpcPeering(st.Stack, naming.Peering(x.Name), props).PeeringConnectionId()
}

// peeringOutput names the output with a peering's id, gatewayOutput begins the name of that with a transit gateway's.
const (
	peeringOutput = "Peering"
	gatewayOutput = "TransitGateway"
)

func (b *builder) vpcID(consumer *stack, key string) *string {
	n := b.plan.Network(key)
	return b.value(consumer, b.networkStackOf(n), "Vpc"+n.Name, n.Revision(), b.networks[key].VpcId())
}

func (b *builder) gatewayID(consumer *stack, name string) *string {
	t := b.plan.TransitGateway(name)
	return b.value(consumer, b.placeStackOf(t.Place), gatewayOutput+name, t.Revision(), b.gateways[name].TransitGatewayId())
}

func (b *builder) peeringID(consumer *stack, x *topology.Peering) *string {
	return b.value(consumer, b.stacks[b.plan.PeerStackName(x.Name)], peeringOutput, x.Revision(), b.peerings[x.Name])
}

// routesStack defines what needs values of other stacks: this place's side of every peering, and hosted zones.
func (b *builder) routesStack(st *stack) {
	for _, x := range b.plan.Peerings {
		for _, e := range x.EndsAt(st.plan.Place) {
			if x.Mode == config.ModeTransitGateway {
				b.gatewaySide(st, x, e)
			} else {
				b.vpcSide(st, x, e)
			}
		}
	}
	for _, z := range b.plan.HostedZones {
		switch {
		case z.Place != st.plan.Place:
		case z.Service != "":
			b.names(st, z)
		default:
			b.hostedZone(st, z)
		}
	}
}

func (b *builder) vpcSide(st *stack, x *topology.Peering, e *topology.PeeringEnd) {
	n := b.plan.Network(e.Name)
	props := &peering.VpcPeeringSideProps{PeeringConnectionId: b.peeringID(st, x), Side: peering.Accepter, DNS: e.DNS, Revision: x.Revision()}
	if e == &x.Requester {
		props.Side = peering.Requester
	}
	if e.DNS {
		props.Provider = b.resources(st)
	}
	producer := b.networkStackOf(n)
	for _, r := range b.plan.PeeringRoutes(x, e) {
		id := b.networks[n.Key].RouteTableId(r.Table.Tier, r.Table.ZoneID)
		props.Routes = append(props.Routes, peering.SideRoute{Network: n.Name, RouteTable: r.Table.Key,
			RouteTableId: b.value(st, producer, "", "", id), Destination: r.Route.Destination})
	}
	peering.NewVpcPeeringSide(st.Stack, sideID(x, e), props)
}

func (b *builder) gatewaySide(st *stack, x *topology.Peering, e *topology.PeeringEnd) {
	gateway, producer := b.gateways[e.Name], b.placeStackOf(e.Place)
	table := func(segment string) *string {
		return b.value(st, producer, "", "", gateway.SegmentRouteTableId(segment))
	}
	segment, _ := b.plan.TransitGateway(e.Name).Segment(topology.TargetPeering, x.Name)
	props := &peering.TransitGatewayPeeringSideProps{TransitGateway: e.Name, TransitGatewayAttachmentId: b.peeringID(st, x),
		TransitGatewayRouteTableId: table(segment.Name), AccepterRegion: x.Accepter.Place.Region, Provider: b.resources(st), Revision: x.Revision()}
	for _, r := range b.plan.SegmentRoutes(x, e) {
		props.Routes = append(props.Routes, peering.SegmentRoute{Segment: r.Segment.Key(), SegmentRouteTableId: table(r.Segment.Name), Destination: r.Route.Destination})
	}
	peering.NewTransitGatewayPeeringSide(st.Stack, sideID(x, e), props)
}

// sideID names one side of a peering in its routes stack. Both sides may stand in one stack.
func sideID(x *topology.Peering, e *topology.PeeringEnd) string {
	return naming.PeeringSide(x.Name, e == &x.Requester)
}

// hostedZone defines a private hosted zone with the records of hosts. VPCs of other Regions may change while the zone
// stays, so their ids can come from there. The zone is not retained: an empty private zone that stays behind answers that
// the whole domain does not exist, and keeps its VPCs from another zone of that domain. Route 53 refuses to delete one that
// holds records of others.
func (b *builder) hostedZone(st *stack, z *topology.HostedZone) {
	ns := constructs.NewConstruct(st.Stack, jsii.String(naming.HostedZone(cmp.Or(z.ID, z.Domain))))
	id := jsii.String(z.ID)
	if z.ID == "" {
		var vpcs []interface{}
		for _, key := range z.Networks {
			vpcs = append(vpcs, &awsroute53.CfnHostedZone_VPCProperty{VpcId: b.vpcID(st, key), VpcRegion: jsii.String(b.plan.Network(key).Place.Region)})
		}
		id = awsroute53.NewCfnHostedZone(ns, jsii.String(naming.Resource), &awsroute53.CfnHostedZoneProps{Name: jsii.String(z.Domain), Vpcs: &vpcs,
			HostedZoneConfig: &awsroute53.CfnHostedZone_HostedZoneConfigProperty{Comment: jsii.String(fmt.Sprintf("pathproof network %s", b.plan.Name))}}).Ref()
	}
	for _, r := range z.Records {
		awsroute53.NewCfnRecordSet(ns, jsii.String(naming.Record(r.Host)), &awsroute53.CfnRecordSetProps{HostedZoneId: id,
			Name: jsii.String(r.Name), Type: jsii.String("A"), Ttl: jsii.String("60"), ResourceRecords: jsii.Strings(r.IP.String())})
	}
}

// opsStack defines what may be thrown away and made anew, and says which plan is deployed. It comes last in its place, so it
// says so only when the place's other stacks are deployed.
func (b *builder) opsStack(st *stack) {
	plan := awss3assets.NewAsset(st.Stack, jsii.String(naming.Plan+"File"), &awss3assets.AssetProps{Path: jsii.String(b.opts.Plan)})
	awsssm.NewCfnParameter(st.Stack, jsii.String(naming.Plan), &awsssm.CfnParameterProps{Name: jsii.String(naming.PlanParameter(b.plan.Name)),
		Type: jsii.String("String"), Value: plan.S3ObjectUrl(), Description: jsii.String("The plan that was deployed last; pathproof diff reads it.")})
	topic := b.alerts(st)
	b.machines(st, topic)
	b.zonalOperations(st, topic)
	if m := b.plan.Measurement; m != nil && m.Home == st.plan.Place {
		b.gate(st, topic)
		b.zonalLatencies(st, topic)
	} else {
		b.vantages(st)
	}
}
