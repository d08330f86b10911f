package config

import (
	"regexp"
	"strings"
)

// Patterned is a string type whose values match a pattern.
type Patterned interface {
	// Pattern returns the regular expression of a valid value and what to write instead of an invalid one.
	Pattern() (re *regexp.Regexp, advice string)
}

type (
	// Name is a name that the user gives.
	Name string
	// NetworkKey is a network's name with its Region: Region alias / name.
	NetworkKey string
	// TierName is the name of a subnet tier.
	TierName string
	// ZoneID is an Availability Zone ID.
	ZoneID string
	// AccountID is the twelve digits of an AWS account.
	AccountID string
	// Domain is a DNS domain.
	Domain string
	// RoleARN is the ARN of an IAM role.
	RoleARN string
	// VPCID is the id of an existing VPC.
	VPCID string
	// SubnetID is the id of an existing subnet.
	SubnetID string
	// RouteTableID is the id of an existing VPC route table.
	RouteTableID string
	// TransitGatewayID is the id of an existing transit gateway.
	TransitGatewayID string
	// TGWRouteTableID is the id of an existing transit gateway route table.
	TGWRouteTableID string
	// CustomerGatewayID is the id of an existing customer gateway.
	CustomerGatewayID string
	// HostedZoneID is the id of an existing hosted zone.
	HostedZoneID string
	// InstanceID is the id of an existing instance.
	InstanceID string
	// InstanceType is an EC2 instance type.
	InstanceType string
	// Image is an image of an instance: al2023@VERSION or the id of one.
	Image string
	// URLPath is the path of a URL.
	URLPath string
	// CertificateARN is the ARN of an ACM certificate.
	CertificateARN string
	// SecretARN is the ARN of a Secrets Manager secret.
	SecretARN string
	// SAMLARN is the ARN of an IAM SAML provider.
	SAMLARN string
	// LoadBalancerARN is the ARN of an application or network load balancer.
	LoadBalancerARN string
	// InterfaceName is the name of a network interface of a device.
	InterfaceName string
	// SlackWorkspaceID is the id of a Slack workspace.
	SlackWorkspaceID string
	// SlackChannelID is the id of a Slack channel.
	SlackChannelID string
	// SecretID is the name or ARN of a secret in AWS Secrets Manager.
	SecretID string
	// Objective is a latency objective in the language of package slo, which the planner reads.
	Objective string
)

var (
	nameRE    = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	networkRE = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	tierRE    = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)
	zoneRE    = regexp.MustCompile(`^[a-z]{2,5}[0-9]-az[0-9]+$`)
	accountRE = regexp.MustCompile(`^[0-9]{12}$`)
	domainRE  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	roleRE    = regexp.MustCompile(`^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)
	zoneIDRE  = regexp.MustCompile(`^Z[0-9A-Z]{1,32}$`)
	ifaceRE   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$`)
	// A name with a slash has no dot before it: that would be an address without https://.
	secretRE    = regexp.MustCompile(`^(arn:aws(-[a-z]+)*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[\w/+=.@-]{1,512}|[\w+=.@-]{1,512}|[\w+=@-]{1,256}/[\w/+=.@-]{1,255})$`)
	workspaceRE = regexp.MustCompile(`^[TE][0-9A-Z]{2,30}$`)
	channelRE   = regexp.MustCompile(`^[CG][0-9A-Z]{2,30}$`)
	sloRE       = regexp.MustCompile(`^[ -~]{1,500}$`)
)

// refRE is the form of a reference: of what has no own rule below, a network's.
var refRE = func() *regexp.Regexp {
	name, zone := strings.Trim(nameRE.String(), "^$"), strings.Trim(zoneRE.String(), "^$")
	return regexp.MustCompile(`^((transitGateway|clientVpn|loadBalancer|edgeProxy)/` + name + `|zonalService/` + name + `(/` + zone + `)?|openvpn/\*|accelerator/` + name + `/` + name + `|` +
		name + `/` + name + `)$`)
}()

