package config

import (
	"github.com/pathproof/pathproof/internal/problem"
)

// Struct tags state each key's name (yaml), whether it must be given (required) and its default (default, the only
// place where it is stated). The comments are the reference text of docs/CONFIGURATION.md and pathproof.schema.json.

// File is one pathproof.yaml: a whole network, in the words of its users.
type File struct {
	// Version of this file format: pathproof/v1.
	APIVersion APIVersion `yaml:"apiVersion" required:"true"`
	// Name of the whole network. It stands in every stack name and in the pathproof:network tag, so a change of it is a
	// new deployment. Lower-case letters, digits and hyphens, at most 32 characters.
	Name Name `yaml:"name" required:"true"`
	// Termination protection of network and peer stacks. Set it to true after the first good deployment.
	Protect bool `yaml:"protect" default:"false"`
	// Tags of every stack and, through the stack, of every resource that takes tags. Peer stacks have only the
	// pathproof:network tag, so that they never change.
	Tags map[string]string `yaml:"tags"`
	// AWS accounts by alias. Without it everything goes to the account of the credentials in use.
	Accounts map[Name]AccountID `yaml:"accounts"`
	// Regions by alias.
	Regions map[Name]Region `yaml:"regions" required:"true"`
	// VPCs by Region alias / name, for example seoul/app.
	Networks map[NetworkKey]Network `yaml:"networks" required:"true"`
	// Transit gateways by name.
	TransitGateways map[Name]TransitGateway `yaml:"transitGateways"`
	// Places outside AWS that connect by Site-to-Site VPN, by name.
	Sites map[Name]Site `yaml:"sites"`
	// VPC peering connections and transit gateway peerings, by name. A peering has its own stack, named after it, and two
	// ends can be peered once: to rename a peering, remove it, deploy, and add it under the new name.
	Peerings map[Name]Peering `yaml:"peerings"`
	// Private hosted zones by name.
	HostedZones map[Name]HostedZone `yaml:"hostedZones"`
	// Certificate authorities of people and what they connect to, by name.
	PKI map[Name]PKI `yaml:"pki"`
	// OpenVPN servers by name.
	OpenVPN map[Name]OpenVPN `yaml:"openvpn"`
	// AWS Client VPN endpoints by name.
	ClientVPNs map[Name]ClientVPN `yaml:"clientVpns"`
	// Global Accelerators by name.
	Accelerators map[Name]Accelerator `yaml:"accelerators"`
	// Application and network load balancers by name.
	LoadBalancers map[Name]LoadBalancer `yaml:"loadBalancers"`
	// nginx reverse proxies near people, by name.
	EdgeProxies map[Name]EdgeProxy `yaml:"edgeProxies"`
	// Services with a name in every Availability Zone, by name.
	ZonalServices map[Name]ZonalService `yaml:"zonalServices"`
	// Where paths end, by name.
	Hosts map[Name]Host `yaml:"hosts"`
	// What may talk to what. The only thing that opens security groups.
	Allow []Allow `yaml:"allow"`
	// People who use the network, by name: where paths start that no place in AWS or in a site can measure.
	Clients map[Name]Client `yaml:"clients"`
	// Assertions about the network, by name. A path opens nothing: no route and no security group depends on it. check proves
	// or refutes it; with a probe section it is measured too.
	Paths map[Name]Path `yaml:"paths"`
	// Which of some paths is faster. Paths that are compared are measured interleaved.
	Compare []Compare `yaml:"compare"`
	// How paths are measured once they are deployed. Without it nothing is measured, and nothing for it is deployed: no
	// functions, alarms or dashboard. Needs alerts.
	Probe *Probe `yaml:"probe"`
	// What follows from what was measured.
	Gate Gate `yaml:"gate"`
	// SNS topics for alarms, who is told, and where the measurements of all Regions come together.
	Alerts *Alerts `yaml:"alerts"`
	// Severity per check code, for example {NET304: note}. Codes are listed in docs/ERRORS.md; those of the file's own form (NET0nn) stay errors.
	Checks map[problem.Code]problem.Severity `yaml:"checks"`
}

// Region is an AWS Region that the network uses.
type Region struct {
	// AWS Region code, for example ap-northeast-2.
	Region string `yaml:"region" required:"true"`
	// Alias of the account that holds this Region's networks. Default: the account of the credentials in use.
	Account Name `yaml:"account"`
}

