package e2e

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// waysLooks are the types of ways in. What they are beyond their template is said in ways.
var waysLooks = map[string]look{
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {service: "elasticloadbalancing", action: "DescribeLoadBalancers", ask: "LoadBalancerArns.member.1",
		item: "DescribeLoadBalancersResult/LoadBalancers", more: lookBalancer, tagged: balancerTags},
	"AWS::ElasticLoadBalancingV2::TargetGroup": {service: "elasticloadbalancing", action: "DescribeTargetGroups", ask: "TargetGroupArns.member.1",
		item: "DescribeTargetGroupsResult/TargetGroups", more: lookTargets, tagged: balancerTags},
	"AWS::ElasticLoadBalancingV2::Listener": {service: "elasticloadbalancing", action: "DescribeListeners", ask: "ListenerArns.member.1",
		item: "DescribeListenersResult/Listeners"},
	"AWS::AutoScaling::AutoScalingGroup": {service: "autoscaling", action: "DescribeAutoScalingGroups", ask: "AutoScalingGroupNames.member.1",
		item: "DescribeAutoScalingGroupsResult/AutoScalingGroups", more: lookGroup, tagged: tagsInAnswer},
	"AWS::AutoScaling::ScalingPolicy": {find: findScalingPolicy},
	"AWS::EC2::LaunchTemplate":        {service: "ec2", action: "DescribeLaunchTemplateVersions", ask: "LaunchTemplateId", item: "launchTemplateVersionSet", more: lookTemplate},
	"AWS::EC2::SecurityGroupEgress": {service: "ec2", action: "DescribeSecurityGroupRules", ask: "SecurityGroupRuleId.1", item: "securityGroupRuleSet",
		more: lookRule},
	"AWS::EC2::ClientVpnEndpoint": {service: "ec2", action: "DescribeClientVpnEndpoints", ask: "ClientVpnEndpointId.1", item: "clientVpnEndpoint", more: lookClientVPN},
	"AWS::IAM::InstanceProfile": {service: "iam", action: "GetInstanceProfile", ask: "InstanceProfileName", item: "GetInstanceProfileResult/InstanceProfile",
		more: lookProfile},
	"AWS::SecretsManager::Secret": {service: "secretsmanager", action: "secretsmanager.DescribeSecret", ask: "SecretId", more: lookSecret, tagged: tagsInAnswer},
	"AWS::KMS::Alias":             {service: "kms", action: "TrentService.DescribeKey", ask: "KeyId", item: "KeyMetadata", renamed: map[string]string{"Arn": "TargetKeyId"}, more: lookAlias},
	"AWS::GlobalAccelerator::Accelerator": {service: "globalaccelerator", action: "GlobalAccelerator_V20180706.DescribeAccelerator", ask: "AcceleratorArn",
		item: "Accelerator", where: "us-west-2", tagged: acceleratorTags},
	"AWS::GlobalAccelerator::Listener": {service: "globalaccelerator", action: "GlobalAccelerator_V20180706.DescribeListener", ask: "ListenerArn",
		item: "Listener", where: "us-west-2", more: within("AcceleratorArn", "/listener/")},
	"AWS::GlobalAccelerator::EndpointGroup": {service: "globalaccelerator", action: "GlobalAccelerator_V20180706.DescribeEndpointGroup", ask: "EndpointGroupArn",
		item: "EndpointGroup", where: "us-west-2", renamed: map[string]string{"EndpointDescriptions": "EndpointConfigurations"}, more: within("ListenerArn", "/endpoint-group/")},
}

// within tells of what a resource is, which is the beginning of its ARN.
func within(name, separator string) func(*testing.T, *deployed, string, string, map[string]any) {
	return func(_ *testing.T, _ *deployed, _, id string, got map[string]any) {
		got[name], _, _ = strings.Cut(id, separator)
	}
}

