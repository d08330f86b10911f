package customresource

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/pathproof/pathproof/internal/cdkx"
)

// VpcPeeringDnsProps configures a VpcPeeringDns.
type VpcPeeringDnsProps struct {
	// Provider does the work, in the Region of the side to set. Required.
	Provider *Provider
	// VpcPeeringConnectionId is the peering connection. Required.
	VpcPeeringConnectionId *string
	// Side of the connection that this stack's VPC is: "requester" or "accepter". Required.
	Side string
	// AllowRemoteDns says whether the other side may resolve public DNS names of this side's VPC to private addresses.
	// Both VPCs need DNS support and DNS hostnames.
	// Default: false.
	AllowRemoteDns bool
	// Revision makes CloudFormation look again when it changes.
	// Default: none; pass one if the connection is of another stack.
	Revision string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p VpcPeeringDnsProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	requireID(&f, "vpcPeeringConnectionId", p.VpcPeeringConnectionId)
	if p.Side != "requester" && p.Side != "accepter" {
		f.Addf("side", "unknown value, got %q; use \"accepter\" or \"requester\"", p.Side)
	}
	return f.Err()
}

// VpcPeeringDns is the DNS option of one side of a VPC peering connection. Deleting it turns the option off.
type VpcPeeringDns struct {
	constructs.Construct
	resource awscdk.CfnResource
}

// NewVpcPeeringDns defines one side's DNS option in scope. It panics if props are invalid; call Validate first.
func NewVpcPeeringDns(scope constructs.Construct, id string, props *VpcPeeringDnsProps) *VpcPeeringDns {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	d := &VpcPeeringDns{}
	constructs.NewConstruct_Override(d, scope, &id)
	policy := props.Provider.allow("VpcPeeringDnsPolicy",
		describe("ec2:DescribeVpcPeeringConnections"),
		change("", []string{"ec2:ModifyVpcPeeringConnectionOptions"}, "vpc-peering-connection"))
	d.resource = define(d, props.Provider, "Custom::PathproofVpcPeeringDns", props.Revision, policy, map[string]any{
		"VpcPeeringConnectionId": props.VpcPeeringConnectionId,
		"Side":                   props.Side,
		"AllowRemoteDns":         strconv.FormatBool(props.AllowRemoteDns),
	})
	return d
}

// Resource returns the CloudFormation resource, to depend on or to override.
func (d *VpcPeeringDns) Resource() awscdk.CfnResource { return d.resource }