// Network is a VPC, defined here or (with id) adopted.
type Network struct {
	// Id of an existing VPC to adopt instead of defining one. Its subnets are then given by id too.
	ID VPCID `yaml:"id"`
	// Primary IPv4 block, /16 to /28.
	CIDR Prefix `yaml:"cidr" required:"true"`
	// Secondary IPv4 blocks, /16 to /28. Only explicit subnets lie in them.
	SecondaryCIDRs []Prefix `yaml:"secondaryCidrs"`
	// Availability Zone IDs (apne2-az1, not ap-northeast-2a) in which the tiers get a subnet each.
	Zones []ZoneID `yaml:"zones"`
	// Subnet tiers as name/prefix length, for example [private/20, attach/28]. The order is the order of carving: append
	// new tiers at the end and nothing moves. Each tier holds room for eight zones, and a zone's subnet is found by the
	// zone's number, so adding a zone moves nothing. The tier public gets the Internet route, attach holds the
	// transit gateway attachment; every other name is a private tier.
	Tiers []Tier `yaml:"tiers"`
	// Explicit subnets by tier and AZ ID, as a CIDR or as {cidr, id, routeTable}. They win over tiers.
	Subnets map[TierName]map[ZoneID]Subnet `yaml:"subnets"`
	// Way to the Internet: none, igw (Internet gateway; the tier public routes to it), nat-single (private tiers through one
	// NAT gateway, in the public zone of the lowest number; a new, lower one moves it) or nat-per-zone (one per zone). NAT gateways stand
	// in the tier public and are billed each.
	Egress Egress `yaml:"egress" default:"none"`
	// Gateway endpoints (no charge): s3, dynamodb. They have public addresses, so workloads also need an allow entry to internet on port 443.
	GatewayEndpoints []GatewayEndpoint `yaml:"gatewayEndpoints"`
	// VPC flow logs to an encrypted S3 bucket. Default: none (they are billed by volume).
	FlowLogs *FlowLogs `yaml:"flowLogs"`
	// Alias of the account that holds this network. Default: the Region's account.
	Account Name `yaml:"account"`
}

// Subnet is an explicit subnet; a plain string is its cidr.
type Subnet struct {
	// IPv4 block, /16 to /28.
	CIDR Prefix `yaml:"cidr" required:"true"`
	// Id of an existing subnet to adopt. Only in an adopted network, where it is required.
	ID SubnetID `yaml:"id"`
	// Id of the adopted subnet's route table. Routes can only be added where it is given.
	RouteTable RouteTableID `yaml:"routeTable"`
}

// FlowLogs sends a VPC's flow logs to S3.
type FlowLogs struct {
	// Which traffic: all, accept or reject.
	Traffic FlowLogTraffic `yaml:"traffic" default:"all"`
	// How long the bucket keeps them, in whole days.
	Expire Duration `yaml:"expire" default:"90d"`
}

// TransitGateway is a Regional transit gateway, defined here or (with id) adopted.
type TransitGateway struct {
	// Id of an existing transit gateway to adopt instead of defining one. Its default route table association and
	// propagation must be switched off: otherwise every attachment is also known in the default route table, where the
	// proof does not see it.
	ID TransitGatewayID `yaml:"id"`
	// Alias of its Region.
	Region Name `yaml:"region" required:"true"`
	// Amazon-side ASN: 64512-65534 or 4200000000-4294967294. A change replaces the transit gateway.
	ASN ASN `yaml:"asn" required:"true"`
	// Blocks of its own, /24 or larger, outside everything that is attached. Only Client VPN needs one.
	CIDRBlocks []Prefix `yaml:"cidrBlocks"`
	// Equal-cost multi-path routing over the VPN tunnels.
	ECMP bool `yaml:"ecmp" default:"true"`
	// Segments by name: one route table each.
	Segments map[Name]Segment `yaml:"segments" required:"true"`
}

// Segment is one route table of a transit gateway. Every attachment belongs to exactly one segment.
type Segment struct {
	// Id of an existing transit gateway route table to adopt. Only in an adopted transit gateway.
	ID TGWRouteTableID `yaml:"id"`
	// What to attach: networks (seoul/app), sites (site/idc), transit gateway peerings (peering/seoul-tokyo), Client VPN
	// endpoints (clientVpn/people). A network is
	// attached in its tier attach or, without one, in the first tier listed, one subnet per zone; adding the tier attach
	// later moves the attachment into it. A segment may be empty, so that its last member can move on before it goes.
	Attach []Ref `yaml:"attach"`
	// Segments whose members the members of this segment have routes to.
	Reaches []Name `yaml:"reaches"`
}

