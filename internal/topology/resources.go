package topology

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// Resource is one planned resource of a stack. Helpers that only serve a resource (roles, log groups, the function
// behind custom resources) are not planned.
type Resource struct {
	LogicalID string `json:"logicalId"`
	Type      string `json:"type"`
	// Name says what it is in the words of the file, for example network/seoul/app/subnet/private-apne2-az1.
	Name string `json:"name"`
	// Properties are those that decide about a replacement: what CloudFormation cannot change in place, and what names the
	// slot that only one resource may hold. A value is a text, or {STACK/ID} for what CloudFormation makes of a resource.
	Properties map[string]string `json:"properties,omitempty"`
	// Retained says that it stays in the account when it leaves the network.
	Retained bool `json:"retained,omitempty"`
	// Uses lists the values that it takes from other stacks, as STACK/ID or STACK/ID.ATTRIBUTE. Those of its own place are imports,
	// which keep their producer from taking the value back.
	Uses []string `json:"uses,omitempty"`
	// Reads lists values of its own place that it looks up as if they were another Region's: what has to follow its producer, and
	// must not hold it up.
	Reads []string `json:"reads,omitempty"`
}

// planner collects the resources of one stack. A test compares what it says with the synthesized templates, so that a
// plan cannot drift from what is deployed.
type planner struct {
	plan  *Plan
	stack *Stack
}

// retained are the types of what others hold on to, such as an address that a partner's firewall knows (docs/adr/0007).
var retained = []string{"AWS::EC2::EIP", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::GlobalAccelerator::Accelerator", "AWS::SecretsManager::Secret"}

// props are a resource's properties.
type props map[string]string

func planResources(p *Plan, s *Stack) {
	pl := &planner{plan: p, stack: s}
	switch {
	case s.Layer == LayerPeer:
		pl.peering(p.Peering(s.Peering))
		return
	case s.Accelerator != "":
		pl.marker()
		pl.accelerator(p.Accelerator(s.Accelerator))
	case s.Network != "":
		pl.marker()
		pl.networkStack(p.Network(s.Network))
	case s.Layer == LayerNetwork:
		pl.marker()
		pl.placeStack(s.Place)
	case s.Layer == LayerRoutes:
		pl.marker()
		pl.routesStack(s.Place)
	case s.Layer == LayerOps:
		pl.marker()
		pl.add("AWS::SSM::Parameter", "plan of "+s.Name, props{"Name": naming.PlanParameter(p.Name)}, naming.Plan)
		pl.alerts(s.Place)
		pl.authorities(s.Place)
		pl.machines(s.Place)
		pl.acceleratorAlarms(s.Place)
		pl.zonalOperations(s.Place)
		pl.zonalLatency(s.Place)
		pl.measurement(s.Place)
	}
}

// add plans a resource of this stack.
func (pl *planner) add(typ, name string, properties props, path ...string) *Resource {
	r := &Resource{LogicalID: naming.LogicalID(path...), Type: typ, Name: name, Properties: properties, Retained: slices.Contains(retained, typ)}
	for _, v := range properties {
		ref, ok := strings.CutPrefix(v, "{") // a quote behind it begins an object, whose references are noted by whoever adds it
		if ok && !strings.HasPrefix(ref, `"`) && strings.Contains(v, "/") && !strings.HasPrefix(ref, pl.stack.Name+"/") {
			r.use(v)
		}
	}
	pl.stack.Resources = append(pl.stack.Resources, r)
	return r
}

// use notes that a resource takes a value from another stack.
func (r *Resource) use(refs ...string) {
	for _, ref := range refs {
		r.Uses = append(r.Uses, strings.Trim(ref, "{}"))
	}
	slices.Sort(r.Uses)
	r.Uses = slices.Compact(r.Uses)
}

// export plans a resource of which other stacks may import the id, or an attribute. What a stack exports follows from what it holds, never from who
// imports: a reader that goes away must not change the producer, which is deployed before it and could not yet take the
// export back.
func (pl *planner) export(attribute, typ, name string, properties props, path ...string) {
	r := pl.add(typ, name, properties, path...)
	pl.exportID(r.LogicalID, attribute)
}

func (pl *planner) exportID(id, attribute string) {
	if attribute != "" {
		id += "." + attribute
	}
	pl.stack.Exports = append(pl.stack.Exports, id)
}

// ref is the value that a resource of this stack has for others.
func (pl *planner) ref(path ...string) string { return resourceRef(pl.stack.Name, path...) }

func resourceRef(stack string, path ...string) string {
	return "{" + stack + "/" + naming.LogicalID(path...) + "}"
}

// attribute is like a ref, for one attribute.
func attribute(ref, name string) string { return strings.TrimSuffix(ref, "}") + "." + name + "}" }

func (pl *planner) marker() {
	pl.add("AWS::SSM::Parameter", "marker of "+pl.stack.Name, nil, naming.Marker)
}

// function is the function behind custom resources of a place, or of its routes.
func (pl *planner) function(stack string) string {
	return attribute(resourceRef(stack, naming.ResourcesLambda, naming.Function, naming.Resource), "Arn")
}

// vpcRef and gatewayRef are the ids of what may be adopted: the plain text then.
func (pl *planner) vpcRef(n *Network) string {
	if n.ID != "" {
		return n.ID
	}
	return resourceRef(pl.plan.NetworkStackName(n), naming.Network(n.Name), naming.Resource)
}

func (pl *planner) gatewayRef(t *TransitGateway) string {
	if t.ID != "" {
		return t.ID
	}
	return resourceRef(pl.plan.StackName(LayerNetwork, t.Place), naming.TransitGateway(t.Name), naming.Resource)
}

func (pl *planner) segmentRef(t *TransitGateway, s *Segment) string {
	if s.ID != "" {
		return s.ID
	}
	return resourceRef(pl.plan.StackName(LayerNetwork, t.Place), naming.TransitGateway(t.Name), naming.Segment(s.Name), naming.Resource)
}

func (pl *planner) tableRef(n *Network, t *RouteTable) string {
	if t.ID != "" {
		return t.ID
	}
	return resourceRef(pl.plan.NetworkStackName(n), naming.Network(n.Name), naming.Subnet(t.Tier, t.ZoneID), naming.RouteTable)
}

// peering plans a peering connection, which has a stack of its own.
func (pl *planner) peering(x *Peering) {
	name := "peering/" + x.Name
	if x.Mode == config.ModeTransitGateway {
		account := x.Accepter.Place.AccountID
		if account == "" {
			account = "{AWS::AccountId}"
		}
		pl.export("TransitGatewayAttachmentId", "AWS::EC2::TransitGatewayPeeringAttachment", name, props{"TransitGatewayId": pl.gatewayRef(x.Requester.gateway),
			"PeerTransitGatewayId": pl.gatewayRef(x.Accepter.gateway), "PeerRegion": x.Accepter.Place.Region, "PeerAccountId": account},
			naming.Peering(x.Name), naming.Resource)
		return
	}
	properties := props{"VpcId": pl.vpcRef(x.Requester.network), "PeerVpcId": pl.vpcRef(x.Accepter.network), "PeerRegion": x.Accepter.Place.Region}
	if x.AcceptRole != "" {
		properties["PeerOwnerId"], properties["PeerRoleArn"] = x.Accepter.Place.AccountID, x.AcceptRole
	}
	pl.export("", "AWS::EC2::VPCPeeringConnection", name, properties, naming.Peering(x.Name), naming.Resource)
}
