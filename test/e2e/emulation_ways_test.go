package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// twoSubnets is a VPC with two subnets and a group.
const twoSubnets = `"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
"S1": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "V"}, "CidrBlock": "10.0.0.0/24", "AvailabilityZoneId": "usw2-az1"}},
"S2": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "V"}, "CidrBlock": "10.0.1.0/24", "AvailabilityZoneId": "usw2-az2"}},
"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Ref": "V"}, "GroupDescription": "one"}}`

// TestEmulation_RefusesWhatWaysInMayNotDo holds the extension to the rules of what leads people in: where moto has none, or nothing.
func TestEmulation_RefusesWhatWaysInMayNotDo(t *testing.T) {
	s := startServer(t)
	certificate := s.importCertificate(t, "us-west-2")
	balancer := func(scheme, rest string) string {
		return twoSubnets + fmt.Sprintf(`, "B": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Type": "network", "Scheme": %q, "SecurityGroups": [{"Ref": "G"}], %s}}`, scheme, rest)
	}
	subnets := `"Subnets": [{"Ref": "S1"}, {"Ref": "S2"}]`
	endpoint := func(pool, certificate string) string {
		return twoSubnets + fmt.Sprintf(`, "E": {"Type": "AWS::EC2::ClientVpnEndpoint", "Properties": {"ClientCidrBlock": %q, "ServerCertificateArn": %q, "VpcId": {"Ref": "V"},
"AuthenticationOptions": [{"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": %q}}], "ConnectionLogOptions": {"Enabled": false}}}`, pool, certificate, certificate)
	}
	route := `, "R": {"Type": "AWS::EC2::ClientVpnRoute", "Properties": {"ClientVpnEndpointId": {"Ref": "E"}, "DestinationCidrBlock": "10.9.0.0/16", "TargetVpcSubnetId": {"Ref": "S1"}}}`
	accelerator := `"A": {"Type": "AWS::GlobalAccelerator::Accelerator", "Properties": {"Name": "one", "Enabled": true}}`
	listener := `, %q: {"Type": "AWS::GlobalAccelerator::Listener", "Properties": {"AcceleratorArn": {"Ref": "A"}, "Protocol": "TCP", "PortRanges": [{"FromPort": %d, "ToPort": 1200}]}}`
	group := `, "P": {"Type": "AWS::GlobalAccelerator::EndpointGroup", "Properties": {"ListenerArn": {"Ref": "L"}, "EndpointGroupRegion": "us-west-2", "EndpointConfigurations": [{"EndpointId": %s, "ClientIPPreservationEnabled": %s}]}}`
	address := `, "I": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}}`
	image := `"T": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"ImageId": "ami-00000000000000000", "InstanceType": "t4g.small"}}},
"X": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "1", "MaxSize": "1", "VPCZoneIdentifier": [{"Ref": "S1"}],
  "LaunchTemplate": {"LaunchTemplateId": {"Ref": "T"}, "Version": {"Fn::GetAtt": ["T", "LatestVersionNumber"]}}}}`
	for i, c := range []struct{ resources, status, reason string }{
		{balancer("internet-facing", subnets), "CREATE_FAILED", "has no internet gateway"},
		{balancer("internal", `"Subnets": [{"Ref": "S1"}, {"Ref": "S1"}]`), "CREATE_FAILED", "are not in different zones"},
		{balancer("internal", `"SubnetMappings": [{"SubnetId": {"Ref": "S1"}, "PrivateIPv4Address": "10.0.1.9"}]`), "CREATE_FAILED", "10.0.1.9 is not in 10.0.0.0/24"},
		{balancer("internal", subnets), "CREATE_COMPLETE", ""},
		{endpoint("10.0.0.0/20", certificate), "CREATE_FAILED", "overlaps 10.0.0.0/16"},
		{endpoint("10.8.0.0/23", certificate), "CREATE_FAILED", "not between /12 and /22"},
		{endpoint("10.8.0.0/22", certificate+"0"), "CREATE_FAILED", "does not exist"},
		{endpoint("10.8.0.0/22", certificate) + route, "CREATE_FAILED", "is not associated with"},
		{accelerator + fmt.Sprintf(listener, "L", 1194) + fmt.Sprintf(listener, "M", 1200), "CREATE_FAILED", "overlap those of"},
		{accelerator + fmt.Sprintf(listener, "L", 1194) + fmt.Sprintf(group, `"eipalloc-0"`, "false"), "CREATE_FAILED", "does not exist in us-west-2"},
		{accelerator + fmt.Sprintf(listener, "L", 1194) + address + fmt.Sprintf(group, `{"Fn::GetAtt": ["I", "AllocationId"]}`, "true"), "CREATE_FAILED", "cannot preserve client addresses"},
		{accelerator + fmt.Sprintf(listener, "L", 1194) + ", " + balancer("internal", subnets) + fmt.Sprintf(group, `{"Ref": "B"}`, "true"), "CREATE_FAILED", "has no internet gateway"},
		{twoSubnets + ", " + image, "CREATE_FAILED", "ami-00000000000000000"},
	} {
		status, reason := s.change(t, fmt.Sprint("ways-", i), c.resources, "")
		if status != c.status || !strings.Contains(reason, c.reason) {
			t.Errorf("%d: got %s: %s\nwant %s: %s", i, status, reason, c.status, c.reason)
		}
	}
}

// TestEmulation_SecretsKeepTheirNames: what a network retains under a name of its own is in the way of the next one of that name.
func TestEmulation_SecretsKeepTheirNames(t *testing.T) {
	s := startServer(t)
	secret := `"S": {"Type": "AWS::SecretsManager::Secret", "DeletionPolicy": "Retain", "Properties": {"Name": "one"}}`
	if status, reason := s.change(t, "first", secret, ""); status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	s.query(t, "cloudformation", "us-west-2", "DeleteStack", "StackName", "first")
	if status, reason := s.change(t, "second", secret, ""); status != "CREATE_FAILED" || !strings.Contains(reason, "already exists") {
		t.Errorf("a secret of a retained one's name: %s: %s", status, reason)
	}
}
