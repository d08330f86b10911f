package topology

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/problem"
)

// authorize lets the people of a Client VPN reach where an allow entry leads. Ports are the matter of security groups: an
// authorization has none.
func (b *builder) authorize(v *ClientVPN, to allowEnd) {
	for _, p := range to.blocks {
		if !slices.ContainsFunc(v.Rules, func(r Authorization) bool { return r.Destination == p }) {
			v.Rules = append(v.Rules, Authorization{p, "to " + to.ref.String()})
		}
	}
}

// clientVPNAccess sorts the authorizations of Client VPNs and routes their people there.
func (b *builder) clientVPNAccess() {
	for _, v := range b.plan.ClientVPNs {
		path := fmt.Sprintf("clientVpns[%s]", v.Name)
		if len(v.Rules) == 0 {
			b.addf(problem.UnusedAllow, path, "nobody reaches anything, got no allow entry from %s; add {from: %s, to: ..., tcp: [...]} to allow", v.Ref(), v.Ref())
		}
		slices.SortFunc(v.Rules, func(x, y Authorization) int { return comparePrefix(x.Destination, y.Destination) })
		var destinations []netip.Prefix
		for _, r := range v.Rules {
			if v.network != nil && slices.ContainsFunc(v.network.Blocks, func(p netip.Prefix) bool { return contains(p, r.Destination) }) {
				continue // AWS routes the VPC's own blocks
			}
			destinations = append(destinations, r.Destination)
		}
		for _, d := range covering(destinations) {
			if v.network == nil {
				v.Routes = append(v.Routes, ClientRoute{Destination: d})
				continue
			}
			for _, s := range v.Subnets {
				v.Routes = append(v.Routes, ClientRoute{d, s})
			}
		}
	}
}
