package clientvpn

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
)

// Transport is what people's connections are made of.
type Transport string

// The transports.
const (
	UDP Transport = "udp"
	TCP Transport = "tcp"
)

const logDays = 90

var (
	samlForm = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w+=,.@-]{1,128}$`)
	zoneForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*-az[0-9]+$`)
)

// EndpointProps configures an Endpoint.
type EndpointProps struct {
	// Name is the Name tag. Required.
	Name string
	// Pool is where people get their addresses from, /12 to /22, outside everything that they reach. A change replaces the endpoint.
	// Required.
	Pool netip.Prefix
	// VpcId is the VPC of the subnets that it is associated with. What people reach sees addresses of these subnets.
	// Default: none; give TransitGatewayId.
	VpcId *string
	// SecurityGroupIds are 1 to 5 of the caller's, with VpcId: what people reach is let out by them.
	SecurityGroupIds []*string
	// TransitGatewayId is the transit gateway that it is at. What people reach sees addresses of the pool. A change replaces the
	// endpoint.
	// Default: none; give VpcId.
	TransitGatewayId *string
	// Provider finds the id of the attachment to the transit gateway, and makes certificates. Required with TransitGatewayId and with PKI.
	Provider *customresource.Provider
	// Associations are where it stands, at most one in a zone. Each is billed. Required.
	Associations []Association
	// PKI issues its certificate and those of people.
	// Default: none; give ServerCertificateArn.
	PKI *PKIProps
	// ServerCertificateArn is its certificate in ACM, with an RSA key and a DNS name.
	// Default: none; give PKI.
	ServerCertificateArn *string
	// CertificateAuthorityArn is a certificate in ACM of the authority that issues people's certificates, with RSA keys of 2,048
	// bits; the server's own if one authority issues both. A change replaces the endpoint.
	// Default: none; give PKI or SAMLProviderArn.
	CertificateAuthorityArn *string
	// SAMLProviderArn is an IAM SAML provider whose users may connect. With PKI or CertificateAuthorityArn people need a certificate as
	// well. A change replaces the endpoint.
	// Default: none; give PKI or CertificateAuthorityArn.
	SAMLProviderArn string
	// Transport is UDP or TCP. A change replaces the endpoint.
	// Default: udp.
	Transport Transport
	// Port is 443 or 1194.
	// Default: 443.
	Port int
	// FullTunnel sends everything of people's machines through it; without a way to the Internet they then have none.
	// Default: false; only what they may reach goes through it.
	FullTunnel bool
	// DNSServers are resolvers that people's machines are told to use, at most two.
	// Default: none; they keep their own.
	DNSServers []netip.Addr
	// SessionHours is after how long people have to log in again: 8, 10, 12 or 24.
	// Default: 24.
	SessionHours int
	// Authorizations say what everybody who is connected may reach.
	// Default: nothing.
	Authorizations []Authorization
	// Routes lead to what lies outside the VPC, and at a transit gateway to everything.
	// Default: none.
	Routes []Route
	// LogDays is how long the log of connections is kept, in days: a retention that CloudWatch Logs offers.
	// Default: 90.
	LogDays int
}

// PKIProps say who issues certificates of an endpoint and its people.
type PKIProps struct {
	// Authority is where the PKI is kept; its KeyAlias is that of the key for AWS Client VPN, and it has no Replicas. Required.
	Authority customresource.Authority
	// Endpoint is the endpoint's name within the network, and At the key of the network (seoul/app) or the name of the transit gateway
	// that it stands in: both are in its certificate. Required.
	Endpoint, At string
	// ValidityDays is how long the endpoint's certificate is good, 7 to 825.
	// Default: 90.
	ValidityDays int
	// ParameterName is the name of the SSM parameter that holds the endpoint's id, for whoever writes profiles. A change replaces it.
	// Required.
	ParameterName string
	// DependsOn has to be there before the certificate: the key, if it is of this stack.
	// Default: nothing.
	DependsOn []constructs.IDependable
}

// Association is a place where an endpoint stands.
type Association struct {
	// ZoneID is the AZ ID, which is the association's identity. Required.
	ZoneID string
	// SubnetId and Subnet are the subnet and what names it in the ids of routes. Required in a VPC.
	SubnetId *string
	Subnet   string
}

// Authorization lets everybody who is connected reach a block.
type Authorization struct {
	// Destination is the block. A change replaces the rule. Required.
	Destination netip.Prefix
	// Description says why. A change replaces the rule.
	// Default: none.
	Description string
}

// Route is a route of the endpoint.
type Route struct {
	// Destination is the block. Required.
	Destination netip.Prefix
	// Subnet is the one that it leads through, as in Association. Required in a VPC.
	Subnet string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p EndpointProps) Validate() error {
	p = p.withDefaults()
	var f cdkx.Fields
	if p.Name == "" {
		f.Addf("name", "missing; name the endpoint")
	}
	if !p.Pool.IsValid() || !p.Pool.Addr().Is4() || p.Pool != p.Pool.Masked() || p.Pool.Bits() < 12 || p.Pool.Bits() > 22 {
		f.Addf("pool", "not an IPv4 block of /12 to /22, got %s; write it like 10.251.0.0/22", p.Pool)
	}
	p.validatePlace(&f)
	p.validateProof(&f)
	if p.SAMLProviderArn != "" && !samlForm.MatchString(p.SAMLProviderArn) {
		f.Addf("samlProviderArn", "not the ARN of a SAML provider, got %q; write it like arn:aws:iam::111122223333:saml-provider/people", p.SAMLProviderArn)
	}
	p.validateOptions(&f)
	p.validateRules(&f)
	return f.Err()
}

