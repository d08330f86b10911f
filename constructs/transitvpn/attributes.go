package transitvpn

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// TransitGatewayAttributes describe a transit gateway that another stack of the same account and Region defines.
type TransitGatewayAttributes struct {
	// Name is the start of its parts' names.
	// Default: the construct id.
	Name string
	// TransitGatewayId is its id, usually imported. Required.
	TransitGatewayId *string
	// Segments are the route tables that something here is associated with or propagates into. Required.
	Segments []SegmentAttributes
	// Provider runs the custom resources behind associations. Required; usually that of the other stack
	// (customresource.ProviderOf).
	Provider *customresource.Provider
}

// SegmentAttributes describe a route table that another stack defines.
type SegmentAttributes struct {
	// Name of the segment: letters, digits and hyphens. Required.
	Name string
	// Key stands for the segment in construct ids, so that a renamed one keeps its propagations.
	// Default: Name.
	Key string
	// TransitGatewayRouteTableId is the id of its route table, usually imported. Required.
	TransitGatewayRouteTableId *string
}

// Validate reports every problem in a. It needs no Node.js.
func (a TransitGatewayAttributes) Validate() error {
	var f cdkx.Fields
	if a.TransitGatewayId == nil {
		f.Addf("transitGatewayId", "missing; give the id")
	}
	if a.Provider == nil {
		f.Addf("provider", "missing; give the provider of custom resources")
	}
	if len(a.Segments) == 0 {
		f.Addf("segments", "missing; give at least one")
	}
	seen := map[string]bool{}
	for i, s := range a.Segments {
		where := fmt.Sprintf("segments[%d]", i)
		validateName(&f, where+".name", s.Name)
		if seen[s.Name] {
			f.Addf(where+".name", "stands twice, got %q; give each segment its own", s.Name)
		}
		seen[s.Name] = true
		if s.TransitGatewayRouteTableId == nil {
			f.Addf(where+".transitGatewayRouteTableId", "missing; give the id")
		}
	}
	return f.Err()
}

// FromAttributes returns a transit gateway of another stack, so that networks of this stack can be attached to it. It
// defines nothing by itself. It panics if attrs are invalid; call Validate first.
func FromAttributes(scope constructs.Construct, id string, attrs *TransitGatewayAttributes) *TransitGateway {
	cdkx.MustBeValid(scope, id, attrs.Validate())
	t := &TransitGateway{name: cmp.Or(attrs.Name, id), id: attrs.TransitGatewayId, provider: attrs.Provider, segments: map[string]*segment{}}
	constructs.NewConstruct_Override(t, scope, &id)
	for _, s := range attrs.Segments {
		slot := cmp.Or(s.Key, s.Name)
		ns := constructs.NewConstruct(t, jsii.String(naming.Segment(slot)))
		t.segments[s.Name] = &segment{slot, ns, s.TransitGatewayRouteTableId, map[netip.Prefix]bool{}}
	}
	return t
}
