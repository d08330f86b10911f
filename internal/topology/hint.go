package topology

import (
	"fmt"
	"slices"
)

// hint says which segment would have to reach which, when transit gateways join two ends and only their route tables do
// not; "" otherwise.
func (b *builder) hint(from, to end) string {
	for _, t := range b.plan.TransitGateways {
		seg := t.segmentOf(from)
		if seg == nil {
			continue
		}
		if far := t.segmentOf(to); far != nil && !slices.Contains(seg.Reaches, far.Name) {
			return reachHint(seg, far)
		}
		for _, x := range b.plan.Peerings {
			if h := x.hint(t, seg, to); h != "" {
				return h
			}
		}
	}
	return ""
}

// hint looks for the missing reach on the way from a segment of one end's transit gateway over this peering to an end.
func (x *Peering) hint(t *TransitGateway, from *Segment, to end) string {
	if x.Requester.gateway != t && x.Accepter.gateway != t {
		return ""
	}
	other := x.Other(t.Name).gateway
	goal := other.segmentOf(to)
	near, _ := t.Segment(TargetPeering, x.Name)
	far, _ := other.Segment(TargetPeering, x.Name)
	switch {
	case goal == nil || near == nil || far == nil:
		return ""
	case !slices.Contains(from.Reaches, near.Name):
		return reachHint(from, near)
	case !slices.Contains(far.Reaches, goal.Name):
		return reachHint(far, goal)
	}
	return ""
}

func reachHint(from, to *Segment) string {
	return fmt.Sprintf("let segment %s of transit gateway %s reach %s", from.Name, from.gateway.Name, to.Name)
}

// segmentOf returns the segment that an end is attached to, or nil.
func (t *TransitGateway) segmentOf(e end) *Segment {
	switch {
	case e.network != nil:
		s, _ := t.Segment(TargetNetwork, e.network.Key)
		return s
	case e.vpn != nil:
		s, _ := t.Segment(TargetClientVPN, e.vpn.Name)
		return s
	}
	s, _ := t.Segment(TargetSite, e.site.Name)
	return s
}
