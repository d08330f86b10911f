// Package vpnendpoint is what an AWS Client VPN endpoint is told, and asked, about the people of its PKI.
//
// An endpoint fetches no list of revoked certificates: it keeps what it was given, and every new list resets all of its connections. So a
// list is given when somebody was revoked whom the endpoint does not know of yet, or when the one that it has is near its end, and not
// otherwise: an endpoint of which nobody was ever revoked has none. What each endpoint was given stands beside the published list in the
// PKI's objects.
//
// What a caller has to be allowed: ec2:ImportClientVpnClientCertificateRevocationList and ec2:TerminateClientVpnConnections on the endpoint,
// ec2:DescribeClientVpnConnections and ec2:DescribeClientVpnEndpoints, and reading and writing the objects, whichever of them it uses.
package vpnendpoint
