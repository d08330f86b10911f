package topology

import (
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// AcceleratorStackName returns the name of an accelerator's own stack.
func (p *Plan) AcceleratorStackName(name string) string { return naming.AcceleratorStack(p.Name, name) }

// accelerator plans an accelerator, which has a stack of its own: it needs the networks of all Regions, and they need the stack of
// their place.
func (pl *planner) accelerator(a *Accelerator) {
	id, name := naming.Accelerator(a.Name), "accelerator/"+a.Name
	pl.export("", "AWS::GlobalAccelerator::Accelerator", name, nil, id, naming.Resource)
	pl.add("AWS::SSM::Parameter", name+"/parameter", props{"Name": naming.AcceleratorParameter(pl.plan.Name, a.Name)}, id, naming.Parameter)
	if a.FlowLogDays > 0 {
		pl.add("AWS::S3::Bucket", name+"/flowLogs/bucket", nil, id, naming.FlowLogBucket, naming.Resource)
	}
	for _, l := range a.Listeners {
		ns, lname := naming.Listener(l.Name, l.Protocol), name+"/listener/"+l.Name+"/"+l.Protocol
		pl.add("AWS::GlobalAccelerator::Listener", lname, props{"AcceleratorArn": pl.ref(id, naming.Resource)}, id, ns, naming.Resource)
		for _, g := range l.Groups {
			group := pl.add("AWS::GlobalAccelerator::EndpointGroup", lname+"/"+g.Region, props{"ListenerArn": pl.ref(id, ns, naming.Resource), "EndpointGroupRegion": g.Region}, id, ns, naming.EndpointGroup(g.Region))
			for _, e := range g.Endpoints {
				if ref := pl.endpointRef(e); ref != "" {
					group.use(ref)
				}
			}
		}
	}
}

// endpointRef is the value of an endpoint that this file defines, or "".
func (pl *planner) endpointRef(e AcceleratorEndpoint) string {
	if e.ID != "" {
		return ""
	}
	n, id := pl.plan.endpointNetwork(e), ""
	switch e.To.Kind {
	case config.KindOpenVPN:
		return attribute(resourceRef(pl.plan.NetworkStackName(n), naming.Network(n.Name), naming.OpenVPN(e.To.Name), naming.Address), "AllocationId")
	case config.KindEdgeProxy:
		id = naming.EdgeProxy(e.To.Name)
	default:
		id = naming.LoadBalancer(e.To.Name)
	}
	return resourceRef(pl.plan.NetworkStackName(n), naming.Network(n.Name), id, naming.Resource)
}

// endpointNetwork is the network of an endpoint.
func (p *Plan) endpointNetwork(e AcceleratorEndpoint) *Network {
	switch e.To.Kind {
	case config.KindOpenVPN:
		return p.OpenVPN(e.To.Name).network
	case config.KindEdgeProxy:
		return p.EdgeProxy(e.To.Name).network
	case config.KindLoadBalancer:
		return p.LoadBalancer(e.To.Name).network
	default:
		return p.Host(e.To.Name).network
	}
}

// acceleratorStacks lays out the accelerators' stacks. Each is deployed after the networks that it leads to.
func (b *builder) acceleratorStacks() {
	p := b.plan
	for _, a := range p.Accelerators {
		s := &Stack{Name: p.AcceleratorStackName(a.Name), Layer: LayerNetwork, Place: a.Place, Accelerator: a.Name}
		for _, l := range a.Listeners {
			for _, g := range l.Groups {
				for _, e := range g.Endpoints {
					if e.ID == "" {
						s.DependsOn = append(s.DependsOn, p.NetworkStackName(p.endpointNetwork(e)))
					}
				}
			}
		}
		s.DependsOn = distinct(s.DependsOn...)
		p.Stacks = append(p.Stacks, s)
	}
}

// acceleratorAlarms plans what says that an accelerator's endpoint does not work, in the ops stack of its Region: its metrics are there.
// Without alerts it tells nobody and is only shown, as those of servers and proxies.
func (pl *planner) acceleratorAlarms(at Place) {
	for _, a := range pl.plan.Accelerators {
		if a.Place == at {
			pl.add("AWS::CloudWatch::Alarm", "accelerator/"+a.Name+"/alarm/unhealthy", nil, naming.Accelerator(a.Name), naming.UnhealthyAlarm).
				use(resourceRef(pl.plan.AcceleratorStackName(a.Name), naming.Accelerator(a.Name), naming.Resource))
		}
	}
}

// homesOf lists the stacks of the authorities that issue certificates for a network's servers, and must be there before.
func (p *Plan) homesOf(n *Network) []string {
	var out []string
	for _, x := range p.PKIs {
		issues := slices.ContainsFunc(p.ClientVPNs, func(v *ClientVPN) bool { return v.Network == n.Key && v.PKI == x.Name })
		if issues || slices.ContainsFunc(n.servers, func(s *OpenVPN) bool { return s.PKI == x.Name }) {
			out = append(out, p.StackName(LayerNetwork, x.Home))
		}
	}
	return out
}
