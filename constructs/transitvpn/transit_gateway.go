package transitvpn

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// TransitGatewayProps configures a TransitGateway.
type TransitGatewayProps struct {
	// Name is the Name tag and the start of its parts' names.
	// Default: the construct id.
	Name string
	// Description is the description in EC2.
	// Default: none.
	Description string
	// AmazonSideASN is the transit gateway's BGP ASN, 64512 to 65534 or 4200000000 to 4294967294. A change replaces the
	// transit gateway. For an adopted one it is only compared with the sites' ASNs.
	// Default: 64512, AWS's own.
	AmazonSideASN int64
	// ECMP spreads flows over VPN tunnels that announce equal routes. Not used for an adopted transit gateway.
	// Default: false.
	ECMP bool
	// Segments are the route tables. Required.
	Segments []SegmentProps
	// TransitGatewayID adopts an existing transit gateway, for example tgw-0123456789abcdef0. Its segments are then adopted
	// too. Its default route table association and propagation must be switched off: otherwise every attachment also
	// propagates into the default route table, where it reaches what no segment lets it reach, and if that table is adopted
	// as a segment, CloudFormation fails because the propagation exists already.
	// Default: a new transit gateway.
	TransitGatewayID string
	// Provider runs the custom resources behind associations.
	// Default: none; required as soon as something is attached.
	Provider *customresource.Provider
}

// SegmentProps is one transit gateway route table.
type SegmentProps struct {
	// Name of the segment: letters, digits and hyphens. Required.
	Name string
	// RouteTableID adopts an existing route table, for example tgw-rtb-0123456789abcdef0. It then stands in construct ids in
	// place of Name, so that a renamed segment keeps its routes and propagations.
	// Default: a new route table.
	RouteTableID string
}

func (p TransitGatewayProps) withDefaults(id string) TransitGatewayProps {
	if p.Name == "" {
		p.Name = id
	}
	if p.AmazonSideASN == 0 {
		p.AmazonSideASN = 64512
	}
	return p
}

// Validate reports every problem in p. It needs no Node.js.
func (p TransitGatewayProps) Validate() error {
	p = p.withDefaults("")
	var f cdkx.Fields
	if n := p.AmazonSideASN; (n < 64512 || n > 65534) && (n < 4200000000 || n > 4294967294) {
		f.Addf("amazonSideAsn", "not a private ASN that AWS takes, got %d; use 64512 to 65534 or 4200000000 to 4294967294", n)
	}
	if p.TransitGatewayID != "" && !strings.HasPrefix(p.TransitGatewayID, "tgw-") {
		f.Addf("transitGatewayId", "not an id of a transit gateway, got %q; write it like tgw-0123456789abcdef0", p.TransitGatewayID)
	}
	if len(p.Segments) == 0 {
		f.Addf("segments", "missing; give at least one")
	}
	for i, s := range p.Segments {
		where := fmt.Sprintf("segments[%d]", i)
		validateName(&f, where+".name", s.Name)
		if slices.ContainsFunc(p.Segments[:i], func(o SegmentProps) bool { return o.Name == s.Name }) {
			f.Addf(where+".name", "stands twice, got %q; give each segment its own", s.Name)
		}
		switch {
		case s.RouteTableID != "" && !strings.HasPrefix(s.RouteTableID, "tgw-rtb-"):
			f.Addf(where+".routeTableId", "not an id of a transit gateway route table, got %q; write it like tgw-rtb-0123456789abcdef0", s.RouteTableID)
		case s.RouteTableID != "" && p.TransitGatewayID == "":
			f.Addf(where+".routeTableId", "adopted in a new transit gateway, got %s; give transitGatewayId too, or leave it out", s.RouteTableID)
		case s.RouteTableID == "" && p.TransitGatewayID != "":
			f.Addf(where+".routeTableId", "missing in an adopted transit gateway; give the id of its route table")
		case s.RouteTableID != "" && slices.ContainsFunc(p.Segments[:i], func(o SegmentProps) bool { return o.RouteTableID == s.RouteTableID }):
			f.Addf(where+".routeTableId", "stands twice, got %s; give each segment its own", s.RouteTableID)
		}
	}
	return f.Err()
}

// TransitGateway is a transit gateway, defined or adopted (NewTransitGateway) or of another stack (FromAttributes), with its
// segments.
type TransitGateway struct {
	constructs.Construct
	name     string
	asn      int64
	id       *string
	provider *customresource.Provider
	segments map[string]*segment
}

type segment struct {
	slot       string // what names it in construct ids: its name, or the id of its adopted route table
	namespace  constructs.Construct
	routeTable *string
	static     map[netip.Prefix]bool
}

