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
// People prove who they are by a certificate, by SAML, or by both. AWS takes RSA keys of 1,024 and 2,048 bits only (AWS Client VPN
// Administrator Guide, "Mutual authentication"). With PKI the certificates, the endpoint's and people's, come from the second key of a
// store of package pki, which is of RSA; else ServerCertificateArn and CertificateAuthorityArn are certificates in ACM of another
// authority.
//
// Billed by AWS: each association by the hour, whether or not anybody is connected, each connection by the hour, and the log.
package clientvpn
