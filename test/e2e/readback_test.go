package e2e

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
)

// readers know how each type is read back.
var readers = map[string]reader{
	"AWS::EC2::VPC":                                 readVPC,
	"AWS::EC2::VPCCidrBlock":                        readBlock,
	"AWS::EC2::Subnet":                              simple("DescribeSubnets", "subnetSet", "subnetId", "VpcId", "vpcId", "CidrBlock", "cidrBlock", "AvailabilityZoneId", "availabilityZoneId"),
	"AWS::EC2::RouteTable":                          readRouteTable,
	"AWS::EC2::SubnetRouteTableAssociation":         readSubnetAssociation,
	"AWS::EC2::Route":                               readRoute,
	"AWS::EC2::InternetGateway":                     simple("DescribeInternetGateways", "internetGatewaySet", "internetGatewayId"),
	"AWS::EC2::VPCGatewayAttachment":                readGatewayAttachment,
	"AWS::EC2::SecurityGroup":                       readSecurityGroup,
	"AWS::EC2::EIP":                                 simple("DescribeAddresses", "addressesSet", "allocationId"),
	"AWS::EC2::NatGateway":                          readNAT,
	"AWS::EC2::VPCEndpoint":                         readEndpoint,
	"AWS::EC2::FlowLog":                             readFlowLog,
	"AWS::EC2::TransitGateway":                      readGateway,
	"AWS::EC2::TransitGatewayRouteTable":            readSegment,
	"AWS::EC2::TransitGatewayRoute":                 readSegmentRoute,
	"AWS::EC2::TransitGatewayRouteTablePropagation": readPropagation,
	"AWS::EC2::TransitGatewayAttachment":            readAttachment,
	"AWS::EC2::TransitGatewayPeeringAttachment":     readGatewayPeering,
	"AWS::EC2::CustomerGateway":                     readCustomerGateway,
	"AWS::EC2::VPNConnection":                       readVPN,
	"AWS::EC2::VPCPeeringConnection":                readPeering,
	"Custom::PathproofTgwAssociation":               readAssociation,
	"Custom::PathproofVpnFacts":                     readVPN,
	"Custom::PathproofVpcPeeringDns":                readPeeringDNS,
	"Custom::PathproofTgwPeeringAcceptance":         readGatewayPeering,
	"Custom::PathproofGate":                         readGate,
	"AWS::CloudWatch::Alarm":                        readAlarm,
	"AWS::CloudWatch::Dashboard":                    readDashboard,
	"AWS::Events::Rule":                             readRule,
	"AWS::Logs::MetricFilter":                       readMetricFilter,
	"AWS::Chatbot::SlackChannelConfiguration":       readSlackChannel,
	"AWS::EC2::ClientVpnTargetNetworkAssociation":   readClientVPN("DescribeClientVpnTargetNetworks", "clientVpnTargetNetworks", targetNetwork),
	"AWS::EC2::ClientVpnRoute":                      readClientVPN("DescribeClientVpnRoutes", "routes", clientVPNRoute),
	"AWS::EC2::ClientVpnAuthorizationRule":          readClientVPN("DescribeClientVpnAuthorizationRules", "authorizationRule", authorization),
	"Custom::PathproofImage":                        readImage,
	"Custom::PathproofPrefixList":                   readPrefixList,
	"Custom::PathproofPki":                          readPKI,
	"Custom::PathproofServerCertificate":            readServerCertificate,
	"Custom::PathproofClientVpnCertificate":         readClientVPNCertificate,
	"Custom::PathproofClientVpnList":                readClientVPNList,
	"AWS::SSM::Parameter":                           readParameter,
	"AWS::KMS::Key":                                 readKey,
	"AWS::SNS::Topic":                               readTopic,
	"AWS::Route53::HostedZone":                      readZone,
	"AWS::S3::Bucket":                               readBucket,
	// Helpers: a plan leaves them out, so they are compared with the template's plain values.
	"AWS::S3::BucketPolicy":          readBucketPolicy,
	"AWS::Lambda::Function":          readFunction,
	"AWS::Lambda::EventInvokeConfig": readInvokeConfig,
	"AWS::Lambda::Permission":        readPermission,
	"AWS::Logs::LogGroup":            readLogGroup,
	"AWS::IAM::Role":                 readRole,
	"AWS::IAM::Policy":               readPolicy,
	"AWS::SNS::TopicPolicy":          readTopicPolicy,
}

