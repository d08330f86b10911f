package test

import (
	"testing"

	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/topology"
)

// TestZonal_TargetsLetInTheirLoadBalancerOnly asserts in whole networks who gets to a load balancer, and that nobody gets to its targets
// but by it: hosts of the reference network, and instances of pathproof's own.
func TestZonal_TargetsLetInTheirLoadBalancerOnly(t *testing.T) {
	for _, c := range []struct {
		config, stack, service string
		targets                []string
		port                   int
	}{
		{"reference", "reference-network-ap-northeast-2-app", "foo", []string{"foo-1", "foo-2", "foo-3"}, 8080},
		{"zonal", "zonal-network-eu-central-1-app", "quotes", []string{"zonalService.quotes.instances"}, 7007},
	} {
		tpl := synth(t, c.config).templates[c.stack]
		front := logical("Network-app/SecurityGroup-zonalService." + c.service)
		for _, target := range c.targets {
			id := logical("Network-app/SecurityGroup-" + target)
			if diff := cdktest.Match(m{"SecurityGroupIngress": []m{{"SourceSecurityGroupId": cdktest.GetAtt(front, "GroupId"), "IpProtocol": "tcp", "FromPort": c.port, "ToPort": c.port,
				"CidrIp": cdktest.Absent}}}, tpl.Resource(t, id, "AWS::EC2::SecurityGroup").Properties); diff != nil {
				t.Errorf("%s %s: %s", c.config, target, diff)
			}
		}
		if diff := cdktest.Match(m{"SecurityGroups": []any{cdktest.GetAtt(front, "GroupId")}}, tpl.Resource(t, logical("Network-app/ZonalService-"+c.service+"/Resource"), nlb).Properties); diff != nil {
			t.Errorf("%s: %s", c.config, diff)
		}
	}
}

// TestZonal_NamesAreKnownToCallersOfOtherRegions asserts that the VPC of a caller elsewhere is associated, by a reference that changes in place, and
// that a network that may not call is not.
func TestZonal_NamesAreKnownToCallersOfOtherRegions(t *testing.T) {
	s := synth(t, "zonal")
	tpl := s.templates["zonal-routes-eu-central-1"]
	for domain, regions := range map[string][]string{"quotes.internal": {"eu-central-1", "eu-west-1"}, "orders.internal": {"eu-central-1"}} {
		var vpcs []m
		for _, region := range regions {
			vpcs = append(vpcs, m{"VPCRegion": region, "VPCId": cdktest.Any})
		}
		id := tpl.Has(t, "AWS::Route53::HostedZone", m{"Name": domain, "VPCs": vpcs})
		if id != logical("HostedZone-"+domain+"/Resource") {
			t.Errorf("%s has the id %s", domain, id)
		}
	}
	other := tpl.Resource(t, logical("HostedZone-quotes.internal/Resource"), "AWS::Route53::HostedZone").Properties["VPCs"].([]any)[1].(m)["VPCId"]
	if _, weak := other.(m)["Fn::GetStackOutput"]; !weak {
		t.Errorf("the VPC of another Region is %v, want a reference by Fn::GetStackOutput", other)
	}
}

// TestZonal_AlarmsTellTheTopicOfTheirPlace asserts where alarms stand: of targets with the service, of comparisons with the gate.
func TestZonal_AlarmsTellTheTopicOfTheirPlace(t *testing.T) {
	s := synth(t, "zonal")
	gate := s.templates[s.plan.StackName(topology.LayerOps, s.plan.Measurement.Home)]
	for _, id := range []string{"Slow-euc1-az2", "Slow-euc1-az3", "Failing-euc1-az2", "Failing-euc1-az3"} {
		if diff := cdktest.Match(m{"AlarmActions": []any{cdktest.Ref(logical("Alerts/Resource"))}}, gate.Resource(t, logical("ZonalLatency-quotes/"+id), alarm).Properties); diff != nil {
			t.Errorf("%s: %s", id, diff)
		}
	}
	ops := s.templates["zonal-ops-eu-central-1"]
	for _, id := range []string{"ZonalService-quotes/Unhealthy-euc1-az2", "ZonalService-quotes/Outcome", "ZonalService-orders/Unhealthy-euc1-az3", "ZonalService-feed/Unhealthy-euc1-az2"} {
		if diff := cdktest.Match(m{"AlarmActions": []any{cdktest.Ref(logical("Alerts/Resource"))}}, ops.Resource(t, logical(id), alarm).Properties); diff != nil {
			t.Errorf("%s: %s", id, diff)
		}
	}
}
