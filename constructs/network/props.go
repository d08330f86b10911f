package network

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/pathproof/pathproof/constructs/customresource"
)

// TierAttach is the tier of transit gateway attachments. It gets no default route and no gateway endpoint.
const TierAttach = "attach"

// Egress is the way from a network to the Internet.
type Egress string

// The ways to the Internet.
const (
	// EgressNone leaves the network without an Internet gateway.
	EgressNone Egress = "none"
	// EgressInternetGateway routes public subnets to an Internet gateway.
	EgressInternetGateway Egress = "igw"
	// EgressNATSingle also routes private subnets through one NAT gateway, in the first public subnet given. A public subnet
	// put before that one moves the NAT gateway and changes the address that partners see: give new subnets after it.
	EgressNATSingle Egress = "nat-single"
	// EgressNATPerZone also routes private subnets through a NAT gateway in their own zone.
	EgressNATPerZone Egress = "nat-per-zone"
)

// NetworkProps configures a Network that is defined here. To adopt a VPC use FromAttributes.
type NetworkProps struct {
	// Name is the Name tag of the VPC and the start of its parts' names.
	// Default: the construct id.
	Name string
	// CIDR is the primary IPv4 block, /16 to /28. A change replaces the VPC. Required.
	CIDR netip.Prefix
	// SecondaryCIDRs are further IPv4 blocks, /16 to /28.
	// Default: none.
	SecondaryCIDRs []netip.Prefix
	// Subnets are the subnets. A subnet's identity is its tier and zone, so the order is free, except that nat-single
	// puts its NAT gateway into the first public one.
	// Default: none.
	Subnets []SubnetProps
	// Egress is the way to the Internet.
	// Default: EgressNone.
	Egress Egress
	// GatewayEndpoints are AWS services reached through gateway endpoints from all tiers but attach: s3, dynamodb.
	// Default: none.
	GatewayEndpoints []string
	// FlowLogs sends flow logs of the VPC to S3.
	// Default: none.
	FlowLogs *FlowLogsProps
	// SecurityGroups are the security groups to define, at most one of them without a name.
	// Default: none.
	SecurityGroups []SecurityGroupProps
	// Provider finds the ids of prefix lists that rules name.
	// Default: none; no rule may name one.
	Provider *customresource.Provider
}

// SubnetProps is one subnet.
type SubnetProps struct {
	// Tier is what the subnet is for: letters, digits and hyphens. Required.
	Tier string
	// ZoneID is the AZ ID, for example apne2-az1 (not the name ap-northeast-2a). Required.
	ZoneID string
	// CIDR is the IPv4 block, /16 to /28, inside one of the network's blocks. A change replaces the subnet. With a NAT
	// gateway in it that fails: the new NAT gateway asks for the address while the old one has it. Take NAT away in a
	// deployment of its own first; it comes back with another address. Required.
	CIDR netip.Prefix
	// Public marks a subnet that routes to the Internet gateway; the same for all subnets of a tier. Instances get no
	// public address by themselves, not even here.
	// Default: false.
	Public bool
}

// FlowLogsProps configures VPC flow logs to S3.
type FlowLogsProps struct {
	// Traffic is ALL, ACCEPT or REJECT. A change replaces the flow log.
	// Default: ALL.
	Traffic string
	// ExpireDays is how many days the bucket keeps the logs. Not used with Bucket.
	// Default: 90.
	ExpireDays int
	// Bucket receives the logs. Its policy must let delivery.logs.amazonaws.com write; for a bucket that CDK manages it is
	// extended here.
	// Default: an encrypted bucket of the network's own, which stays when the network goes.
	Bucket awss3.IBucket
}

// SecurityGroupProps is one security group. Its rules stand inside the resource, so a changed rule is an update in place.
type SecurityGroupProps struct {
	// Name tells security groups apart.
	// Default: empty, the network's own security group.
	Name string
	// Description is the group's description. A change replaces the group.
	// Default: made from the names of network and group.
	Description string
	// Ingress are the rules for traffic that comes in.
	// Default: none, so nothing comes in.
	Ingress []RuleProps
	// Egress are the rules for traffic that goes out.
	// Default: none, so nothing goes out.
	Egress []RuleProps
}

// The protocols of rules.
const (
	ProtocolAll    = "-1"
	ProtocolTCP    = "tcp"
	ProtocolUDP    = "udp"
	ProtocolICMP   = "icmp"
	ProtocolICMPv6 = "icmpv6"
)

// RuleProps is one security group rule.
type RuleProps struct {
	// Peer is the other end's block, IPv4 or IPv6. Required, unless PrefixList or Group is given.
	Peer netip.Prefix
	// PrefixList is the name of a managed prefix list of AWS's in the Region, in place of Peer. Ingress only.
	// Default: none.
	PrefixList string
	// Group is the name of another security group of this network, in place of Peer.
	// Default: none.
	Group string
	// Protocol is tcp, udp, icmp, icmpv6 or -1 (all). Required.
	Protocol string
	// FromPort is the first port, or the ICMP type (-1: all). Not used for all protocols.
	FromPort int
	// ToPort is the last port, or the ICMP code (-1: all). Not used for all protocols.
	ToPort int
	// Description says what the rule is for, at most 255 characters.
	// Default: none.
	Description string
}

func (p NetworkProps) withDefaults(id string) NetworkProps {
	if p.Name == "" {
		p.Name = id
	}
	if p.Egress == "" {
		p.Egress = EgressNone
	}
	if p.FlowLogs != nil {
		f := *p.FlowLogs
		if f.Traffic == "" {
			f.Traffic = "ALL"
		}
		if f.ExpireDays == 0 {
			f.ExpireDays = 90
		}
		p.FlowLogs = &f
	}
	return p
}
