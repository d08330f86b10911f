package topology

import (
	"net/netip"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// ZonalService is one service with a name in every zone.
type ZonalService struct {
	Name    string           `json:"name"`
	Network string           `json:"network"`
	Place   Place            `json:"place"`
	Mode    config.ZonalMode `json:"mode"`
	Domain  string           `json:"domain"`
	// Listener is the port that callers call, tcp or tls, TargetPort that of the targets. Without a load balancer both are the same.
	Listener    BalancerListener `json:"listener"`
	TargetPort  int              `json:"targetPort"`
	Certificate string           `json:"certificate,omitempty"`
	Zones       []*ServiceZone   `json:"zones"` // by zone number
	// TargetType is how targets are registered: ip or instance, in AWS's words. Empty without a load balancer.
	TargetType config.TargetType `json:"targetType,omitempty"`
	Group      *ZonalGroup       `json:"group,omitempty"`
	// Registered says that others register the targets.
	Registered       bool `json:"registered,omitempty"`
	PreserveClientIP bool `json:"preserveClientIp,omitempty"`
	ZonalShift       bool `json:"zonalShift,omitempty"`
	ZonalAutoshift   bool `json:"zonalAutoshift,omitempty"`
	// DNS and CloudMap say how callers find it. DNS has an entry of the plan's HostedZones with Service: Name.
	DNS       bool          `json:"dns,omitempty"`
	CloudMap  *CloudMap     `json:"cloudMap,omitempty"`
	Callers   []string      `json:"callers,omitempty"` // keys of the networks that allow entries let call it
	Latencies []ZoneLatency `json:"latencies,omitempty"`
	network   *Network
	// incomplete says that a target has problems of its own: what it would be missed by is not reported.
	incomplete bool
}

// ServiceZone is a zonal service in one zone.
type ServiceZone struct {
	ZoneID string `json:"zoneId"`
	Subnet string `json:"subnet"` // construct id
	// Address is the fixed address of the load balancer there; not valid in modes client-routing and direct.
	Address netip.Addr `json:"address,omitzero"`
	// Name is its name in DNS; empty in mode client-routing and without dns.
	Name    string   `json:"name,omitempty"`
	Targets []string `json:"targets,omitempty"` // hosts there
	subnet  *Subnet
	targets []*Host
}

// ZonalGroup is instances that pathproof runs, in an auto scaling group for each zone.
type ZonalGroup struct {
	Image        Image  `json:"image"`
	InstanceType string `json:"instanceType"`
	PerZone      int    `json:"perZone"`
	LogDays      int    `json:"logDays"`
}

// CloudMap is what AWS Cloud Map knows of a zonal service: an HTTP namespace, because a private DNS namespace would make a hosted zone of
// its own beside the one with the names of zones, and a VPC resolves one private zone of a domain.
type CloudMap struct {
	Namespace string             `json:"namespace"` // its name
	Service   string             `json:"service"`
	Instances []CloudMapInstance `json:"instances"` // by id
}

// CloudMapInstance is an instance with the attributes AWS_INSTANCE_IPV4, AWS_INSTANCE_PORT and AVAILABILITY_ZONE_ID.
type CloudMapInstance struct {
	ID     string     `json:"id"` // the AZ ID of a load balancer's address, or the name of a host
	ZoneID string     `json:"zoneId"`
	IP     netip.Addr `json:"ip"`
	Port   int        `json:"port"`
}

// ZoneLatency is the path that measures a zone from within it. With two of them and continuous measuring an alarm says which zone stands
// out (HasZoneAlarms).
type ZoneLatency struct {
	ZoneID string `json:"zoneId"`
	Path   string `json:"path"`
}

// Ref names the service as the file does.
func (z *ZonalService) Ref() config.Ref {
	return config.Ref{Kind: config.KindZonalService, Name: z.Name}
}

// Instances is the key of the security group of the service's own instances; Ref().String() is that of its load balancer.
func (z *ZonalService) Instances() string { return naming.ZonalInstances(z.Name) }

// Balanced reports whether the service has a load balancer.
func (z *ZonalService) Balanced() bool { return z.Mode != config.ZonalDirect }

// Registers reports whether the service's instances register themselves with Cloud Map: those that callers meet without a load balancer.
func (z *ZonalService) Registers() bool {
	return !z.Balanced() && z.Group != nil && z.CloudMap != nil
}

// Fixed reports whether each zone of the service has a fixed address of a load balancer.
func (z *ZonalService) Fixed() bool {
	return z.Mode == config.ZonalPerAZ || z.Mode == config.ZonalNLBPerAZ
}

// ZonalService returns a zonal service by name, or nil.
func (p *Plan) ZonalService(name string) *ZonalService {
	return find(p.ZonalServices, func(x *ZonalService) bool { return x.Name == name })
}

// Zone returns a zone of the service, or nil.
func (z *ZonalService) Zone(zoneID string) *ServiceZone {
	return find(z.Zones, func(x *ServiceZone) bool { return x.ZoneID == zoneID })
}

// HasZoneAlarms reports whether alarms say which zone of a service stands out: at least two are measured, without being asked.
func (p *Plan) HasZoneAlarms(z *ZonalService) bool {
	return p.Measurement != nil && p.Measurement.Every > 0 && len(z.Latencies) > 1
}
