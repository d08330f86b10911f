// Package naming holds every construct id that pathproof uses, and CDK's rule that turns a construct path into a
// CloudFormation logical id. The planner and the constructs share it, so that a plan can name each resource of a
// template before any template exists. These ids are an external contract: a changed id is a replaced resource.
package naming

import (
	"crypto/md5" // #nosec G501 -- CDK's own logical id rule; no security property depends on it
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Resource is the construct id of a construct's main resource. CDK leaves it out of the readable part of a logical id.
const Resource = "Resource"

// Construct ids inside a network.
const (
	RouteTable                = "RouteTable"
	RouteTableAssociation     = "Association"
	DefaultRoute              = "DefaultRoute"
	InternetGateway           = "InternetGateway"
	InternetGatewayAttachment = "InternetGatewayAttachment"
	NatGateway                = "NatGateway"
	NatAddress                = "NatAddress"
	FlowLog                   = "FlowLog"
	FlowLogBucket             = "FlowLogBucket"
	SecurityGroup             = "SecurityGroup"
)

// Construct ids inside a transit gateway, a site and a peering.
const (
	Association     = "Association"
	VPNFacts        = "Facts"
	ActivityLog     = "ActivityLog"
	BGPLog          = "BgpLog"
	PeeringAccept   = "Acceptance"
	PeeringDNS      = "Dns"
	ResourcesLambda = "Resources"
	Function        = "Function"
	Marker          = "Marker"
	Plan            = "Plan"
)

// Network is the id of a network construct in its Region's network stack.
func Network(name string) string { return "Network-" + name }

// Subnet is the id of a subnet's namespace inside its network; its main resource is the subnet.
func Subnet(tier, zoneID string) string { return tier + "-" + zoneID }

// SecondaryBlock is the id of a secondary CIDR block inside its network.
func SecondaryBlock(p netip.Prefix) string { return "Block-" + Destination(p) }

// GatewayEndpoint is the id of a gateway endpoint inside its network.
func GatewayEndpoint(service string) string { return "Endpoint-" + service }

// Route is the id of the slot "this destination in this route table", whatever the route's target is. In a network
// stack it stands inside the subnet's namespace, in a routes stack inside RoutesOf the network and subnet.
func Route(dest netip.Prefix) string {
	if dest.Bits() == 0 {
		return DefaultRoute
	}
	return "Route-" + Destination(dest)
}

// RoutesOf is the namespace of one route table's routes in a routes stack. The table is a subnet's (Subnet) or the id of
// an adopted route table.
func RoutesOf(network, table string) string { return Network(network) + "-" + table }

// SegmentRoutesOf is the namespace of one segment's static routes in a routes stack. The segment is told as in Segment.
func SegmentRoutesOf(gateway, segment string) string {
	return TransitGateway(gateway) + "-" + Segment(segment)
}

// TransitGateway is the id of a transit gateway construct in its Region's network stack.
func TransitGateway(name string) string { return "TransitGateway-" + name }

// Segment is the id of a segment's namespace inside its transit gateway, by its name or, adopted, by the id of its route
// table; its main resource is the route table.
func Segment(nameOrID string) string { return "Segment-" + nameOrID }

// Attachment is the id of an attachment's namespace inside its transit gateway, keyed by what is attached.
func Attachment(kind, name string) string { return "Attachment-" + kind + "-" + name }

// Propagation is the id of the slot "this attachment's routes in this segment", inside the attachment's namespace. The
// segment is told as in Segment.
func Propagation(segment string) string { return "Propagation-" + segment }

// Site is the id of a site construct in its Region's network stack.
func Site(name string) string { return "Site-" + name }

// Gateway is the id of a customer gateway inside its site.
func Gateway(name string) string { return "Gateway-" + name }

// Connection is the id of a VPN connection's namespace inside its site; its main resource is the connection.
func Connection(name string) string { return "Connection-" + name }

// Peering is the id of a peering construct in its peer stack.
func Peering(name string) string { return "Peering-" + name }

// PeeringSide is the id of one side of a peering in its routes stack, which holds both sides when they lie in one Region.
func PeeringSide(name string, requester bool) string {
	if requester {
		return Peering(name) + "-requester"
	}
	return Peering(name) + "-accepter"
}

// HostedZone is the id of a hosted zone's namespace in a routes stack, by its domain or, adopted, by its id; its main
// resource is the zone. A VPC resolves one private zone of a domain, so the domain is the slot.
func HostedZone(domainOrID string) string { return "HostedZone-" + domainOrID }

// Record is the id of a host's record inside its hosted zone's namespace.
func Record(host string) string { return "Record-" + host }

// HostSecurityGroup is the id of a host's security group inside its network.
func HostSecurityGroup(host string) string { return SecurityGroup + "-" + host }

// Alerts is the id of the alerts constructs: the key in a network stack, the topic in an ops stack.
const Alerts = "Alerts"

// Construct ids in an ops stack with a topic.
const (
	Webhook      = "Webhook"
	Slack        = "Slack"
	VPNHealth    = "VpnHealth"
	PrefixCheck  = "PrefixCheck"
	Queue        = "Queue"
	Subscription = "Subscription"
)

// Construct ids of what a site's log groups are watched by, inside the site.
const (
	BGPDownFilter = "BgpDown"
	IKEDownFilter = "IkeDown"
)

// SiteAlarms is the id of what watches a site, in the ops stack of its place.
func SiteAlarms(site string) string { return "Alarms-" + site }

// Construct ids inside SiteAlarms.
const (
	SiteDownAlarm   = "AllDown"
	IKEAlarm        = "IkeDown"
	UnexpectedAlarm = "UnexpectedPrefixes"
	MissingAlarm    = "MissingPrefixes"
)

// TunnelDownAlarm and the ids after it are of alarms of a VPN connection, inside SiteAlarms. Tunnels are 1 and 2.
func TunnelDownAlarm(connection string, tunnel int) string {
	return ofTunnel("TunnelDown", connection, tunnel)
}

// BGPDownAlarm is of the log of a tunnel's BGP session.
func BGPDownAlarm(connection string, tunnel int) string {
	return ofTunnel("BgpDown", connection, tunnel)
}

// TunnelTrafficAlarm is of what a tunnel carries.
func TunnelTrafficAlarm(connection string, tunnel int) string {
	return ofTunnel("TunnelTraffic", connection, tunnel)
}

func ofTunnel(what, connection string, tunnel int) string {
	return what + "-" + connection + "-" + strconv.Itoa(tunnel)
}

// AnyDownAlarm is of a connection of which a tunnel is down.
func AnyDownAlarm(connection string) string { return "AnyDown-" + connection }

// AllDownAlarm is of a connection without a tunnel.
func AllDownAlarm(connection string) string { return "AllDown-" + connection }

// HeadroomAlarm is of a connection that carries more than what is left while one tunnel is down.
func HeadroomAlarm(connection string) string { return "Headroom-" + connection }

// PacketsAlarm is of a connection's packet rate.
func PacketsAlarm(connection string) string { return "Packets-" + connection }

// SiteDashboardName is the name of a site's dashboard, which is unique in an account.
func SiteDashboardName(network, site string) string { return DashboardName(network) + "-site-" + site }

// SlackConfiguration is the name of the configuration of a Slack channel, which is unique in an account.
func SlackConfiguration(network string) string { return network + "-alerts" }

// TagNetwork is the tag with the network's name that every stack has.
const TagNetwork = "pathproof:network"

// ReportBucket is the id of the bucket of measurements in the network stack of the gate's place.
const ReportBucket = "Reports"

// Gate is the id of the gate construct in the ops stack of its place.
const Gate = "Gate"

// Construct ids inside the gate.
const (
	Schedule  = "Schedule"
	Run       = "Run"
	Dashboard = "Dashboard"
)

// Vantage is the id of a vantage in the ops stack of its place. Its slot is a subnet and whose security group it has.
func Vantage(network, subnet, host string) string {
	id := "Vantage-" + network + "-" + subnet
	if host != "" {
		id += "-" + host
	}
	return id
}

// VantageFunction is the name of a vantage's function. It is fixed, because the gate, which may be in another Region, must
// know it without reading anything there. Keys are unique in a network, and the name is at most 57 characters long.
func VantageFunction(network, key string) string {
	sum := sha256.Sum256([]byte(key))
	return network + "-vantage-" + hex.EncodeToString(sum[:8])
}

// GateFunction is the name of the gate's function, by which the command line and pipelines find it.
func GateFunction(network string) string { return network + "-gate" }

// DashboardName is the name of the network's dashboard, which is unique in an account.
func DashboardName(network string) string { return "pathproof-" + network }

// DownAlarm is the id of the alarm that a path is down, inside the gate.
func DownAlarm(path string) string { return "Down-" + path }

// ObjectiveAlarm is the id of the alarm that a path misses what it is measured for, inside the gate.
func ObjectiveAlarm(path string) string { return "Objective-" + path }

// UnprovenAlarm is the id of the alarm that paths could not be measured or stay inconclusive, inside the gate.
const UnprovenAlarm = "Unproven"

// PlanParameter is the name of the SSM parameter that says where the plan of the last deployment lies, in every account and
// Region of the network.
func PlanParameter(network string) string { return "/pathproof/" + network + "/plan" }

// PKIParameter is the name of the SSM parameter, in the PKI's home Region, that says where the PKI is kept.
func PKIParameter(network, pki string) string { return "/pathproof/" + network + "/pki/" + pki }

// OpenVPNParameter is the name of the SSM parameter, in a server's Region, that says at which address it is.
func OpenVPNParameter(network, server string) string {
	return "/pathproof/" + network + "/openvpn/" + server
}

// AcceleratorParameter is the name of the SSM parameter, in us-west-2, that says under which name an accelerator is.
func AcceleratorParameter(network, accelerator string) string {
	return "/pathproof/" + network + "/accelerator/" + accelerator
}

// ClientVPNParameter is the name of the SSM parameter, in its Region, that says which Client VPN endpoint this is.
func ClientVPNParameter(network, endpoint string) string {
	return "/pathproof/" + network + "/client-vpn/" + endpoint
}

// TLSCryptSecret is the name of the secret with the tls-crypt-v2 key of all servers of a PKI.
func TLSCryptSecret(network, pki string) string {
	return "pathproof/" + network + "/pki/" + pki + "/tls-crypt"
}

// ServerCertificateSecret is the name of the secret with a server's key and certificate.
func ServerCertificateSecret(network, server string) string {
	return "pathproof/" + network + "/server-certificates/" + server
}

// ClientProfileSecret is the name of the secret with what a user proves themselves with.
func ClientProfileSecret(network, pki, user string) string {
	return "pathproof/" + network + "/client-profiles/" + pki + "/" + user
}

// OpenVPNCertificate is the name in a server's certificate, by which clients know that they are at the right one.
func OpenVPNCertificate(network, server string) string {
	return commonName(network + "-openvpn-" + server)
}

// ClientVPNCertificate is the name in the certificate of a Client VPN endpoint: where it stands (the key of a network, or the name of a
// transit gateway) is part of it, since an endpoint elsewhere is another one. It is a DNS name, which AWS wants, and has at most 64
// characters.
func ClientVPNCertificate(network, endpoint, at string) string {
	name := endpoint + "." + strings.ReplaceAll(at, "/", ".") + ".client-vpn." + network
	if len(name) <= 64 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8]) + ".client-vpn"
}

