package config

// ZonalService is one service with a name in every Availability Zone, so that a caller can stay in its own zone, and one for the
// Region. Everything in it keeps to its zone: an address of a zone leads to targets of that zone only.
type ZonalService struct {
	// Network that it stands in. Its targets are there too.
	Network NetworkKey `yaml:"network" required:"true"`
	// Tier of its subnets. Default: the network's first workload tier that is not public.
	Tier TierName `yaml:"tier"`
	// AZ IDs. Default: all zones of the tier. A zone without a target is reported.
	Zones []ZoneID `yaml:"zones"`
	// Its domain, for example foo.internal. foo.internal leads to all zones and apne2-az1.foo.internal to one. It is a private hosted
	// zone of its own, known in every network that an allow entry lets call the service, and the name of the Cloud Map namespace.
	Domain Domain `yaml:"domain" required:"true"`
	// Port on which it answers.
	Listen ZonalListen `yaml:"listen" required:"true"`
	// ARN of an ACM certificate of its Region, for tls. Callers verify the names of zones too: it needs the domain and *.domain.
	Certificate CertificateARN `yaml:"certificate"`
	// What stands in front of the targets. per-az: one network load balancer with a fixed address in each zone. nlb-per-az: a network
	// load balancer for each zone, each billed by the hour. client-routing: one network load balancer, whose name AWS answers with
	// the address of the caller's zone, without fixed addresses and names of zones. direct: none, callers are told the
	// targets' own addresses. A change to or from nlb-per-az hands addresses on to other load balancers, which takes two deployments.
	Mode ZonalMode `yaml:"mode" default:"per-az"`
	// Fixed private address by AZ ID, where the one that pathproof picks does not suit. Modes per-az and nlb-per-az only.
	Addresses map[ZoneID]Addr `yaml:"addresses"`
	// Where it leads.
	Targets ZonalTargets `yaml:"targets" required:"true"`
	// How callers find it: dns (the names of its domain), cloudMap (instances with AVAILABILITY_ZONE_ID, by the API), or both. One or
	// a list.
	Discovery []Discovery `yaml:"discovery" default:"dns" list:"one-or-many"`
	// Whether targets see callers' own addresses. A target that calls its own service may then meet itself, and the connection fails.
	PreserveClientIP bool `yaml:"preserveClientIp" default:"false"`
	// Whether a zonal shift may move traffic out of a zone. Not for mode direct, where nothing could be shifted.
	ZonalShift bool `yaml:"zonalShift" default:"true"`
	// Whether AWS may shift traffic out of a zone by itself. It tries that every week: the other zones must carry the traffic.
	ZonalAutoshift bool `yaml:"zonalAutoshift" default:"false"`
}

// ZonalListen is the port of a zonal service: give one.
type ZonalListen struct {
	// TCP port.
	TCP Port `yaml:"tcp"`
	// TLS port: TLS ends at the load balancer. Needs certificate.
	TLS Port `yaml:"tls"`
}

// ZonalTargets is where a zonal service leads: give one.
type ZonalTargets struct {
	// host/NAME, each with an ip in the service's network, or all existing instances; all with one port.
	Hosts []Ref `yaml:"hosts" list:"one-or-many"`
	// Instances that pathproof runs, an auto scaling group in each zone. In mode direct each registers itself with Cloud Map.
	Group *ZonalGroup `yaml:"group"`
	// What registers itself, such as an ECS service or an auto scaling group of yours: pathproof makes the target group and says
	// its ARN in the SSM parameter /pathproof/NETWORK/zonal/SERVICE/targets.
	Registered *ZonalRegistered `yaml:"registered"`
}

// ZonalGroup is instances that run pathproof's responder, which answers GET /whoami on its port.
type ZonalGroup struct {
	// Image of the instances: al2023@VERSION, or the id of one.
	Image Image `yaml:"image" required:"true"`
	// Instance type, of arm64.
	InstanceType InstanceType `yaml:"instanceType" default:"t4g.small"`
	// Instances in each zone, 1-10.
	PerZone int `yaml:"perZone" default:"1"`
	// TCP port on which they answer. Default: the service's own port.
	Port Port `yaml:"port"`
	// How long CloudWatch Logs keeps their log: a retention that CloudWatch Logs offers.
	Logs Duration `yaml:"logs" default:"30d"`
}

// ZonalRegistered is a target group that others fill.
type ZonalRegistered struct {
	// ip (ECS tasks on Fargate, or with network mode awsvpc) or instance (auto scaling groups). A change replaces the target group.
	Type TargetType `yaml:"type" default:"ip"`
	// TCP port of the targets. Default: the service's own port.
	Port Port `yaml:"port"`
}
