package naming

import (
	"net/netip"
	"strings"
)

// PKI is the id of a certificate authority in the network stack of its home.
func PKI(name string) string { return "Pki-" + name }

// PKIKeyAlias is the alias of a certificate authority's key, by which servers' functions and the command line find it.
func PKIKeyAlias(network, pki string) string { return "alias/pathproof-" + network + "-" + pki }

// PKIClientVPNKeyAlias is the alias of the key for AWS Client VPN. No PKI's name has a slash.
func PKIClientVPNKeyAlias(network, pki string) string {
	return PKIKeyAlias(network, pki) + "/client-vpn"
}

// Construct ids inside a PKI, a server and what stands in front of it.
const (
	Key         = "Key"
	KeyAlias    = "Alias"
	Certificate = "Certificate"
	// ClientVPNKey and ClientVPNKeyAlias are those of a PKI's second key, RevocationList is what gives a Client VPN endpoint its list.
	ClientVPNKey      = "ClientVpnKey"
	ClientVPNKeyAlias = "ClientVpnAlias"
	RevocationList    = "RevocationList"
	Secret            = "Secret"
	Address           = "Address"
	Interface         = "Interface"
	Image             = "Image"
	LaunchTemplate    = "LaunchTemplate"
	Group             = "Group"
	Objects           = "Objects"
	Parameter         = "Parameter"
	HealthCheckers    = "HealthCheckers"
	Scaling           = "Scaling"
	UnhealthyAlarm    = "Unhealthy"
	// CertificateAlarm, ListAlarm and PoolAlarm are further alarms of an OpenVPN server; proxies have the first if TLS ends there.
	CertificateAlarm = "CertificateEnds"
	ListAlarm        = "RevocationListEnds"
	PoolAlarm        = "PoolNearlyFull"
)

// OpenVPN is the id of an OpenVPN server: of what stays in its network's stack, inside the network, and of its instance in the ops stack of
// its place.
func OpenVPN(name string) string { return "OpenVpn-" + name }

// ClientVPN is the id of a Client VPN endpoint in the ops stack of its place.
func ClientVPN(name string) string { return "ClientVpn-" + name }

// ClientVPNAssociation is the id of a Client VPN's slot in a zone.
func ClientVPNAssociation(zoneID string) string { return "Association-" + zoneID }

// LoadBalancer is the id of a load balancer inside its network.
func LoadBalancer(name string) string { return "LoadBalancer-" + name }

// EdgeProxy is the id of an edge proxy: of what stands in front, inside the network, and of its instances in the ops stack of its place.
func EdgeProxy(name string) string { return "EdgeProxy-" + name }

// PortListener is the id of the slot "this port" of a load balancer, inside it; what it leads to is PortTargets.
func PortListener(port string) string { return "Listener-" + port }

// PortTargets is the id of the target group of a port.
func PortTargets(port string) string { return "Targets-" + port }

// Accelerator is the id of an accelerator in its own stack.
func Accelerator(name string) string { return "Accelerator-" + name }

// Listener is the id of a listener inside its accelerator.
func Listener(name, protocol string) string { return "Listener-" + name + "-" + protocol }

// EndpointGroup is the id of the slot "this Region" of a listener, inside it.
func EndpointGroup(region string) string { return "Endpoints-" + region }

// RoleSecurityGroup is the id of the security group of a way in inside its network, by what it belongs to, such as openvpn/seoul. No host's group
// has such an id: names of hosts have no dot.
func RoleSecurityGroup(of string) string {
	return SecurityGroup + "-" + strings.ReplaceAll(of, "/", ".")
}

// AcceleratorStack is the name of an accelerator's stack.
func AcceleratorStack(network, name string) string { return network + "-accelerator-" + name }

// Authorization is the id of the slot "everybody may reach this block" of a Client VPN endpoint.
func Authorization(to netip.Prefix) string { return "Authorization-" + Destination(to) }

// Program is the id of the asset with the program that answers probes at servers, in an ops stack.
const Program = "Program"

// LogGroup is the name of the log group of a machine, which its user data has to know.
func LogGroup(network, kind, name string) string {
	return "/pathproof/" + network + "/" + kind + "/" + name
}

// DescribedAccelerator says which accelerator a stack holds.
func DescribedAccelerator(name string) string { return "accelerator " + name }
