package zonal

import (
	"net/netip"

	"github.com/pathproof/pathproof/constructs/balancer"
)

// Mode is what stands in front of a service's targets.
type Mode string

// The modes. Between PerAZ and ClientRouting a change is one in place, as CloudFormation's schema has it; whether Elastic Load Balancing takes
// it is not known. Any other change replaces load balancers, which cannot have one address at the same time.
const (
	// PerAZ is one network load balancer with a fixed address in each zone.
	PerAZ Mode = "per-az"
	// NLBPerAZ is a network load balancer for each zone. Each is billed by the hour.
	NLBPerAZ Mode = "nlb-per-az"
	// ClientRouting is one network load balancer whose name AWS answers with the address of the caller's zone.
	ClientRouting Mode = "client-routing"
	// Direct is no load balancer: callers are told the targets' own addresses.
	Direct Mode = "direct"
)

// TargetType is how a target group is told its targets.
type TargetType = balancer.TargetType

// The types of targets.
const (
	ByInstance = balancer.ByInstance
	ByIP       = balancer.ByIP
)

// ServiceProps configures a Service.
type ServiceProps struct {
	// Name is the start of the names of what is defined, in lower case. Required.
	Name string
	// Mode is what stands in front of the targets.
	// Default: per-az.
	Mode Mode
	// VpcId is the VPC of load balancer and targets. A change replaces the target groups. Required but in mode direct.
	VpcId *string
	// Zones are 1 or more. Load balancers and targets stand in all of them. Required.
	Zones []ZoneProps
	// SecurityGroupIds are 1 to 5 of the caller's, of the load balancers: they let callers in, and lead to the targets, whose own groups
	// let in nothing else. A load balancer without any could never get one. Required but in mode direct.
	SecurityGroupIds []*string
	// Listeners are the ports that are called, 1 or more. Required but in mode direct.
	Listeners []ListenerProps
	// CertificateArn is the ACM certificate of listeners with TLS, in the Region.
	// Default: none; no listener may have TLS.
	CertificateArn string
	// TargetType is how targets are told. A change replaces the target groups.
	// Default: by IP with TargetIPs, by instance without.
	TargetType TargetType
	// HealthPath is what a target answers 200 to 399 on while it works, by HTTP on its port.
	// Default: a check by TCP.
	HealthPath string
	// PreserveClientIP shows targets the addresses of their callers. A target that calls its own service may then meet itself, and the
	// connection fails; targets by IP address outside the VPC never see them.
	// Default: false.
	PreserveClientIP bool
	// NoZonalShift keeps a zonal shift from moving traffic out of a zone. It takes a zone out of the Regional name only: fixed addresses
	// go on to lead to their zone, and callers have to look (package affinity does).
	// Default: false; a zonal shift works.
	NoZonalShift bool
	// TargetsParameter is the name of an SSM parameter that says the ARN of the target group, for others who register targets: an ECS service,
	// a group of yours. In mode nlb-per-az each zone has one, with / and the AZ ID behind the name.
	// Default: none.
	TargetsParameter string
	// CloudMap lets callers find the service by Cloud Map's API.
	// Default: none.
	CloudMap *CloudMapProps
}

// ZoneProps is one Availability Zone of a service.
type ZoneProps struct {
	// ZoneID is its AZ ID, for example apne2-az1. Required.
	ZoneID string
	// SubnetId is where the load balancer stands. Elastic Load Balancing keeps the subnet of a zone as long as the zone is enabled. Required but in
	// mode direct.
	SubnetId *string
	// Address is the fixed private address of the load balancer in this zone, inside the subnet. To change it the zone has to leave in one
	// deployment and come back in another. Required in modes per-az and nlb-per-az; there is none in others.
	Address netip.Addr
	// TargetIPs are targets in this zone, in the VPC. A target in another zone would never be called.
	// Default: none; they register themselves.
	TargetIPs []netip.Addr
	// TargetInstanceIDs are running instances in this zone, in place of TargetIPs.
	// Default: none; they register themselves, as those of Members and tasks of ECS services do.
	TargetInstanceIDs []string
}

// ListenerProps is a port of a service.
type ListenerProps struct {
	// Port is 1 to 65535. Required.
	Port int
	// TLS ends TLS here; targets get what was inside.
	// Default: false; bytes are passed on as they are.
	TLS bool
	// TargetPort is the port of the targets. Listeners with the same one share a target group; a change replaces it.
	// Default: Port.
	TargetPort int
}

// CloudMapProps configures what Cloud Map knows of a service.
type CloudMapProps struct {
	// Namespace is the name of the HTTP namespace, for example foo.internal, which is unique in an account and Region. It has no
	// hosted zone: the names in DNS are those of Names. A change replaces it. Required.
	Namespace string
	// Service is the service's name in it. A change replaces it.
	// Default: Name.
	Service string
	// Instances are targets that callers are told themselves, in mode direct; those of Members register by themselves.
	// Default: none. In modes with fixed addresses it is these, one for each zone.
	Instances []InstanceProps
}

// InstanceProps is what Cloud Map tells callers: an address, a port and the AZ ID in the attribute AVAILABILITY_ZONE_ID.
type InstanceProps struct {
	// ID tells it apart; a change replaces its entry. Required.
	ID string
	// ZoneID is its AZ ID. Required.
	ZoneID string
	// Address is its private address. Required.
	Address netip.Addr
	// Port is where it answers. Required.
	Port int
}

// fixed reports whether each zone has an address of its own.
func (m Mode) fixed() bool { return m == PerAZ || m == NLBPerAZ }

func (p ServiceProps) withDefaults() ServiceProps {
	if p.Mode == "" {
		p.Mode = PerAZ
	}
	if p.CloudMap != nil {
		c := *p.CloudMap
		if c.Service == "" {
			c.Service = p.Name
		}
		p.CloudMap = &c
	}
	return p
}