// Site is a place outside AWS, for example a data centre.
type Site struct {
	// Where it is, for the physical lower bound of a round trip.
	Location *Location `yaml:"location"`
	// The prefixes behind it. With BGP it must announce exactly these: the plan is made of them.
	Prefixes []Prefix `yaml:"prefixes" required:"true"`
	// Its VPN gateways by name.
	Gateways map[Name]Gateway `yaml:"gateways" required:"true"`
	// How it connects to AWS.
	Connect Connect `yaml:"connect" required:"true"`
}

// Location is a place on Earth in degrees.
type Location struct {
	// Latitude, -90 to 90.
	Lat float64 `yaml:"lat" required:"true"`
	// Longitude, -180 to 180.
	Lon float64 `yaml:"lon" required:"true"`
}

// Gateway is a VPN device of a site (in AWS: a customer gateway), defined here or (with id) adopted.
type Gateway struct {
	// Id of an existing customer gateway to adopt instead of defining one. It must have the ip and asn stated here.
	ID CustomerGatewayID `yaml:"id"`
	// Public IPv4 address. A change replaces the customer gateway and takes both tunnels down while it happens.
	IP Addr `yaml:"ip" required:"true"`
	// BGP ASN, 1-4294967294.
	ASN ASN `yaml:"asn" required:"true"`
	// What it is, for pathproof gateway render: strongswan-frr, strongswan-bird (both on Linux) or fortigate. Nothing in AWS
	// depends on it, nor on the keys below.
	Device Device `yaml:"device"`
	// Its address on its own interface, where a NAT makes ip of it. Default: ip.
	LocalAddress Addr `yaml:"localAddress"`
	// Tunnel interfaces of a Linux gateway: xfrm (Linux 4.19 and later) or vti.
	Interfaces TunnelInterfaces `yaml:"interfaces" default:"xfrm"`
	// Its interface to the Internet. Default: none is named on Linux, wan1 on a FortiGate.
	WAN InterfaceName `yaml:"wan"`
	// Its interface to the site, which the policies of a FortiGate name; only there. Default: internal.
	LAN InterfaceName `yaml:"lan"`
}

// Connect says how a site reaches a transit gateway.
type Connect struct {
	// Name of the transit gateway.
	TransitGateway Name `yaml:"transitGateway" required:"true"`
	// bgp or static. Only BGP uses both tunnels at a time.
	Routing Routing `yaml:"routing" default:"bgp"`
	// What the connection must carry; check compares it with the tunnels declared.
	Capacity *Capacity `yaml:"capacity"`
	// Longest silence that the failure of one tunnel may cause. check compares it with what BGP and DPD can reach.
	Failover Duration `yaml:"failover"`
	// BGP hold time that the site's gateways propose, in whole seconds. The smaller of both ends' values holds; AWS proposes 30s.
	// Default: 30s or, with a failover below that, the longest multiple of 3s of which 4/3 and a second are within it: that covers a loss in
	// one direction too.
	Hold Duration `yaml:"hold"`
	// VPN connections by name; each has two tunnels.
	VPNConnections map[Name]VPNConnection `yaml:"vpnConnections" required:"true"`
	// standard (1.25 Gbps per tunnel) or large (5 Gbps per tunnel). In me-central-1 and me-south-1 a change replaces the VPN connections.
	TunnelBandwidth TunnelBandwidth `yaml:"tunnelBandwidth" default:"standard"`
	// Accelerated VPN (over the AWS global network). A change replaces the VPN connections. The gateways then start and
	// rekey IKE, so their lifetimes must be shorter than those stated here.
	Acceleration bool `yaml:"acceleration" default:"false"`
	// IKE and IPsec options of both tunnels of every connection.
	Tunnel TunnelOptions `yaml:"tunnel"`
	// Tunnel maintenance.
	Maintenance Maintenance `yaml:"maintenance"`
	// CloudWatch Logs of the tunnels.
	Logs VPNLogs `yaml:"logs"`
}

// Capacity is the bandwidth that a site's VPN must carry.
type Capacity struct {
	// With every tunnel up.
	Normal Bandwidth `yaml:"normal" required:"true"`
	// While one tunnel is down, for example during AWS maintenance.
	OneTunnelDown Bandwidth `yaml:"oneTunnelDown"`
	// Mean packet size in bytes, 64-1446. A tunnel carries at most 140,000 packets a second, which binds first below about 1,116 bytes.
	PacketSize int `yaml:"packetSize" default:"1200"`
}