// NewTransitGateway defines a transit gateway and one route table per segment, or adopts them. It panics if props are
// invalid; call Validate first.
func NewTransitGateway(scope constructs.Construct, id string, props *TransitGatewayProps) *TransitGateway {
	p := props.withDefaults(id)
	cdkx.MustBeValid(scope, id, p.Validate())
	t := &TransitGateway{name: p.Name, asn: p.AmazonSideASN, provider: p.Provider, segments: map[string]*segment{}}
	constructs.NewConstruct_Override(t, scope, &id)
	t.id = jsii.String(p.TransitGatewayID)
	if p.TransitGatewayID == "" {
		t.id = t.define(p)
	}
	for _, s := range p.Segments {
		slot := cmp.Or(s.RouteTableID, s.Name)
		ns := constructs.NewConstruct(t, jsii.String(naming.Segment(slot)))
		table := jsii.String(s.RouteTableID)
		if s.RouteTableID == "" {
			table = awsec2.NewCfnTransitGatewayRouteTable(ns, jsii.String(naming.Resource), &awsec2.CfnTransitGatewayRouteTableProps{
				TransitGatewayId: t.id, Tags: cdkx.Name(p.Name + "-" + s.Name)}).Ref()
		}
		t.segments[s.Name] = &segment{slot, ns, table, map[netip.Prefix]bool{}}
	}
	return t
}

// define defines the transit gateway without its default route table: in that one everything would reach everything.
func (t *TransitGateway) define(p TransitGatewayProps) *string {
	props := &awsec2.CfnTransitGatewayProps{
		AmazonSideAsn:                jsii.Number(p.AmazonSideASN),
		AutoAcceptSharedAttachments:  jsii.String("disable"),
		DefaultRouteTableAssociation: jsii.String("disable"),
		DefaultRouteTablePropagation: jsii.String("disable"),
		DnsSupport:                   jsii.String("enable"),
		VpnEcmpSupport:               jsii.String(enabled(p.ECMP)),
		Tags:                         cdkx.Name(p.Name),
	}
	if p.Description != "" {
		props.Description = jsii.String(p.Description)
	}
	return awsec2.NewCfnTransitGateway(t, jsii.String(naming.Resource), props).Ref()
}

func enabled(b bool) string {
	if b {
		return "enable"
	}
	return "disable"
}

// TransitGatewayId returns the id of the transit gateway.
func (t *TransitGateway) TransitGatewayId() *string { return t.id }

// SegmentRouteTableId returns the id of a segment's route table. It panics if there is no such segment.
func (t *TransitGateway) SegmentRouteTableId(segment string) *string {
	return t.segment(segment).routeTable
}

func (t *TransitGateway) segment(name string) *segment {
	s := t.segments[name]
	if s == nil {
		t.fail("no such segment, got %q; add it to Segments", name)
	}
	return s
}

// AddStaticRoute defines a static route of a segment to an attachment. It panics if there is no such segment, or if the
// segment has a static route to this destination already.
//
// Another attachment replaces the route, since all its properties are create-only. CloudFormation deletes the old one first
// (the type's replacement strategy is delete_then_create), so for a moment the destination has no route.
func (t *TransitGateway) AddStaticRoute(segment string, dest netip.Prefix, attachmentId *string, after ...constructs.IDependable) awsec2.CfnTransitGatewayRoute {
	return t.addRoute(segment, dest, &awsec2.CfnTransitGatewayRouteProps{TransitGatewayAttachmentId: attachmentId}, after)
}

// AddBlackhole defines a route of a segment that drops what it matches. It panics like AddStaticRoute.
func (t *TransitGateway) AddBlackhole(segment string, dest netip.Prefix) awsec2.CfnTransitGatewayRoute {
	return t.addRoute(segment, dest, &awsec2.CfnTransitGatewayRouteProps{Blackhole: true}, nil)
}

func (t *TransitGateway) addRoute(name string, dest netip.Prefix, props *awsec2.CfnTransitGatewayRouteProps, after []constructs.IDependable) awsec2.CfnTransitGatewayRoute {
	s := t.segment(name)
	if !dest.IsValid() || !dest.Addr().Is4() || dest != dest.Masked() {
		t.fail("route of segment %s: not an IPv4 destination, got %q; write it like 10.0.0.0/16", name, dest)
	}
	if s.static[dest] {
		t.fail("segment %s has a static route to %s already; remove one of them", name, dest)
	}
	s.static[dest] = true
	props.TransitGatewayRouteTableId, props.DestinationCidrBlock = s.routeTable, jsii.String(dest.String())
	r := awsec2.NewCfnTransitGatewayRoute(s.namespace, jsii.String(naming.Route(dest)), props)
	if len(after) > 0 {
		r.Node().AddDependency(after...)
	}
	return r
}

// fail panics with a mistake of the caller, located at this construct.
func (t *TransitGateway) fail(format string, args ...any) {
	panic(fmt.Errorf("%s: %w", *t.Node().Path(), fmt.Errorf(format, args...)))
}
