package naming

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

// The pairs were read from synthesized templates: path by metadata, logical id by template. They are what is deployed.
func TestLogicalID_OfSynthesizedTemplates(t *testing.T) {
	vpn := netip.MustParsePrefix("172.29.0.0/24")
	site := netip.MustParsePrefix("192.168.0.0/24")
	for want, path := range map[string][]string{
		"Marker": {Marker},

		"NetworkvpnC571AFC7":                                 {Network("vpn"), Resource},
		"NetworknewBlock1030016B11A3DEB":                     {Network("new"), SecondaryBlock(netip.MustParsePrefix("10.3.0.0/16"))},
		"NetworkvpnInternetGateway6EA46FBA":                  {Network("vpn"), InternetGateway},
		"NetworkvpnInternetGatewayAttachment8B4AFF49":        {Network("vpn"), InternetGatewayAttachment},
		"NetworknewEndpoints3331E23F6":                       {Network("new"), GatewayEndpoint("s3")},
		"NetworknewEndpointdynamodbACF6E444":                 {Network("new"), GatewayEndpoint("dynamodb")},
		"NetworknewFlowLogEF5EB242":                          {Network("new"), FlowLog},
		"NetworknewFlowLogBucket8C79B1FB":                    {Network("new"), FlowLogBucket, Resource},
		"NetworknewSecurityGroup95AFC148":                    {Network("new"), SecurityGroup},
		"NetworknewSecurityGroupnew1D976C31":                 {Network("new"), HostSecurityGroup("new")},
		"Networkvpnpublicapne2az1267E6474":                   {Network("vpn"), Subnet("public", "apne2-az1"), Resource},
		"Networkvpnpublicapne2az1RouteTable386A8C76":         {Network("vpn"), Subnet("public", "apne2-az1"), RouteTable},
		"Networkvpnpublicapne2az1AssociationAAE25BA8":        {Network("vpn"), Subnet("public", "apne2-az1"), RouteTableAssociation},
		"Networkvpnpublicapne2az1DefaultRoute997EF103":       {Network("vpn"), Subnet("public", "apne2-az1"), Route(netip.MustParsePrefix("0.0.0.0/0"))},
		"Networkvpnpublicapne2az1Route102000166AC38D8A":      {Network("vpn"), Subnet("public", "apne2-az1"), Route(netip.MustParsePrefix("10.20.0.0/16"))},
		"Networknewpublicapne2az1NatAddressF6C8EED4":         {Network("new"), Subnet("public", "apne2-az1"), NatAddress},
		"Networknewpublicapne2az1NatGatewayD2A9230C":         {Network("new"), Subnet("public", "apne2-az1"), NatGateway},
		"Networkoldrtb0123456789abcdef1Route1020016452F5736": {Network("old"), "rtb-0123456789abcdef1", Route(netip.MustParsePrefix("10.2.0.0/16"))},

		"Networkservicepublicapne1az1Route1722900243BEB521E": {RoutesOf("service", Subnet("public", "apne1-az1")), Route(vpn)},

		"TransitGatewayseoul14F2D356":                                               {TransitGateway("seoul"), Resource},
		"TransitGatewayseoulSegmentcloud3DD41519":                                   {TransitGateway("seoul"), Segment("cloud"), Resource},
		"TransitGatewayhubSegmentcloudRoute1921680024D206C996":                      {TransitGateway("hub"), Segment("cloud"), Route(site)},
		"TransitGatewayseoulAttachmentnetworkapp7565D985":                           {TransitGateway("seoul"), Attachment("network", "app"), Resource},
		"TransitGatewayseoulAttachmentnetworkappAssociation5DD43573":                {TransitGateway("seoul"), Attachment("network", "app"), Association, Resource},
		"TransitGatewayseoulAttachmentnetworkappPropagationcloudAD623D23":           {TransitGateway("seoul"), Attachment("network", "app"), Propagation("cloud")},
		"TransitGatewayseoulAttachmentsiteidcConnectionfw1Association699FECE9":      {TransitGateway("seoul"), Attachment("site", "idc"), Connection("fw1"), Association, Resource},
		"TransitGatewayseoulAttachmentsiteidcConnectionfw1Propagationcloud58E4E499": {TransitGateway("seoul"), Attachment("site", "idc"), Connection("fw1"), Propagation("cloud")},

		"SiteidcGatewayfw161D2A715":             {Site("idc"), Gateway("fw1")},
		"SiteidcConnectionfw103AA5985":          {Site("idc"), Connection("fw1"), Resource},
		"SiteidcConnectionfw1FactsF5D9B563":     {Site("idc"), Connection("fw1"), VPNFacts, Resource},
		"SiteidcActivityLogFBF82D07":            {Site("idc"), ActivityLog},
		"SiteidcBgpLogF1936D60":                 {Site("idc"), BGPLog},
		"Peeringseoultokyo5375DE09":             {Peering("seoul-tokyo"), Resource},
		"PeeringseoultokyorequesterDnsDAFEC7CB": {PeeringSide("seoul-tokyo", true), PeeringDNS, Resource},
		"PeeringseoultokyoaccepterDns9525CC37":  {PeeringSide("seoul-tokyo", false), PeeringDNS, Resource},
		"HostedZonecorp74C159A1":                {HostedZone("corp"), Resource},
		"HostedZonecorpRecordold731A3138":       {HostedZone("corp"), Record("old")},
		"Alerts91F83244":                        {Alerts, Resource},
		"ResourcesRole2CD33192":                 {ResourcesLambda, "Role", Resource},
	} {
		if got := LogicalID(path...); got != want {
			t.Errorf("%s: got %s, want %s", strings.Join(path, "/"), got, want)
		}
	}
}

