package cfn

import "testing"

func TestBroken(t *testing.T) {
	vpc := func(cidr string) *Resource { return res("Vpc", "VPC", "CidrBlock", cidr) }
	peer := func(vpc string) *Resource {
		return res("Peer", "VPCPeeringConnection", "VpcId", vpc, "PeerVpcId", "vpc-9")
	}
	before := stacks(in("net", vpc("10.0.0.0/16")), in("peer", peer("@@net/Vpc")))
	runCompare(t, []compareCase{
		{"nobody imports it any more, so the export goes first", before, stacks(in("net", vpc("10.0.0.0/16")), in("peer")), `
			delete peer/Peer
			broken net/Vpc of net/Vpc in peer/Peer: unused consumer first`},
		{"the consumer is deployed first", before, stacks(in("peer"), in("net", vpc("10.0.0.0/16"))), `
			delete peer/Peer`},
		{"somebody else imports it, so the export stays", before,
			stacks(in("net", vpc("10.0.0.0/16")), in("peer"), in("routes", res("Rtb", "RouteTable", "VpcId", "@@net/Vpc"))), `
			delete peer/Peer
			create routes/Rtb`},
		{"the template exports it although nobody imports it", before,
			stacks(&Stack{Name: "net", Resources: []*Resource{vpc("10.0.0.0/16")}, Outputs: []*Output{{Name: "V", Export: "net:V", Value: "{net/Vpc}"}}}, in("peer")), `
			delete peer/Peer`},
		{"its resource goes", before, stacks(in("net"), in("peer", peer("vpc-1"))), `
			delete net/Vpc
			replace peer/Peer
			  VpcId {net/Vpc} -> vpc-1
			broken net/Vpc of net/Vpc in peer/Peer: deleted consumer first`},
		{"its resource is replaced while it is imported", before, stacks(in("net", vpc("10.1.0.0/16")), in("peer", peer("@@net/Vpc"))), `
			replace net/Vpc
			  CidrBlock 10.0.0.0/16 -> 10.1.0.0/16
			replace peer/Peer
			  VpcId follows net/Vpc
			broken net/Vpc of net/Vpc in peer/Peer: replaced`},
		{"the consumer needs something new, so it cannot go first", before,
			stacks(in("net", vpc("10.0.0.0/16"), res("New", "VPC")), in("peer", peer("@@net/New"))), `
			create net/New
			replace peer/Peer
			  VpcId {net/Vpc} -> {net/New}
			broken net/Vpc of net/Vpc in peer/Peer: unused`},
		{"an orphan never lets go", before, stacks(in("net", vpc("10.0.0.0/16"))), `
			broken net/Vpc of net/Vpc in peer/Peer: unused
			orphan peer`},
		{"nothing changes an orphan", before, stacks(in("peer")), `
			delete peer/Peer
			orphan net`},
		{"a weak value protects nothing", stacks(in("net", vpc("10.0.0.0/16")), in("peer", &Resource{LogicalID: "Peer", Type: "AWS::EC2::VPCPeeringConnection",
			Properties: map[string]string{"VpcId": "{net/Vpc}"}, Uses: []Use{{"net/Vpc", false}}})), stacks(in("net"), in("peer")), `
			delete net/Vpc
			delete peer/Peer`},
		{"an attribute is another export than the Ref",
			stacks(in("net", res("V", "VPC")), in("peer", res("X", "AWS::SSM::Parameter", "a", "@@net/V.CidrBlock"), res("Y", "AWS::SSM::Parameter", "a", "@@net/V"))),
			stacks(in("net", res("V", "VPC")), in("peer", res("Y", "AWS::SSM::Parameter", "a", "@@net/V"))), `
			delete peer/X
			broken net/V.CidrBlock of net/V in peer/X: unused consumer first`},
		{"an attribute changes although its resource stays",
			stacks(in("net", res("F", facts, "TransitGatewayId", "a")), in("r", res("R", "AWS::SSM::Parameter", "a", "@@net/F.TransitGatewayAttachmentId"))),
			stacks(in("net", res("F", facts, "TransitGatewayId", "b")), in("r", res("R", "AWS::SSM::Parameter", "a", "@@net/F.TransitGatewayAttachmentId"))), `
			broken net/F.TransitGatewayAttachmentId of net/F in r/R: attribute`},
		{"it may be replaced",
			stacks(in("net", res("V", "VPC", "InstanceTenancy", "a")), in("r", res("R", "AWS::SSM::Parameter", "a", "@@net/V"))),
			stacks(in("net", res("V", "VPC", "InstanceTenancy", "b")), in("r", res("R", "AWS::SSM::Parameter", "a", "@@net/V"))), `
			replace net/V maybe
			  InstanceTenancy a -> b maybe
			broken net/V of net/V in r/R: replaced maybe`},
	})
}