// TagClientVPN is on the certificate of a Client VPN endpoint and names it, as ClientVPNCertificate does; beside TagNetwork.
const TagClientVPN = "pathproof:client-vpn"

// OpenVPNCertificates is how the names of all of a network's servers begin.
func OpenVPNCertificates(network string) string {
	begin := network + "-openvpn-"
	return begin[:min(len(begin), commonNameKept)]
}

// commonNameKept is how much of a longer name commonName keeps.
const commonNameKept = 47

// commonName holds 64 characters; a longer name ends with a hash of the whole.
func commonName(name string) string {
	if len(name) <= 64 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:commonNameKept] + "-" + hex.EncodeToString(sum[:8])
}

// StackDescription is the description of a stack: it says which part of the network the stack holds, also when no plan knows it
// any more.
func StackDescription(network, part string) string {
	return "pathproof network " + network + ": " + part
}

// DescribedNetwork and DescribedPeering say which network or peering a stack holds.
func DescribedNetwork(key string) string { return "network " + key }

// DescribedPeering is like DescribedNetwork.
func DescribedPeering(name string) string { return "peering " + name }

// Described reads a stack's description: the name that the resources of its network or peering begin with, such as
// network/seoul/app; empty if it holds neither.
func Described(description string) string {
	_, part, _ := strings.Cut(description, ": ")
	kind, name, ok := strings.Cut(part, " ")
	if ok && (kind == "network" && strings.Contains(name, "/") || kind == "peering") && !strings.Contains(name, " ") {
		return kind + "/" + name
	}
	return ""
}

// Destination writes a prefix so that it can stand in a construct id: 10.20.0.0/16 is 10.20.0.0-16.
func Destination(p netip.Prefix) string { return strings.ReplaceAll(p.String(), "/", "-") }

// alphanumeric leaves the letters and digits of ASCII.
func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// LogicalID applies CDK's rule to a construct path below the stack: the readable parts without Resource, then eight
// hexadecimal digits of the MD5 of the whole path. A single id stays as it is.
func LogicalID(path ...string) string {
	path = slices.DeleteFunc(slices.Clone(path), func(s string) bool { return s == "Default" })
	if len(path) == 1 {
		if only := alphanumeric(path[0]); len(only) <= 255 {
			return only
		}
	}
	var human strings.Builder
	last := ""
	for i, id := range path {
		if i > 0 && strings.HasSuffix(last, id) {
			continue // CDK drops a part that repeats the end of the one before
		}
		last = id
		if id != Resource {
			human.WriteString(alphanumeric(id))
		}
	}
	name := human.String()
	if len(name) > 240 {
		name = name[:240]
	}
	sum := md5.Sum([]byte(strings.Join(path, "/"))) // #nosec G401 -- see the import
	return name + strings.ToUpper(hex.EncodeToString(sum[:4]))
}
