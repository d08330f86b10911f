package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestEmulation_RefusesWhatCloudFormationRefuses holds the extension to what moto alone would let pass: without these
// refusals a green run of the networks would mean little.
func TestEmulation_RefusesWhatCloudFormationRefuses(t *testing.T) {
	s := startServer(t)
	vpc := `"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": %q}}`
	table := `, "T": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "V"}}}`
	gateway := `, "I": {"Type": "AWS::EC2::InternetGateway"}`
	attached := `, "A": {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": {"VpcId": {"Ref": "V"}, "InternetGatewayId": {"Ref": "I"}}}`
	route := `, %q: {"Type": "AWS::EC2::Route", "DependsOn": "%s", "Properties": {"RouteTableId": {"Ref": "T"}, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "I"}}}`
	export := `"Outputs": {"O": {"Value": {"Ref": "V"}, "Export": {"Name": "the-vpc"}}}`
	for _, c := range []struct{ stack, resources, rest, status, reason string }{
		{"unknown-type", `"X": {"Type": "AWS::EC2::Instance"}`, "", "FAILED", "does not know the type AWS::EC2::Instance"},
		{"unknown-property", `"X": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "default"}}`, "", "FAILED", "does not know InstanceTenancy"},
		{"unknown-function", `"X": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Fn::Cidr": []}}}`, "", "CREATE_FAILED", "unknown intrinsic function Fn::Cidr"},
		{"no-output", `"X": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Fn::GetStackOutput": {"StackName": "none", "OutputName": "O"}}}}`, "", "CREATE_FAILED", "no output O of stack none"},
		{"two-routes", fmt.Sprintf(vpc, "10.0.0.0/16") + table + gateway + attached + fmt.Sprintf(route, "R1", "A") + fmt.Sprintf(route, "R2", "A"), "", "CREATE_FAILED", "RouteAlreadyExists"},
		{"route-to-nowhere", fmt.Sprintf(vpc, "10.0.0.0/16") + table + gateway + fmt.Sprintf(route, "R", "T"), "", "CREATE_FAILED", "is not attached to"},
		{"route-too-early", fmt.Sprintf(vpc, "10.0.0.0/16") + table + gateway + fmt.Sprintf(route, "R", "T") + attached, "", "CREATE_FAILED", "is not attached to"},
		{"producer", fmt.Sprintf(vpc, "10.1.0.0/16"), export, "CREATE_COMPLETE", ""},
		{"consumer", `"T": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Fn::ImportValue": "the-vpc"}}}`, "", "CREATE_COMPLETE", ""},
		{"producer", fmt.Sprintf(vpc, "10.2.0.0/16"), export, "UPDATE_FAILED", "Export the-vpc cannot be updated as it is in use by consumer"},
		{"producer", fmt.Sprintf(vpc, "10.1.0.0/16"), "", "FAILED", "Export the-vpc cannot be deleted as it is in use by consumer"},
	} {
		status, reason := s.change(t, c.stack, c.resources, c.rest)
		if status != c.status || !strings.Contains(reason, c.reason) {
			t.Errorf("%s: got %s: %s\nwant %s: %s", c.stack, status, reason, c.status, c.reason)
		}
	}
	s.query(t, "cloudformation", "us-west-2", "DeleteStack", "StackName", "producer")
	if st := s.query(t, "cloudformation", "us-west-2", "DescribeStacks", "StackName", "producer").list("DescribeStacksResult/Stacks")[0]; st.at("StackStatus") != "DELETE_FAILED" ||
		!strings.Contains(st.at("StackStatusReason"), "in use by consumer") {
		t.Errorf("the producer's deletion: %s: %s", st.at("StackStatus"), st.at("StackStatusReason"))
	}
}

