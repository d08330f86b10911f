package cfn

import (
	"fmt"
	"testing"
	"time"
)

// large is a state with 20 stacks of 500 resources: VPCs, each with its subnets, route tables, routes and associations.
func large(cidr string) []*Stack {
	var all []*Stack
	for s := range 20 {
		st := in(fmt.Sprintf("net-%02d", s))
		for v := range 10 {
			vpc := fmt.Sprintf("Vpc%02d", v)
			st.Resources = append(st.Resources, res(vpc, "VPC", "CidrBlock", cidr, "label", st.Name+vpc))
			for n := range 12 {
				id := fmt.Sprintf("%sNet%02d", vpc, n)
				at := "@" + st.Name + "/"
				st.Resources = append(st.Resources,
					res(id, "Subnet", "VpcId", at+vpc, "CidrBlock", fmt.Sprintf("10.%d.%d.0/24", v, n), "AvailabilityZoneId", "az"),
					res(id+"Table", "RouteTable", "VpcId", at+vpc),
					res(id+"Association", "SubnetRouteTableAssociation", "SubnetId", at+id, "RouteTableId", at+id+"Table"),
					res(id+"Route", "Route", "RouteTableId", at+id+"Table", "DestinationCidrBlock", "0.0.0.0/0"))
			}
			st.Resources = append(st.Resources, res(vpc+"Igw", "InternetGateway"))
		}
		all = append(all, st)
	}
	return all
}

// BenchmarkCompare_10000 replaces every VPC, and everything in it follows. It fails above a second: ten thousand resources are more
// than a network of 5 Regions x 20 VPCs x 3 zones has.
func BenchmarkCompare_10000(b *testing.B) {
	before, after := large("10.0.0.0/8"), large("10.0.0.0/9")
	n := 0
	for _, s := range before {
		n += len(s.Resources)
	}
	b.ReportMetric(float64(n), "resources")
	for b.Loop() {
		if c := Compare(before, after); len(c.Resources) < n/2 || len(c.Collisions) != 0 {
			b.Fatalf("%d changes, %d collisions", len(c.Resources), len(c.Collisions))
		}
	}
	if each := b.Elapsed() / time.Duration(b.N); each > time.Second {
		b.Errorf("each took %v", each)
	}
}
