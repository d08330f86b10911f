package topology

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// Layer is what a stack holds. Layers are the same for every network, whatever it contains, because a resource cannot
// move between stacks later without being deleted (docs/adr/0001).
type Layer string

// The layers, in the order of deployment.
const (
	LayerNetwork Layer = "network" // transit gateways and VPN in one stack, each network with its attachments in its own
	LayerPeer    Layer = "peer"    // one peering connection and nothing else
	LayerRoutes  Layer = "routes"  // what needs another stack: both sides of peerings, hosted zones
	LayerOps     Layer = "ops"     // disposable: alarms and whatever runs
)

// Stack is one CloudFormation stack.
type Stack struct {
	Name        string   `json:"name"`
	Layer       Layer    `json:"layer"`
	Place       Place    `json:"place"`
	Network     string   `json:"network,omitempty"`     // key of the network whose own stack it is
	Peering     string   `json:"peering,omitempty"`     // of a peer stack
	Accelerator string   `json:"accelerator,omitempty"` // whose own stack it is
	DependsOn   []string `json:"dependsOn,omitempty"`
	// Exports are what other stacks of the place may import, as ID or ID.ATTRIBUTE.
	Exports   []string    `json:"exports,omitempty"`
	Resources []*Resource `json:"resources"`
}

// StackName returns the name of a layer's stack in a place.
func (p *Plan) StackName(l Layer, at Place) string {
	name := p.Name + "-" + string(l)
	if at.Account != "" {
		name += "-" + at.Account
	}
	return name + "-" + at.Region
}

// NetworkStackName returns the name of a network's own stack. The name of the network is the key by which the layer is
// split: what belongs to one network never moves, however many there are (docs/adr/0013).
func (p *Plan) NetworkStackName(n *Network) string {
	return p.StackName(LayerNetwork, n.Place) + "-" + n.Name
}

// PeerStackName returns the name of a peering's own stack.
func (p *Plan) PeerStackName(peering string) string { return p.Name + "-peer-" + peering }

// Stack returns a stack by name, or nil.
func (p *Plan) Stack(name string) *Stack {
	return find(p.Stacks, func(s *Stack) bool { return s.Name == name })
}

// Places lists every account and Region in use: all declared Regions, and those of networks with an account of their own.
func (p *Plan) Places() []Place {
	var out []Place
	for _, r := range p.Regions {
		out = append(out, r.Place)
	}
	for _, n := range p.Networks {
		out = append(out, n.Place)
	}
	for _, a := range p.Accelerators {
		out = append(out, a.Place)
	}
	slices.SortFunc(out, func(x, y Place) int {
		return cmp.Or(cmp.Compare(x.Region, y.Region), cmp.Compare(x.Account, y.Account))
	})
	return slices.Compact(out)
}

// stacks lays out the stacks in the order of deployment, and their resources.
func (b *builder) stacks() {
	p := b.plan
	b.layer(LayerNetwork)
	for _, n := range p.Networks {
		p.Stacks = append(p.Stacks, &Stack{Name: p.NetworkStackName(n), Layer: LayerNetwork, Place: n.Place, Network: n.Key,
			DependsOn: distinct(append(p.homesOf(n), p.StackName(LayerNetwork, n.Place))...)})
	}
	b.acceleratorStacks()
	for _, x := range p.Peerings {
		p.Stacks = append(p.Stacks, &Stack{Name: p.PeerStackName(x.Name), Layer: LayerPeer, Place: x.Requester.Place, Peering: x.Name,
			DependsOn: distinct(p.producer(&x.Requester), p.producer(&x.Accepter))})
	}
	b.layer(LayerRoutes)
	b.layer(LayerOps)
	for _, s := range p.Stacks {
		planResources(p, s)
		b.stackLimits(s)
	}
}

// lastOps is the place whose ops stack comes last: that of the gate, since what it measures has to be there, and of the Slack
// channel, which reads the other topics. Both are home. nil: none has to.
func (p *Plan) lastOps() *Place {
	switch {
	case p.Measurement != nil:
		return &p.Measurement.Home
	case p.Alerts != nil && p.Alerts.Slack != nil:
		return &p.Alerts.Place
	}
	return nil
}

// layer adds a layer's stack in every place.
func (b *builder) layer(l Layer) {
	places := b.plan.Places()
	if home := b.plan.lastOps(); home != nil && l == LayerOps {
		places = append(slices.DeleteFunc(places, func(at Place) bool { return at == *home }), *home)
	}
	for _, at := range places {
		b.plan.Stacks = append(b.plan.Stacks, &Stack{Name: b.plan.StackName(l, at), Layer: l, Place: at, DependsOn: b.plan.dependencies(l, at)})
	}
}

