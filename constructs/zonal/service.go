package zonal

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/balancer"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Service is what callers of a zonal service find: its load balancers, and what Cloud Map knows.
type Service struct {
	props     ServiceProps
	node      constructs.Construct
	balancers map[string]*balancer.LoadBalancer // by AZ ID; the one of all zones has none
	discovery awsservicediscovery.CfnService
}

// NewService defines a service in scope. It panics if props are invalid; call Validate first.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	if props == nil {
		props = &ServiceProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	s := &Service{props: props.withDefaults(), balancers: map[string]*balancer.LoadBalancer{}}
	switch p := s.props; p.Mode {
	case PerAZ, ClientRouting:
		s.balancers[""] = balancer.NewLoadBalancer(scope, id, p.balancer(p.Zones))
		s.node = s.balancers[""]
	default:
		s.node = constructs.NewConstruct(scope, &id)
		for _, z := range p.Zones {
			if p.Mode == NLBPerAZ {
				s.balancers[z.ZoneID] = balancer.NewLoadBalancer(s.node, naming.ZonalBalancer(z.ZoneID), p.balancer([]ZoneProps{z}))
			}
		}
	}
	if s.props.TargetsParameter != "" {
		s.defineParameters()
	}
	if c := s.props.CloudMap; c != nil {
		s.defineDiscovery(c)
	}
	return s
}

// defineParameters says where others register targets.
func (s *Service) defineParameters() {
	for _, zone := range slices.Sorted(maps.Keys(s.balancers)) {
		b := s.balancers[zone]
		name, of := s.props.TargetsParameter, "all zones"
		if zone != "" {
			name, of = name+"/"+zone, zone
		}
		awsssm.NewCfnParameter(b, jsii.String(naming.Parameter), &awsssm.CfnParameterProps{Name: &name, Type: jsii.String("String"),
			Value: b.TargetGroupArn(s.props.targetPorts()[0]), Description: jsii.String("The target group of service " + s.props.Name + " in " + of)})
	}
}

// balancer are the props of the load balancer of some zones.
func (p ServiceProps) balancer(zones []ZoneProps) *balancer.LoadBalancerProps {
	shift := !p.NoZonalShift
	b := &balancer.LoadBalancerProps{Name: p.Name, Kind: balancer.Network, VpcId: p.VpcId, SecurityGroupIds: p.SecurityGroupIds, CertificateArn: p.CertificateArn,
		ClientRouting: balancer.AnyZone, ZonalShift: &shift}
	if p.Mode == NLBPerAZ {
		b.Name += "-" + zones[0].ZoneID
	}
	if p.Mode == ClientRouting {
		b.ClientRouting = balancer.OwnZone
	}
	for _, z := range zones {
		if p.Mode.fixed() {
			b.Mappings = append(b.Mappings, balancer.Mapping{SubnetId: z.SubnetId, Address: z.Address})
		} else {
			b.SubnetIds = append(b.SubnetIds, z.SubnetId)
		}
	}
	for _, l := range p.Listeners {
		x := balancer.ListenerProps{Port: l.Port, Protocol: balancer.TCP, TargetPort: l.target()}
		if l.TLS {
			x.Protocol = balancer.TLS
		}
		b.Listeners = append(b.Listeners, x)
	}
	for _, port := range p.targetPorts() {
		b.Targets = append(b.Targets, p.targets(port, zones))
	}
	return b
}

// targets is the target group of a port, with the targets in some zones: with cross-zone load balancing off a load balancer would
// never call the others.
func (p ServiceProps) targets(port int, zones []ZoneProps) balancer.TargetGroupProps {
	preserve := p.PreserveClientIP
	t := balancer.TargetGroupProps{Port: port, Type: p.TargetType, PreserveClientIP: &preserve, HealthPath: p.HealthPath}
	for _, z := range zones {
		t.Addresses, t.InstanceIDs = append(t.Addresses, z.TargetIPs...), append(t.InstanceIDs, z.TargetInstanceIDs...)
	}
	return t
}

func (l ListenerProps) target() int { return cmp.Or(l.TargetPort, l.Port) }

// targetPorts are the ports of target groups, each once.
func (p ServiceProps) targetPorts() []int {
	var out []int
	for _, l := range p.Listeners {
		if !slices.Contains(out, l.target()) {
			out = append(out, l.target())
		}
	}
	return out
}

// LoadBalancer returns the load balancer that stands in a zone, nil in mode direct.
func (s *Service) LoadBalancer(zoneID string) *balancer.LoadBalancer {
	if b := s.balancers[""]; b != nil {
		return b
	}
	return s.balancers[zoneID]
}

// LoadBalancers returns all load balancers, in the order of their zones.
func (s *Service) LoadBalancers() []*balancer.LoadBalancer {
	var out []*balancer.LoadBalancer
	for _, z := range s.props.Zones {
		if b := s.LoadBalancer(z.ZoneID); b != nil && !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

// TargetGroupArns returns the ARNs of the target groups that targets of a zone join: for Members, an ECS service, or what else
// registers by itself. None in mode direct.
func (s *Service) TargetGroupArns(zoneID string) []*string {
	b := s.LoadBalancer(zoneID)
	if b == nil {
		return nil
	}
	var out []*string
	for _, port := range s.props.targetPorts() {
		out = append(out, b.TargetGroupArn(port))
	}
	return out
}

// Node returns the construct that all of the service stands in.
func (s *Service) Node() constructs.Node { return s.node.Node() }

// ServiceId returns the id of the Cloud Map service, nil without one.
func (s *Service) ServiceId() *string {
	if s.discovery == nil {
		return nil
	}
	return s.discovery.Ref()
}

// ServiceArn returns the ARN of the Cloud Map service, nil without one.
func (s *Service) ServiceArn() *string {
	if s.discovery == nil {
		return nil
	}
	return s.discovery.AttrArn()
}
