package transitvpn

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/constructs/customresource"
)

var p = netip.MustParsePrefix

func TestTransitGatewayProps_Validate(t *testing.T) {
	segment := []SegmentProps{{Name: "a"}}
	for name, c := range map[string]struct {
		props TransitGatewayProps
		want  string
	}{
		"minimal":                      {TransitGatewayProps{Segments: segment}, ""},
		"32-bit ASN":                   {TransitGatewayProps{AmazonSideASN: 4200000000, Segments: segment}, ""},
		"fails on a public ASN":        {TransitGatewayProps{AmazonSideASN: 65535, Segments: segment}, "amazonSideAsn: not a private ASN that AWS takes, got 65535; use 64512 to 65534 or 4200000000 to 4294967294"},
		"fails without segments":       {TransitGatewayProps{}, "segments: missing; give at least one"},
		"fails on a segment twice":     {TransitGatewayProps{Segments: []SegmentProps{{Name: "a"}, {Name: "a"}}}, `segments[1].name: stands twice, got "a"; give each segment its own`},
		"fails on a name":              {TransitGatewayProps{Segments: []SegmentProps{{Name: "a b"}}}, `segments[0].name: not a name, got "a b"; use letters, digits and hyphens`},
		"fails half adopted":           {TransitGatewayProps{TransitGatewayID: "tgw-01", Segments: segment}, "segments[0].routeTableId: missing in an adopted transit gateway; give the id of its route table"},
		"fails the other half":         {TransitGatewayProps{Segments: []SegmentProps{{Name: "a", RouteTableID: "tgw-rtb-01"}}}, "segments[0].routeTableId: adopted in a new transit gateway, got tgw-rtb-01; give transitGatewayId too, or leave it out"},
		"fails on a VPC's route table": {TransitGatewayProps{TransitGatewayID: "tgw-01", Segments: []SegmentProps{{Name: "a", RouteTableID: "rtb-01"}}}, `segments[0].routeTableId: not an id of a transit gateway route table, got "rtb-01"; write it like tgw-rtb-0123456789abcdef0`},
		"fails on a route table twice": {TransitGatewayProps{TransitGatewayID: "tgw-01", Segments: []SegmentProps{{Name: "a", RouteTableID: "tgw-rtb-01"}, {Name: "b", RouteTableID: "tgw-rtb-01"}}},
			"segments[1].routeTableId: stands twice, got tgw-rtb-01; give each segment its own"},
		"fails on a foreign gateway's id": {TransitGatewayProps{TransitGatewayID: "vgw-01", Segments: []SegmentProps{{Name: "a", RouteTableID: "tgw-rtb-01"}}}, `transitGatewayId: not an id of a transit gateway, got "vgw-01"; write it like tgw-0123456789abcdef0`},
	} {
		t.Run(name, func(t *testing.T) { problems(t, c.props.Validate(), c.want) })
	}
}

func TestAttachmentProps_Validate(t *testing.T) {
	problems(t, NetworkAttachmentProps{Name: "x", PropagateTo: []string{"a", "a"}}.Validate(),
		"network: missing; give network, or vpcId and subnetIds",
		"subnetIds: missing; give the network a tier named attach, or one subnet per zone here",
		"segment: missing; give the segment that the attachment belongs to",
		`propagateTo[1]: stands twice, got "a"; leave one out`)
	problems(t, VpnAttachmentProps{Site: "idc", Segment: "a"}.Validate(),
		"connection: missing; give a name of letters, digits and hyphens",
		"transitGatewayAttachmentId: missing; give the id, for example from customresource.VpnFacts")
}

func site(change func(*SiteProps)) SiteProps {
	s := SiteProps{Name: "idc", TransitGateway: &TransitGateway{asn: 64512, provider: &customresource.Provider{}}, Segment: "onprem",
		Gateways:    []GatewayProps{{Name: "fw1", IP: netip.MustParseAddr("203.0.113.10"), ASN: 65010}},
		Connections: []ConnectionProps{{Name: "main", Gateway: "fw1", Inside: [2]netip.Prefix{p("169.254.110.0/30"), p("169.254.114.0/30")}}}}
	change(&s)
	return s
}

