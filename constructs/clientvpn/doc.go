// Package clientvpn defines an AWS Client VPN endpoint, in subnets of a network or at a transit gateway, with what its people may
// reach.
//
//	clientvpn.NewEndpoint(stack, "People", &clientvpn.EndpointProps{
//		Name: "people", Pool: netip.MustParsePrefix("10.251.0.0/22"), VpcId: n.VpcId(), SecurityGroupIds: []*string{group},
//		Associations:  []clientvpn.Association{{ZoneID: "apne2-az1", SubnetId: n.SubnetId("private", "apne2-az1"), Subnet: "private-apne2-az1"}},
//		ServerCertificateArn: server, SAMLProviderArn: "arn:aws:iam::111122223333:saml-provider/people",
//		Authorizations: []clientvpn.Authorization{{Destination: netip.MustParsePrefix("172.16.0.0/16")}},
//	})
//
// People prove who they are by a certificate or by SAML. With certificates AWS takes RSA keys of 1,024 and 2,048 bits only (AWS Client
// VPN Administrator Guide, "Mutual authentication"), so a PKI on an elliptic curve, such as one of package pki, cannot issue them:
// CertificateAuthorityArn is a certificate in ACM of another authority.
//
// Billed by AWS: each association by the hour, whether or not anybody is connected, each connection by the hour, and the log.
package clientvpn
