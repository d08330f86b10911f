package peering

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// VpcPeeringProps configures a VpcPeering. Every property but Name is create-only: a change replaces the connection.
type VpcPeeringProps struct {
	// Name is the Name tag.
	// Default: the construct id.
	Name string
	// RequesterVpcId is the id of the VPC in this stack's Region and account. Required.
	RequesterVpcId *string
	// AccepterVpcId is the id of the other VPC. Required.
	AccepterVpcId *string
	// AccepterRegion is the Region of the other VPC.
	// Default: this stack's Region.
	AccepterRegion string
	// AccepterAccount is the account of the other VPC, twelve digits.
	// Default: this stack's account.
	AccepterAccount string
	// AcceptRoleARN is a role in the other account that may accept the request. Required with AccepterAccount.
	// Default: none; within one account CloudFormation accepts by itself, in every Region.
	AcceptRoleARN string
}

// Validate reports every problem in p. It needs no Node.js.
func (p VpcPeeringProps) Validate() error {
	var f cdkx.Fields
	required(&f, "requesterVpcId", p.RequesterVpcId)
	required(&f, "accepterVpcId", p.AccepterVpcId)
	validateRegion(&f, p.AccepterRegion)
	validateAccount(&f, p.AccepterAccount)
	switch {
	case p.AccepterAccount != "" && p.AcceptRoleARN == "":
		f.Addf("acceptRoleArn", "missing, with accepterAccount %s; give a role in that account that may accept", p.AccepterAccount)
	case p.AccepterAccount == "" && p.AcceptRoleARN != "":
		f.Addf("acceptRoleArn", "not within one account, got %s; leave it out or give accepterAccount", p.AcceptRoleARN)
	}
	return f.Err()
}

// VpcPeering is a VPC peering connection.
type VpcPeering struct {
	constructs.Construct
	id *string
}

// NewVpcPeering defines a VPC peering connection in the requester's Region. It panics if props are invalid; call Validate
// first.
func NewVpcPeering(scope constructs.Construct, id string, props *VpcPeeringProps) *VpcPeering {
	cdkx.MustBeValid(scope, id, props.Validate())
	p := &VpcPeering{}
	constructs.NewConstruct_Override(p, scope, &id)
	p.id = awsec2.NewCfnVPCPeeringConnection(p, jsii.String(naming.Resource), &awsec2.CfnVPCPeeringConnectionProps{
		VpcId: props.RequesterVpcId, PeerVpcId: props.AccepterVpcId, PeerRegion: optional(props.AccepterRegion),
		PeerOwnerId: optional(props.AccepterAccount), PeerRoleArn: optional(props.AcceptRoleARN),
		Tags: cdkx.Name(nameOr(props.Name, id)),
	}).Ref()
	return p
}

// PeeringConnectionId returns the id of the VPC peering connection.
func (p *VpcPeering) PeeringConnectionId() *string { return p.id }