// VPNConnection is one Site-to-Site VPN connection: two tunnels to one gateway.
type VPNConnection struct {
	// Name of the site's gateway.
	Gateway Name `yaml:"gateway" required:"true"`
	// The inside /30 of tunnel 1 and tunnel 2, in 169.254.0.0/16 without the blocks that AWS reserves.
	Inside []Prefix `yaml:"inside" required:"true"`
}

// TunnelOptions are the IKE and IPsec options of a tunnel. Algorithms are AWS's names; the first ones are preferred.
type TunnelOptions struct {
	// What AWS does when dead peer detection gives up: clear, none or restart.
	DPDAction DPDAction `yaml:"dpdAction" default:"clear"`
	// Dead peer detection timeout, at least 30s.
	DPDTimeout Duration `yaml:"dpdTimeout" default:"30s"`
	// Who starts IKE: add (the gateway) or start (AWS; needs ikev2).
	Startup StartupAction `yaml:"startup" default:"add"`
	// IKE versions: ikev2, ikev1. ikev1 is weak.
	IKEVersions []IKEVersion `yaml:"ikeVersions" default:"ikev2"`
	// Phase 1 encryption.
	Phase1Encryption []Encryption `yaml:"phase1Encryption" default:"AES256-GCM-16,AES256"`
	// Phase 2 encryption.
	Phase2Encryption []Encryption `yaml:"phase2Encryption" default:"AES256-GCM-16,AES256"`
	// Phase 1 integrity. SHA1 is weak.
	Phase1Integrity []Integrity `yaml:"phase1Integrity" default:"SHA2-256,SHA2-384,SHA2-512"`
	// Phase 2 integrity. SHA1 is weak.
	Phase2Integrity []Integrity `yaml:"phase2Integrity" default:"SHA2-256,SHA2-384,SHA2-512"`
	// Phase 1 Diffie-Hellman groups, of 2 and 14-24. 2, 22, 23 and 24 are weak.
	Phase1DHGroups []int `yaml:"phase1DhGroups" default:"19,20,21,14"`
	// Phase 2 Diffie-Hellman groups, of 2, 5 and 14-24. 2, 5, 22, 23 and 24 are weak.
	Phase2DHGroups []int `yaml:"phase2DhGroups" default:"19,20,21,14"`
	// Phase 1 lifetime, 15m-8h.
	Phase1Lifetime Duration `yaml:"phase1Lifetime" default:"8h"`
	// Phase 2 lifetime, 15m-1h and below phase 1.
	Phase2Lifetime Duration `yaml:"phase2Lifetime" default:"1h"`
	// How long before the end of phase 2 AWS rekeys: 60s to half of phase 2.
	RekeyMargin Duration `yaml:"rekeyMargin" default:"270s"`
	// Share of the margin, in percent, within which the rekey time is random: 0-100.
	RekeyFuzz int `yaml:"rekeyFuzz" default:"100"`
	// Packets in the anti-replay window, 64-2048.
	ReplayWindow int `yaml:"replayWindow" default:"1024"`
}

// Maintenance is who decides when AWS replaces a tunnel endpoint.
type Maintenance struct {
	// Tunnel endpoint lifecycle control: AWS announces a replacement and waits for you to apply it until a deadline.
	LifecycleControl bool `yaml:"lifecycleControl" default:"false"`
}

// VPNLogs are the CloudWatch Logs of VPN tunnels.
type VPNLogs struct {
	// IKE and IPsec activity.
	Activity bool `yaml:"activity" default:"true"`
	// BGP session state. Without effect under static routing.
	BGP bool `yaml:"bgp" default:"true"`
	// How long log groups keep them: a retention that CloudWatch Logs offers (1d, 3d, 5d, 7d, 14d, 30d, 60d, 90d, 120d, 150d, 180d, 365d, ...).
	Retention Duration `yaml:"retention" default:"90d"`
}

// Peering joins two networks (mode vpc) or two transit gateways (mode transitGateway).
type Peering struct {
	// The two ends, in any order: networks for mode vpc, names of transit gateways for mode transitGateway.
	Between []string `yaml:"between" required:"true"`
	// vpc or transitGateway.
	Mode PeeringMode `yaml:"mode" default:"vpc"`
	// Whose private DNS names the other end resolves to private addresses: both, none, or those of the first or second end in between. Mode vpc only.
	DNS PeeringDNS `yaml:"dns" default:"none"`
	// ARN of a role that may accept the peering, in the account of the end that accepts. Required, and only allowed, for VPC peering between accounts.
	AcceptRole RoleARN `yaml:"acceptRole"`
}

