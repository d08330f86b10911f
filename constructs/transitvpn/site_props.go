package transitvpn

import (
	"net/netip"
	"time"

	"github.com/pathproof/pathproof/constructs/customresource"
)

// SiteProps configures a Site.
type SiteProps struct {
	// Name of the site: letters, digits and hyphens. It stands in device names, after the stack's name; they are create-only.
	// Default: the construct id.
	Name string
	// TransitGateway is where the VPN connections end. Required.
	TransitGateway *TransitGateway
	// Gateways are the site's VPN devices. Required.
	Gateways []GatewayProps
	// Connections are the VPN connections, each with two tunnels. Required.
	Connections []ConnectionProps
	// Segment is the segment of the transit gateway that the site belongs to. Required.
	Segment string
	// PropagateTo are the segments that learn what the site announces by BGP or, with StaticRoutes, get Prefixes.
	// Default: none.
	PropagateTo []string
	// StaticRoutes turns BGP off; then there can be one connection only, and only one of its tunnels carries traffic to the
	// site. A change replaces the VPN connections; while the connection has static routes, whatever replaces it needs two
	// deployments, see TransitGateway.AddStaticRoute.
	// Default: false.
	StaticRoutes bool
	// Prefixes are what lies behind the site. Required with StaticRoutes, not used with BGP.
	Prefixes []netip.Prefix
	// Acceleration sends the tunnels over the AWS global network. A change replaces the VPN connections. Of an accelerated
	// tunnel the device must start IKE and every rekey, so StartupAction start and DPDTimeoutAction restart are refused. Give
	// the device lifetimes of both phases that end before AWS would rekey: shorter than those in Tunnel by more than twice
	// RekeyMarginTime.
	// Default: false.
	Acceleration bool
	// TunnelBandwidth is standard (1.25 Gbps per tunnel) or large (5 Gbps per tunnel). A change interrupts the tunnels for a
	// moment; in me-central-1 and me-south-1 it replaces the VPN connections.
	// Default: standard.
	TunnelBandwidth string
	// Tunnel are the IKE and IPsec options of all tunnels.
	// Default: see TunnelProps.
	Tunnel TunnelProps
	// Logs are the CloudWatch Logs of all tunnels.
	// Default: none.
	Logs LogsProps
	// Provider runs the custom resources.
	// Default: the transit gateway's.
	Provider *customresource.Provider
}

// GatewayProps is one VPN device of a site: in AWS, a customer gateway.
type GatewayProps struct {
	// Name of the device: letters, digits and hyphens. Required.
	Name string
	// IP is the device's public IPv4 address. A change replaces the customer gateway and takes the tunnels down meanwhile.
	// Required unless adopted.
	IP netip.Addr
	// ASN is the device's BGP ASN, 1 to 4294967294. Devices of one site share it. Required unless adopted.
	ASN int64
	// CustomerGatewayID adopts an existing customer gateway, for example cgw-0123456789abcdef0.
	// Default: a new customer gateway.
	CustomerGatewayID string
}

// ConnectionProps is one VPN connection: two tunnels to one device.
type ConnectionProps struct {
	// Name of the connection: letters, digits and hyphens. Required.
	Name string
	// Gateway is the name of the device. Required.
	Gateway string
	// Inside are the inside CIDRs of tunnel 1 and tunnel 2: /30s in 169.254.0.0/16 without those that AWS reserves. Required.
	Inside [2]netip.Prefix
}

