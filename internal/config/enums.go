package config

// Enumerated is a string type with a fixed set of values.
type Enumerated interface{ Values() []string }

// APIVersion and the types after it are enumerated.
type (
	APIVersion      string
	Egress          string
	GatewayEndpoint string
	FlowLogTraffic  string
	Routing         string
	TunnelBandwidth string
	DPDAction       string
	StartupAction   string
	IKEVersion      string
	Encryption      string
	Integrity       string
	PeeringMode     string
	PeeringDNS      string
	Expect          string
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

	ModeVPC            PeeringMode = "vpc"
	ModeTransitGateway PeeringMode = "transitGateway"

	DNSNone   PeeringDNS = "none"
	DNSBoth   PeeringDNS = "both"
	DNSFirst  PeeringDNS = "first"
	DNSSecond PeeringDNS = "second"

	Reachable   Expect = "reachable"
	Unreachable Expect = "unreachable"
)

func (APIVersion) Values() []string      { return []string{string(V1)} }
func (Egress) Values() []string          { return []string{"none", "igw", "nat-single", "nat-per-zone"} }
func (GatewayEndpoint) Values() []string { return []string{"s3", "dynamodb"} }
func (FlowLogTraffic) Values() []string  { return []string{"all", "accept", "reject"} }
func (Routing) Values() []string         { return []string{"bgp", "static"} }
func (TunnelBandwidth) Values() []string { return []string{"standard", "large"} }
func (DPDAction) Values() []string       { return []string{"clear", "none", "restart"} }
func (StartupAction) Values() []string   { return []string{"add", "start"} }
func (IKEVersion) Values() []string      { return []string{"ikev1", "ikev2"} }
func (Encryption) Values() []string {
	return []string{"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"}
}
func (Integrity) Values() []string   { return []string{"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"} }
func (PeeringMode) Values() []string { return []string{"vpc", "transitGateway"} }
func (PeeringDNS) Values() []string  { return []string{"none", "both", "first", "second"} }
func (Expect) Values() []string      { return []string{"reachable", "unreachable"} }
