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
	picked := n.before.Properties["SubnetMappings"] == "" // by AWS, and never the one that is asked for now
	var olds, nows []string
	for _, m := range objects(n.after.Properties["SubnetMappings"]) {
		old, now := was[m["SubnetId"]], m["PrivateIPv4Address"]
		if now != "" && old != now && (old != "" || picked) {
			nows = append(nows, now)
		}
		if now != "" && old != now && old != "" {
			olds = append(olds, old)
		}
	}
	if len(nows) > 0 {
		n.action = Refuse
		n.causes[causeKey{property: FixedAddress}] = &Cause{Property: FixedAddress, Old: strings.Join(olds, ", "), New: strings.Join(nows, ", ")}
	}
}
