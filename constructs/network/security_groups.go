package network

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// defineSecurityGroups defines groups with their rules inside the resource: CloudFormation then changes rules in place,
// while rules of their own would be created before the old ones are deleted and collide with them.
func (n *Network) defineSecurityGroups(groups []SecurityGroupProps) {
	for _, g := range groups {
		id, name := naming.SecurityGroup, n.name
		if g.Name != "" {
			id, name = naming.HostSecurityGroup(g.Name), n.name+"-"+g.Name
		}
		if g.Description == "" {
			g.Description = "Security group " + name
		}
		props := &awsec2.CfnSecurityGroupProps{VpcId: n.vpcID, GroupDescription: jsii.String(g.Description),
			SecurityGroupEgress: egressRules(g.Egress), Tags: cdkx.Name(name)}
		if len(g.Ingress) > 0 {
			props.SecurityGroupIngress = ingressRules(g.Ingress)
		}
		group := awsec2.NewCfnSecurityGroup(n, &id, props)
		if slices.ContainsFunc(g.Ingress, func(r RuleProps) bool { return r.Peer.Bits() == 0 }) {
			cdkx.Suppress(group, cdkx.Rule{ID: "AwsSolutions-EC23", Reason: "A rule of the props names the whole Internet as its peer; nothing else opens this group to it."})
		}
		n.groups[g.Name] = group.AttrGroupId()
	}
}

func ingressRules(rules []RuleProps) *[]interface{} {
	out := make([]interface{}, len(rules))
	for i, r := range rules {
		v4, v6 := r.peer()
		from, to := r.ports()
		out[i] = &awsec2.CfnSecurityGroup_IngressProperty{IpProtocol: jsii.String(r.Protocol), CidrIp: v4, CidrIpv6: v6,
			FromPort: from, ToPort: to, Description: r.description()}
	}
	return &out
}

func egressRules(rules []RuleProps) *[]interface{} {
	if len(rules) == 0 {
		// Without any rule CloudFormation allows all egress. This one allows nothing; it is the one that CDK writes.
		return cdkx.List(&awsec2.CfnSecurityGroup_EgressProperty{IpProtocol: jsii.String("icmp"), CidrIp: jsii.String("255.255.255.255/32"),
			FromPort: jsii.Number(252), ToPort: jsii.Number(86), Description: jsii.String("Disallow all traffic")})
	}
	out := make([]interface{}, len(rules))
	for i, r := range rules {
		v4, v6 := r.peer()
		from, to := r.ports()
		out[i] = &awsec2.CfnSecurityGroup_EgressProperty{IpProtocol: jsii.String(r.Protocol), CidrIp: v4, CidrIpv6: v6,
			FromPort: from, ToPort: to, Description: r.description()}
	}
	return &out
}

func (r RuleProps) peer() (v4, v6 *string) {
	if r.Peer.Addr().Is4() {
		return jsii.String(r.Peer.String()), nil
	}
	return nil, jsii.String(r.Peer.String())
}

func (r RuleProps) ports() (from, to *float64) {
	if r.Protocol == ProtocolAll {
		return nil, nil
	}
	return jsii.Number(r.FromPort), jsii.Number(r.ToPort)
}

func (r RuleProps) description() *string {
	if r.Description == "" {
		return nil
	}
	return jsii.String(r.Description)
}

// SecurityGroupId returns the id of a security group by name; the empty name is the network's own. It panics if there is
// no such group.
func (n *Network) SecurityGroupId(name string) *string {
	id := n.groups[name]
	if id == nil {
		n.fail("no such security group, got %q; add it to SecurityGroups", name)
	}
	return id
}

// SecurityGroup returns a security group as L2 constructs take it. Rules added to it are resources of their own, beside
// those in the props.
func (n *Network) SecurityGroup(name string) awsec2.ISecurityGroup {
	id := fmt.Sprintf("View-%s-%s", naming.SecurityGroup, name)
	if there := n.Node().TryFindChild(&id); there != nil {
		return there.(awsec2.ISecurityGroup)
	}
	return awsec2.SecurityGroup_FromSecurityGroupId(n, &id, n.SecurityGroupId(name),
		&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(false)})
}

var _ awsec2.IConnectable = (*Network)(nil)

// Connections returns the connections of the network's own security group. It panics if the network has none.
func (n *Network) Connections() awsec2.Connections {
	if n.conns == nil {
		n.conns = awsec2.NewConnections(&awsec2.ConnectionsProps{SecurityGroups: &[]awsec2.ISecurityGroup{n.SecurityGroup("")}})
	}
	return n.conns
}
