package network

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// defineSecurityGroups defines groups with their rules inside the resource: CloudFormation then changes rules in place,
// while rules of their own would be created before the old ones are deleted and collide with them. What goes out to another
// group is the exception: two groups that name each other could not be created.
func (n *Network) defineSecurityGroups(groups []SecurityGroupProps, provider *customresource.Provider) {
	for _, g := range inOrder(groups) {
		n.defineSecurityGroup(g, provider)
	}
	for _, g := range groups {
		for _, r := range g.Egress {
			if r.Group == "" {
				continue
			}
			from, to := r.ports()
			awsec2.NewCfnSecurityGroupEgress(n, jsii.String(groupID(g.Name)+"-"+naming.PortTargets(strconv.Itoa(r.FromPort))), &awsec2.CfnSecurityGroupEgressProps{
				GroupId: n.groups[g.Name], DestinationSecurityGroupId: n.groups[r.Group], IpProtocol: jsii.String(r.Protocol), FromPort: from, ToPort: to,
				Description: r.description()})
		}
	}
}

// inOrder puts groups after those that their ingress rules name.
func inOrder(groups []SecurityGroupProps) []SecurityGroupProps {
	var out []SecurityGroupProps
	left := slices.Clone(groups)
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(g SecurityGroupProps) bool {
			return !slices.ContainsFunc(g.Ingress, func(r RuleProps) bool {
				return r.Group != "" && r.Group != g.Name && slices.ContainsFunc(left, func(o SecurityGroupProps) bool { return o.Name == r.Group })
			})
		})
		i = max(i, 0) // a circle: CDK reports it
		out, left = append(out, left[i]), slices.Delete(left, i, i+1)
	}
	return out
}

func groupID(name string) string {
	if name == "" {
		return naming.SecurityGroup
	}
	return naming.RoleSecurityGroup(name)
}

func (n *Network) defineSecurityGroup(g SecurityGroupProps, provider *customresource.Provider) {
	name := n.name
	if g.Name != "" {
		name += "-" + strings.ReplaceAll(g.Name, "/", "-")
	}
	if g.Description == "" {
		g.Description = "Security group " + name
	}
	props := &awsec2.CfnSecurityGroupProps{VpcId: n.vpcID, GroupDescription: jsii.String(g.Description),
		SecurityGroupEgress: egressRules(g.Egress), Tags: cdkx.Name(name)}
	if len(g.Ingress) > 0 {
		props.SecurityGroupIngress = n.ingressRules(g.Ingress, provider)
	}
	group := awsec2.NewCfnSecurityGroup(n, jsii.String(groupID(g.Name)), props)
	if slices.ContainsFunc(g.Ingress, func(r RuleProps) bool { return r.Peer.IsValid() && r.Peer.Bits() == 0 }) {
		cdkx.Suppress(group, cdkx.Rule{ID: "AwsSolutions-EC23", Reason: "A rule of the props names the whole Internet as its peer; nothing else opens this group to it."})
	}
	n.groups[g.Name] = group.AttrGroupId()
}

// prefixListID is the id of a list, which is looked up once.
func (n *Network) prefixListID(name string, provider *customresource.Provider) *string {
	if n.lists[name] == nil {
		id := naming.HealthCheckers
		if !strings.HasSuffix(name, ".route53-healthchecks") {
			id = "List-" + name
		}
		n.lists[name] = customresource.NewPrefixList(n, id, &customresource.PrefixListProps{Provider: provider, Name: name}).PrefixListId()
	}
	return n.lists[name]
}

func (n *Network) ingressRules(rules []RuleProps, provider *customresource.Provider) *[]interface{} {
	out := make([]interface{}, len(rules))
	for i, r := range rules {
		v4, v6 := r.peer()
		from, to := r.ports()
		rule := &awsec2.CfnSecurityGroup_IngressProperty{IpProtocol: jsii.String(r.Protocol), CidrIp: v4, CidrIpv6: v6,
			FromPort: from, ToPort: to, Description: r.description()}
		switch {
		case r.PrefixList != "":
			rule.SourcePrefixListId = n.prefixListID(r.PrefixList, provider)
		case r.Group != "":
			rule.SourceSecurityGroupId = n.groups[r.Group]
		}
		out[i] = rule
	}
	return &out
}

// egressRules are those to blocks.
func egressRules(rules []RuleProps) *[]interface{} {
	rules = slices.DeleteFunc(slices.Clone(rules), func(r RuleProps) bool { return r.Group != "" })
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
	switch {
	case !r.Peer.IsValid():
		return nil, nil
	case r.Peer.Addr().Is4():
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
