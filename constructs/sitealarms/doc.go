// Package sitealarms watches a site that is connected by Site-to-Site VPN: alarms of its tunnels, of the logs of BGP and IKE, of what
// the tunnels carry and of what the site announces, and a dashboard that shows all of it.
//
//	check := sitealarms.NewPrefixCheck(stack, "PrefixCheck", &sitealarms.PrefixCheckProps{Code: ".build/resources"})
//	sitealarms.New(stack, "Alarms-idc", &sitealarms.Props{Network: "shop", Site: "idc", TopicArn: topic, Check: check,
//		Connections: []sitealarms.Connection{{Name: "fw1", VpnConnectionId: site.ConnectionId("fw1"),
//			TunnelOutsideIps: site.TunnelOutsideIps("fw1"), TransitGatewayId: site.TransitGatewayId(),
//			TransitGatewayAttachmentId: site.Attachment("fw1").TransitGatewayAttachmentId()}},
//		BGPLog: true, IKELog: true, TunnelBps: 1_000_000_000})
//
// The alarms of the tunnels' state follow AWS's own recipe: five minutes, and missing data is a tunnel that is down. Those of the logs
// are about a minute behind the log, and tell why. docs/ALERTS.md has a table of all signals with their delays.
//
// Billed by AWS each month, for each VPN connection: up to 14 alarm metrics (2 of tunnels down, one of any and one of all down, 2 of BGP, 4
// of the tunnels' traffic, 2 of headroom, 2 of packets) and 2 custom metrics. For each site: up to 3 alarms, 3 custom metrics, one
// composite alarm if it has several connections, one dashboard, and the runs of the check, which cost cents: at one in five minutes
// 8,640 a month of about a second.
package sitealarms
