package cfn

const loadBalancer = "AWS::ElasticLoadBalancingV2::LoadBalancer"

// relocates reports whether a load balancer would get another fixed address in a subnet that it stands in. CloudFormation updates
// SubnetMappings in place, but a subnet's configuration has to stay as it is (Elastic Load Balancing API reference, SetSubnets), and
// changes within one Availability Zone "must be independent actions": the zone goes first, and comes back with another address
// (User Guide for Network Load Balancers, Update the Availability Zones).
func relocates(before, after *Resource) bool {
	was := map[string]string{}
	for _, m := range objects(before.Properties["SubnetMappings"]) {
		was[m["SubnetId"]] = m["PrivateIPv4Address"]
	}
	for _, m := range objects(after.Properties["SubnetMappings"]) {
		if old := was[m["SubnetId"]]; old != "" && m["PrivateIPv4Address"] != "" && old != m["PrivateIPv4Address"] {
			return true
		}
	}
	return false
}