func lookBalancer(t *testing.T, d *deployed, region, id string, got map[string]any) {
	var subnets, mappings []any
	for _, z := range got["AvailabilityZones"].([]any) {
		zone := z.(map[string]any)
		subnets = append(subnets, zone["SubnetId"])
		mapping := map[string]any{"SubnetId": zone["SubnetId"]}
		if addresses, _ := zone["LoadBalancerAddresses"].([]any); len(addresses) == 1 {
			maps.Copy(mapping, addresses[0].(map[string]any))
		}
		mappings = append(mappings, mapping)
	}
	got["Subnets"], got["SubnetMappings"] = subnets, mappings
	got["LoadBalancerAttributes"] = d.list(t, "elasticloadbalancing", region, "DescribeLoadBalancerAttributesResult/Attributes", "DescribeLoadBalancerAttributes", "LoadBalancerArn", id)
}

func balancerTags(t *testing.T, d *deployed, region, id string, _ map[string]any) []any {
	for _, x := range d.list(t, "elasticloadbalancing", region, "DescribeTagsResult/TagDescriptions", "DescribeTags", "ResourceArns.member.1", id) {
		list, _ := x.(map[string]any)["Tags"].([]any)
		return list
	}
	return nil
}

func acceleratorTags(t *testing.T, d *deployed, region, id string, _ map[string]any) []any {
	var out map[string]any
	d.server.json11(t, "globalaccelerator", region, "GlobalAccelerator_V20180706.ListTagsForResource", map[string]any{"ResourceArn": id}, &out)
	list, _ := out["Tags"].([]any)
	return list
}

// lookTargets adds attributes, and the targets: those of a template, or the instances of a group.
func lookTargets(t *testing.T, d *deployed, region, id string, got map[string]any) {
	got["TargetGroupAttributes"] = d.list(t, "elasticloadbalancing", region, "DescribeTargetGroupAttributesResult/Attributes", "DescribeTargetGroupAttributes", "TargetGroupArn", id)
	var targets []any
	for _, x := range d.list(t, "elasticloadbalancing", region, "DescribeTargetHealthResult/TargetHealthDescriptions", "DescribeTargetHealth", "TargetGroupArn", id) {
		targets = append(targets, x.(map[string]any)["Target"])
	}
	got["Targets"] = targets
}

// list calls a service that speaks the query protocol, for a list.
func (d *deployed) list(t *testing.T, service, region, item, action string, params ...string) []any {
	t.Helper()
	found, _ := d.server.query(t, service, region, action, params...).find(item)
	var out []any
	for _, n := range found.Nodes {
		out = append(out, n.value())
	}
	return out
}

// lookGroup adds where the instances are, which moto starts as the group says.
func lookGroup(t *testing.T, d *deployed, region, id string, got map[string]any) {
	var subnets []any
	for s := range strings.SplitSeq(plainText(got["VPCZoneIdentifier"]), ",") {
		subnets = append(subnets, s)
	}
	got["VPCZoneIdentifier"] = subnets
	instances, _ := got["Instances"].([]any)
	got["Running"] = fmt.Sprint(len(instances))
}

func findScalingPolicy(t *testing.T, d *deployed, region, id string, says map[string]any) map[string]any {
	for _, x := range d.list(t, "autoscaling", region, "DescribePoliciesResult/ScalingPolicies", "DescribePolicies", "AutoScalingGroupName", plainText(says["AutoScalingGroupName"])) {
		if policy := x.(map[string]any); policy["PolicyARN"] == id {
			return policy
		}
	}
	return nil
}

func lookTemplate(t *testing.T, d *deployed, region, id string, got map[string]any) {
	n := d.server.query(t, "ec2", region, "DescribeLaunchTemplateVersions", "LaunchTemplateId", id, "LaunchTemplateVersion.1", "$Latest")
	found, _ := n.find("launchTemplateVersionSet/item/launchTemplateData")
	got["LaunchTemplateData"] = found.value()
}

