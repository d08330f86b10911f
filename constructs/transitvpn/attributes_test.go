package transitvpn

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/customresource"
)

func TestTransitGatewayAttributes_Validate(t *testing.T) {
	id := new(string)
	good := TransitGatewayAttributes{TransitGatewayId: id, Provider: customresource.ProviderOf(id),
		Segments: []SegmentAttributes{{Name: "cloud", TransitGatewayRouteTableId: id}}}
	if err := good.Validate(); err != nil {
		t.Errorf("good attributes: %v", err)
	}
	err := TransitGatewayAttributes{}.Validate()
	for _, want := range []string{"transitGatewayId: missing; give the id", "provider: missing; give the provider of custom resources", "segments: missing; give at least one"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no attributes: got %v, want %q in it", err, want)
		}
	}
	bad := good
	bad.Segments = []SegmentAttributes{{Name: "cloud"}, {Name: "cloud", TransitGatewayRouteTableId: id}, {Name: "a/b", TransitGatewayRouteTableId: id}}
	err = bad.Validate()
	for _, want := range []string{"segments[0].transitGatewayRouteTableId: missing; give the id", `segments[1].name: stands twice, got "cloud"; give each segment its own`,
		`segments[2].name: not a name, got "a/b"; use letters, digits and hyphens`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("bad segments: got %v, want %q in it", err, want)
		}
	}
}