// HostedZone is a Route 53 private hosted zone, defined here or (with id) adopted.
type HostedZone struct {
	// Id of an existing private hosted zone to adopt. Its VPC associations stay as they are; host records are added.
	ID HostedZoneID `yaml:"id"`
	// Domain, for example corp.internal.
	Domain Domain `yaml:"domain" required:"true"`
	// Alias of the Region whose stack holds the zone and its records.
	Home Name `yaml:"home" required:"true"`
	// Networks that resolve the zone. Required unless adopted.
	Networks []NetworkKey `yaml:"networks"`
}

// Host is an endpoint that paths and allow entries name.
type Host struct {
	// Network that it is in. Give network or site.
	Network NetworkKey `yaml:"network"`
	// Site that it is in.
	Site Name `yaml:"site"`
	// AZ ID of its subnet, for a host without ip. The network must have one subnet there, the tier attach aside.
	Zone ZoneID `yaml:"zone"`
	// Private IPv4 address. Required in a site; in a network give ip or zone.
	IP Addr `yaml:"ip"`
	// TCP port that it answers on.
	Port Port `yaml:"port" required:"true"`
	// Id of the existing instance that it is, to stand behind an accelerator.
	Instance InstanceID `yaml:"instance"`
	// Hosted zone that gets an A record <host name>.<domain>; needs ip.
	DNS Name `yaml:"dns"`
}

// Allow opens security groups from every from to every to, both on the sending and on the receiving side.
type Allow struct {
	// Who calls: networks, site/NAME, host/NAME, openvpn/NAME and clientVpn/NAME (the people connected to it), edgeProxy/NAME,
	// loadBalancer/NAME, zonalService/NAME (its load balancer) or internet; openvpn/* is all OpenVPN servers. One or a list.
	From []Ref `yaml:"from" required:"true" list:"one-or-many"`
	// Who is called: networks, site/NAME, host/NAME, openvpn/NAME (the server itself), edgeProxy/NAME, loadBalancer/NAME,
	// zonalService/NAME (which its callers then resolve too) or internet. One or a list.
	To []Ref `yaml:"to" required:"true" list:"one-or-many"`
	// TCP ports and ranges, for example [443, 8000-8010].
	TCP []PortRange `yaml:"tcp"`
	// UDP ports and ranges.
	UDP []PortRange `yaml:"udp"`
	// ICMP echo (ping) and path MTU messages.
	ICMP bool `yaml:"icmp" default:"false"`
}

// Path is an assertion: from can (or cannot) open a TCP connection to a host, a load balancer, an edge proxy or a zonal service.
type Path struct {
	// Where it starts: a network, site/NAME, host/NAME or client/NAME.
	From Ref `yaml:"from" required:"true"`
	// Where it ends: host/NAME, loadBalancer/NAME, edgeProxy/NAME, zonalService/NAME (all its zones) or zonalService/NAME/AZ-ID
	// (one zone, which callers in that zone measure).
	To Ref `yaml:"to" required:"true"`
	// What it must cross, in this order: peering/NAME, transitGateway/NAME, site/NAME. From a client it says how people get in:
	// openvpn/NAME or clientVpn/NAME, before it accelerator/NAME/LISTENER, and then the others. A path that must be unreachable has
	// none, or from a client the one openvpn/NAME or clientVpn/NAME that must not lead there; without it none of them may, nor the Internet.
	Via []Ref `yaml:"via"`
	// Path of the request that measures a load balancer or an edge proxy, for example /healthz.
	HTTP URLPath `yaml:"http"`
	// reachable or unreachable.
	Expect Expect `yaml:"expect" default:"reachable"`
	// Latency objective, for example p90(connect) < 40ms and fail < 5%. The phase is connect: the TCP handshake, timed by the
	// kernel; or, of paths that people measure, wait: until the answer begins. Where an accelerator, a load balancer or a proxy
	// ends TCP on the way, connect is refused. Functions are p<0-100>, min, avg, max, jitter and spread; fail and synloss are shares of probes. Percentiles
	// count a lost probe as infinitely late. A term that ends in @warn is reported and does not fail.
	SLO Objective `yaml:"slo"`
	// How many source ports the probes take in turn, so that each is a flow of its own to ECMP, 2-1024. Default: every probe takes any port.
	Flows int `yaml:"flows"`
}

