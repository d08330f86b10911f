package test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/pathproof/pathproof/constructs/accelerated"
	"github.com/pathproof/pathproof/constructs/alerts"
	"github.com/pathproof/pathproof/constructs/clientvpn"
	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/edgeproxy"
	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/openvpn"
	"github.com/pathproof/pathproof/constructs/peering"
	"github.com/pathproof/pathproof/constructs/pki"
	"github.com/pathproof/pathproof/constructs/sitealarms"
	"github.com/pathproof/pathproof/constructs/transitvpn"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/cdkx"
)

// One stack with everything that the constructs can define has no finding of the AWS Solutions rules: each rule is followed,
// or suppressed with a reason beside the resource.
func TestNag_NoFindings(t *testing.T) {
	app := nagApp(t)
	s := app.Stack("All", seoul)
	p := perZone(network.EgressNATPerZone)
	p.Name, p.FlowLogs, p.GatewayEndpoints = "app", &network.FlowLogsProps{}, []string{"s3"}
	p.SecurityGroups = []network.SecurityGroupProps{{Ingress: []network.RuleProps{{Peer: prefix("10.0.0.0/8"), Protocol: "tcp", FromPort: 443, ToPort: 443, Description: "test"}}}}
	n, other := network.NewNetwork(s, "Network-app", p), network.NewNetwork(s, "Network-other", small("other", "10.2.0.0/24"))
	provider := newProvider(s)
	gateway := hub(s)
	gateway.AttachNetwork(&transitvpn.NetworkAttachmentProps{Network: n, Segment: "cloud"})
	site := transitvpn.NewSite(s, "Site-idc", idc(gateway, func(p *transitvpn.SiteProps) {
		p.Logs = transitvpn.LogsProps{Activity: true, BGP: true, Metrics: "nag"}
	}))
	pcx := peering.NewVpcPeering(s, "Peering-a", &peering.VpcPeeringProps{RequesterVpcId: n.VpcId(), AccepterVpcId: other.VpcId()})
	peering.NewVpcPeeringSide(s, "Side", &peering.VpcPeeringSideProps{PeeringConnectionId: pcx.PeeringConnectionId(), Side: peering.Requester,
		DNS: true, Provider: provider, Routes: peering.RoutesTo(n, other.CIDRs()...)})
	tgw := peering.NewTransitGatewayPeering(s, "Peering-b", &peering.TransitGatewayPeeringProps{AccepterRegion: tokyo,
		RequesterTransitGatewayId: gateway.TransitGatewayId(), AccepterTransitGatewayId: new("tgw-0123456789abcdef0")})
	peering.NewTransitGatewayPeeringSide(s, "TgwSide", &peering.TransitGatewayPeeringSideProps{TransitGateway: "seoul", AccepterRegion: tokyo, Provider: provider,
		TransitGatewayAttachmentId: tgw.TransitGatewayAttachmentId(), TransitGatewayRouteTableId: gateway.SegmentRouteTableId("cloud")})
	topic := alerts.NewTopic(s, "Topic", &alerts.TopicProps{KeyArn: alerts.NewKey(s, "Key", nil).KeyArn()})
	alerts.NewWebhook(s, "Webhook", &alerts.WebhookProps{Code: standIns.WebhookLambda, TopicArn: topic.TopicArn(), Secret: "alerts/webhook"})
	alerts.NewSlackChannel(s, "Slack", &alerts.SlackChannelProps{Name: "nag", WorkspaceID: "T0000000", ChannelID: "C0000000", TopicArns: []*string{topic.TopicArn()}})
	alerts.NewHealthRule(s, "Health", &alerts.HealthRuleProps{Network: "nag", TopicArn: topic.TopicArn()})
	connection := func(name string) sitealarms.Connection {
		return sitealarms.Connection{Name: name, VpnConnectionId: site.ConnectionId("main"), TunnelOutsideIps: site.TunnelOutsideIps("main"),
			TransitGatewayId: site.TransitGatewayId(), TransitGatewayAttachmentId: site.Attachment("main").TransitGatewayAttachmentId()}
	}
	sitealarms.New(s, "Alarms-idc", &sitealarms.Props{Network: "nag", Site: "idc", TopicArn: topic.TopicArn(), BGPLog: true, IKELog: true,
		Connections: []sitealarms.Connection{connection("a"), connection("b")}, TunnelBps: 1e9, HeadroomBps: 1e9, PacketRate: 1e5,
		Check:        sitealarms.NewPrefixCheck(s, "PrefixCheck", &sitealarms.PrefixCheckProps{Code: standIns.ResourcesLambda}),
		RouteTableId: gateway.SegmentRouteTableId("cloud"), Prefixes: []netip.Prefix{prefix("10.20.0.0/16")}, DashboardName: "nag"})
	latencyprobe.NewVantage(s, "Vantage", vantageProps(nil))
	latencyprobe.NewTarget(s, "Target", targetProps(t, nil))
	reports := latencyprobe.NewReportBucket(s, "Reports", nil)
	latencyprobe.NewGate(s, "Gate", gateProps(func(p *latencyprobe.GateProps) {
		p.BucketName, p.TopicArn, p.Every = reports.BucketName(), topic.TopicArn(), 5*time.Minute
	}))

	// In a stack of their own: with a launch template beside it, the rule EC26 of cdk-nag 2.38.2 breaks on an instance without one.
	s = app.Stack("Ways", seoul)
	provider = newProvider(s)
	openvpn.NewServer(s, "Server", serverProps(openvpn.NewAddress(s, "Address", &openvpn.AddressProps{Name: "seoul", Interface: &openvpn.InterfaceProps{
		SubnetId: new("subnet-0123456789abcdef0"), SecurityGroupIds: []*string{new("sg-0123456789abcdef0")}}}), nil))
	accelerated.NewAccelerator(s, "Accelerator", acceleratorProps(func(p *accelerated.AcceleratorProps) { p.FlowLogs = &accelerated.FlowLogsProps{} }))
	front := edgeproxy.NewFront(s, "Front", frontProps(nil))
	edgeproxy.NewProxies(s, "Proxies", &edgeproxy.ProxiesProps{Name: "api", SubnetIds: []*string{new("subnet-1")}, SecurityGroupIds: []*string{new("sg-2")},
		TargetGroupArns: front.TargetGroupArns(), Count: 2, ImageId: new("ami-0123456789abcdef0"), UserData: "#cloud-config\n", LogGroupName: "/pathproof/shop/edge-proxy/api"})
	clientvpn.NewEndpoint(s, "ClientVpn", endpointProps(nil))
	store := pki.NewStore(s, "Pki", &pki.StoreProps{Name: "main", KeyAlias: "alias/pathproof-shop-main", SecretName: "pathproof/shop/pki/main/tls-crypt"})
	kept := customresource.Authority{Network: "shop", Name: "main", KeyAlias: "alias/pathproof-shop-main", Home: seoul, BucketName: store.BucketName()}
	customresource.NewPki(s, "Authority", &customresource.PkiProps{Provider: provider, Authority: kept, TLSCryptSecretArn: store.TLSCryptSecretArn()})
	customresource.NewImage(s, "Image", &customresource.ImageProps{Provider: provider, Name: "al2023-ami-2023.8.20250818.0-kernel-6.1-arm64"})

	s = app.Stack("Zonal", seoul)
	defineZonal(s)

	if findings := nag(t, app); findings != "" {
		t.Errorf("findings:\n%s", findings)
	}
}

