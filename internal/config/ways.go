package config

// PKI is a certificate authority for OpenVPN servers, Client VPN and the people who use them. Its key is made in KMS, signs and
// never leaves it. A second key, of RSA, is there if a Client VPN names it.
type PKI struct {
	// Alias of the Region that holds the CA's key, its certificate and the list of revoked certificates. The key cannot move.
	Home Name `yaml:"home" required:"true"`
	// How long a server's certificate is valid, in whole days from 7d to 825d. It is renewed when a third of that is left.
	ServerValidity Duration `yaml:"serverValidity" default:"90d"`
	// How long a person's certificate is valid, in whole days from 1d to 1095d. It is renewed by pathproof client-profile add.
	ClientValidity Duration `yaml:"clientValidity" default:"365d"`
}

// OpenVPN is an OpenVPN server: one instance that replaces itself, with an Elastic IP that stays. Only people of its PKI get in.
type OpenVPN struct {
	// Network that it stands in. It needs an Internet gateway.
	Network NetworkKey `yaml:"network" required:"true"`
	// AZ ID of its subnet in the tier public.
	Zone ZoneID `yaml:"zone" required:"true"`
	// Name of the PKI that its certificate and those of its users come from.
	PKI Name `yaml:"pki" required:"true"`
	// Ports on which it answers.
	Listen OpenVPNListen `yaml:"listen" required:"true"`
	// Addresses of connected people, /16 to /28, outside everything that they reach.
	Pool Prefix `yaml:"pool" required:"true"`
	// nat: what people reach sees the server's private address. routed: it sees the person's address in pool, with routes
	// back to it everywhere. routed is refused where a VPC peering or the Internet lies on the way: a peering drops what is not
	// addressed to or from its two VPCs.
	Forward Forward `yaml:"forward" default:"nat"`
	// split: only what the plan says is reachable goes through the tunnel. full: everything does, and goes on where allow entries lead.
	Tunnel TunnelMode `yaml:"tunnel" default:"split"`
	// Resolvers that people's machines are told to use. Default: none, they keep their own.
	DNS []Addr `yaml:"dns"`
	// Image of the instance: al2023@VERSION, or the id of one.
	Image Image `yaml:"image" required:"true"`
	// Instance type, of arm64.
	InstanceType InstanceType `yaml:"instanceType" default:"t4g.small"`
	// TCP port that accepts connections while the server works, for the health checks of accelerators. Only these may call it.
	Health Port `yaml:"health" default:"7006"`
	// TCP port of the server's responder, against which a way in is measured without a VPN. An allow entry opens it.
	Echo Port `yaml:"echo" default:"7007"`
	// How long CloudWatch Logs keeps its log: a retention that CloudWatch Logs offers (1d, 3d, 5d, 7d, 14d, 30d, 60d, 90d, ...).
	Logs Duration `yaml:"logs" default:"90d"`
}

// OpenVPNListen are the ports of an OpenVPN server. The first of a list is the one that profiles name; the others lead to the
// same server, for accelerators: a listener's port must be one of its endpoint's ports.
type OpenVPNListen struct {
	// TCP ports. One or a list.
	TCP []Port `yaml:"tcp" list:"one-or-many"`
	// UDP ports. One or a list.
	UDP []Port `yaml:"udp" list:"one-or-many"`
}

// Accelerator is an AWS Global Accelerator: two anycast addresses that lead to the network from AWS's nearest edge.
type Accelerator struct {
	// How endpoints without a health check of their own are checked. Load balancers have one of their own.
	HealthCheck HealthCheck `yaml:"healthCheck"`
	// Listeners by name: ports, and where they lead.
	Listeners map[Name]Listener `yaml:"listeners" required:"true"`
	// Flow logs to an encrypted S3 bucket. Default: none (they are billed by volume).
	FlowLogs *AcceleratorLogs `yaml:"flowLogs"`
}

// HealthCheck is how an accelerator finds out whether an endpoint works. Endpoints of UDP listeners are checked by TCP too.
type HealthCheck struct {
	// tcp, http or https.
	Protocol HealthProtocol `yaml:"protocol" default:"tcp"`
	// Port. Default: the health port of OpenVPN servers; of hosts their own port, or where the listener's first port leads.
	Port Port `yaml:"port"`
	// Path for http and https, for example /healthz. Default: /.
	Path URLPath `yaml:"path"`
	// Time between checks: 10s or 30s.
	Interval Duration `yaml:"interval" default:"30s"`
	// Checks in a row that change the verdict, 1-10.
	Threshold int `yaml:"threshold" default:"3"`
}

// AcceleratorLogs sends an accelerator's flow logs to S3.
type AcceleratorLogs struct {
	// How long the bucket keeps them, in whole days.
	Expire Duration `yaml:"expire" default:"90d"`
}

