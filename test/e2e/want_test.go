package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/topology"
)

// properties are what a resource is, as pairs of name and value; lists are sorted and joined.
type properties map[string]string

// want is what the plan says about every resource, by stack and logical id, with the ids that AWS gave.
func (d *deployed) want(t *testing.T) map[string]properties {
	t.Helper()
	w := &wanted{d: d, t: t, byName: map[string]properties{}}
	out := map[string]properties{}
	for _, s := range d.plan.Stacks {
		for _, r := range s.Resources {
			p := properties{}
			for name, value := range r.Properties {
				p[name] = d.resolve(t, value)
			}
			if taggedByEC2(r.Type) {
				p["Tags"] = joinTags(d.stackTags(s))
			}
			out[s.Name+"/"+r.LogicalID] = p
			w.byName[r.Name] = p
		}
	}
	w.networks()
	w.gateways()
	w.sites()
	w.peerings()
	w.services()
	w.measurement()
	w.ways()
	return out
}

// reference is {STACK/ID} or {STACK/ID.ATTRIBUTE}; in a list of objects other braces stand around it.
var reference = regexp.MustCompile(`\{[^{}/":]+/[^{}/":]+\}`)

// resolve replaces the references in a plan's value by what they have become.
func (d *deployed) resolve(t *testing.T, value string) string {
	t.Helper()
	value = strings.ReplaceAll(value, "{AWS::AccountId}", account)
	return reference.ReplaceAllStringFunc(value, func(ref string) string { return d.value(t, strings.Trim(ref, "{}")) })
}

// wanted adds what the plan knows beyond what decides about replacement.
type wanted struct {
	d      *deployed
	t      *testing.T
	byName map[string]properties // by the name of the planned resource
}

// set adds to a resource's properties. A resource that is not planned is adopted.
func (w *wanted) set(name string, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if p := w.byName[name]; p != nil {
			p[pairs[i]] = pairs[i+1]
		}
	}
}

// id is the physical id of a planned resource by its name, or of an adopted one.
func (w *wanted) id(adopted, name string) string {
	if adopted != "" {
		return adopted
	}
	for _, s := range w.d.plan.Stacks {
		for _, r := range s.Resources {
			if r.Name == name {
				return w.d.stacks[s.Name].resources[r.LogicalID].id
			}
		}
	}
	w.t.Errorf("the plan has no resource named %s", name)
	return ""
}

func (w *wanted) gateway(name string) string {
	return w.id(w.d.plan.TransitGateway(name).ID, "transitGateway/"+name)
}

func (w *wanted) networks() {
	for _, n := range w.d.plan.Networks {
		name := "network/" + n.Key
		w.set(name, "EnableDnsSupport", "true", "EnableDnsHostnames", "true", "Blocks", join(each(n.Blocks)...), "Name", n.Name)
		for _, s := range n.Subnets {
			w.set(name+"/subnet/"+s.Tier+"-"+s.ZoneID, "Name", n.Name+"-"+s.Tier+"-"+s.ZoneID)
		}
		for _, t := range n.RouteTables {
			w.routeTable(n, t)
		}
		for _, g := range n.SecurityGroups {
			w.securityGroup(n, g)
		}
	}
}

// routeTable sets all routes of a table, and the target of each route that is a resource of its own.
func (w *wanted) routeTable(n *topology.Network, t *topology.RouteTable) {
	var routes, subnets []string
	for _, r := range t.Routes {
		target := w.target(n, r.Target)
		routes = append(routes, r.Destination.String()+" "+target)
		w.set("network/"+n.Key+"/route/"+t.Key+"/"+r.Destination.String(), "Target", target)
		w.set("peering/"+r.Target.Name+"/route/"+n.Key+"/"+t.Key+"/"+r.Destination.String(), "Target", target)
	}
	for _, s := range n.Subnets {
		if s.Table == t.Key {
			subnets = append(subnets, w.id(s.ID, "network/"+n.Key+"/subnet/"+s.Tier+"-"+s.ZoneID))
		}
	}
	w.set("network/"+n.Key+"/routeTable/"+t.Key, "Routes", join(routes...), "Subnets", join(subnets...))
	if t.ID != "" {
		w.adoptedTable(n, t.ID, routes)
	}
}

// adoptedTable compares a table that is no resource of ours.
func (w *wanted) adoptedTable(n *topology.Network, id string, routes []string) {
	got := w.d.readRouteTable(w.t, n.Place.Region, id)["Routes"]
	if want := join(routes...); got != want {
		w.t.Errorf("adopted route table %s: routes\n got %s\nwant %s", id, got, want)
	}
}

func (w *wanted) target(n *topology.Network, to topology.Target) string {
	switch to.Kind {
	case topology.TargetLocal:
		return "local"
	case topology.TargetInternetGateway:
		return w.id("", "network/"+n.Key+"/internetGateway")
	case topology.TargetNATGateway:
		return w.id("", "network/"+n.Key+"/natGateway/public-"+to.Name)
	case topology.TargetTransitGateway:
		return w.gateway(to.Name)
	case topology.TargetPeering:
		return w.id("", "peering/"+to.Name)
	}
	w.t.Errorf("the harness does not know the route target %v", to)
	return ""
}

func (w *wanted) securityGroup(n *topology.Network, g *topology.SecurityGroup) {
	title := g.Title(n)
	egress := w.rules(n, g.Egress)
	inline := func(r topology.Rule) bool { return r.Group == "" } // what leads to another group is a resource of its own
	if !slices.ContainsFunc(g.Egress, inline) {                   // a rule that matches nothing keeps EC2 from allowing everything
		egress = w.rules(n, g.Egress, "icmp 252-86 255.255.255.255/32 Disallow all traffic")
	}
	w.set("network/"+n.Key+"/securityGroup/"+title, "Ingress", w.rules(n, g.Ingress), "Egress", egress, "Name", title)
}

// rules writes the rules of a group, and more of them.
func (w *wanted) rules(n *topology.Network, list []topology.Rule, out ...string) string {
	for _, r := range list {
		out = append(out, w.rule(n, r))
	}
	return join(out...)
}

func (w *wanted) rule(n *topology.Network, r topology.Rule) string {
	return fmt.Sprintf("%s %d-%d %s %s", r.Protocol, r.From, r.To, w.peer(n, r), r.Description)
}

// peer is what a rule leads to: a block, the id of another group of the network, or that of a list of AWS's.
func (w *wanted) peer(n *topology.Network, r topology.Rule) string {
	switch {
	case r.Group != "":
		i := slices.IndexFunc(n.SecurityGroups, func(g *topology.SecurityGroup) bool { return g.Of == r.Group })
		return w.id("", "network/"+n.Key+"/securityGroup/"+n.SecurityGroups[i].Title(n))
	case r.PrefixList != "":
		list, _ := w.d.find(w.t, n.Place.Region, "DescribeManagedPrefixLists", "prefixListSet", "prefixListName", r.PrefixList)
		return list.at("prefixListId")
	}
	return r.Peer.String()
}

func each[T fmt.Stringer](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.String())
	}
	return out
}

// join writes a list whose order means nothing.
func join(list ...string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func joinTags(tags map[string]string) string {
	var out []string
	for k, v := range tags {
		if k != "Name" {
			out = append(out, k+"="+v)
		}
	}
	return join(out...)
}