// lookRule writes a rule's peer as the template's types do.
func lookRule(_ *testing.T, _ *deployed, _, _ string, got map[string]any) {
	if peer, ok := got["ReferencedGroupInfo"].(map[string]any); ok {
		got["DestinationSecurityGroupId"] = peer["GroupId"]
		if got["Description"] == nil || got["Description"] == "" {
			got["Description"] = peer["Description"]
		}
	}
}

// lookClientVPN writes what EC2 tells in other words: the provider's name, the portal, tags.
func lookClientVPN(_ *testing.T, _ *deployed, _, _ string, got map[string]any) {
	for _, o := range got["AuthenticationOptions"].([]any) {
		m := o.(map[string]any)
		if f, ok := m["FederatedAuthentication"].(map[string]any); ok {
			f["SAMLProviderArn"] = f["SamlProviderArn"]
		}
		if f, ok := m["MutualAuthentication"].(map[string]any); ok {
			f["ClientRootCertificateChainArn"] = f["ClientRootCertificateChain"]
		}
	}
	got["SelfServicePortal"] = "enabled"
	if got["SelfServicePortalUrl"] == nil {
		got["SelfServicePortal"] = "disabled"
	}
	got["TagSpecifications"] = []any{map[string]any{"ResourceType": "client-vpn-endpoint", "Tags": got["Tags"]}}
	got["Status"] = got["Status"].(map[string]any)["Code"]
}

func lookProfile(_ *testing.T, _ *deployed, _, _ string, got map[string]any) {
	var roles []any
	for _, r := range got["Roles"].([]any) {
		roles = append(roles, r.(map[string]any)["RoleName"])
	}
	got["Roles"] = roles
}

// lookSecret tells whether a secret has been filled, and nothing of what it holds.
func lookSecret(t *testing.T, d *deployed, region, id string, got map[string]any) {
	got["Filled"] = fmt.Sprint(d.secret(t, region, id) != "")
}

func (d *deployed) secret(t *testing.T, region, id string) string {
	t.Helper()
	body, err := d.server.call("secretsmanager", region, "POST", "/", map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue"},
		fmt.Sprintf(`{"SecretId": %q}`, id))
	if err != nil { // it has no value
		return ""
	}
	return plainText(object(string(body))["SecretString"])
}

func lookAlias(_ *testing.T, _ *deployed, _, id string, got map[string]any) { got["AliasName"] = id }

// readClientVPN reads what a Client VPN endpoint has: EC2 lists it by endpoint.
func readClientVPN(action, set string, match func(node, string) properties) reader {
	return func(t *testing.T, d *deployed, region, id string) properties {
		for _, e := range d.server.query(t, "ec2", region, "DescribeClientVpnEndpoints").list("clientVpnEndpoint") {
			for _, n := range d.server.query(t, "ec2", region, action, "ClientVpnEndpointId", e.at("clientVpnEndpointId")).list(set) {
				if p := match(n, id); p != nil {
					return p
				}
			}
		}
		return nil
	}
}

func targetNetwork(n node, id string) properties {
	if n.at("associationId") != id {
		return nil
	}
	return properties{"ClientVpnEndpointId": n.at("clientVpnEndpointId"), "SubnetId": n.at("targetNetworkId"), "State": n.at("status/code")}
}

func clientVPNRoute(n node, id string) properties {
	p := properties{"ClientVpnEndpointId": n.at("clientVpnEndpointId"), "DestinationCidrBlock": n.at("destinationCidr"), "TargetVpcSubnetId": n.at("targetSubnet"), "State": n.at("status/code")}
	if p["ClientVpnEndpointId"]+"|"+p["DestinationCidrBlock"]+"|"+p["TargetVpcSubnetId"] != id {
		return nil
	}
	return p
}

func authorization(n node, id string) properties {
	p := properties{"ClientVpnEndpointId": n.at("clientVpnEndpointId"), "TargetNetworkCidr": n.at("destinationCidr"), "AuthorizeAllGroups": n.at("accessAll"),
		"Description": n.at("description"), "State": n.at("status/code")}
	if p["ClientVpnEndpointId"]+"|"+p["TargetNetworkCidr"] != id {
		return nil
	}
	return p
}