// untaggable are EC2's types without tags.
var untaggable = []string{"AWS::EC2::VPCCidrBlock", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::Route", "AWS::EC2::VPCGatewayAttachment",
	"AWS::EC2::TransitGatewayRoute", "AWS::EC2::TransitGatewayRouteTablePropagation", "AWS::EC2::LaunchTemplate", "AWS::EC2::SecurityGroupEgress",
	"AWS::EC2::ClientVpnEndpoint", "AWS::EC2::ClientVpnTargetNetworkAssociation", "AWS::EC2::ClientVpnRoute", "AWS::EC2::ClientVpnAuthorizationRule"}

func taggedByEC2(typ string) bool {
	return strings.HasPrefix(typ, "AWS::EC2::") && !slices.Contains(untaggable, typ)
}

// tally holds, by type, what was created and what of it was read back and found as planned.
type tally map[string]*struct{ created, read map[string]bool } // by stack, logical id and physical id

func (c tally) of(typ string) *struct{ created, read map[string]bool } {
	if c[typ] == nil {
		c[typ] = &struct{ created, read map[string]bool }{map[string]bool{}, map[string]bool{}}
	}
	return c[typ]
}

// readBack reads every resource of every stack and compares it with the plan.
func (d *deployed) readBack(t *testing.T) tally {
	t.Helper()
	want, count := d.want(t), tally{}
	for _, name := range slices.Sorted(maps.Keys(d.stacks)) {
		st := d.stacks[name]
		for _, logical := range slices.Sorted(maps.Keys(st.resources)) {
			r := st.resources[logical]
			count.of(r.typ).created[name+logical+r.id] = true
			expected, got, known := d.readOne(t, st, logical, want[name+"/"+logical])
			if !known {
				t.Errorf("%s/%s: nobody reads %s back", name, logical, r.typ)
				continue
			}
			if got == nil {
				t.Errorf("%s/%s (%s): %s does not exist", name, logical, r.typ, r.id)
				continue
			}
			if taggedByEC2(r.typ) {
				got["Tags"], got["Name"] = d.tags(t, st.region, r.id)
			}
			if compare(t, name+"/"+logical+" ("+r.typ+")", expected, got) {
				count.of(r.typ).read[name+logical+r.id] = true
			}
		}
	}
	return count
}

// readOne reads a resource of a stack, by a look or a reader, and returns what it has to be and what it is. planned is what the plan
// says of it, nil of a helper.
func (d *deployed) readOne(t *testing.T, st *stack, logical string, planned properties) (want, got properties, known bool) {
	t.Helper()
	r := st.resources[logical]
	if l, ok := looks[r.typ]; ok {
		says := d.saidValues(t, st, logical)
		found := l.read(t, d, st.region, r.id, says)
		if found == nil {
			return nil, nil, true
		}
		want, got = compareLook(says, found)
		if l.tagged != nil {
			tags := d.stackTags(d.plan.Stack(st.name))
			own, _ := d.evaluate(t, st, st.template.Resources[logical].Properties["Tags"]).([]any)
			maps.Copy(tags, tagsOf(own))
			want["Tags"] = joinTags(tags)
		}
		for name, value := range planned {
			if _, ok := want[name]; !ok { // of what the template says too, the evaluated value is exact
				want[name] = value
			}
		}
		return want, got, true
	}
	read := readers[r.typ]
	if read == nil {
		return nil, nil, false
	}
	want, id := planned, r.id
	switch {
	case planned == nil:
		want, id = d.helper(st, logical)
	case strings.HasPrefix(r.typ, "Custom::"):
		id = cmp.Or(customID(d, t, st, logical), id)
	}
	if slices.Contains(whole, r.typ) { // where both say something, the plan's word counts
		says := d.said(t, st, logical)
		maps.Copy(says, want)
		want = says
	}
	return want, read(t, d, st.region, id), true
}

// compare asserts that a resource has every wanted property; it may have more.
func compare(t *testing.T, what string, want, got properties) bool {
	t.Helper()
	same := true
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if value, ok := got[name]; !ok {
			t.Errorf("%s: %s is not read back, want %q", what, name, want[name])
			same = false
		} else if value != want[name] {
			t.Errorf("%s: %s\n got %s\nwant %s", what, name, value, want[name])
			same = false
		}
	}
	return same
}

// tags are a resource's tags without its name, and its name.
func (d *deployed) tags(t *testing.T, region, id string) (tags, name string) {
	t.Helper()
	all := map[string]string{}
	for _, tag := range d.describe(t, region, "DescribeTags", "tagSet") {
		if tag.at("resourceId") == id {
			all[tag.at("key")] = tag.at("value")
		}
	}
	return joinTags(all), all["Name"]
}