// producer returns the name of the stack that defines what a peering's end is.
func (p *Plan) producer(e *PeeringEnd) string {
	if e.network != nil {
		return p.NetworkStackName(e.network)
	}
	return p.StackName(LayerNetwork, e.Place)
}

// CloudFormation's limits (AWS CloudFormation User Guide, quotas).
const (
	maxStackName = 128
	maxResources = 500
	maxOutputs   = 200
	// helperResources is room for what is not planned: the function behind custom resources with its role, log group and
	// policies. Sites add to it, see siteHelpers.
	helperResources = 20
)

// stackLimits checks what CDK or CloudFormation would refuse much later.
func (b *builder) stackLimits(s *Stack) {
	path := "networks"
	switch {
	case s.Peering != "":
		path = "peerings[" + s.Peering + "]"
	case s.Network != "":
		path = "networks[" + s.Network + "]"
	case s.Accelerator != "":
		path = "accelerators[" + s.Accelerator + "]"
	}
	if len(s.Name) > maxStackName {
		b.addf(problem.StackLimit, path, "the name of a stack is too long, got %d characters: %s; shorten a name, the limit is %d", len(s.Name), s.Name, maxStackName)
	}
	if n := len(s.Resources); n > maxResources-helperResources-b.siteHelpers(s) {
		b.addf(problem.StackLimit, path, "too many resources for one stack, got %d in %s; the limit is %d with what serves them; %s", n, s.Name, maxResources, tooMany(s))
	}
	if n := b.outputs(s); n > maxOutputs {
		b.addf(problem.StackLimit, path, "too many outputs for one stack, got %d in %s; the limit is %d, so use fewer subnets or segments there", n, s.Name, maxOutputs)
	}
	if b.found.Has(problem.Error) {
		return // a thing declared twice has its own problem, and would be repeated here for each of its resources
	}
	seen := map[string]bool{}
	for _, r := range s.Resources {
		if seen[r.LogicalID] {
			b.addf(problem.StackLimit, path, "two resources would have one logical id, got %s (%s) twice in %s; rename one of them", r.LogicalID, r.Type, s.Name)
		}
		seen[r.LogicalID] = true
	}
}

// tooMany says what to do about a stack that is too large.
func tooMany(s *Stack) string {
	switch {
	case s.Network != "":
		return "use fewer subnets, or let the network reach fewer others"
	case s.Layer == LayerRoutes:
		return "join networks by a transit gateway instead of peerings"
	case s.Layer == LayerOps:
		return "set sites: false in alerts, or use another account for some of the sites"
	}
	return "use another account for some of the sites or transit gateways"
}

// siteHelpers counts what sites add to a stack without being planned: two log groups where their VPN is, and where their
// alarms are a permission for the schedule of their check.
func (b *builder) siteHelpers(s *Stack) int {
	count := 0
	for _, x := range b.plan.Sites {
		switch {
		case x.Place != s.Place || s.Network != "":
		case s.Layer == LayerNetwork:
			count += 2
		case s.Layer == LayerOps && b.plan.Watch(x).Prefixes:
			count++
		}
	}
	return count
}

// outputs bounds the number of a stack's outputs: its exports, and what other Regions read, which is a VPC, a peering or
// transit gateways.
func (b *builder) outputs(s *Stack) int {
	read := 1
	if s.Layer == LayerNetwork && s.Network == "" {
		read = len(b.plan.TransitGateways)
		for _, x := range b.plan.WatchedSites(s.Place) {
			read += 4*len(x.Connections) + 1 // and the route table that learns
		}
	}
	return len(s.Exports) + read
}

// dependencies lists the stacks that a layer's stack takes values from.
func (p *Plan) dependencies(l Layer, at Place) []string {
	var out []string
	switch l {
	case LayerRoutes:
		out = append(out, p.StackName(LayerNetwork, at))
		for _, x := range p.Peerings {
			for _, e := range x.EndsAt(at) {
				out = append(out, p.PeerStackName(x.Name), p.producer(e))
			}
		}
		for _, z := range p.HostedZones {
			if z.Place != at {
				continue
			}
			for _, key := range z.Networks {
				out = append(out, p.NetworkStackName(p.Network(key)))
			}
			if s := p.ZonalService(z.Service); s != nil {
				out = append(out, p.NetworkStackName(s.network))
			}
		}
	case LayerOps:
		out = append(out, p.StackName(LayerNetwork, at), p.StackName(LayerRoutes, at))
		for _, v := range p.VantagesAt(at) {
			out = append(out, p.NetworkStackName(p.Network(v.Network)))
		}
		out = append(out, p.waysUnder(at)...)
		if m := p.Measurement; m != nil && m.Home == at {
			for _, other := range p.Places() {
				if other != at {
					out = append(out, p.StackName(LayerOps, other))
				}
			}
		}
		for _, other := range p.SlackTopics(at) {
			if other != at {
				out = append(out, p.StackName(LayerOps, other))
			}
		}
	}
	return distinct(out...)
}