// TestEmulation_Replaces asserts that a change of a create-only property makes a new resource before the old one goes.
func TestEmulation_Replaces(t *testing.T) {
	s := startServer(t)
	vpc := `"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": %q, "EnableDnsSupport": %s}}`
	id := func() string { return readStack(t, s, "us-west-2", "one").resources["V"].id }
	s.change(t, "one", fmt.Sprintf(vpc, "10.0.0.0/16", "true"), "")
	first := id()
	s.change(t, "one", fmt.Sprintf(vpc, "10.0.0.0/16", "false"), "")
	if got := id(); got != first {
		t.Errorf("an update in place: %s became %s", first, got)
	}
	s.change(t, "one", fmt.Sprintf(vpc, "10.5.0.0/16", "false"), "")
	second := id()
	var events []string
	for _, e := range s.query(t, "cloudformation", "us-west-2", "DescribeStackEvents", "StackName", "one").list("DescribeStackEventsResult/StackEvents") {
		if status := e.at("ResourceStatus"); e.at("LogicalResourceId") == "V" && strings.HasSuffix(status, "_COMPLETE") {
			events = append(events, status+" "+e.at("PhysicalResourceId"))
		}
	}
	want := fmt.Sprintf("[DELETE_COMPLETE %s CREATE_COMPLETE %s UPDATE_COMPLETE %s CREATE_COMPLETE %s]", first, second, first, first)
	if got := fmt.Sprint(events); got != want || first == second {
		t.Errorf("events, newest first:\n got %s\nwant %s", got, want)
	}
}

// change brings a stack to a template by a change set, and returns the status and reason of the change set if it failed,
// or else of the stack.
func (s *server) change(t *testing.T, name, resources, rest string) (status, reason string) {
	t.Helper()
	const region = "us-west-2"
	kind := "UPDATE"
	if _, err := s.tryQuery("cloudformation", region, "DescribeStacks", "StackName", name); err != nil {
		kind = "CREATE"
	}
	body := `{"Resources": {` + resources + `}`
	if rest != "" {
		body += ", " + rest
	}
	set := fmt.Sprint("c", time.Now().UnixNano())
	s.query(t, "cloudformation", region, "CreateChangeSet", "StackName", name, "ChangeSetName", set, "ChangeSetType", kind, "TemplateBody", body+"}")
	c := s.query(t, "cloudformation", region, "DescribeChangeSet", "StackName", name, "ChangeSetName", set)
	if status := c.at("DescribeChangeSetResult/Status"); status != "CREATE_COMPLETE" {
		return status, c.at("DescribeChangeSetResult/StatusReason")
	}
	s.query(t, "cloudformation", region, "ExecuteChangeSet", "StackName", name, "ChangeSetName", set)
	st := s.query(t, "cloudformation", region, "DescribeStacks", "StackName", name).list("DescribeStacksResult/Stacks")[0]
	return st.at("StackStatus"), st.at("StackStatusReason")
}

// TestEmulation_FunctionsStandInSubnets asserts that a function in a VPC needs groups of that VPC, and that its subnet cannot
// go before it.
func TestEmulation_FunctionsStandInSubnets(t *testing.T) {
	s := startServer(t)
	const place = `"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
"S": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "V"}, "CidrBlock": "10.0.0.0/24", "AvailabilityZoneId": "usw2-az1"}},
"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Ref": "V"}, "GroupDescription": "one"}}`
	ids := func(stack string) map[string]resource { return readStack(t, s, "us-west-2", stack).resources }
	function := func(subnet, group string) string {
		return fmt.Sprintf(`"F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "none"}, "Handler": "h", "Runtime": "provided.al2023",
"Role": {"Fn::GetAtt": ["R", "Arn"]}, "VpcConfig": {"SubnetIds": [%q], "SecurityGroupIds": [%q]}}},
"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
  {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}}}`, subnet, group)
	}
	for _, stack := range []string{"here", "there"} {
		if status, reason := s.change(t, stack, place, ""); status != "CREATE_COMPLETE" {
			t.Fatalf("%s: %s: %s", stack, status, reason)
		}
	}
	here, there := ids("here"), ids("there")
	if status, reason := s.change(t, "mixed", function(here["S"].id, there["G"].id), ""); status != "CREATE_FAILED" || !strings.Contains(reason, "are not of one VPC") {
		t.Errorf("a group of another VPC: %s: %s", status, reason)
	}
	if status, reason := s.change(t, "function", function(here["S"].id, here["G"].id), ""); status != "CREATE_COMPLETE" {
		t.Fatalf("a function in its place: %s: %s", status, reason)
	}
	s.query(t, "cloudformation", "us-west-2", "DeleteStack", "StackName", "here")
	st := s.query(t, "cloudformation", "us-west-2", "DescribeStacks", "StackName", "here").list("DescribeStacksResult/Stacks")[0]
	if reason := st.at("StackStatusReason"); st.at("StackStatus") != "DELETE_FAILED" || !strings.Contains(reason, "dependen") {
		t.Errorf("the deletion of what a function stands in: %s: %s", st.at("StackStatus"), reason)
	}
}