// TunnelProps are the IKE and IPsec options of a tunnel. Of algorithms the first ones are preferred. The defaults leave out
// what is weak today; AWS's own allow everything.
type TunnelProps struct {
	// DPDTimeoutAction is what AWS does when dead peer detection gives up: clear, none or restart (not with Acceleration).
	// Default: clear.
	DPDTimeoutAction string
	// DPDTimeout is when dead peer detection gives up, 30 seconds or more.
	// Default: 30 seconds.
	DPDTimeout time.Duration
	// StartupAction is add (the device starts IKE) or start (AWS does; IKEv2 only, not with Acceleration).
	// Default: add.
	StartupAction string
	// IKEVersions are ikev2 and ikev1.
	// Default: ikev2.
	IKEVersions []string
	// Phase1EncryptionAlgorithms are AES128, AES256, AES128-GCM-16 and AES256-GCM-16.
	// Default: AES256-GCM-16, AES256.
	Phase1EncryptionAlgorithms []string
	// Phase2EncryptionAlgorithms are like those of phase 1.
	// Default: AES256-GCM-16, AES256.
	Phase2EncryptionAlgorithms []string
	// Phase1IntegrityAlgorithms are SHA1, SHA2-256, SHA2-384 and SHA2-512.
	// Default: SHA2-256, SHA2-384, SHA2-512.
	Phase1IntegrityAlgorithms []string
	// Phase2IntegrityAlgorithms are like those of phase 1.
	// Default: SHA2-256, SHA2-384, SHA2-512.
	Phase2IntegrityAlgorithms []string
	// Phase1DHGroupNumbers are Diffie-Hellman groups, 2 and 14 to 24.
	// Default: 19, 20, 21, 14.
	Phase1DHGroupNumbers []int
	// Phase2DHGroupNumbers are Diffie-Hellman groups, 2, 5 and 14 to 24.
	// Default: 19, 20, 21, 14.
	Phase2DHGroupNumbers []int
	// Phase1Lifetime is 15 minutes to 8 hours.
	// Default: 8 hours.
	Phase1Lifetime time.Duration
	// Phase2Lifetime is 15 minutes to 1 hour, and below Phase1Lifetime.
	// Default: 1 hour.
	Phase2Lifetime time.Duration
	// RekeyMarginTime is how long before the end of phase 2 AWS rekeys: 60 seconds to half of Phase2Lifetime.
	// Default: 270 seconds.
	RekeyMarginTime time.Duration
	// RekeyFuzzPercentage is the share of the margin within which the rekey time is random, 0 to 100.
	// Default: 100.
	RekeyFuzzPercentage *int
	// ReplayWindowSize is the number of packets in the anti-replay window, 64 to 2048.
	// Default: 1024.
	ReplayWindowSize int
	// LifecycleControl makes AWS announce an endpoint replacement and wait, until a deadline, for you to apply it.
	// Default: false.
	LifecycleControl bool
}

// LogsProps are the CloudWatch Logs of a site's tunnels. There is one log group for activity and one for BGP per site, not
// per connection: log streams are named by connection and tunnel anyway, one metric filter then sees the whole site, and
// each log group takes room: AWS enters log groups whose names do not begin with /aws/vendedlogs/, as these, in the
// account's resource policy of CloudWatch Logs, which has 5,120 characters.
type LogsProps struct {
	// Activity logs IKE and IPsec.
	// Default: false.
	Activity bool
	// BGP logs the BGP sessions. Without effect with StaticRoutes.
	// Default: false.
	BGP bool
	// Metrics makes metrics of the logs, for sitealarms: log lines that tell of a tunnel that is not up. It is the name of the
	// network, which stands in the names of metrics.
	// Default: no metrics.
	Metrics string
	// RetentionDays is how long log groups keep them: a number of days that CloudWatch Logs offers.
	// Default: 90.
	RetentionDays int
}

func (p SiteProps) withDefaults(id string) SiteProps {
	if p.Name == "" {
		p.Name = id
	}
	if p.TunnelBandwidth == "" {
		p.TunnelBandwidth = "standard"
	}
	if p.Provider == nil && p.TransitGateway != nil {
		p.Provider = p.TransitGateway.provider
	}
	if p.Logs.RetentionDays == 0 {
		p.Logs.RetentionDays = 90
	}
	p.Tunnel = p.Tunnel.withDefaults()
	return p
}

func (t TunnelProps) withDefaults() TunnelProps {
	orDefault(&t.DPDTimeoutAction, "clear")
	orDefault(&t.DPDTimeout, 30*time.Second)
	orDefault(&t.StartupAction, "add")
	orDefault(&t.Phase1Lifetime, 8*time.Hour)
	orDefault(&t.Phase2Lifetime, time.Hour)
	orDefault(&t.RekeyMarginTime, 270*time.Second)
	orDefault(&t.ReplayWindowSize, 1024)
	if t.RekeyFuzzPercentage == nil {
		all := 100
		t.RekeyFuzzPercentage = &all
	}
	listOrDefault(&t.IKEVersions, "ikev2")
	listOrDefault(&t.Phase1EncryptionAlgorithms, "AES256-GCM-16", "AES256")
	listOrDefault(&t.Phase2EncryptionAlgorithms, "AES256-GCM-16", "AES256")
	listOrDefault(&t.Phase1IntegrityAlgorithms, "SHA2-256", "SHA2-384", "SHA2-512")
	listOrDefault(&t.Phase2IntegrityAlgorithms, "SHA2-256", "SHA2-384", "SHA2-512")
	listOrDefault(&t.Phase1DHGroupNumbers, 19, 20, 21, 14)
	listOrDefault(&t.Phase2DHGroupNumbers, 19, 20, 21, 14)
	return t
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func listOrDefault[T any](field *[]T, values ...T) {
	if len(*field) == 0 {
		*field = values
	}
}
