package config

// Enumerated is a string type with a fixed set of values.
type Enumerated interface{ Values() []string }

type (
	// APIVersion is the version of the file format.
	APIVersion string
	// Egress is a way to the Internet.
	Egress string
	// GatewayEndpoint is a service behind a gateway endpoint.
	GatewayEndpoint string
	// FlowLogTraffic is what a flow log records.
	FlowLogTraffic string
	// Routing is how a site's routes are learned.
	Routing string
	// TunnelBandwidth is the size of VPN tunnels, in AWS's words.
	TunnelBandwidth string
	// Device is a kind of customer gateway that can be rendered.
	Device string
	// TunnelInterfaces is a kind of tunnel interface on Linux.
	TunnelInterfaces string
	// DPDAction is what AWS does when dead peer detection gives up.
	DPDAction string
	// StartupAction is who starts IKE.
	StartupAction string
	// IKEVersion is a version of IKE.
	IKEVersion string
	// Encryption is an encryption algorithm, in AWS's words.
	Encryption string
	// Integrity is an integrity algorithm, in AWS's words.
	Integrity string
	// PeeringMode is what a peering joins.
	PeeringMode string
	// PeeringDNS is whose private names a peering resolves.
	PeeringDNS string
	// Expect is what a path asserts.
	Expect string
	// Phase is a part of what a probe times.
	Phase string
	// Action is what a verdict leads to.
	Action string
	// Forward is what a VPN server does with people's packets.
	Forward string
	// TunnelMode is what goes through people's tunnels.
	TunnelMode string
	// HealthProtocol is how an accelerator checks endpoints.
	HealthProtocol string
	// Affinity is what keeps a client at one endpoint.
	Affinity string
	// Transport carries a Client VPN.
	Transport string
	// LoadBalancerType is a kind of load balancer.
	LoadBalancerType string
	// Scheme says who reaches a load balancer.
	Scheme string
	// Entry is what stands in front of edge proxies.
	Entry string
	// ZonalMode is what stands in front of a zonal service's targets.
	ZonalMode string
	// Discovery is how callers find a zonal service.
	Discovery string
	// TargetType is how targets are named, in AWS's words.
	TargetType string
)

// Values of the enumerated types. Where AWS defines the set, these are AWS's own values.
const (
	V1 APIVersion = "pathproof/v1"

	EgressNone       Egress = "none"
	EgressIGW        Egress = "igw"
	EgressNATSingle  Egress = "nat-single"
	EgressNATPerZone Egress = "nat-per-zone"

	RoutingBGP    Routing = "bgp"
	RoutingStatic Routing = "static"

	BandwidthStandard TunnelBandwidth = "standard"
	BandwidthLarge    TunnelBandwidth = "large"

	DeviceStrongSwanFRR  Device = "strongswan-frr"
	DeviceStrongSwanBIRD Device = "strongswan-bird"
	DeviceFortiGate      Device = "fortigate"

	InterfacesXFRM TunnelInterfaces = "xfrm"
	InterfacesVTI  TunnelInterfaces = "vti"

	ModeVPC            PeeringMode = "vpc"
	ModeTransitGateway PeeringMode = "transitGateway"

	DNSNone   PeeringDNS = "none"
	DNSBoth   PeeringDNS = "both"
	DNSFirst  PeeringDNS = "first"
	DNSSecond PeeringDNS = "second"

	Reachable   Expect = "reachable"
	Unreachable Expect = "unreachable"

	PhaseConnect Phase = "connect"
	PhaseWait    Phase = "wait"

	ActionReport Action = "report"
	ActionFail   Action = "fail"

	ForwardNAT    Forward = "nat"
	ForwardRouted Forward = "routed"

	TunnelSplit TunnelMode = "split"
	TunnelFull  TunnelMode = "full"

	HealthTCP HealthProtocol = "tcp"

	AffinityNone     Affinity = "none"
	AffinitySourceIP Affinity = "sourceIp"

	ApplicationLoadBalancer LoadBalancerType = "application"
	NetworkLoadBalancer     LoadBalancerType = "network"

	SchemeInternal       Scheme = "internal"
	SchemeInternetFacing Scheme = "internet-facing"

	EntryNLB Entry = "nlb"
	EntryALB Entry = "alb"

	ZonalPerAZ         ZonalMode = "per-az"
	ZonalNLBPerAZ      ZonalMode = "nlb-per-az"
	ZonalClientRouting ZonalMode = "client-routing"
	ZonalDirect        ZonalMode = "direct"

	DiscoveryDNS      Discovery = "dns"
	DiscoveryCloudMap Discovery = "cloudMap"

	TargetIP       TargetType = "ip"
	TargetInstance TargetType = "instance"
)

func (APIVersion) Values() []string      { return []string{string(V1)} }
func (Egress) Values() []string          { return []string{"none", "igw", "nat-single", "nat-per-zone"} }
func (GatewayEndpoint) Values() []string { return []string{"s3", "dynamodb"} }
func (FlowLogTraffic) Values() []string  { return []string{"all", "accept", "reject"} }
func (Routing) Values() []string         { return []string{"bgp", "static"} }
func (TunnelBandwidth) Values() []string { return []string{"standard", "large"} }
func (Device) Values() []string {
	return []string{string(DeviceStrongSwanFRR), string(DeviceStrongSwanBIRD), string(DeviceFortiGate)}
}
func (TunnelInterfaces) Values() []string {
	return []string{string(InterfacesXFRM), string(InterfacesVTI)}
}
func (DPDAction) Values() []string     { return []string{"clear", "none", "restart"} }
func (StartupAction) Values() []string { return []string{"add", "start"} }
func (IKEVersion) Values() []string    { return []string{"ikev1", "ikev2"} }
func (Encryption) Values() []string {
	return []string{"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"}
}
func (Integrity) Values() []string   { return []string{"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"} }
func (PeeringMode) Values() []string { return []string{"vpc", "transitGateway"} }
func (PeeringDNS) Values() []string  { return []string{"none", "both", "first", "second"} }
func (Expect) Values() []string      { return []string{"reachable", "unreachable"} }
func (Phase) Values() []string       { return []string{"connect", "wait", "total"} }
func (Action) Values() []string      { return []string{"report", "fail"} }

func (Forward) Values() []string          { return []string{"nat", "routed"} }
func (TunnelMode) Values() []string       { return []string{"split", "full"} }
func (HealthProtocol) Values() []string   { return []string{"tcp", "http", "https"} }
func (Affinity) Values() []string         { return []string{"none", "sourceIp"} }
func (Transport) Values() []string        { return []string{"udp", "tcp"} }
func (LoadBalancerType) Values() []string { return []string{"application", "network"} }
func (Scheme) Values() []string           { return []string{"internal", "internet-facing"} }
func (Entry) Values() []string            { return []string{"nlb", "alb"} }

func (ZonalMode) Values() []string {
	return []string{string(ZonalPerAZ), string(ZonalNLBPerAZ), string(ZonalClientRouting), string(ZonalDirect)}
}
func (Discovery) Values() []string  { return []string{"dns", "cloudMap"} }
func (TargetType) Values() []string { return []string{"ip", "instance"} }
