// Package peering joins VPCs (VPC peering connections) and transit gateways (peering attachments), usually across
// Regions.
//
// A peering has three parts, because CloudFormation works in one Region at a time and every property of a peering is
// create-only:
//
//   - the connection (NewVpcPeering, NewTransitGatewayPeering), in the requester's Region, best in a stack of its own that
//     never changes;
//   - the requester's side and the accepter's side (NewVpcPeeringSide, NewTransitGatewayPeeringSide), each in its own Region:
//     the routes, and what CloudFormation has no resource for (DNS resolution, acceptance, association).
//
// All three may stand in one stack when both ends are in one Region.
//
//	p := peering.NewVpcPeering(stack, "Peering", &peering.VpcPeeringProps{
//		RequesterVpcId: a.VpcId(), AccepterVpcId: b.VpcId()})
//	peering.NewVpcPeeringSide(stack, "RequesterSide", &peering.VpcPeeringSideProps{
//		PeeringConnectionId: p.PeeringConnectionId(), Side: peering.Requester,
//		Routes: peering.RoutesTo(a, b.CIDRs()...)})
//
// Traffic is never transitive: a VPC peering carries packets between the two VPCs' own addresses only.
//
// Billed by AWS: data that crosses Regions or zones. A VPC peering connection itself is free; a transit gateway peering
// attachment costs per hour on both sides.
package peering
