package problem

import "slices"

// Code names a kind of problem. Codes are part of the interface: they never change their meaning, and each has an
// entry in docs/ERRORS.md.
type Code string

// The codes, by subject.
const (
	// The file itself.
	BadYAML     Code = "NET001"
	UnknownKey  Code = "NET002"
	BadValue    Code = "NET003"
	MissingKey  Code = "NET004"
	UnknownName Code = "NET005"
	BadName     Code = "NET006"
	Conflict    Code = "NET007"

	// Regions, zones, accounts.
	UnknownRegion   Code = "NET101"
	UnknownZone     Code = "NET102"
	UnknownAccount  Code = "NET103"
	DuplicateRegion Code = "NET104"

	// Addresses.
	Overlap         Code = "NET201"
	SubnetOutside   Code = "NET202"
	SubnetOverlap   Code = "NET203"
	SubnetSize      Code = "NET204"
	TiersDoNotFit   Code = "NET205"
	HostAddress     Code = "NET206"
	NetworkSize     Code = "NET207"
	HostBits        Code = "NET208"
	HostAddressTwin Code = "NET209"

	// BGP autonomous system numbers.
	ASNRange      Code = "NET301"
	ASNSameAsSite Code = "NET302"
	ASNPeering    Code = "NET303"
	ASNSites      Code = "NET304"
	ASNDevices    Code = "NET305"

	// Site-to-Site VPN.
	InsideSize       Code = "NET401"
	InsideRange      Code = "NET402"
	InsideReserved   Code = "NET403"
	InsideReused     Code = "NET404"
	ECMPStatic       Code = "NET405"
	ECMPOff          Code = "NET406"
	CapacityNormal   Code = "NET407"
	CapacityDegraded Code = "NET408"
	FailoverTooFast  Code = "NET409"
	WeakIKE          Code = "NET410"
	GatewayAddress   Code = "NET411"
	TunnelOption     Code = "NET412"
	StaticSlot       Code = "NET413"

	// Ways in.
	PoolOverlap        Code = "NET451"
	PoolSize           Code = "NET452"
	PortClash          Code = "NET453"
	RoutedForward      Code = "NET454"
	NoEntry            Code = "NET455"
	CertificateMissing Code = "NET456"
	OriginName         Code = "NET457"
	OriginUnreachable  Code = "NET458"
	ClientVPNOption    Code = "NET459"
	BalancerOption     Code = "NET460"
	UserData           Code = "NET465"

	// Accelerators.
	EndpointRegion   Code = "NET471"
	AcceleratorZone  Code = "NET472"
	ClientIP         Code = "NET473"
	PortOverride     Code = "NET474"
	PinnedListener   Code = "NET475"
	EndpointPort     Code = "NET476"
	AcceleratorLimit Code = "NET477"

	// Zonal services.
	ZonalAddress      Code = "NET481"
	ZoneWithoutTarget Code = "NET482"
	ZonalTarget       Code = "NET483"
	ZonalDomain       Code = "NET484"
	ZonalOption       Code = "NET485"
	ClientIPHairpin   Code = "NET486"
	ZonalCaller       Code = "NET487"

	// Transit gateways.
	AttachedTwice    Code = "NET501"
	AttachRegion     Code = "NET502"
	AttachAccount    Code = "NET503"
	ZoneNotAttached  Code = "NET504"
	NotInSegment     Code = "NET505"
	SiteOtherGateway Code = "NET507"

	// Peerings and routes.
	SelfPeering      Code = "NET601"
	DuplicateEdge    Code = "NET602"
	PeeringEnds      Code = "NET603"
	PeeringAccounts  Code = "NET604"
	RouteSlot        Code = "NET605"
	NoRouteTable     Code = "NET606"
	PeeringSameTGWs  Code = "NET607"
	EgressWithoutTop Code = "NET608"

	// Paths.
	NoRoute         Code = "NET701"
	PeeringTransit  Code = "NET702"
	NoReturnRoute   Code = "NET703"
	PathNotAllowed  Code = "NET704"
	NegativeAllowed Code = "NET705"
	ViaNotFollowed  Code = "NET706"
	NotMeasured     Code = "NET707"
	UnusedAllow     Code = "NET708"

	// Objectives and how they are measured.
	BadObjective       Code = "NET709"
	Undersampled       Code = "NET710"
	Contradiction      Code = "NET711"
	ObjectiveUnwatched Code = "NET712"
	ProbeBudget        Code = "NET713"
	OtherVantage       Code = "NET714"
	ConnectionEnds     Code = "NET715"

	// Alarms.
	AlertsUnheard Code = "NET720"

	// Quotas.
	QuotaExceeded Code = "NET801"
	QuotaFixed    Code = "NET802"
	StackLimit    Code = "NET803"

	// Changes of what is deployed.
	Destroyed     Code = "NET901"
	SlotTaken     Code = "NET902"
	StackOrder    Code = "NET903"
	StackOrphaned Code = "NET904"
	ResourceMoved Code = "NET905"
	ChangeRefused Code = "NET906"
	StackState    Code = "NET907"
	PlanStale     Code = "NET908"
	StaleValue    Code = "NET909"
)