// The pairs are answers of the function that CDK itself calls, aws-cdk-lib 2.270.0 core/lib/private/uniqueid.js.
func TestLogicalID_Rule(t *testing.T) {
	for _, tt := range []struct {
		name string
		path []string
		want string
	}{
		{"a single id stays as it is", []string{"Marker"}, "Marker"},
		{"a single id loses what is not alphanumeric", []string{"my-marker_1"}, "mymarker1"},
		{"a single id may be Resource", []string{"Resource"}, "Resource"},
		{"Default is not there", []string{"A", "Default", "B"}, "ABE649FC2C"},
		{"a single id beside Default is single", []string{"Default", "Marker"}, "Marker"},
		{"Resource is hidden", []string{"A", "Resource"}, "ACCC8ACD5"},
		{"Resource is hidden in the middle", []string{"A", "Resource", "B"}, "AB1CD9EF1B"},
		{"hidden, but hashed", []string{"A", "Resource", "Resource"}, "A954F984F"},
		{"nothing to read", []string{"Resource", "Resource"}, "CF9390BA"},
		{"a name that contains Resource is shown", []string{"A", "ResourceX", "Resource"}, "AResourceX66D7892B"},
		{"a repeated id is shown once", []string{"A", "A"}, "A1164CB75"},
		{"a repeated end is shown once", []string{"PublicSubnet", "Subnet", "Route"}, "PublicSubnetRouteBCC72E37"},
		{"a part is compared with the last one shown", []string{"A", "BA", "A", "C"}, "ABAC3435E925"},
		{"a hidden Resource is the one before, too", []string{"A", "Resource", "A"}, "AAC034B008"},
		{"and so is its end", []string{"A", "Resource", "source"}, "A02EE43E1"},
		{"compared before anything is removed", []string{"Site-idc", "Gateway-fw1", "1"}, "SiteidcGatewayfw170B99C92"},
		{"letters beyond ASCII go", []string{"한국", "A"}, "AC1246428"},
		{"dots and slashes go", []string{"a.b", "c/d"}, "abcd32A54E93"},
		{"240 characters and the hash", []string{strings.Repeat("x", 200), strings.Repeat("y", 60)}, strings.Repeat("x", 200) + strings.Repeat("y", 40) + "B1BC9089"},
		{"what is cut still counts in the hash", []string{strings.Repeat("x", 200), strings.Repeat("y", 60), "z"}, strings.Repeat("x", 200) + strings.Repeat("y", 40) + "69AD215A"},
		{"a single id of 255 characters stays", []string{"-" + strings.Repeat("b", 255)}, strings.Repeat("b", 255)},
		{"a single id of 256 does not", []string{strings.Repeat("c", 256)}, strings.Repeat("c", 240) + "08F039A4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := LogicalID(tt.path...); got != tt.want {
				t.Errorf("%q: got %s, want %s", tt.path, got, tt.want)
			}
		})
	}
}

