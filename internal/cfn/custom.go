package cfn

import (
	"maps"
	"slices"
)

// serviceToken names the function of a custom resource. CloudFormation refuses to change it (see corrections).
const serviceToken = "ServiceToken"

// customType is what bin/resources-lambda does with one of its types. A custom resource is replaced when its function
// answers an update with another physical id; a test there holds this table to the ids that it answers.
type customType struct {
	why string
	// replacedBy are the properties that the physical id is made of.
	replacedBy []string
	// attributes are those that change with an update in place, each with the properties that it follows.
	attributes map[string][]string
}

var customTypes = map[string]customType{
	"Custom::PathproofVpnFacts": {
		why:        "the physical id is the connection; it stays when the connection moves to another transit gateway, but its attachment does not",
		replacedBy: []string{"VpnConnectionId"},
		attributes: map[string][]string{"TransitGatewayAttachmentId": {"TransitGatewayId"}},
	},
	"Custom::PathproofTgwAssociation": {
		why:        "the physical id names the slot, the attachment; another route table is an update in place",
		replacedBy: []string{"TransitGatewayAttachmentId"},
	},
	"Custom::PathproofTgwPeeringAcceptance": {
		why:        "the physical id names the peering attachment; where it is accepted is looked up again in place",
		replacedBy: []string{"TransitGatewayAttachmentId"},
	},
	"Custom::PathproofVpcPeeringDns": {
		why:        "the physical id names the peering connection and the side, each of which has its own option",
		replacedBy: []string{"Side", "VpcPeeringConnectionId"},
	},
	"Custom::PathproofClientVpnFacts": {
		why:        "the physical id is the endpoint, which never moves to another transit gateway",
		replacedBy: []string{"ClientVpnEndpointId"},
	},
	"Custom::PathproofImage": {
		why:        "the physical id names what is looked up",
		replacedBy: []string{"Name"},
	},
	"Custom::PathproofPrefixList": {
		why:        "the physical id names what is looked up",
		replacedBy: []string{"Name"},
	},
	"Custom::PathproofPki": {
		why:        "the physical id names the PKI; where it is kept is looked up again in place",
		replacedBy: []string{"Network", "Pki"},
	},
	"Custom::PathproofServerCertificate": {
		why:        "the physical id names the server; another authority or secret gets a certificate in place",
		replacedBy: []string{"Network", "Server"},
	},
	"Custom::PathproofClientVpnCertificate": {
		why:        "the physical id names the endpoint and where it stands; another authority gets it a certificate in place, under the same ARN",
		replacedBy: []string{"At", "Endpoint", "Network"},
	},
	"Custom::PathproofClientVpnList": {
		why:        "the physical id is the endpoint, which has one list",
		replacedBy: []string{"ClientVpnEndpointId"},
	},
	"Custom::PathproofGate": {
		why: "the physical id names the stack and the resource; a new RunKey is measured in place",
	},
}

// follows lists the properties that some attribute follows.
func (c customType) follows() []string {
	var list []string
	for _, attribute := range slices.Sorted(maps.Keys(c.attributes)) {
		list = append(list, c.attributes[attribute]...)
	}
	return list
}

// Follows lists the properties of a type that decide about one of its attributes while the resource stays the same, sorted.
func Follows(typ, attribute string) []string {
	return slices.Clone(customTypes[typ].attributes[attribute])
}
