// Package edgeproxy defines nginx reverse proxies near people: a load balancer in front, and an auto scaling group across zones behind
// it whose instances keep connections open to an origin that may be on another continent.
//
//	front := edgeproxy.NewFront(network, "Front", &edgeproxy.FrontProps{Name: "api", VpcId: n.VpcId(), SubnetIds: n.SubnetIds("public"),
//		SecurityGroupIds: []*string{front}, HTTP: 80})
//	edgeproxy.NewProxies(ops, "Proxies", &edgeproxy.ProxiesProps{Name: "api", SubnetIds: n.SubnetIds("public"),
//		SecurityGroupIds: []*string{instances}, TargetGroupArns: front.TargetGroupArns(), Count: 2,
//		ImageId: jsii.String("ami-0123456789abcdef0"), UserData: text, // of package bootstrap
//		LogGroupName: "/pathproof/shop/edge-proxy/api", Signals: true}) // as the text says
//
// Front and proxies are apart so that a stack that lives long can hold what others know (names, ARNs) and a stack that comes and goes
// the instances.
//
// A new image, instance type or user data replaces the proxies one after the other: an additional one first, the next when that
// one has told CloudFormation that it serves (Signals; else after five minutes). If it does not, the deployment fails and the old ones stay. Whether one works is asked at its own health location, whatever the origin does: a
// proxy is not replaced because the origin is down.
//
// Billed by AWS: the load balancer (see package balancer), each instance with its 8 GB volume and public IPv4 address, one alarm (with TLSSecretArn two), two
// custom metrics, log ingestion, one record by queries if there is one, and traffic between Regions.
package edgeproxy
