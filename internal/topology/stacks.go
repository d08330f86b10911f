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
	LayerNetwork Layer = "network" // VPCs, transit gateways, VPN: what hangs together by create-only properties
	LayerPeer    Layer = "peer"    // one peering connection and nothing else
	LayerRoutes  Layer = "routes"  // what needs another stack: both sides of peerings, hosted zones
	LayerOps     Layer = "ops"     // disposable: alarms and whatever runs
)

// Stack is one CloudFormation stack.
type Stack struct {
	Name      string      `json:"name"`
	Layer     Layer       `json:"layer"`
	Place     Place       `json:"place"`
	Peering   string      `json:"peering,omitempty"` // of a peer stack
	DependsOn []string    `json:"dependsOn,omitempty"`
	Resources []*Resource `json:"resources"`
}

// Resource is one planned resource of a stack. Helpers that only serve a resource (roles, log groups, the function
// behind custom resources) are not planned.
type Resource struct {
	LogicalID string `json:"logicalId"`
	Type      string `json:"type"`
	// Slot names what only one resource may hold at a time, for resources that fill such a place.
	Slot string `json:"slot,omitempty"`
}

// StackName returns the name of a layer's stack in a place.
func (p *Plan) StackName(l Layer, at Place) string {
	name := p.Name + "-" + string(l)
	if at.Account != "" {
		name += "-" + at.Account
	}
	return name + "-" + at.Region
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
	slices.SortFunc(out, func(x, y Place) int {
		return cmp.Or(cmp.Compare(x.Region, y.Region), cmp.Compare(x.Account, y.Account))
	})
	return slices.Compact(out)
}

// stacks lays out the stacks in the order of deployment, and their resources.
func (b *builder) stacks() {
	p := b.plan
	for _, l := range []Layer{LayerNetwork, LayerPeer, LayerRoutes, LayerOps} {
		if l == LayerPeer {
			for _, x := range p.Peerings {
				p.Stacks = append(p.Stacks, &Stack{Name: p.PeerStackName(x.Name), Layer: l, Place: x.Requester.Place, Peering: x.Name,
					DependsOn: distinct(p.StackName(LayerNetwork, x.Requester.Place), p.StackName(LayerNetwork, x.Accepter.Place))})
			}
			continue
		}
		for _, at := range p.Places() {
			p.Stacks = append(p.Stacks, &Stack{Name: p.StackName(l, at), Layer: l, Place: at, DependsOn: p.dependencies(l, at)})
		}
	}
	for _, s := range p.Stacks {
		s.Resources = planResources(p, s)
		b.stackLimits(s)
	}
}

// CloudFormation's limits (AWS CloudFormation User Guide, quotas).
const (
	maxStackName = 128
	maxResources = 500
	maxOutputs   = 200
	// helperResources is room for what is not planned: the function behind custom resources with its role, log group and
	// policies. Each site may add two log groups.
	helperResources = 20
)

// stackLimits checks what CDK or CloudFormation would refuse much later.
func (b *builder) stackLimits(s *Stack) {
	path := "networks"
	if s.Peering != "" {
		path = "peerings[" + s.Peering + "]"
	}
	if len(s.Name) > maxStackName {
		b.addf(problem.StackLimit, path, "the name of a stack is too long, got %d characters: %s; shorten a name, the limit is %d", len(s.Name), s.Name, maxStackName)
	}
	if n := len(s.Resources); n > maxResources-helperResources-2*b.sitesIn(s) {
		b.addf(problem.StackLimit, path, "too many resources for one stack, got %d in %s; the limit is %d with what serves them, so use fewer subnets or networks there, or another account", n, s.Name, maxResources)
	}
	if n := b.exports(s); n > maxOutputs {
		b.addf(problem.StackLimit, path, "too many outputs for one stack, got %d in %s; the limit is %d, so join networks by a transit gateway instead of peerings", n, s.Name, maxOutputs)
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

// sitesIn counts the sites whose VPN a stack holds.
func (b *builder) sitesIn(s *Stack) int {
	count := 0
	for _, x := range b.plan.Sites {
		if s.Layer == LayerNetwork && x.Place == s.Place {
			count++
		}
	}
	return count
}

// exports counts what other stacks read from a network stack: VPCs and transit gateways with a peering, and the route
// tables that lead into one.
func (b *builder) exports(s *Stack) int {
	if s.Layer != LayerNetwork {
		return 0
	}
	values := map[string]bool{}
	for _, x := range b.plan.Peerings {
		for _, e := range x.EndsAt(s.Place) {
			values[e.Name] = true
			for _, r := range b.plan.PeeringRoutes(x, e) {
				values[e.Name+" "+r.Table.Key] = true
			}
			for _, r := range b.plan.SegmentRoutes(x, e) {
				values[e.Name+" "+r.Segment.Name] = true
			}
		}
	}
	return len(values)
}

// dependencies lists the stacks that a layer's stack takes values from.
func (p *Plan) dependencies(l Layer, at Place) []string {
	var out []string
	switch l {
	case LayerRoutes:
		out = append(out, p.StackName(LayerNetwork, at))
		for _, x := range p.Peerings {
			if x.Requester.Place == at || x.Accepter.Place == at {
				out = append(out, p.PeerStackName(x.Name))
			}
		}
		for _, z := range p.HostedZones {
			if z.Place != at {
				continue
			}
			for _, key := range z.Networks {
				out = append(out, p.StackName(LayerNetwork, p.Network(key).Place))
			}
		}
	case LayerOps:
		out = append(out, p.StackName(LayerNetwork, at), p.StackName(LayerRoutes, at))
	}
	return distinct(out...)
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
