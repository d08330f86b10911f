package cfn

import "strings"

// FixedAddress is the property whose change a load balancer refuses in a subnet that it keeps.
const FixedAddress = "SubnetMappings.PrivateIPv4Address"

// relocated finds a load balancer that would get another fixed address in a subnet that it stands in. CloudFormation updates
// SubnetMappings in place, but a subnet's configuration has to stay as it is (Elastic Load Balancing API reference, SetSubnets), and
// changes within one Availability Zone "must be independent actions": the zone goes first, and comes back with another address
// (User Guide for Network Load Balancers, Update the Availability Zones).
func (n *node) relocated() {
	if n.after.Type != "AWS::ElasticLoadBalancingV2::LoadBalancer" {
		return
	}
	was := map[string]string{}
	for _, m := range objects(n.before.Properties["SubnetMappings"]) {
		was[m["SubnetId"]] = m["PrivateIPv4Address"]
	}
	var olds, nows []string
	for _, m := range objects(n.after.Properties["SubnetMappings"]) {
		if old, now := was[m["SubnetId"]], m["PrivateIPv4Address"]; old != "" && now != "" && old != now {
			olds, nows = append(olds, old), append(nows, now)
		}
	}
	if len(olds) > 0 {
		n.action = Refuse
		n.causes[causeKey{property: FixedAddress}] = &Cause{Property: FixedAddress, Old: strings.Join(olds, ", "), New: strings.Join(nows, ", ")}
	}
}
