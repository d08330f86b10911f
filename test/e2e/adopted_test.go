package e2e

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// adopted is the life of a network that builds on what exists, in an account that has it: the ids of the configuration
// are replaced by those that EC2 gave. The configuration is protected, so destroy is refused first.
func adopted(t *testing.T, s *server, r *report) {
	text, err := os.ReadFile(filepath.Join(s.root, "internal", "check", "testdata", "good", "adopted.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	ids := s.existing(t, "ap-northeast-2")
	longestFirst := func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) } // one is part of another
	for _, placeholder := range slices.SortedFunc(maps.Keys(ids), longestFirst) {
		if !strings.Contains(config, placeholder) {
			t.Fatalf("the configuration has no %s", placeholder)
		}
		config = strings.ReplaceAll(config, placeholder, ids[placeholder])
	}
	protected, open := filepath.Join(s.work, "adopted.yaml"), filepath.Join(s.work, "adopted-open.yaml")
	for file, content := range map[string]string{protected: config, open: strings.Replace(config, "protect: true", "protect: false", 1)} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l := &life{s: s, before: s.inventoryOf(t, regions...), report: r}
	l.deploy(t, protected)
	l.again(t, protected)
	l.refusesDestroy(t)
	l.cdkDeploy(t, open)
	l.config, l.now = open, readStacks(t, s, planOf(t, open))
	l.look(t, "CREATE_COMPLETE", "UPDATE_COMPLETE")
	l.destroy(t)
}

// refusesDestroy asserts that termination protection keeps every stack that has it.
func (l *life) refusesDestroy(t *testing.T) {
	t.Helper()
	refused := 0
	for _, st := range l.now.stacks {
		if !st.protected {
			continue
		}
		_, err := l.s.tryQuery("cloudformation", st.region, "DeleteStack", "StackName", st.name)
		if err == nil || !strings.Contains(err.Error(), "TerminationProtection is enabled") {
			t.Errorf("%s is protected, and its deletion: %v", st.name, err)
		}
		refused++
	}
	if refused == 0 {
		t.Error("no stack is protected: the test looks at the wrong network")
	}
	l.unchanged(t, l.now.plan.Stacks)
}

// existing makes what the configuration adopts, and returns ids by their placeholders.
func (s *server) existing(t *testing.T, region string) map[string]string {
	t.Helper()
	ec2 := func(field, action string, params ...string) string {
		return s.query(t, "ec2", region, action, params...).at(field)
	}
	vpc := ec2("vpc/vpcId", "CreateVpc", "CidrBlock", "10.1.0.0/16")
	ec2("vpcId", "AssociateVpcCidrBlock", "VpcId", vpc, "CidrBlock", "100.64.0.0/16")
	for _, a := range []string{"EnableDnsSupport", "EnableDnsHostnames"} {
		ec2("return", "ModifyVpcAttribute", "VpcId", vpc, a+".Value", "true")
	}
	ids := map[string]string{"vpc-0123456789abcdef0": vpc}
	for placeholder, at := range map[string][2]string{
		"subnet-0123456789abcdef1": {"10.1.0.0/20", "apne2-az1"}, "subnet-0123456789abcdef2": {"10.1.16.0/20", "apne2-az3"},
		"subnet-0123456789abcdef3": {"100.64.0.0/28", "apne2-az1"}, "subnet-0123456789abcdef4": {"100.64.0.16/28", "apne2-az3"}} {
		ids[placeholder] = ec2("subnet/subnetId", "CreateSubnet", "VpcId", vpc, "CidrBlock", at[0], "AvailabilityZoneId", at[1])
	}
	table := ec2("routeTable/routeTableId", "CreateRouteTable", "VpcId", vpc)
	for _, subnet := range []string{"subnet-0123456789abcdef1", "subnet-0123456789abcdef2"} {
		ec2("associationId", "AssociateRouteTable", "RouteTableId", table, "SubnetId", ids[subnet])
	}
	gateway := ec2("transitGateway/transitGatewayId", "CreateTransitGateway", "Options.AmazonSideAsn", "64512",
		"Options.DefaultRouteTableAssociation", "disable", "Options.DefaultRouteTablePropagation", "disable")
	ids["rtb-0123456789abcdef1"], ids["tgw-0123456789abcdef0"] = table, gateway
	for _, placeholder := range []string{"tgw-rtb-0123456789abcdef0", "tgw-rtb-0123456789abcdef1"} {
		ids[placeholder] = ec2("transitGatewayRouteTable/transitGatewayRouteTableId", "CreateTransitGatewayRouteTable", "TransitGatewayId", gateway)
	}
	ids["cgw-0123456789abcdef0"] = ec2("customerGateway/customerGatewayId", "CreateCustomerGateway", "Type", "ipsec.1", "IpAddress", "203.0.113.30", "BgpAsn", "65001")
	ids["Z0123456789ABCDEFGHIJ"] = s.existingZone(t, region, vpc)
	return ids
}

func (s *server) existingZone(t *testing.T, region, vpc string) string {
	t.Helper()
	body := `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>legacy.internal</Name><VPC><VPCRegion>` + region +
		`</VPCRegion><VPCId>` + vpc + `</VPCId></VPC><CallerReference>e2e</CallerReference></CreateHostedZoneRequest>`
	if _, err := s.call("route53", region, "POST", "/2013-04-01/hostedzone", map[string]string{"Content-Type": "application/xml"}, body); err != nil {
		t.Fatal(err)
	}
	d := &deployed{server: s}
	for _, z := range d.xml(t, "route53", region, "/2013-04-01/hostedzone").list("HostedZones") {
		if z.at("Name") == "legacy.internal." {
			return strings.TrimPrefix(z.at("Id"), "/hostedzone/")
		}
	}
	t.Fatal("the hosted zone is not there")
	return ""
}