// The rules do run: a plain topic has a finding.
func TestNag_FindsWhatIsWrong(t *testing.T) {
	app := nagApp(t)
	awssns.NewTopic(app.Stack("Control", seoul), new("Plain"), nil)
	if findings := nag(t, app); !strings.Contains(findings, "AwsSolutions-SNS3") {
		t.Errorf("findings for a plain topic: got %q, want AwsSolutions-SNS3", findings)
	}
}

// nagApp returns an app under the AWS Solutions rules. In its mode CDK puts the findings into the error and does not print
// them, so that findings of a test that wants some do not look like trouble.
func nagApp(t *testing.T) *cdktest.App {
	t.Helper()
	app := cdktest.NewApp(t)
	app.App.Node().SetContext(new("@aws-cdk/core:appMode"), "inmemory")
	awscdk.Aspects_Of(app.App).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: new(true), Reports: new(false)}), nil)
	return app
}

// nag synthesizes an app and returns CDK's report of the findings, empty if there are none.
func nag(t *testing.T, app *cdktest.App) string {
	t.Helper()
	err := cdkx.Catch("synthesize", func() { app.App.Synth(nil) })
	report, readErr := os.ReadFile(filepath.Join(app.Dir, "validation-report.json"))
	switch {
	case err == nil && readErr != nil:
		return "" // no report, nothing found
	case readErr != nil:
		t.Fatalf("%v, and no report: %v", err, readErr)
	}
	return string(report)
}
