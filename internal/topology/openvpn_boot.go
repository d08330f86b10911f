package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// OpenVPNBoot is what a server's user data says as far as the plan knows it: not what CloudFormation makes, such as its address.
func (p *Plan) OpenVPNBoot(s *OpenVPN) bootstrap.OpenVPN {
	o := bootstrap.OpenVPN{OS: bootstrap.AmazonLinux2023, Name: s.Name, Region: s.Place.Region, HealthPort: s.Health, Pool: s.Pool, Routes: s.Routes,
		FullTunnel: s.Tunnel == config.TunnelFull, DNS: s.DNS, LogGroup: naming.LogGroup(p.Name, "openvpn", s.Name), Replaced: true,
		Signal: bootstrap.Signal{Stack: p.StackName(LayerOps, s.Place), Resource: naming.LogicalID(naming.OpenVPN(s.Name), naming.Group)}}
	o.TCP, o.MoreTCP = firstAndRest(s.TCP)
	o.UDP, o.MoreUDP = firstAndRest(s.UDP)
	o.EdgeTCP, o.EdgeUDP = p.edgePorts(s, "tcp"), p.edgePorts(s, "udp")
	for _, r := range s.Grants {
		o.Rules = append(o.Rules, bootstrap.Rule{To: r.Peer, Protocol: r.Protocol, First: r.From, Last: r.To})
	}
	if pki := p.PKI(s.PKI); pki != nil {
		o.PKI = bootstrap.ServerPKI{Name: pki.Name, BucketRegion: s.Place.Region, TLSCrypt: pki.TLSCryptSecret, TLSCryptRegion: pki.Home.Region}
	}
	o.Responder = &bootstrap.Responder{Port: s.Echo, BucketRegion: s.Place.Region, ZoneID: s.ZoneID}
	if s.Routed() {
		o.Interface = &bootstrap.Interface{Gateway: s.subnet.CIDR.Addr().Next()}
	}
	return o
}

func firstAndRest(ports []int) (first int, rest []int) {
	if len(ports) == 0 {
		return 0, nil
	}
	return ports[0], ports[1:]
}

// edgePorts are a server's own ports of a protocol to which accelerators lead. They translate what they send to an Elastic IP, so many
// people come from one address there.
func (p *Plan) edgePorts(s *OpenVPN, protocol string) []int {
	own, found := s.TCP, map[int]bool{}
	if protocol == "udp" {
		own = s.UDP
	}
	for _, a := range p.Accelerators {
		for _, l := range a.Listeners {
			for _, g := range l.Groups {
				if l.Protocol == protocol && slices.ContainsFunc(g.Endpoints, func(e AcceleratorEndpoint) bool { return e.To == s.Ref() }) {
					g.leadsTo(l, found)
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Sorted(slices.Values(own)), func(port int) bool { return !found[port] })
}

// leadsTo adds the ports of its endpoints to which a listener leads.
func (g *EndpointGroup) leadsTo(l *AcceleratorListener, ports map[int]bool) {
	override := map[int]int{}
	for _, o := range g.PortOverrides {
		override[o.Listener] = o.Endpoint
	}
	for _, r := range l.Ports {
		for port := int(r.First); port <= int(r.Last); port++ {
			at, ok := override[port]
			if !ok {
				at = port
			}
			ports[at] = true
		}
	}
}

// OpenVPNSize is how long a server's user data can be at most, in bytes: what is known only when it is deployed counts as long as it can be. It
// is 0 for one that has something else wrong with it.
func (p *Plan) OpenVPNSize(s *OpenVPN) int {
	const bucket, id, random = 63, 17, 20
	o := p.OpenVPNBoot(s)
	o.Namespace = "Pathproof/OpenVPN"
	o.AllocationID = "eipalloc-" + strings.Repeat("0", id)
	o.PKI.Bucket, o.Responder.Bucket = strings.Repeat("b", bucket), strings.Repeat("b", bucket)
	o.Responder.Key, o.Responder.SHA256 = strings.Repeat("k", 64+4), strings.Repeat("0", 64)
	o.PKI.Secret = "arn:aws:secretsmanager:" + s.Place.Region + ":000000000000:secret:" +
		naming.LogicalID(naming.Network(s.network.Name), naming.OpenVPN(s.Name), naming.Secret) + strings.Repeat("r", random)
	if o.Interface != nil {
		o.Interface.ID = "eni-" + strings.Repeat("0", id)
	}
	c, err := o.Config()
	if err != nil {
		return 0
	}
	return c.Size()
}

// userData checks that what servers have to be told fits into what EC2 gives them at their start.
func (b *builder) userData() {
	for _, s := range b.plan.OpenVPNs {
		if n := b.plan.OpenVPNSize(s); n > bootstrap.MaxUserData {
			b.addf(problem.UserData, fmt.Sprintf("openvpn[%s]", s.Name), "what it has to be told does not fit, got %d bytes of user data with %d rules of allow entries and %d routes; EC2 takes %d, so let "+
				"entries share ports or name larger blocks, or add a second server", n, len(s.Grants), len(s.Routes), bootstrap.MaxUserData)
		}
	}
}
