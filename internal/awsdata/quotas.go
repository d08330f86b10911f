package awsdata

// QuotasAsOf is the month the quota table was last compared with its sources.
const QuotasAsOf = "2026-11"

// Sources of the quota table, as titles of AWS documentation pages.
const (
	vpcGuide = "Amazon VPC User Guide, Amazon VPC quotas"
	tgwGuide = "AWS Transit Gateway guide, quotas"
	nlbGuide = "User Guide for Network Load Balancers, quotas"
	gaGuide  = "AWS Global Accelerator guide, quotas"
	vpnGuide = "AWS Site-to-Site VPN User Guide, Site-to-Site VPN quotas (text of 2023)"
)

// Quota is one service quota. An account's own value may be higher: AWS raises most on request, and a plan knows only
// the default.
type Quota struct {
	// Name is AWS's name of the quota.
	Name string
	// Default is the value of a new account.
	Default int
	// Service and Code address the quota in Service Quotas; both are empty where AWS lists the quota only in a guide.
	Service, Code string
	// Adjustable says whether AWS raises it on request.
	Adjustable bool
	// Source is the AWS documentation page the value comes from.
	Source string
}

// Amazon VPC quotas.
var (
	VPCsPerRegion       = Quota{"VPCs per Region", 5, "vpc", "L-F678F1CE", true, vpcGuide}
	SubnetsPerVPC       = Quota{"Subnets per VPC", 200, "vpc", "L-407747CB", true, vpcGuide}
	CIDRBlocksPerVPC    = Quota{"IPv4 CIDR blocks per VPC", 5, "vpc", "L-83CA0A9D", true, vpcGuide}
	RouteTablesPerVPC   = Quota{"Route tables per VPC", 200, "vpc", "L-589F43AA", true, vpcGuide}
	ElasticIPsPerRegion = Quota{"EC2-VPC Elastic IPs", 5, "ec2", "L-0263D0A3", true, vpcGuide}
	NATGatewaysPerZone  = Quota{"NAT gateways per Availability Zone", 5, "vpc", "L-FE5A380F", true, vpcGuide}
	PeeringsPerVPC      = Quota{"Active VPC peering connections per VPC", 50, "vpc", "L-7E9ECCDB", true, vpcGuide}

	// RoutesPerRouteTable was 50 until AWS raised the default in June 2025; older texts still say 50. Propagated routes
	// count apart.
	RoutesPerRouteTable = Quota{"Routes per route table", 500, "vpc", "L-93826ACB", true, vpcGuide}

	// SecurityGroupsPerRegion is counted by Region: there is no quota by VPC.
	SecurityGroupsPerRegion = Quota{"VPC security groups per Region", 2500, "vpc", "L-E79EC296", true, vpcGuide}

	// RulesPerSecurityGroup holds for inbound and outbound rules apart. A rule that names a prefix list counts as the
	// list's maximum number of entries.
	RulesPerSecurityGroup = Quota{"Inbound or outbound rules per security group", 60, "vpc", "L-0EA8095F", true, vpcGuide}

	SecurityGroupsPerInterface = Quota{"Security groups per network interface", 5, "vpc", "L-2AFB9258", true, vpcGuide}
)

// Transit gateway quotas.
var (
	TransitGatewaysPerRegion     = Quota{"Transit gateways per account", 5, "ec2", "L-A2478D36", true, tgwGuide}
	TransitGatewaysPerVPC        = Quota{"Transit gateways per VPC", 5, "", "", false, tgwGuide}
	AttachmentsPerTransitGateway = Quota{"Attachments per transit gateway", 5000, "ec2", "L-E0233F82", true, tgwGuide}
	RouteTablesPerTransitGateway = Quota{"Route tables per transit gateway", 20, "ec2", "L-43872EB7", true, tgwGuide}

	// RoutesPerTransitGateway counts static and dynamic routes over all route tables.
	RoutesPerTransitGateway = Quota{"Total combined routes across all route tables for a single transit gateway", 10000, "", "", true, tgwGuide}

	PeeringAttachmentsPerTransitGateway = Quota{"Peering attachments per transit gateway", 50, "ec2", "L-A1B5A36F", true, tgwGuide}

	// PeeringAttachmentsPerPair is why two transit gateways can have one peering only.
	PeeringAttachmentsPerPair = Quota{"Peering attachments between two transit gateways", 1, "", "", false, tgwGuide}
)