func idRE(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^` + prefix + `-([0-9a-f]{8}|[0-9a-f]{17})$`)
}

var (
	vpcRE    = idRE("vpc")
	subnetRE = idRE("subnet")
	rtbRE    = idRE("rtb")
	tgwRE    = idRE("tgw")
	tgwRtbRE = idRE("tgw-rtb")
	cgwRE    = idRE("cgw")
	ec2RE    = idRE("i")

	typeRE        = regexp.MustCompile(`^[a-z][a-z0-9-]*[0-9]+[a-z]*g[a-z]*\.[a-z0-9-]+$`)
	imageRE       = regexp.MustCompile(`^(al2023@2023\.[0-9]{1,3}\.[0-9]{8}(\.[0-9]{1,3})?|ami-([0-9a-f]{8}|[0-9a-f]{17}))$`)
	urlPathRE     = regexp.MustCompile(`^/[A-Za-z0-9/._~!$&'()*+,;=:@%?-]{0,254}$`)
	certificateRE = regexp.MustCompile(`^arn:aws(-[a-z]+)*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$`)
	secretARNRE   = regexp.MustCompile(`^arn:aws(-[a-z]+)*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$`)
	samlRE        = regexp.MustCompile(`^arn:aws(-[a-z]+)*:iam::[0-9]{12}:saml-provider/[A-Za-z0-9._-]+$`)
	balancerRE    = regexp.MustCompile(`^arn:aws(-[a-z]+)*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/(app|net)/[A-Za-z0-9-]+/[0-9a-f]{16}$`)
)

func (Name) Pattern() (*regexp.Regexp, string) {
	return nameRE, "use lower-case letters, digits and single hyphens, starting with a letter"
}
func (NetworkKey) Pattern() (*regexp.Regexp, string) {
	return networkRE, "write it as Region alias/name, like seoul/app"
}
func (TierName) Pattern() (*regexp.Regexp, string) {
	return tierRE, "use at most 16 lower-case letters and digits, like private"
}
func (ZoneID) Pattern() (*regexp.Regexp, string) {
	return zoneRE, "use an AZ ID like apne2-az1; a zone name like ap-northeast-2a is another place in every account"
}
func (AccountID) Pattern() (*regexp.Regexp, string) {
	return accountRE, `use the twelve digits of the account in quotes, like "111122223333"`
}
func (Domain) Pattern() (*regexp.Regexp, string) {
	return domainRE, "use a lower-case domain name like corp.internal"
}
func (RoleARN) Pattern() (*regexp.Regexp, string) {
	return roleRE, "use a role ARN like arn:aws:iam::111122223333:role/accept-peering"
}
func (VPCID) Pattern() (*regexp.Regexp, string) {
	return vpcRE, "use vpc- and 8 or 17 hexadecimal digits, like vpc-0123456789abcdef0"
}
func (SubnetID) Pattern() (*regexp.Regexp, string) {
	return subnetRE, "use subnet- and 8 or 17 hexadecimal digits, like subnet-0123456789abcdef0"
}
func (RouteTableID) Pattern() (*regexp.Regexp, string) {
	return rtbRE, "use rtb- and 8 or 17 hexadecimal digits, like rtb-0123456789abcdef0"
}
func (TransitGatewayID) Pattern() (*regexp.Regexp, string) {
	return tgwRE, "use tgw- and 8 or 17 hexadecimal digits, like tgw-0123456789abcdef0"
}
func (TGWRouteTableID) Pattern() (*regexp.Regexp, string) {
	return tgwRtbRE, "use tgw-rtb- and 8 or 17 hexadecimal digits, like tgw-rtb-0123456789abcdef0"
}
func (CustomerGatewayID) Pattern() (*regexp.Regexp, string) {
	return cgwRE, "use cgw- and 8 or 17 hexadecimal digits, like cgw-0123456789abcdef0"
}
func (HostedZoneID) Pattern() (*regexp.Regexp, string) {
	return zoneIDRE, "use an id like Z0123456789ABCDEFGHIJ"
}
func (InstanceID) Pattern() (*regexp.Regexp, string) {
	return ec2RE, "use i- and 8 or 17 hexadecimal digits, like i-0123456789abcdef0"
}
func (InstanceType) Pattern() (*regexp.Regexp, string) {
	return typeRE, "use a type with a Graviton processor, like t4g.small"
}
func (Image) Pattern() (*regexp.Regexp, string) {
	return imageRE, "pin one: a release of Amazon Linux 2023 like al2023@2023.12.20260803, or an id like ami-0123456789abcdef0"
}
func (URLPath) Pattern() (*regexp.Regexp, string) {
	return urlPathRE, "use a path that starts with a slash, like /healthz"
}
func (CertificateARN) Pattern() (*regexp.Regexp, string) {
	return certificateRE, "use the ARN of an ACM certificate like arn:aws:acm:us-west-2:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
}
func (SecretARN) Pattern() (*regexp.Regexp, string) {
	return secretARNRE, "use the ARN of a secret like arn:aws:secretsmanager:us-west-2:111122223333:secret:edge-AbCdEf"
}
func (SAMLARN) Pattern() (*regexp.Regexp, string) {
	return samlRE, "use the ARN of a SAML provider like arn:aws:iam::111122223333:saml-provider/people"
}
func (LoadBalancerARN) Pattern() (*regexp.Regexp, string) {
	return balancerRE, "use the ARN of a load balancer like arn:aws:elasticloadbalancing:ap-northeast-2:111122223333:loadbalancer/app/api/0123456789abcdef"
}
func (InterfaceName) Pattern() (*regexp.Regexp, string) {
	return ifaceRE, "use the interface's name, of at most 15 letters, digits, dots, hyphens and underscores, like eth0 or wan1"
}
func (SlackWorkspaceID) Pattern() (*regexp.Regexp, string) {
	return workspaceRE, "use the id of the workspace, like T0123ABCD; it stands in the address of Slack in a browser"
}
func (SlackChannelID) Pattern() (*regexp.Regexp, string) {
	return channelRE, "use the id of the channel, not its name, like C0123ABCD; it stands at the end of the channel's details"
}
func (SecretID) Pattern() (*regexp.Regexp, string) {
	return secretRE, "put the address of the webhook into AWS Secrets Manager and give the secret's name or ARN, like alerts/webhook"
}
func (Objective) Pattern() (*regexp.Regexp, string) {
	return sloRE, "write it like p90(connect) < 40ms and fail < 5%"
}

// Region returns the Region that an ARN names.
func (a LoadBalancerARN) Region() string { return arnRegion(string(a)) }

// Region returns the Region that an ARN names.
func (a CertificateARN) Region() string { return arnRegion(string(a)) }

// Region returns the Region that an ARN names.
func (a SecretARN) Region() string { return arnRegion(string(a)) }

func arnRegion(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}

// Region returns the Region alias of a network key.
func (k NetworkKey) Region() Name { r, _, _ := strings.Cut(string(k), "/"); return Name(r) }

// Name returns the network's own name within its Region.
func (k NetworkKey) Name() Name { _, n, _ := strings.Cut(string(k), "/"); return Name(n) }