// waysUnder lists the stacks that a place's machines and accelerator alarms take values from.
func (p *Plan) waysUnder(at Place) []string {
	var out []string
	for _, x := range p.PKIs {
		if x.Home != at {
			continue
		}
		for _, other := range x.Replicas {
			out = append(out, p.StackName(LayerNetwork, other))
		}
	}
	for _, s := range p.OpenVPNs {
		if s.Place == at {
			out = append(append(out, p.NetworkStackName(s.network)), p.homesOf(s.network)...)
		}
	}
	for _, e := range p.EdgeProxies {
		if e.Place == at {
			out = append(out, p.NetworkStackName(e.network), p.NetworkStackName(e.origin.network))
		}
	}
	for _, v := range p.ClientVPNs {
		if v.Place == at && v.PKI != "" && v.network != nil {
			out = append(out, p.NetworkStackName(v.network))
		}
	}
	for _, z := range p.ZonalServices {
		if z.Place == at && z.operated() {
			out = append(out, p.NetworkStackName(z.network))
		}
	}
	for _, a := range p.Accelerators {
		if a.Place == at {
			out = append(out, p.AcceleratorStackName(a.Name))
		}
	}
	return out
}

func distinct(names ...string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// EndsAt returns the end of a peering that lies in a place, for the routes stack there. Both ends of a VPC peering may
// lie in one place.
func (x *Peering) EndsAt(at Place) []*PeeringEnd {
	var out []*PeeringEnd
	for _, e := range []*PeeringEnd{&x.Requester, &x.Accepter} {
		if e.Place == at {
			out = append(out, e)
		}
	}
	return out
}

// PeeringRoutes lists the VPC routes of one end of a VPC peering, as (table, destination).
func (p *Plan) PeeringRoutes(x *Peering, e *PeeringEnd) []TableRoute {
	var out []TableRoute
	if x.Mode != config.ModeVPC {
		return nil
	}
	n := p.Network(e.Name)
	for _, t := range n.RouteTables {
		for _, r := range t.Routes {
			if r.Target == (Target{TargetPeering, x.Name}) {
				out = append(out, TableRoute{t, r})
			}
		}
	}
	return out
}

// TableRoute is a route with its table.
type TableRoute struct {
	Table *RouteTable
	Route *Route
}

// SegmentRoutes lists the static transit gateway routes through one end of a transit gateway peering.
func (p *Plan) SegmentRoutes(x *Peering, e *PeeringEnd) []SegmentRoute {
	var out []SegmentRoute
	if x.Mode != config.ModeTransitGateway {
		return nil
	}
	for _, s := range p.TransitGateway(e.Name).Segments {
		for _, r := range s.Routes {
			if r.Target == (Target{TargetPeering, x.Name}) {
				out = append(out, SegmentRoute{s, r})
			}
		}
	}
	return out
}

// SegmentRoute is a transit gateway route with its segment.
type SegmentRoute struct {
	Segment *Segment
	Route   *Route
}

// SegmentsToward lists the segments that have routes to a site: those that learn what BGP announces, or get static
// routes.
func (p *Plan) SegmentsToward(s *Site) []string {
	var out []string
	for _, seg := range p.TransitGateway(s.TransitGateway).Segments {
		if slices.ContainsFunc(seg.Routes, func(r *Route) bool { return r.Target == (Target{TargetSite, s.Name}) }) {
			out = append(out, seg.Name)
		}
	}
	return out
}

// GatewayRoutes lists the routes of a network through transit gateways, as (table, route).
func (n *Network) GatewayRoutes() []TableRoute {
	var out []TableRoute
	for _, t := range n.RouteTables {
		for _, r := range t.Routes {
			if r.Target.Kind == TargetTransitGateway {
				out = append(out, TableRoute{t, r})
			}
		}
	}
	return out
}

// String names a place as a person reads it.
func (p Place) String() string {
	if p.Account == "" {
		return p.Region
	}
	return fmt.Sprintf("%s (%s)", p.Region, p.Account)
}