func TestSiteProps_Validate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*SiteProps)
		want   []string
	}{
		"minimal": {func(*SiteProps) {}, nil},
		"fails when empty": {func(s *SiteProps) { *s = SiteProps{} }, []string{
			"transitGateway: missing; give the transit gateway that the VPN connections end at",
			"provider: missing; give the provider of this stack here or to the transit gateway",
			"gateways: missing; give at least one", "connections: missing; give at least one",
			"segment: missing; give the segment that the attachment belongs to"}},
		"fails on the transit gateway's ASN": {func(s *SiteProps) { s.Gateways[0].ASN = 64512 }, []string{"gateways[0].asn: the ASN of the transit gateway too, got 64512; external BGP needs two different ASNs"}},
		"fails on an ASN":                    {func(s *SiteProps) { s.Gateways[0].ASN = 4294967295 }, []string{"gateways[0].asn: not an ASN, got 4294967295; use 1 to 4294967294"}},
		"fails on an address":                {func(s *SiteProps) { s.Gateways[0].IP = netip.Addr{} }, []string{`gateways[0].ip: not an IPv4 address, got "invalid IP"; give the public address that AWS sees`}},
		"adopted gateway needs only its id":  {func(s *SiteProps) { s.Gateways[0] = GatewayProps{Name: "fw1", CustomerGatewayID: "cgw-01"} }, nil},
		"fails on an unknown gateway":        {func(s *SiteProps) { s.Connections[0].Gateway = "fw2" }, []string{`connections[0].gateway: no such gateway, got "fw2"; add it to gateways`}},
		"fails on a reserved block":          {func(s *SiteProps) { s.Connections[0].Inside[1] = p("169.254.5.0/30") }, []string{"connections[0].inside[1]: reserved by AWS, got 169.254.5.0/30; choose another /30 in 169.254.0.0/16"}},
		"fails on a large block":             {func(s *SiteProps) { s.Connections[0].Inside[0] = p("169.254.110.0/29") }, []string{`connections[0].inside[0]: not a /30 in 169.254.0.0/16, got "169.254.110.0/29"; write it like 169.254.10.0/30`}},
		"fails on equal blocks":              {func(s *SiteProps) { s.Connections[0].Inside[1] = p("169.254.110.0/30") }, []string{"connections[0].inside[1]: used twice in this site, got 169.254.110.0/30; choose a free /30"}},
		"fails on missing blocks":            {func(s *SiteProps) { s.Connections[0].Inside = [2]netip.Prefix{} }, []string{"connections[0].inside[0]: missing; write it like 169.254.10.0/30", "connections[0].inside[1]: missing; write it like 169.254.10.0/30"}},
		"fails on static routes to nowhere":  {func(s *SiteProps) { s.StaticRoutes = true }, []string{"prefixes: missing with static routes; give the prefixes behind the site"}},
		"fails on two static connections": {func(s *SiteProps) {
			s.StaticRoutes, s.Prefixes = true, []netip.Prefix{p("10.20.0.0/16")}
			s.Connections = append(s.Connections, ConnectionProps{Name: "b", Gateway: "fw1", Inside: [2]netip.Prefix{p("169.254.111.0/30"), p("169.254.115.0/30")}})
		}, []string{"connections: more than one with static routes, got 2; a static route leads to one connection, use BGP"}},
		"accelerated": {func(s *SiteProps) { s.Acceleration = true; s.Tunnel.DPDTimeoutAction = "none" }, nil},
		"fails on AWS starting IKE of an accelerated tunnel": {func(s *SiteProps) {
			s.Acceleration, s.Tunnel.StartupAction, s.Tunnel.DPDTimeoutAction = true, "start", "restart"
		}, []string{"tunnel.startupAction: with acceleration only the device may start IKE, got start; use add",
			"tunnel.dpdTimeoutAction: with acceleration only the device may start IKE, got restart; use clear or none"}},
		"fails on bandwidth": {func(s *SiteProps) { s.TunnelBandwidth = "Large" }, []string{"tunnelBandwidth: unknown value, got Large; use one of [standard large]"}},
		"fails on retention": {func(s *SiteProps) { s.Logs.RetentionDays = 91 }, []string{"logs.retentionDays: not offered by CloudWatch Logs, got 91; use one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653]"}},
	} {
		t.Run(name, func(t *testing.T) { problems(t, site(c.change).Validate(), c.want...) })
	}
}

func TestTunnelProps_Validate(t *testing.T) {
	problems(t, TunnelProps{}.Validate())
	problems(t, TunnelProps{DPDTimeoutAction: "stop", DPDTimeout: 29 * time.Second, StartupAction: "start", IKEVersions: []string{"ikev1"},
		Phase1EncryptionAlgorithms: []string{"3DES"}, Phase2IntegrityAlgorithms: []string{"SHA2-256", "MD5"}, Phase1DHGroupNumbers: []int{5}, Phase2DHGroupNumbers: []int{5},
		Phase1Lifetime: 15 * time.Minute, Phase2Lifetime: 15 * time.Minute, RekeyMarginTime: 10 * time.Minute, RekeyFuzzPercentage: new(101), ReplayWindowSize: 63}.Validate(),
		"tunnel.dpdTimeoutAction: unknown value, got stop; use one of [clear none restart]",
		"tunnel.startupAction: start needs IKEv2 only, got IKE versions [ikev1]; use add, or ikev2 alone",
		"tunnel.phase1EncryptionAlgorithms[0]: unknown value, got 3DES; use one of [AES128 AES256 AES128-GCM-16 AES256-GCM-16]",
		"tunnel.phase2IntegrityAlgorithms[1]: unknown value, got MD5; use one of [SHA1 SHA2-256 SHA2-384 SHA2-512]",
		"tunnel.phase1DhGroupNumbers[0]: unknown value, got 5; use one of [2 14 15 16 17 18 19 20 21 22 23 24]",
		"tunnel.dpdTimeout: out of range, got 29s; use whole seconds from 30s to 24h0m0s",
		"tunnel.phase2Lifetime: must be below phase 1, got 15m0s and 15m0s; make it shorter",
		"tunnel.rekeyMarginTime: out of range, got 10m0s; use whole seconds from 1m0s to 7m30s",
		"tunnel.rekeyFuzzPercentage: out of range, got 101; use 0 to 100",
		"tunnel.replayWindowSize: out of range, got 63; use 64 to 2048")
}

// problems compares all problems with the ones wanted, one per line.
func problems(t *testing.T, err error, want ...string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != strings.Join(want, "\n") {
		t.Errorf("problems:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}
