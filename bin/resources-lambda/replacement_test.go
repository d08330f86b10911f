package main

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/pathproof/pathproof/internal/cfn"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// TestPhysicalID_ReplacementsAreKnown changes each property of each type and asserts that the physical id changes exactly
// when internal/cfn announces a replacement.
func TestPhysicalID_ReplacementsAreKnown(t *testing.T) {
	type change struct{ from, to string }
	types := map[string]map[string]change{
		"Custom::PathproofVpnFacts": {
			"VpnConnectionId":  {"vpn-0123456789abcdef0", "vpn-0123456789abcdef1"},
			"TransitGatewayId": {"tgw-0123456789abcdef0", "tgw-0123456789abcdef1"},
			"Inside1":          {"169.254.110.0/30", "169.254.111.0/30"},
			"Inside2":          {"169.254.114.0/30", "169.254.115.0/30"},
		},
		"Custom::PathproofTgwAssociation": {
			"TransitGatewayAttachmentId": {"tgw-attach-0123456789abcdef0", "tgw-attach-0123456789abcdef1"},
			"TransitGatewayRouteTableId": {"tgw-rtb-0123456789abcdef0", "tgw-rtb-0123456789abcdef1"},
		},
		"Custom::PathproofTgwPeeringAcceptance": {
			"TransitGatewayAttachmentId": {"tgw-attach-0123456789abcdef0", "tgw-attach-0123456789abcdef1"},
			"AccepterRegion":             {"ap-northeast-1", "ap-northeast-2"},
		},
		"Custom::PathproofVpcPeeringDns": {
			"VpcPeeringConnectionId": {"pcx-0123456789abcdef0", "pcx-0123456789abcdef1"},
			"Side":                   {"requester", "accepter"},
			"AllowRemoteDns":         {"true", "false"},
		},
		"Custom::PathproofClientVpnFacts": {
			"ClientVpnEndpointId": {"cvpn-endpoint-0123456789abcdef0", "cvpn-endpoint-0123456789abcdef1"},
			"TransitGatewayId":    {"tgw-0123456789abcdef0", "tgw-0123456789abcdef1"},
		},
		"Custom::PathproofImage":      {"Name": {"al2023-ami-2023.8.20250818.0-kernel-6.1-arm64", "al2023-ami-2023.9.20250901.0-kernel-6.1-arm64"}},
		"Custom::PathproofPrefixList": {"Name": {"com.amazonaws.ap-northeast-2.route53-healthchecks", "com.amazonaws.ap-northeast-1.route53-healthchecks"}},
		"Custom::PathproofPki": {
			"Network": {"reference", "other"}, "Pki": {"main", "spare"}, "Bucket": {"a", "b"}, "Replicas": {"", "us-west-2=b"},
			"KeyArn":            {"arn:aws:kms:us-west-2:111122223333:key/1", "arn:aws:kms:us-west-2:111122223333:key/2"},
			"TlsCryptSecretArn": {"arn:aws:secretsmanager:us-west-2:111122223333:secret:a", "arn:aws:secretsmanager:us-west-2:111122223333:secret:b"},
		},
		"Custom::PathproofServerCertificate": {
			"Network": {"reference", "other"}, "Pki": {"main", "spare"}, "Bucket": {"a", "b"}, "Replicas": {"", "us-west-2=b"}, "Server": {"seoul", "tokyo"},
			"ValidityDays": {"90", "30"},
			"KeyArn":       {"arn:aws:kms:us-west-2:111122223333:key/1", "arn:aws:kms:us-west-2:111122223333:key/2"},
			"SecretArn":    {"arn:aws:secretsmanager:us-west-2:111122223333:secret:a", "arn:aws:secretsmanager:us-west-2:111122223333:secret:b"},
		},
		"Custom::PathproofClientVpnCertificate": {
			"Network": {"reference", "other"}, "Pki": {"main", "spare"}, "Bucket": {"a", "b"}, "Endpoint": {"people", "others"}, "At": {"seoul/app", "seoul"}, "ValidityDays": {"90", "30"},
			"KeyArn": {"arn:aws:kms:us-west-2:111122223333:key/1", "arn:aws:kms:us-west-2:111122223333:key/2"},
		},
		"Custom::PathproofClientVpnList": {
			"Network": {"reference", "other"}, "Pki": {"main", "spare"}, "Bucket": {"a", "b"},
			"KeyArn":              {"arn:aws:kms:us-west-2:111122223333:key/1", "arn:aws:kms:us-west-2:111122223333:key/2"},
			"ClientVpnEndpointId": {"cvpn-endpoint-0123456789abcdef0", "cvpn-endpoint-0123456789abcdef1"},
		},
	}
	for typ := range resourceTypes {
		if types[typ] == nil || !cfn.Known(typ) {
			t.Errorf("%s: in this table %v, in internal/cfn %v", typ, types[typ] != nil, cfn.Known(typ))
		}
	}
	id := func(typ string, properties map[string]string) string {
		raw, err := json.Marshal(properties)
		if err != nil {
			t.Fatal(err)
		}
		res, err := parse(lambdax.Request{RequestType: lambdax.RequestUpdate, ResourceType: typ, ResourceProperties: raw})
		if err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
		return res.physicalID()
	}
	for typ, changes := range types {
		before := map[string]string{"Revision": "1"}
		for name, c := range changes {
			before[name] = c.from
		}
		before["Kind"] = kindOpenVPN // there is no other
		for name, c := range changes {
			after := maps.Clone(before)
			after[name] = c.to
			replaced, announced := id(typ, before) != id(typ, after), slices.Contains(cfn.CreateOnly(typ), name)
			if replaced != announced {
				t.Errorf("%s: another %s: replaced %v, announced %v", typ, name, replaced, announced)
			}
		}
		for _, name := range cfn.CreateOnly(typ) {
			if _, ok := changes[name]; !ok {
				t.Errorf("%s: internal/cfn names %s, which is no property", typ, name)
			}
		}
	}
}
