package peering

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/customresource"
)

func TestPeeringProps_Validate(t *testing.T) {
	vpc := "vpc-0123456789abcdef0"
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"VPC peering in one account": {VpcPeeringProps{RequesterVpcId: &vpc, AccepterVpcId: &vpc, AccepterRegion: "us-gov-west-1"}.Validate(), nil},
		"fails when empty":           {VpcPeeringProps{}.Validate(), []string{"requesterVpcId: missing; give the id", "accepterVpcId: missing; give the id"}},
		"fails between accounts without a role": {VpcPeeringProps{RequesterVpcId: &vpc, AccepterVpcId: &vpc, AccepterAccount: "444455556666"}.Validate(),
			[]string{"acceptRoleArn: missing, with accepterAccount 444455556666; give a role in that account that may accept"}},
		"fails with a role in one account": {VpcPeeringProps{RequesterVpcId: &vpc, AccepterVpcId: &vpc, AcceptRoleARN: "arn:x"}.Validate(),
			[]string{"acceptRoleArn: not within one account, got arn:x; leave it out or give accepterAccount"}},
		"fails on Region and account": {VpcPeeringProps{RequesterVpcId: &vpc, AccepterVpcId: &vpc, AccepterRegion: "Tokyo", AccepterAccount: "1", AcceptRoleARN: "arn:x"}.Validate(),
			[]string{`accepterRegion: not a Region, got "Tokyo"; write it like ap-northeast-1`, `accepterAccount: not an account id, got "1"; write its twelve digits`}},
		"fails on an empty gateway peering": {TransitGatewayPeeringProps{}.Validate(), []string{"requesterTransitGatewayId: missing; give the id",
			"accepterTransitGatewayId: missing; give the id", "accepterRegion: missing; give the Region of the accepter, for example ap-northeast-1"}},
	} {
		t.Run(name, func(t *testing.T) { problems(t, c.err, c.want) })
	}
}

func TestSideProps_Validate(t *testing.T) {
	id, dest := "x-0123456789abcdef0", netip.MustParsePrefix("10.0.0.0/16")
	route := SideRoute{Network: "app", RouteTable: "private-apne2-az1", RouteTableId: &id, Destination: dest}
	problems(t, VpcPeeringSideProps{PeeringConnectionId: &id, Side: Requester, Routes: []SideRoute{route}}.Validate(), nil)
	problems(t, VpcPeeringSideProps{Side: "left", DNS: true, Routes: []SideRoute{{}, route, route}}.Validate(), []string{
		"peeringConnectionId: missing; give the id", `side: unknown value, got "left"; use requester or accepter`,
		"provider: missing, with DNS; give the provider of this stack",
		"routes[0].network: missing; give the name", "routes[0].routeTable: missing; give the name", "routes[0].routeTableId: missing; give the id",
		"routes[0].destination: missing; write it like 10.0.0.0/16",
		"routes[2]: stands twice, got 10.0.0.0/16 in route table private-apne2-az1 of app; leave one out"})

	segment := SegmentRoute{Segment: "cloud", SegmentRouteTableId: &id, Destination: dest}
	good := TransitGatewayPeeringSideProps{TransitGateway: "seoul", TransitGatewayAttachmentId: &id, TransitGatewayRouteTableId: &id,
		AccepterRegion: "ap-northeast-1", Provider: &customresource.Provider{}, Routes: []SegmentRoute{segment}}
	problems(t, good.Validate(), nil)
	good.TransitGateway, good.Provider, good.Routes = "a/b", nil, append(good.Routes, segment)
	problems(t, good.Validate(), []string{`transitGateway: not a name, got "a/b"; use letters, digits and hyphens`, "provider: missing; give the provider of this stack",
		"routes[1]: stands twice, got 10.0.0.0/16 in segment cloud; leave one out"})
}

// problems compares all problems with the ones wanted, one per line.
func problems(t *testing.T, err error, want []string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != strings.Join(want, "\n") {
		t.Errorf("problems:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}