// Info describes a code.
type Info struct {
	Code     Code
	Severity Severity
	// Fixed codes keep their severity: AWS refuses what they report, or the plan leaves it out, so that a network would be
	// deployed without it.
	Fixed bool
	Title string
}

var infos = []Info{
	{BadYAML, Error, true, "the file is not valid YAML, or a key stands twice"},
	{UnknownKey, Error, true, "unknown key"},
	{BadValue, Error, true, "the value has the wrong type or form"},
	{MissingKey, Error, true, "a required key is missing"},
	{UnknownName, Error, true, "a name that is declared nowhere"},
	{BadName, Error, true, "a name with characters that are not allowed"},
	{Conflict, Error, true, "keys that exclude each other"},
	{UnknownRegion, Error, false, "unknown AWS Region"},
	{UnknownZone, Error, false, "unknown Availability Zone ID, or one of another Region"},
	{UnknownAccount, Error, true, "unknown account"},
	{DuplicateRegion, Error, true, "two names for one Region of one account"},
	{Overlap, Error, false, "address blocks that can meet overlap"},
	{SubnetOutside, Error, true, "a subnet lies outside its VPC"},
	{SubnetOverlap, Error, true, "subnets of one VPC overlap"},
	{SubnetSize, Error, true, "a subnet is too small or too large for AWS"},
	{TiersDoNotFit, Error, true, "the tiers do not fit into the VPC"},
	{HostAddress, Error, true, "a host's address is not usable in its network"},
	{NetworkSize, Error, true, "a VPC block that AWS or hosts cannot use"},
	{HostBits, Error, false, "a prefix has host bits set"},
	{HostAddressTwin, Error, false, "two hosts share one address"},
	{ASNRange, Error, true, "an autonomous system number out of range"},
	{ASNSameAsSite, Error, false, "a transit gateway and its site share an ASN"},
	{ASNPeering, Warning, false, "peered transit gateways share an ASN"},
	{ASNSites, Warning, false, "two sites share an ASN"},
	{ASNDevices, Error, false, "gateways of one site have different ASNs"},
	{InsideSize, Error, true, "a tunnel inside CIDR is not a /30"},
	{InsideRange, Error, true, "a tunnel inside CIDR outside 169.254.0.0/16"},
	{InsideReserved, Error, true, "a tunnel inside CIDR that AWS reserves"},
	{InsideReused, Error, false, "a tunnel inside CIDR used twice on one transit gateway"},
	{ECMPStatic, Error, false, "static routing cannot use more than one tunnel"},
	{ECMPOff, Error, false, "the capacity needs ECMP, but it is switched off"},
	{CapacityNormal, Error, false, "the tunnels cannot carry the declared capacity"},
	{CapacityDegraded, Error, false, "with one tunnel down the capacity is below what is declared"},
	{FailoverTooFast, Error, false, "the failover target is below what BGP and DPD can reach"},
	{WeakIKE, Error, false, "weak IKE or IPsec settings"},
	{GatewayAddress, Error, false, "one public address for two gateways"},
	{TunnelOption, Error, true, "a tunnel option out of AWS's range"},
	{StaticSlot, Error, true, "two static VPN connections claim one route"},
	{PoolOverlap, Error, false, "addresses of connected people overlap what they reach, or each other"},
	{PoolSize, Error, true, "a pool of addresses that servers or people's machines cannot use"},
	{PortClash, Error, true, "one port for two things"},
	{RoutedForward, Error, false, "routed forwarding where AWS drops the packets"},
	{NoEntry, Error, false, "a way in into a VPC without an Internet gateway"},
	{CertificateMissing, Error, true, "a certificate is missing, or is of another Region or account"},
	{OriginName, Error, true, "an origin without a name"},
	{OriginUnreachable, Error, false, "an edge proxy does not reach its origin"},
	{ClientVPNOption, Error, true, "a Client VPN option that AWS does not offer"},
	{BalancerOption, Error, true, "a load balancer that AWS refuses"},
	{UserData, Error, true, "an OpenVPN server that has to be told more than fits"},
	{EndpointRegion, Error, true, "an endpoint of another Region or account"},
	{AcceleratorZone, Error, false, "an endpoint in a zone that Global Accelerator does not support"},
	{ClientIP, Error, true, "client IP preservation that Global Accelerator refuses"},
	{PortOverride, Error, true, "a port override that Global Accelerator refuses"},
	{PinnedListener, Error, true, "endpoints behind one listener that are not interchangeable"},
	{EndpointPort, Error, false, "a listener's port on which its endpoint does not answer"},
	{AcceleratorLimit, Error, true, "beyond Global Accelerator's limits"},
	{ZonalAddress, Error, true, "a fixed address that a zonal service cannot have"},
	{ZoneWithoutTarget, Error, true, "a zone of a zonal service without a target"},
	{ZonalTarget, Error, true, "a target that a zonal service cannot have"},
	{ZonalDomain, Error, true, "a domain that something else answers"},
	{ZonalOption, Error, true, "an option that a zonal service's mode does not have"},
	{ClientIPHairpin, Error, false, "a target that meets itself: client IP preservation where it may call its own service"},
	{ZonalCaller, Error, false, "a caller that does not resolve a zonal service's names"},
	{AttachedTwice, Error, true, "an attachment in more than one segment"},
	{AttachRegion, Error, true, "a network and its transit gateway are in different Regions"},
	{AttachAccount, Error, true, "a network and its transit gateway are in different accounts"},
	{ZoneNotAttached, Error, false, "a zone of an attached network has no attachment subnet"},
	{NotInSegment, Error, true, "a site or peering is in no segment of its transit gateway"},
	{SiteOtherGateway, Error, true, "a segment lists a site or peering of another transit gateway"},
	{SelfPeering, Error, true, "a peering with itself"},
	{DuplicateEdge, Error, true, "two peerings between the same two ends"},
	{PeeringEnds, Error, true, "the ends of a peering do not fit its mode"},
	{PeeringAccounts, Error, true, "a peering between accounts needs a role"},
	{RouteSlot, Error, true, "two routes claim one destination in one route table"},
	{NoRouteTable, Error, false, "an adopted subnet without a route table needs a route"},
	{PeeringSameTGWs, Error, true, "a transit gateway peering within one Region"},
	{EgressWithoutTop, Error, true, "egress without the tier it needs"},
	{NoRoute, Error, false, "a path has no route"},
	{PeeringTransit, Error, false, "a path would transit a VPC peering"},
	{NoReturnRoute, Error, false, "a path has no return route"},
	{PathNotAllowed, Error, false, "a path without an allow entry"},
	{NegativeAllowed, Error, false, "a path that must be unreachable is reachable"},
	{ViaNotFollowed, Error, false, "a path does not go where via says"},
	{NotMeasured, Note, false, "a path is declared but cannot be measured"},
	{UnusedAllow, Warning, false, "an allow entry between networks that have no route"},
	{BadObjective, Error, true, "an objective that cannot be read, or that makes no sense"},
	{Undersampled, Error, false, "an objective that so few probes cannot prove"},
	{Contradiction, Error, false, "objectives that contradict each other"},
	{ObjectiveUnwatched, Warning, false, "an objective on a path that nothing measures"},
	{ProbeBudget, Error, true, "measuring takes longer than there is time, or a setting of it is out of range"},
	{OtherVantage, Error, true, "compared paths do not start in one place"},
	{ConnectionEnds, Error, true, "connect is judged where something else ends TCP on the way"},
	{AlertsUnheard, Note, false, "alarms that nobody is told of"},
	{QuotaExceeded, Note, false, "a default quota is exceeded: needs increase"},
	{QuotaFixed, Warning, false, "a quota that AWS does not raise is exceeded"},
	{StackLimit, Error, true, "a stack is beyond CloudFormation's limits"},
	{Destroyed, Error, true, "the change deletes or replaces what others would miss"},
	{SlotTaken, Error, true, "a place is taken before it is free: the change takes two deployments"},
	{StackOrder, Error, true, "plain cdk deploy would fail: stacks need another order"},
	{StackOrphaned, Warning, false, "a deployed stack that the configuration does not have any more"},
	{ResourceMoved, Error, true, "a resource would get another stack or logical id"},
	{ChangeRefused, Error, true, "a change that CloudFormation refuses"},
	{StackState, Error, true, "a deployed stack is in a state that cannot be updated"},
	{PlanStale, Warning, false, "what is deployed is not what the stored plan says"},
	{StaleValue, Warning, false, "a deployed stack holds a value of another Region that is out of date"},
}

var byCode = func() map[Code]Info {
	m := make(map[Code]Info, len(infos))
	for _, i := range infos {
		m[i.Code] = i
	}
	return m
}()

// Codes returns every code in order.
func Codes() []Info { return slices.Clone(infos) }

// Lookup returns a code's description.
func Lookup(c Code) (Info, bool) { i, ok := byCode[c]; return i, ok }

// Severity returns the code's default severity; an unknown code is an error.
func (c Code) Severity() Severity {
	if i, ok := byCode[c]; ok {
		return i.Severity
	}
	return Error
}