// Listener is one way through an accelerator.
type Listener struct {
	// TCP ports and ranges. One or a list, at most ten with echo.
	TCP []PortRange `yaml:"tcp" list:"one-or-many"`
	// UDP ports and ranges. One or a list, at most ten.
	UDP []PortRange `yaml:"udp" list:"one-or-many"`
	// Port of the endpoints' responders, so that the way through the accelerator can be measured up to the instance.
	Echo Port `yaml:"echo"`
	// Where it leads: openvpn/NAME, edgeProxy/NAME, loadBalancer/NAME, or host/NAME of an existing instance. Each as a
	// reference or as {to, weight, preserveClientIp}.
	Endpoints []Endpoint `yaml:"endpoints" required:"true"`
	// Endpoints in several Regions do the same, so each client may be sent to the nearest. A path that must reach one Region
	// needs a listener that leads nowhere else.
	Interchangeable bool `yaml:"interchangeable" default:"false"`
	// sourceIp sends all connections of a client to one endpoint.
	Affinity Affinity `yaml:"affinity" default:"none"`
	// Share of its traffic that a Region takes, in percent, by Region alias. Default: 100.
	Dials map[Name]int `yaml:"dials"`
	// Ports that lead to another port of the endpoints. Default: the port that people called.
	PortOverrides []PortOverride `yaml:"portOverrides"`
}

// Endpoint is where a listener leads; a plain string is its to.
type Endpoint struct {
	// openvpn/NAME, edgeProxy/NAME, loadBalancer/NAME or host/NAME.
	To Ref `yaml:"to" required:"true"`
	// Share of the Region's traffic, 0-255, beside the other endpoints there. Default: 128.
	Weight *int `yaml:"weight"`
	// Whether the endpoint sees the client's own address. Default: wherever AWS can, which excludes Elastic IPs (OpenVPN
	// servers), network load balancers without security groups and those with TLS listeners.
	PreserveClientIP *bool `yaml:"preserveClientIp"`
}

// PortOverride leads a port of a listener to another port of its endpoints. That port must be in no listener's range of the
// accelerator, and an accelerator can lead to a port once.
type PortOverride struct {
	// Port that people call.
	Listener Port `yaml:"listener" required:"true"`
	// Port of the endpoints.
	Endpoint Port `yaml:"endpoint" required:"true"`
}

// ClientVPN is an AWS Client VPN endpoint, in subnets of a network or at a transit gateway. It is billed by the hour for each
// zone and each connection.
type ClientVPN struct {
	// Network whose subnets it is associated with. What people reach sees addresses of these subnets. Give network or transitGateway.
	Network NetworkKey `yaml:"network"`
	// Tier of the subnets. Default: the network's first workload tier.
	Tier TierName `yaml:"tier"`
	// Transit gateway that it is attached to, in a segment that lists clientVpn/NAME. What people reach sees addresses of pool.
	// The transit gateway needs cidrBlocks.
	TransitGateway Name `yaml:"transitGateway"`
	// AZ IDs. Each is billed. Default: the first zone of the tier. Required at a transit gateway.
	Zones []ZoneID `yaml:"zones"`
	// Addresses of connected people, /12 to /22, outside everything that they reach. A change replaces the endpoint.
	Pool Prefix `yaml:"pool" required:"true"`
	// Name of the PKI that issues the endpoint's certificate, in ACM, and those of people. At a transit gateway it is one whose home is
	// there. Another one ends every profile; a change from or to certificate replaces the endpoint. Give pki or certificate.
	PKI Name `yaml:"pki"`
	// ARN of an IAM SAML provider whose users may connect. With pki people need a certificate as well, and AWS's own client. Default:
	// none, people have certificates. A change replaces the endpoint.
	SAML SAMLARN `yaml:"saml"`
	// ARN of the endpoint's ACM certificate, with an RSA key. Without saml people have certificates of the authority that issued it.
	Certificate CertificateARN `yaml:"certificate"`
	// udp or tcp. A change replaces the endpoint.
	Transport Transport `yaml:"transport" default:"udp"`
	// Port, 443 or 1194.
	Port Port `yaml:"port" default:"443"`
	// split: only what allow entries lead to goes through the tunnel. full: everything does; without a way to the Internet
	// people then have none.
	Tunnel TunnelMode `yaml:"tunnel" default:"split"`
	// Resolvers that people's machines are told to use, at most two. Default: none, they keep their own.
	DNS []Addr `yaml:"dns"`
	// After how long people have to log in again: 8h, 10h, 12h or 24h.
	Session Duration `yaml:"session" default:"24h"`
	// How long CloudWatch Logs keeps the log of connections: a retention that CloudWatch Logs offers.
	Logs Duration `yaml:"logs" default:"90d"`
}

