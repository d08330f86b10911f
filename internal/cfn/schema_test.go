package cfn

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSchema_CreateOnly(t *testing.T) {
	for _, c := range []struct {
		typ                    string
		createOnly, maybe, not []string
	}{
		{"AWS::EC2::VPC", []string{"CidrBlock"}, []string{"InstanceTenancy"}, []string{"EnableDnsSupport", "Tags"}},
		{"AWS::EC2::Subnet", []string{"AvailabilityZoneId", "CidrBlock", "VpcId"}, []string{"Ipv6CidrBlock"}, []string{"MapPublicIpOnLaunch"}},
		{"AWS::EC2::Route", []string{"RouteTableId", "DestinationCidrBlock"}, nil, []string{"VpcPeeringConnectionId", "GatewayId"}},
		{"AWS::EC2::TransitGateway", []string{"AmazonSideAsn"}, nil, []string{"DnsSupport"}},
		{"AWS::EC2::TransitGatewayAttachment", []string{"VpcId", "TransitGatewayId"}, nil, []string{"SubnetIds"}},
		{"AWS::EC2::VPCPeeringConnection", []string{"VpcId", "PeerVpcId", "PeerRegion", "PeerRoleArn"}, nil, []string{"Tags"}},
		{"AWS::EC2::VPNConnection", []string{"PreSharedKeyStorage", "StaticRoutesOnly"}, []string{"TunnelBandwidth"}, []string{"CustomerGatewayId", "TransitGatewayId"}},
		{"AWS::EC2::VPCEndpoint", []string{"DnsOptions.PrivateDnsPreference"}, nil, []string{"RouteTableIds"}},
		{"AWS::Route53::HostedZone", []string{"Name"}, nil, []string{"VPCs"}},
		{"AWS::CloudFormation::CustomResource", nil, nil, []string{"ServiceToken"}},
		{"Custom::PathproofTgwAssociation", []string{"TransitGatewayAttachmentId"}, nil, []string{"TransitGatewayRouteTableId", "ServiceToken"}},
		{"Custom::SomebodyElses", nil, nil, []string{"Anything"}},
		{"AWS::No::Such", nil, nil, []string{"Anything"}},
	} {
		create, conditional := CreateOnly(c.typ), MaybeCreateOnly(c.typ)
		for _, p := range c.createOnly {
			if !slices.Contains(create, p) || !slices.Contains(Watched(c.typ), p) {
				t.Errorf("%s: %s is not create-only and watched; got %v", c.typ, p, create)
			}
		}
		if !slices.Equal(conditional, c.maybe) {
			t.Errorf("%s: conditional: got %v, want %v", c.typ, conditional, c.maybe)
		}
		for _, p := range c.not {
			if slices.Contains(create, p) || slices.Contains(conditional, p) {
				t.Errorf("%s: %s replaces", c.typ, p)
			}
		}
	}
	if Known("AWS::No::Such") || Known("Custom::SomebodyElses") || !Known("Custom::PathproofVpnFacts") {
		t.Error("what is known is not what is in the tables")
	}
}

func TestSchema_DeletesFirst(t *testing.T) {
	for typ, want := range map[string]bool{
		"AWS::EC2::TransitGatewayRoute": true, "AWS::EC2::SubnetRouteTableAssociation": true, "AWS::EC2::EIPAssociation": true,
		"AWS::EC2::Route": false, "AWS::EC2::Subnet": false, "Custom::PathproofTgwAssociation": false,
	} {
		if got := DeletesFirst(typ); got != want {
			t.Errorf("%s: got %v, want %v", typ, got, want)
		}
	}
}

func TestSchema_Extracted(t *testing.T) {
	date, source := Extracted()
	if _, err := time.Parse(time.DateOnly, date); err != nil || !strings.Contains(source, "cfn-lint ") {
		t.Errorf("got %q, %q", date, source)
	}
	hash := regexp.MustCompile(`^[0-9a-f]{16}$`)
	var file struct {
		Types map[string]struct{ Schema string }
	}
	if err := json.Unmarshal(schemasJSON, &file); err != nil {
		t.Fatal(err)
	}
	for typ, s := range file.Types {
		if !hash.MatchString(s.Schema) {
			t.Errorf("%s: where it is from: got %q", typ, s.Schema)
		}
	}
	// One type a line, in order: a diff of the file shows what changed.
	lines := bytes.Split(bytes.TrimSpace(schemasJSON), []byte("\n"))
	if lines = lines[4 : len(lines)-2]; len(lines) != len(file.Types) || !slices.IsSortedFunc(lines, bytes.Compare) {
		t.Errorf("%d lines for %d types, sorted %v", len(lines), len(file.Types), slices.IsSortedFunc(lines, bytes.Compare))
	}
}

// A correction that says what the schema says is out of date.
func TestCorrections_AreNeededAndSourced(t *testing.T) {
	var file extract
	if err := json.Unmarshal(schemasJSON, &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range corrections {
		s := file.Types[c.typ]
		if s == nil || c.source == "" {
			t.Errorf("%s %s: type known %v, source %q", c.typ, c.property, s != nil, c.source)
			continue
		}
		is := updates
		if slices.Contains(s.CreateOnly, c.property) {
			is = replaces
		} else if slices.Contains(s.Conditional, c.property) {
			is = mayBe
		}
		if is == c.behaviour {
			t.Errorf("%s %s: the schema says the same; delete the correction", c.typ, c.property)
		}
	}
}

// The list of docs/adr/0007, of what a VPC is to everything in it and a Client VPN endpoint to profiles. A customer gateway is not on it.
func TestProtected(t *testing.T) {
	want := map[string]string{
		"AWS::EC2::EIP": "Elastic IP", "AWS::EC2::TransitGateway": "transit gateway", "AWS::EC2::VPC": "VPC", "AWS::EC2::VPNConnection": "VPN connection",
		"AWS::GlobalAccelerator::Accelerator": "accelerator", "AWS::KMS::Key": "key", "AWS::Route53::HostedZone": "hosted zone",
		"AWS::S3::Bucket": "bucket", "AWS::SecretsManager::Secret": "secret", "AWS::EC2::ClientVpnEndpoint": "Client VPN endpoint",
	}
	for typ := range schemas().Types {
		if noun, ok := Protected(typ); noun != want[typ] || ok != (want[typ] != "") {
			t.Errorf("%s: got %q, %v, want %q", typ, noun, ok, want[typ])
		}
	}
}
