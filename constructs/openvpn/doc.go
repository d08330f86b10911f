// Package openvpn defines an OpenVPN server that replaces itself: an auto scaling group of one whose instance takes the same
// Elastic IP when it is ready, fetches its own key, and lets in whoever has a certificate of its PKI.
//
//	address := openvpn.NewAddress(network, "Address", &openvpn.AddressProps{Name: "seoul"})
//	openvpn.NewServer(ops, "Server", &openvpn.ServerProps{
//		Name: "seoul", AllocationId: address.AllocationId(), SubnetId: subnet, SecurityGroupIds: []*string{group},
//		ImageId: jsii.String("ami-0123456789abcdef0"), UserData: text, // of package bootstrap
//		SecretArn: address.SecretArn(), TLSCryptSecretName: "pathproof/shop/pki/main/tls-crypt", TLSCryptRegion: "ap-northeast-2", BucketName: bucket, PKI: "main",
//		LogGroupName: "/pathproof/shop/openvpn/seoul", Signals: true, // as the text says
//	})
//
// Address and server are apart so that a stack that lives long can hold what others know (the address in profiles, a route's
// interface, the secret) and a stack that comes and goes the instance.
//
// A new image, instance type or user data replaces the instance, and clients come back by themselves. With Signals the new one boots while the
// old one serves, takes the address when its own health check has passed, and only then the old one goes; a new one that does not serve
// fails the deployment. A routed server is replaced the other way round: its interface is of one instance at a time.
//
// A server that has served and then has a fault of its own for 10 minutes asks its group for another one, once.
//
// Billed by AWS: one instance with its 8 GB volume, one public IPv4 address, one secret, four alarms, five
// custom metrics, log ingestion. The address is billed as long as it exists, with a server or without.
package openvpn
