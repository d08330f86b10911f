package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// inventory is everything in an account's Regions, as "Region kind id", whoever made it.
type inventory map[string]bool

// kinds are what EC2 lists. skip leaves out what comes and goes with something else, or is gone already.
var kinds = []struct {
	action, set, id string
	skip            func(node) bool
}{
	{"DescribeVpcs", "vpcSet", "vpcId", nil},
	{"DescribeSubnets", "subnetSet", "subnetId", nil},
	{"DescribeRouteTables", "routeTableSet", "routeTableId", isMainTable},
	{"DescribeInternetGateways", "internetGatewaySet", "internetGatewayId", nil},
	{"DescribeSecurityGroups", "securityGroupInfo", "groupId", func(n node) bool { return n.at("groupName") == "default" }},
	{"DescribeAddresses", "addressesSet", "allocationId", nil},
	{"DescribeNatGateways", "natGatewaySet", "natGatewayId", isGone},
	{"DescribeVpcEndpoints", "vpcEndpointSet", "vpcEndpointId", isGone},
	{"DescribeFlowLogs", "flowLogSet", "flowLogId", nil},
	{"DescribeTransitGateways", "transitGatewaySet", "transitGatewayId", isGone},
	{"DescribeTransitGatewayRouteTables", "transitGatewayRouteTables", "transitGatewayRouteTableId", isGoneOrDefault},
	{"DescribeTransitGatewayAttachments", "transitGatewayAttachments", "transitGatewayAttachmentId", func(n node) bool { return isGone(n) || n.at("resourceType") == "vpn" }},
	{"DescribeCustomerGateways", "customerGatewaySet", "customerGatewayId", isGone},
	{"DescribeVpnConnections", "vpnConnectionSet", "vpnConnectionId", isGone},
	{"DescribeLaunchTemplates", "launchTemplates", "launchTemplateId", nil},
	{"DescribeClientVpnEndpoints", "clientVpnEndpoint", "clientVpnEndpointId", nil},
	{"DescribeVolumes", "volumeSet", "volumeId", func(n node) bool { return n.at("status") == "in-use" }}, // by an instance of a group
	{"DescribeVpcPeeringConnections", "vpcPeeringConnectionSet", "vpcPeeringConnectionId", isGone},
}

func isGone(n node) bool {
	return strings.HasPrefix(n.at("state"), "delet") || strings.HasPrefix(n.at("status/code"), "delet") || strings.HasPrefix(n.at("vpcEndpointState"), "delet")
}

// isGoneOrDefault: moto makes a default route table for every transit gateway, asked or not.
func isGoneOrDefault(n node) bool { return isGone(n) || n.at("defaultAssociationRouteTable") == "true" }

func isMainTable(n node) bool {
	return slices.ContainsFunc(n.list("associationSet"), func(a node) bool { return a.at("main") == "true" })
}

// inventoryOf lists everything in the Regions.
func (s *server) inventoryOf(t *testing.T, regions ...string) inventory {
	t.Helper()
	all := inventory{}
	for _, region := range regions {
		for _, k := range kinds {
			for _, n := range s.query(t, "ec2", region, k.action).list(k.set) {
				if k.skip == nil || !k.skip(n) {
					all[fmt.Sprintf("%s %s %s", region, strings.TrimPrefix(k.action, "Describe"), n.at(k.id))] = true
				}
			}
		}
		s.services(t, region, all)
	}
	s.global(t, all)
	return all
}

// services lists what is in a Region and not EC2's.
func (s *server) services(t *testing.T, region string, all inventory) {
	t.Helper()
	add := func(kind, id string) { all[region+" "+kind+" "+id] = true }
	var parameters struct{ Parameters []struct{ Name string } }
	s.json11(t, "ssm", region, "AmazonSSM.DescribeParameters", map[string]any{"ParameterFilters": []any{map[string]any{"Key": "Type", "Values": []string{"String"}}}, "MaxResults": 50}, &parameters)
	for _, p := range parameters.Parameters {
		add("Parameter", p.Name)
	}
	var keys struct{ Keys []struct{ KeyId string } }
	s.json11(t, "kms", region, "TrentService.ListKeys", map[string]any{}, &keys)
	for _, k := range keys.Keys {
		var named struct{ Aliases []struct{ AliasName string } }
		s.json11(t, "kms", region, "TrentService.ListAliases", map[string]any{"KeyId": k.KeyId}, &named)
		if len(named.Aliases) == 0 || !strings.HasPrefix(named.Aliases[0].AliasName, "alias/aws/") { // a service's own comes with its first use
			add("Key", k.KeyId)
		}
		for _, a := range named.Aliases {
			if !strings.HasPrefix(a.AliasName, "alias/aws/") {
				add("Alias", a.AliasName)
			}
		}
	}
	var groups struct {
		LogGroups []struct{ LogGroupName string }
	}
	s.json11(t, "logs", region, "Logs_20140328.DescribeLogGroups", map[string]any{}, &groups)
	for _, g := range groups.LogGroups {
		add("LogGroup", g.LogGroupName)
	}
	for _, topic := range s.query(t, "sns", region, "ListTopics").list("ListTopicsResult/Topics") {
		add("Topic", topic.at("TopicArn"))
	}
	var functions struct {
		Functions []struct{ FunctionName string }
	}
	decode(t, s.rest(t, "lambda", region, "/2015-03-31/functions/"), &functions)
	for _, f := range functions.Functions {
		add("Function", f.FunctionName)
	}
	s.watching(t, region, add)
	s.ways(t, region, add)
	for _, st := range s.query(t, "cloudformation", region, "DescribeStacks").list("DescribeStacksResult/Stacks") {
		add("Stack", st.at("StackName"))
	}
}

