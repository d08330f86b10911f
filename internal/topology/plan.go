// Package topology turns a configuration into a plan: every address, route table, attachment, tunnel, stack and logical
// id of the network, and every declared path hop by hop. It also judges the configuration: everything that would not
// deploy, or would deploy and not work, is a problem with a stable code. It is pure: no AWS, no Node.js, no clock.
package topology

import (
	"cmp"
	"net/netip"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// Plan is the whole network, resolved. Every list is sorted, so equal configurations give equal plans.
type Plan struct {
	// Format is the version of the plan's own form, for programs that read it.
	Format          int               `json:"format"`
	Name            string            `json:"name"`
	Protect         bool              `json:"protect"`
	Tags            map[string]string `json:"tags,omitempty"`
	Regions         []Region          `json:"regions"`
	Networks        []*Network        `json:"networks"`
	TransitGateways []*TransitGateway `json:"transitGateways,omitempty"`
	Sites           []*Site           `json:"sites,omitempty"`
	Peerings        []*Peering        `json:"peerings,omitempty"`
	HostedZones     []*HostedZone     `json:"hostedZones,omitempty"`
	PKIs            []*PKI            `json:"pki,omitempty"`
	OpenVPNs        []*OpenVPN        `json:"openvpn,omitempty"`
	ClientVPNs      []*ClientVPN      `json:"clientVpns,omitempty"`
	LoadBalancers   []*LoadBalancer   `json:"loadBalancers,omitempty"`
	EdgeProxies     []*EdgeProxy      `json:"edgeProxies,omitempty"`
	Accelerators    []*Accelerator    `json:"accelerators,omitempty"`
	ZonalServices   []*ZonalService   `json:"zonalServices,omitempty"`
	Hosts           []*Host           `json:"hosts,omitempty"`
	Paths           []*Path           `json:"paths,omitempty"`
	Alerts          *Alerts           `json:"alerts,omitempty"`
	Measurement     *Measurement      `json:"measurement,omitempty"`
	Stacks          []*Stack          `json:"stacks"`
	Billed          []BilledItem      `json:"billed,omitempty"`
}

// Place is an account and Region: what a set of stacks is deployed to.
type Place struct {
	Account   string `json:"account,omitempty"`   // alias; empty: the credentials' own account
	AccountID string `json:"accountId,omitempty"` // twelve digits, empty like Account
	Region    string `json:"region"`              // AWS Region code
}

// Region is a declared Region.
type Region struct {
	Alias string `json:"alias"`
	Place
}

// Network is a VPC.
type Network struct {
	Key    string         `json:"key"`  // seoul/app
	Name   string         `json:"name"` // app
	Alias  string         `json:"-"`    // seoul
	Place  Place          `json:"place"`
	ID     string         `json:"id,omitempty"` // of an adopted VPC
	CIDR   netip.Prefix   `json:"cidr"`
	Blocks []netip.Prefix `json:"blocks"` // CIDR, then secondary blocks
	Egress config.Egress  `json:"egress"`
	// Tiers in order of first appearance: the order of carving, then explicit tiers by name.
	Tiers            []string         `json:"tiers"`
	Subnets          []*Subnet        `json:"subnets"` // by tier, then zone number
	RouteTables      []*RouteTable    `json:"routeTables"`
	SecurityGroups   []*SecurityGroup `json:"securityGroups,omitempty"`
	GatewayEndpoints []string         `json:"gatewayEndpoints,omitempty"`
	FlowLogs         *config.FlowLogs `json:"flowLogs,omitempty"`
	peerings         []*Peering       // of mode vpc
	servers          []*OpenVPN
	tables           map[string]*RouteTable
}

// Subnet is a subnet of a network.
type Subnet struct {
	Tier   string       `json:"tier"`
	ZoneID string       `json:"zoneId"`
	CIDR   netip.Prefix `json:"cidr"`
	ID     string       `json:"id,omitempty"`         // of an adopted subnet
	Table  string       `json:"routeTable,omitempty"` // key of its route table; empty: not known, cannot be changed
	block  netip.Prefix // of a carved subnet: all of its tier, with room for eight zones
}

// RouteTable is a VPC route table: one per defined subnet, or an adopted one shared by its subnets.
type RouteTable struct {
	Key    string   `json:"key"`          // construct id: private-apne2-az1, or the id of an adopted table
	ID     string   `json:"id,omitempty"` // of an adopted table
	Tier   string   `json:"-"`
	ZoneID string   `json:"-"`
	Routes []*Route `json:"routes"`
}

// TargetKind is what a route points at.
type TargetKind string

// The kinds of route targets.
const (
	TargetLocal           TargetKind = "local"
	TargetInternetGateway TargetKind = "internetGateway"
	TargetNATGateway      TargetKind = "natGateway"
	TargetTransitGateway  TargetKind = "transitGateway"
	TargetPeering         TargetKind = "peering"
	TargetSite            TargetKind = "site"
	TargetNetwork         TargetKind = "network"
	TargetClient          TargetKind = "client"
	TargetOpenVPN         TargetKind = "openvpn"
	TargetClientVPN       TargetKind = "clientVpn"
	TargetAccelerator     TargetKind = "accelerator"
	TargetLoadBalancer    TargetKind = "loadBalancer"
	TargetEdgeProxy       TargetKind = "edgeProxy"
	TargetZonalService    TargetKind = "zonalService"
)

// Target is what a route points at. In a VPC route table: local, an Internet or NAT gateway, a transit gateway or a VPC
// peering, or the network interface of a routed OpenVPN server. In a transit gateway route table: the attachment of a
// network, a site, a Client VPN or a transit gateway peering.
type Target struct {
	Kind TargetKind `json:"kind"`
	Name string     `json:"name,omitempty"`
}

// Route is one entry of a route table.
type Route struct {
	Destination netip.Prefix `json:"destination"`
	Target      Target       `json:"target"`
	// Static is true for a route that pathproof defines, false for one that AWS or BGP brings (local, propagated).
	Static bool `json:"static"`
}

// SecurityGroup is a network's own security group, a host's, or that of a way in.
type SecurityGroup struct {
	Host string `json:"host,omitempty"`
	// Of is what it belongs to, if neither to the network nor to a host: openvpn/NAME, clientVpn/NAME, loadBalancer/NAME,
	// edgeProxy/NAME (what stands in front) or edgeProxy/NAME/instances, zonalService/NAME (its load balancer) or zonalService/NAME/instances.
	Of      string `json:"of,omitempty"`
	Ingress []Rule `json:"ingress,omitempty"`
	Egress  []Rule `json:"egress,omitempty"`
}

// Rule is one security group rule.
type Rule struct {
	Peer netip.Prefix `json:"peer"` // not valid if PrefixList or Group is given
	// PrefixList is the name of a list of AWS's own in the Region, in place of Peer.
	PrefixList string `json:"prefixList,omitempty"`
	// Group is Of of another group of the network, in place of Peer.
	Group       string `json:"group,omitempty"`
	Protocol    string `json:"protocol"` // tcp, udp or icmp
	From        int    `json:"from"`     // first port, or ICMP type
	To          int    `json:"to"`       // last port, or ICMP code; -1: all
	Description string `json:"description"`
}

// TransitGateway is a Regional transit gateway.
type TransitGateway struct {
	Name       string         `json:"name"`
	Alias      string         `json:"-"`
	Place      Place          `json:"place"`
	ID         string         `json:"id,omitempty"` // of an adopted one
	ASN        int64          `json:"asn"`
	CIDRBlocks []netip.Prefix `json:"cidrBlocks,omitempty"`
	ECMP       bool           `json:"ecmp"`
	Segments   []*Segment     `json:"segments"`
}

// Segment is one route table of a transit gateway.
type Segment struct {
	Name        string        `json:"name"`
	ID          string        `json:"id,omitempty"` // of an adopted route table
	Reaches     []string      `json:"reaches,omitempty"`
	Attachments []*Attachment `json:"attachments"`
	Routes      []*Route      `json:"routes"`
	gateway     *TransitGateway
}

// Key names a segment's slots: its own name or, adopted, the id of its route table, whatever it is called here.
func (s *Segment) Key() string { return cmp.Or(s.ID, s.Name) }

// Attachment is something attached to a transit gateway, associated with the route table of one segment.
type Attachment struct {
	Kind        TargetKind `json:"kind"` // network, site, clientVpn or peering
	Name        string     `json:"name"`
	PropagateTo []string   `json:"propagateTo,omitempty"` // segments that learn its routes; empty for peerings
	Subnets     []string   `json:"subnets,omitempty"`     // of a network: one per zone, as construct ids
	segment     *Segment
	zones       []string
}

// HostedZone is a Route 53 private hosted zone: a declared one, or that of a zonal service.
type HostedZone struct {
	Name     string   `json:"name"`
	Service  string   `json:"service,omitempty"` // the zonal service whose names it holds
	ID       string   `json:"id,omitempty"`      // of an adopted one
	Domain   string   `json:"domain"`
	Place    Place    `json:"place"`
	Networks []string `json:"networks,omitempty"`
	Records  []Record `json:"records,omitempty"`
}

// Record is an A record: of a host, or of a zonal service.
type Record struct {
	Host string     `json:"host,omitempty"`
	Name string     `json:"name"`
	IP   netip.Addr `json:"ip,omitzero"`
	// IPs are the addresses of several targets in place of IP.
	IPs []netip.Addr `json:"ips,omitempty"`
	// Alias is the record of a service's load balancer in place of addresses, with its health; ZoneID says whose one, if each zone has one.
	Alias  bool   `json:"alias,omitempty"`
	ZoneID string `json:"zoneId,omitempty"` // of a record of one zone, or of its share in the Regional name
}

// ID is the construct id of the record inside its zone's namespace.
func (r Record) ID(z *HostedZone) string {
	switch {
	case z.Service == "":
		return naming.Record(r.Host)
	case r.Name == z.Domain:
		return naming.RegionalRecord(r.ZoneID)
	}
	return naming.ZonalRecord(r.ZoneID)
}

// Host is an endpoint that paths and allow entries name.
type Host struct {
	Name     string     `json:"name"`
	Network  string     `json:"network,omitempty"`
	Site     string     `json:"site,omitempty"`
	ZoneID   string     `json:"zoneId,omitempty"`
	IP       netip.Addr `json:"ip,omitzero"`
	Port     int        `json:"port"`
	Subnet   string     `json:"subnet,omitempty"`   // construct id of its subnet, when known
	Instance string     `json:"instance,omitempty"` // id of the existing instance that it is
	network  *Network
	site     *Site
	subnet   *Subnet
}

// BilledItem is a number of things that AWS bills by the hour or month.
type BilledItem struct {
	Item  string `json:"item"`
	Count int    `json:"count"`
	Note  string `json:"note,omitempty"`
}

// Network returns a network by key, or nil.
func (p *Plan) Network(key string) *Network {
	return find(p.Networks, func(n *Network) bool { return n.Key == key })
}

// TransitGateway returns a transit gateway by name, or nil.
func (p *Plan) TransitGateway(name string) *TransitGateway {
	return find(p.TransitGateways, func(t *TransitGateway) bool { return t.Name == name })
}

// Site returns a site by name, or nil.
func (p *Plan) Site(name string) *Site {
	return find(p.Sites, func(s *Site) bool { return s.Name == name })
}

// Peering returns a peering by name, or nil.
func (p *Plan) Peering(name string) *Peering {
	return find(p.Peerings, func(x *Peering) bool { return x.Name == name })
}

// Host returns a host by name, or nil.
func (p *Plan) Host(name string) *Host {
	return find(p.Hosts, func(h *Host) bool { return h.Name == name })
}

// Segment returns the segment that holds an attachment, and the attachment, or nil.
func (t *TransitGateway) Segment(kind TargetKind, name string) (*Segment, *Attachment) {
	for _, s := range t.Segments {
		for _, a := range s.Attachments {
			if a.Kind == kind && a.Name == name {
				return s, a
			}
		}
	}
	return nil, nil
}

func find[T any](list []*T, ok func(*T) bool) *T {
	for _, x := range list {
		if ok(x) {
			return x
		}
	}
	return nil
}