// LoadBalancer is an application or network load balancer, defined here or (with arn or dnsName) adopted.
type LoadBalancer struct {
	// ARN of an existing load balancer to adopt. Required for an adopted one behind an accelerator.
	ARN LoadBalancerARN `yaml:"arn"`
	// DNS name of an existing load balancer to adopt. Required for an adopted one that is the origin of edge proxies: its
	// addresses change, its name does not.
	DNSName Domain `yaml:"dnsName"`
	// application or network.
	Type LoadBalancerType `yaml:"type" default:"application"`
	// Network that it stands in.
	Network NetworkKey `yaml:"network" required:"true"`
	// internal or internet-facing. A change replaces it.
	Scheme Scheme `yaml:"scheme" default:"internal"`
	// Ports on which it answers.
	Listen LoadBalancerListen `yaml:"listen" required:"true"`
	// ARN of an ACM certificate of its Region, for https and tls.
	Certificate CertificateARN `yaml:"certificate"`
	// Name in its certificate. Edge proxies verify it, and the name that AWS gives a load balancer is in no certificate.
	CertificateName Domain `yaml:"certificateName"`
	// What it leads to: host/NAME, each with an ip in its network, all with one port. Not for an adopted one.
	Targets []Ref `yaml:"targets" list:"one-or-many"`
	// Path that targets of an application load balancer answer 200 to 399 on while they work. Default: /.
	HealthPath URLPath `yaml:"healthPath"`
	// false for an adopted network load balancer without security groups.
	SecurityGroups bool `yaml:"securityGroups" default:"true"`
}

// LoadBalancerListen are the ports of a load balancer: http and https of an application one, tcp and tls of a network one.
type LoadBalancerListen struct {
	// HTTP port.
	HTTP Port `yaml:"http"`
	// HTTPS port.
	HTTPS Port `yaml:"https"`
	// TCP port.
	TCP Port `yaml:"tcp"`
	// TLS port.
	TLS Port `yaml:"tls"`
}

// EdgeProxy is a group of nginx reverse proxies near people, in front of a load balancer that may be far away: people's
// connections end here, and requests go on over connections that are kept open.
type EdgeProxy struct {
	// Network that it stands in, with an Internet gateway and subnets of the tier public.
	Network NetworkKey `yaml:"network" required:"true"`
	// AZ IDs. Default: all zones of the tier public.
	Zones []ZoneID `yaml:"zones"`
	// Where requests go on to: loadBalancer/NAME. It is looked up by name again and again, because its addresses change.
	Origin Ref `yaml:"origin" required:"true"`
	// How they get there: peering/NAME, transitGateway/NAME or internet. Default: internet for an internet-facing origin, else
	// whatever the routes say.
	Via Ref `yaml:"via"`
	// Ports on which people call. With https, http only redirects to it.
	Listen EdgeListen `yaml:"listen" required:"true"`
	// ARN of an ACM certificate of its Region: TLS ends at the load balancer in front.
	Certificate CertificateARN `yaml:"certificate"`
	// ARN of a Secrets Manager secret of its Region with certificate and key: TLS ends at nginx. Only behind entry nlb.
	Secret SecretARN `yaml:"secret"`
	// What stands in front of the proxies: nlb or alb.
	Entry Entry `yaml:"entry" default:"nlb"`
	// Name by which people find the nearest one. Edge proxies of several Regions share it.
	DNS *EdgeDNS `yaml:"dns"`
	// Proxies in each zone, 1-10.
	PerZone int `yaml:"perZone" default:"1"`
	// Proxies in each zone at most, perZone to 10: more than perZone are started while all together use more than half of their processors.
	// Default: perZone, so their number never changes.
	MaxPerZone int `yaml:"maxPerZone"`
	// Image of the instances: al2023@VERSION, or the id of one.
	Image Image `yaml:"image" required:"true"`
	// Instance type, of arm64.
	InstanceType InstanceType `yaml:"instanceType" default:"t4g.small"`
	// Resolver that looks up the origin.
	Resolver Addr `yaml:"resolver" default:"169.254.169.253"`
	// How long CloudWatch Logs keeps the log of requests: a retention that CloudWatch Logs offers.
	Logs Duration `yaml:"logs" default:"30d"`
}

// EdgeListen are the ports of an edge proxy.
type EdgeListen struct {
	// HTTP port.
	HTTP Port `yaml:"http"`
	// HTTPS port. Needs certificate or secret.
	HTTPS Port `yaml:"https"`
}

// EdgeDNS is a latency-based record.
type EdgeDNS struct {
	// Id of the existing public hosted zone.
	Zone HostedZoneID `yaml:"zone" required:"true"`
	// Name of the record, for example api.example.com.
	Name Domain `yaml:"name" required:"true"`
}

// UnmarshalText reads the short form of an endpoint: where it leads.
func (e *Endpoint) UnmarshalText(b []byte) error { return e.To.UnmarshalText(b) }