// watching lists what measures by itself, and what shows it.
func (s *server) watching(t *testing.T, region string, add func(kind, id string)) {
	t.Helper()
	var rules struct{ Rules []struct{ Name string } }
	s.json11(t, "events", region, "AWSEvents.ListRules", map[string]any{}, &rules)
	for _, r := range rules.Rules {
		add("Rule", r.Name)
	}
	var alarms struct{ MetricAlarms []struct{ AlarmName string } }
	s.json11(t, "monitoring", region, "GraniteServiceVersion20100801.DescribeAlarms", map[string]any{}, &alarms)
	for _, a := range alarms.MetricAlarms {
		add("Alarm", a.AlarmName)
	}
	var dashboards struct {
		DashboardEntries []struct{ DashboardName string }
	}
	s.json11(t, "monitoring", region, "GraniteServiceVersion20100801.ListDashboards", map[string]any{}, &dashboards)
	for _, d := range dashboards.DashboardEntries {
		add("Dashboard", d.DashboardName)
	}
}

// ways lists what ways in are made of.
func (s *server) ways(t *testing.T, region string, add func(kind, id string)) {
	t.Helper()
	var secrets struct{ SecretList []struct{ ARN string } }
	s.json11(t, "secretsmanager", region, "secretsmanager.ListSecrets", map[string]any{}, &secrets)
	for _, x := range secrets.SecretList {
		add("Secret", x.ARN)
	}
	for _, x := range s.query(t, "elasticloadbalancing", region, "DescribeLoadBalancers").list("DescribeLoadBalancersResult/LoadBalancers") {
		add("LoadBalancer", x.at("LoadBalancerArn"))
	}
	for _, x := range s.query(t, "elasticloadbalancing", region, "DescribeTargetGroups").list("DescribeTargetGroupsResult/TargetGroups") {
		add("TargetGroup", x.at("TargetGroupArn"))
	}
	for _, x := range s.query(t, "autoscaling", region, "DescribeAutoScalingGroups").list("DescribeAutoScalingGroupsResult/AutoScalingGroups") {
		add("AutoScalingGroup", x.at("AutoScalingGroupName"))
	}
	if region == "us-west-2" { // the one Region of Global Accelerator's API
		var accelerators struct {
			Accelerators []struct{ AcceleratorArn string }
		}
		s.json11(t, "globalaccelerator", region, "GlobalAccelerator_V20180706.ListAccelerators", map[string]any{}, &accelerators)
		for _, x := range accelerators.Accelerators {
			add("Accelerator", x.AcceleratorArn)
		}
	}
}

// global lists what belongs to no Region.
func (s *server) global(t *testing.T, all inventory) {
	t.Helper()
	d := &deployed{server: s}
	for _, r := range s.query(t, "iam", "us-east-1", "ListRoles").list("ListRolesResult/Roles") {
		all["global Role "+r.at("RoleName")] = true
	}
	for _, r := range s.query(t, "iam", "us-east-1", "ListInstanceProfiles").list("ListInstanceProfilesResult/InstanceProfiles") {
		all["global InstanceProfile "+r.at("InstanceProfileName")] = true
	}
	for _, b := range d.xml(t, "s3", "us-east-1", "/").list("Buckets") {
		all["global Bucket "+b.at("Name")] = true
	}
	for _, z := range d.xml(t, "route53", "us-east-1", "/2013-04-01/hostedzone").list("HostedZones") {
		all["global HostedZone "+strings.TrimPrefix(z.at("Id"), "/hostedzone/")] = true
	}
}

// beyond lists what is there and was not before, without what has one of the ids.
func (now inventory) beyond(before inventory, ids ...string) []string {
	var out []string
	for _, item := range slices.Sorted(maps.Keys(now)) {
		id := item[strings.LastIndex(item, " ")+1:]
		if !before[item] && !slices.Contains(ids, id) {
			out = append(out, item)
		}
	}
	return out
}
