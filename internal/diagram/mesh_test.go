package diagram

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// peeringsOf makes peerings from pairs of ends, named after them; upper-case ends are transit gateways.
func peeringsOf(pairs string) []*topology.Peering {
	var out []*topology.Peering
	for pair := range strings.FieldsSeq(pairs) {
		p := &topology.Peering{Name: pair, Mode: config.ModeVPC, Requester: topology.PeeringEnd{Name: pair[:1]}, Accepter: topology.PeeringEnd{Name: pair[1:]}}
		if pair == strings.ToUpper(pair) {
			p.Mode = config.ModeTransitGateway
		}
		out = append(out, p)
	}
	return out
}

func TestMeshes(t *testing.T) {
	for _, tt := range []struct{ name, pairs, want string }{
		{"none", "", ""},
		{"a chain", "ab bc cd", "[ab] [bc] [cd]"},
		{"a triangle is three peerings", "ab ac bc", "[ab] [ac] [bc]"},
		{"four ends without one peering", "ab ac ad bc bd", "[ab] [ac] [ad] [bc] [bd]"},
		{"four ends", "ab ac ad bc bd cd", "[ab ac ad bc bd cd]"},
		{"ends in either order", "ba ca da cb db dc", "[ba ca da cb db dc]"},
		{"a mesh and a tail", "ae ab ac ad bc bd cd", "[ae] [ab ac ad bc bd cd]"},
		{"two meshes with one end in common", "ab ac ad bc bd cd de df dg ef eg fg", "[ab ac ad bc bd cd] [de df dg ef eg fg]"},
		{"a star", "ab ac ad ae af ag", "[ab] [ac] [ad] [ae] [af] [ag]"},
		{"transit gateways", "AB AC AD BC BD CD ab", "[AB AC AD BC BD CD] [ab]"},
		{"the larger one first", "ab ac ad bc bd cd vw vx vy vz wx wy wz xy xz yz", "[ab ac ad bc bd cd] [vw vx vy vz wx wy wz xy xz yz]"},
	} {
		var groups []string
		for _, g := range meshes(peeringsOf(tt.pairs)) {
			var names []string
			for _, p := range g {
				names = append(names, p.Name)
			}
			groups = append(groups, fmt.Sprint(names))
		}
		if diff := cmp.Diff(tt.want, strings.Join(groups, " ")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}