// Client is where people are.
type Client struct {
	// Where they are, for the physical lower bound of a round trip.
	Location Location `yaml:"location" required:"true"`
}

// Compare asks which of some paths is faster. The answer is shown and decides nothing; an objective decides.
type Compare struct {
	// The paths, at least two. The first is compared with each of the others. All start in one place.
	Paths []Name `yaml:"paths" required:"true"`
	// What is compared: connect, wait or total. Default: connect, or wait when something ends TCP on the way of one of the paths.
	Phase Phase `yaml:"phase"`
	// A difference that does not matter. Without it the larger of 0.25ms and 2 % of the median of the path compared with.
	Margin Duration `yaml:"margin"`
}

// Probe is how paths are measured: from Lambda functions in the networks' own subnets, one in each subnet that a path
// starts in, which measure whenever the gate asks. The gate is one function, in the Region of alerts.
type Probe struct {
	// How often everything is measured, in whole minutes, 2m to 1d. Default: after each deployment and on demand only,
	// because the metrics, alarms and runs of continuous measuring are billed.
	Every Duration `yaml:"every"`
	// Probes of each path in a run. 100 support p95 and fail < 5%, p99 and fail < 1% take 299.
	Count int `yaml:"count" default:"100"`
	// Mean time between two probes of a path, 1ms to 10s.
	Interval Duration `yaml:"interval" default:"50ms"`
	// When a probe counts as lost, 100ms to 10s. Above 1s, so that a handshake whose first packet was lost is still seen.
	Timeout Duration `yaml:"timeout" default:"3s"`
	// How long a run after a deployment waits for paths to work before it measures them, 1s to 5m.
	Ready Duration `yaml:"ready" default:"30s"`
	// Memory of the functions that measure, in MiB, 128-3008. Lambda gives CPU in proportion. The kernel times handshakes, so
	// a slow function does not make a path look slow; 512 leaves the function a quarter of a CPU, enough for the four probes of a path that are under
	// way at once.
	Memory int `yaml:"memory" default:"512"`
	// How long the bucket keeps reports, in whole days.
	Reports Duration `yaml:"reports" default:"90d"`
}

// Gate is what the gate's callers are told. CloudFormation is always told that all is well, with the verdict as an
// attribute, a metric and an alarm: a failing custom resource would roll back its own stack only, while the network is in
// others.
type Gate struct {
	// What CodePipeline is told when a path fails, or was to be measured and could not be: fail or report.
	Pipeline Action `yaml:"pipeline" default:"fail"`
	// What CodePipeline is told when nothing fails and something is inconclusive: fail or report.
	Inconclusive Action `yaml:"inconclusive" default:"report"`
}

// Alerts is where alarms go: an SNS topic with a key of its own in the home Region and, since an alarm reaches topics of its own
// Region only, in each Region with a site's VPN. Give slack or webhook; without either, subscribe to the topics yourself.
type Alerts struct {
	// Alias of the Region whose topic has the alarms of the gate.
	Home Name `yaml:"home" required:"true"`
	// A Slack channel, by Amazon Q Developer in chat applications (formerly AWS Chatbot).
	Slack *Slack `yaml:"slack"`
	// Any HTTPS address that takes messages in Slack's form, by a function.
	Webhook *Webhook `yaml:"webhook"`
	// Alarms, a dashboard and the check of prefixes for every site, which are billed: `pathproof plan` counts them.
	Sites bool `yaml:"sites" default:"true"`
	// How often what a site announces by BGP is compared with its prefixes, in whole minutes, 1m to 1h.
	PrefixCheck Duration `yaml:"prefixCheck" default:"5m"`
}

// Slack is a channel of a workspace that somebody has connected to the account once, in the console of Amazon Q Developer in
// chat applications.
type Slack struct {
	// Id of the workspace, for example T0123ABCD.
	WorkspaceID SlackWorkspaceID `yaml:"workspaceId" required:"true"`
	// Id of the channel, for example C0123ABCD. A private channel has to invite the app.
	ChannelID SlackChannelID `yaml:"channelId" required:"true"`
}

// Webhook is an HTTPS address that is a secret: whoever knows it may post.
type Webhook struct {
	// Name or ARN of the secret in AWS Secrets Manager whose text is the address, nothing else. A name is looked up in the
	// home Region, in each account that has alarms. Make it before the first deployment; it is read when a message is sent.
	Secret SecretID `yaml:"secret" required:"true"`
}