// Site-to-Site VPN quotas.
var (
	CustomerGatewaysPerRegion          = Quota{"Customer gateways per Region", 50, "ec2", "L-4FB7FF5D", true, vpnGuide}
	VPNConnectionsPerRegion            = Quota{"VPN connections per Region", 50, "ec2", "L-3E6EC3A3", true, vpnGuide}
	AcceleratedVPNConnectionsPerRegion = Quota{"Accelerated Site-to-Site VPN connections per Region", 10, "", "", true, vpnGuide}

	// RoutesFromCustomerGateway and RoutesToCustomerGateway hold for each connection.
	RoutesFromCustomerGateway = Quota{"Dynamic routes advertised from a customer gateway device to a VPN connection on a transit gateway", 1000, "", "", false, vpnGuide}
	RoutesToCustomerGateway   = Quota{"Routes advertised from a VPN connection on a transit gateway to a customer gateway device", 5000, "", "", false, vpnGuide}
)

// Global Accelerator quotas. They are managed in us-east-1.
var (
	AcceleratorsPerAccount       = Quota{"Standard accelerators per AWS account", 20, "", "", true, gaGuide}
	ListenersPerAccelerator      = Quota{"Listeners per accelerator", 10, "", "", true, gaGuide}
	EndpointGroupsPerAccelerator = Quota{"Endpoint groups per accelerator, across all listeners", 42, "", "", false, gaGuide}
	PortRangesPerListener        = Quota{"Port ranges per listener", 10, "", "", false, gaGuide}
	EndpointsPerGroup            = Quota{"Endpoints per endpoint group", 10, "", "", false, gaGuide}
	OverridesPerGroup            = Quota{"Port overrides per endpoint group", 10, "", "", true, gaGuide}
)

// Network Load Balancer quotas.
var (
	NetworkLoadBalancersPerRegion = Quota{"Network Load Balancers per Region", 50, "", "", true, nlbGuide}
	TargetsPerZone                = Quota{"Targets per Availability Zone per Network Load Balancer", 500, "", "", true, nlbGuide}
)

// HealthCheckerRules is what a rule with the prefix list of Route 53's health checkers counts against
// RulesPerSecurityGroup.
const HealthCheckerRules = 25

// Quotas lists every quota above in the order of the sources.
var Quotas = []Quota{
	VPCsPerRegion, SubnetsPerVPC, CIDRBlocksPerVPC, RouteTablesPerVPC, RoutesPerRouteTable, ElasticIPsPerRegion,
	NATGatewaysPerZone, PeeringsPerVPC, SecurityGroupsPerRegion, RulesPerSecurityGroup, SecurityGroupsPerInterface,
	TransitGatewaysPerRegion, TransitGatewaysPerVPC, AttachmentsPerTransitGateway, RouteTablesPerTransitGateway,
	RoutesPerTransitGateway, PeeringAttachmentsPerTransitGateway, PeeringAttachmentsPerPair,
	CustomerGatewaysPerRegion, VPNConnectionsPerRegion, AcceleratedVPNConnectionsPerRegion,
	RoutesFromCustomerGateway, RoutesToCustomerGateway,
	AcceleratorsPerAccount, ListenersPerAccelerator, EndpointGroupsPerAccelerator, PortRangesPerListener, EndpointsPerGroup, OverridesPerGroup,
	NetworkLoadBalancersPerRegion, TargetsPerZone,
}
