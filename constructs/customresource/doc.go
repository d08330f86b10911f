// Package customresource defines what CloudFormation has no resource type for: facts of a VPN connection, transit
// gateway associations that can move to another route table, the acceptance of a transit gateway peering, DNS over a VPC
// peering, facts of a Client VPN endpoint, ids of images and prefix
// lists of Amazon's, and PKIs with the certificates of their servers. One Lambda function, the Provider, does the work, for one stack or for several of a Region.
//
//	provider := customresource.NewProvider(stack, "Resources", &customresource.ProviderProps{Code: ".build/resources"})
//	facts := customresource.NewVpnFacts(stack, "Facts", &customresource.VpnFactsProps{
//		Provider: provider, VpnConnectionId: vpn.Ref(), TransitGatewayId: gateway.Ref(),
//		Inside: [2]string{"169.254.110.0/30", "169.254.114.0/30"}})
//	customresource.NewTgwAssociation(stack, "Association", &customresource.TgwAssociationProps{
//		Provider: provider, TransitGatewayAttachmentId: facts.TransitGatewayAttachmentId(),
//		TransitGatewayRouteTableId: routeTable.Ref()})
//
// CloudFormation updates a custom resource only if one of its properties changes. Values from the same stack do that by
// themselves; for a value that another stack produces, pass a Revision that changes with the producer.
//
// Billed by AWS: invocations of the function, during deployments only, and its logs, cents per month.
package customresource
