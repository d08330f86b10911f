package network

import (
	"net/netip"

	"github.com/pathproof/pathproof/constructs/customresource"
)

// NetworkAttributes describes an existing VPC to adopt.
type NetworkAttributes struct {
	// Name is the start of the names of what is defined in the VPC.
	// Default: the construct id.
	Name string
	// VpcID is the id of the VPC, for example vpc-0123456789abcdef0. Required.
	VpcID string
	// CIDRs are the VPC's IPv4 blocks, the primary one first. Required.
	CIDRs []netip.Prefix
	// Subnets are the subnets to use.
	// Default: none.
	Subnets []SubnetAttributes
	// SecurityGroups are the security groups to define in the VPC.
	// Default: none.
	SecurityGroups []SecurityGroupProps
	// Provider finds the ids of prefix lists that rules name.
	// Default: none; no rule may name one.
	Provider *customresource.Provider
}

// SubnetAttributes is one existing subnet.
type SubnetAttributes struct {
	SubnetProps
	// SubnetID is the id of the subnet, for example subnet-0123456789abcdef0. Required.
	SubnetID string
	// RouteTableID is the id of its route table; subnets may share one. AddRoute and Tier need it.
	// Default: not known.
	RouteTableID string
	// ZoneName is the zone's name in this account, for example ap-northeast-2a. Tier and Subnet need it.
	// Default: not known.
	ZoneName string
}

func (a NetworkAttributes) withDefaults(id string) NetworkAttributes {
	if a.Name == "" {
		a.Name = id
	}
	return a
}