// validateProof checks where certificates come from, and that people need something to get in.
func (p EndpointProps) validateProof(f *cdkx.Fields) {
	authority := p.CertificateAuthorityArn != nil && *p.CertificateAuthorityArn != ""
	if p.PKI == nil {
		machine.RequireText(f, "serverCertificateArn", p.ServerCertificateArn, "give a certificate in ACM, or pki")
		if !authority && p.SAMLProviderArn == "" {
			f.Addf("samlProviderArn", "nobody could prove who they are, got none; give samlProviderArn, certificateAuthorityArn or both")
		}
		return
	}
	if authority || p.ServerCertificateArn != nil {
		f.Addf("pki", "certificates come from one authority, got pki and the ARN of one; leave one of them out")
	}
	if p.Provider == nil && p.TransitGatewayId == nil {
		f.Addf("provider", "missing; give the provider of this stack")
	}
	if p.PKI.ParameterName == "" {
		f.Addf("pki.parameterName", "missing; name the parameter, such as /pathproof/shop/client-vpn/people")
	}
}

func (p EndpointProps) validatePlace(f *cdkx.Fields) {
	switch inVPC := p.VpcId != nil; {
	case inVPC == (p.TransitGatewayId != nil):
		f.Addf("vpcId", "it stands in one VPC or at one transit gateway, got both or neither; give one of vpcId and transitGatewayId")
	case inVPC:
		if n := len(p.SecurityGroupIds); n < 1 || n > 5 {
			f.Addf("securityGroupIds", "want 1 to 5, got %d; give those that let people's packets out", n)
		}
	default:
		if len(p.SecurityGroupIds) > 0 {
			f.Addf("securityGroupIds", "at a transit gateway there are none, got %d; leave them out", len(p.SecurityGroupIds))
		}
		if p.Provider == nil {
			f.Addf("provider", "missing; give the provider of this stack")
		}
	}
	if len(p.Associations) == 0 {
		f.Addf("associations", "missing; give at least one zone")
	}
	for i, a := range p.Associations {
		at := fmt.Sprintf("associations[%d]", i)
		if !zoneForm.MatchString(a.ZoneID) {
			f.Addf(at+".zoneId", "want an AZ ID, such as apne2-az1, got %q", a.ZoneID)
		}
		if slices.ContainsFunc(p.Associations[:i], func(o Association) bool { return o.ZoneID == a.ZoneID }) {
			f.Addf(at+".zoneId", "stands twice, got %s; give each zone once", a.ZoneID)
		}
		if (p.VpcId != nil) != (a.SubnetId != nil && a.Subnet != "") {
			f.Addf(at+".subnetId", "a subnet in a VPC, none at a transit gateway, got %q; correct it", a.Subnet)
		}
	}
}

func (p EndpointProps) validateOptions(f *cdkx.Fields) {
	if p.Transport != UDP && p.Transport != TCP {
		f.Addf("transport", "unknown value, got %q; use %q or %q", p.Transport, UDP, TCP)
	}
	if p.Port != 443 && p.Port != 1194 {
		f.Addf("port", "not one that Client VPN offers, got %d; use 443 or 1194", p.Port)
	}
	if !slices.Contains([]int{8, 10, 12, 24}, p.SessionHours) {
		f.Addf("sessionHours", "not one that Client VPN offers, got %d; use 8, 10, 12 or 24", p.SessionHours)
	}
	if len(p.DNSServers) > 2 {
		f.Addf("dnsServers", "more than Client VPN takes, got %d; name at most two", len(p.DNSServers))
	}
	machine.CheckRetention(f, p.LogDays)
}

func (p EndpointProps) validateRules(f *cdkx.Fields) {
	for i, a := range p.Authorizations {
		at := fmt.Sprintf("authorizations[%d].destination", i)
		block(f, at, a.Destination)
		if slices.ContainsFunc(p.Authorizations[:i], func(o Authorization) bool { return o.Destination == a.Destination }) {
			f.Addf(at, "stands twice, got %s; leave one out", a.Destination)
		}
	}
	for i, r := range p.Routes {
		at := fmt.Sprintf("routes[%d]", i)
		block(f, at+".destination", r.Destination)
		if slices.Contains(p.Routes[:i], r) {
			f.Addf(at, "stands twice, got %s through %q; leave one out", r.Destination, r.Subnet)
		}
		known := slices.ContainsFunc(p.Associations, func(a Association) bool { return a.Subnet == r.Subnet })
		if !known || (p.VpcId != nil) != (r.Subnet != "") {
			f.Addf(at+".subnet", "no association there, got %q; name the subnet of one, at a transit gateway none", r.Subnet)
		}
	}
}

func block(f *cdkx.Fields, at string, p netip.Prefix) {
	if !p.IsValid() || !p.Addr().Is4() || p != p.Masked() {
		f.Addf(at, "not an IPv4 block, got %s; write it like 172.16.0.0/16", p)
	}
}

func (p EndpointProps) withDefaults() EndpointProps {
	if p.Transport == "" {
		p.Transport = UDP
	}
	if p.Port == 0 {
		p.Port = 443
	}
	if p.SessionHours == 0 {
		p.SessionHours = 24
	}
	if p.LogDays == 0 {
		p.LogDays = logDays
	}
	return p
}