func TestLogicalID_LeavesItsArgumentsAlone(t *testing.T) {
	path := []string{"Default", "A", "B"}
	LogicalID(path...)
	if strings.Join(path, "/") != "Default/A/B" {
		t.Errorf("path became %q", path)
	}
}

// A slot has one name, whatever fills it, and two slots have two names even where their readable parts are alike.
func TestLogicalID_SlotsAreDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, path := range [][]string{
		{Network("a"), Subnet("b", "use1-az1"), RouteTable},
		{Network("ab"), Subnet("b", "use1-az1"), RouteTable},
		{Network("a-b"), Subnet("b", "use1-az1"), RouteTable},
		{RoutesOf("a", Subnet("b", "use1-az1")), Route(netip.MustParsePrefix("10.1.10.0/24"))},
		{RoutesOf("a", Subnet("b", "use1-az1")), Route(netip.MustParsePrefix("10.11.0.0/24"))},
		{RoutesOf("a", Subnet("b", "use1-az1")), Route(netip.MustParsePrefix("10.110.0.0/24"))},
		{SegmentRoutesOf("a", "b"), Route(netip.MustParsePrefix("10.11.0.0/24"))},
		{TransitGateway("a"), Segment("b"), Route(netip.MustParsePrefix("10.11.0.0/24"))},
		{TransitGateway("a"), Attachment("site", "b"), Resource},
		{TransitGateway("a"), Attachment("network", "b"), Resource},
		{TransitGateway("a"), Attachment("peering", "b"), Resource},
		{PeeringSide("a", true), PeeringDNS},
		{PeeringSide("a", false), PeeringDNS},
		{Peering("a"), PeeringDNS},
	} {
		id, at := LogicalID(path...), strings.Join(path, "/")
		if other, dup := seen[id]; dup {
			t.Errorf("%s and %s are both %s", at, other, id)
		}
		seen[id] = at
		if !regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`).MatchString(id) {
			t.Errorf("%s: %s is not a logical id", at, id)
		}
	}
}

// These words are part of deployed ids: a change replaces resources.
func TestIDs(t *testing.T) {
	p := netip.MustParsePrefix
	for _, tt := range []struct{ got, want string }{
		{Destination(p("10.20.0.0/16")), "10.20.0.0-16"},
		{Route(p("10.20.0.0/16")), "Route-10.20.0.0-16"},
		{Route(p("0.0.0.0/0")), "DefaultRoute"},
		{Route(p("0.0.0.0/1")), "Route-0.0.0.0-1"},
		{SecondaryBlock(p("100.64.0.0/16")), "Block-100.64.0.0-16"},
		{Network("vpn"), "Network-vpn"},
		{Subnet("public", "apne2-az1"), "public-apne2-az1"},
		{RoutesOf("vpn", Subnet("public", "apne2-az1")), "Network-vpn-public-apne2-az1"},
		{SegmentRoutesOf("hub", "cloud"), "TransitGateway-hub-Segment-cloud"},
		{GatewayEndpoint("s3"), "Endpoint-s3"},
		{TransitGateway("hub"), "TransitGateway-hub"},
		{Segment("cloud"), "Segment-cloud"},
		{Attachment("site", "idc"), "Attachment-site-idc"},
		{Propagation("cloud"), "Propagation-cloud"},
		{Site("idc"), "Site-idc"},
		{Gateway("fw1"), "Gateway-fw1"},
		{Connection("fw1"), "Connection-fw1"},
		{Peering("a-b"), "Peering-a-b"},
		{PeeringSide("a-b", true), "Peering-a-b-requester"},
		{PeeringSide("a-b", false), "Peering-a-b-accepter"},
		{HostedZone("corp"), "HostedZone-corp"},
		{Record("db"), "Record-db"},
		{HostSecurityGroup("db"), "SecurityGroup-db"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

func TestDescribed(t *testing.T) {
	for description, want := range map[string]string{
		StackDescription("reference", DescribedNetwork("seoul/app")): "network/seoul/app",
		StackDescription("reference", DescribedPeering("web-edge")):  "peering/web-edge",
		StackDescription("reference", "network layer in us-west-2"):  "",
		"a stack of somebody else":                                   "",
		"":                                                           "",
	} {
		if got := Described(description); got != want {
			t.Errorf("%q: got %q, want %q", description, got, want)
		}
	}
}
