package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/topology"
)

// way is a way to a server: where its address is told once it is deployed, and how to speak to it.
type way struct {
	name      string // direct, or accelerator/NAME/LISTENER
	region    string
	parameter string // of SSM; holds what pki.Remote calls a host
	port      int
	protocol  pki.Protocol
}

// entrance is something that a profile is for.
type entrance struct {
	ref        string // openvpn/NAME, clientVpn/NAME, or accelerator/NAME/LISTENER of interchangeable servers
	serverName string
	prefix     bool // serverName is only how the names of its servers begin
	ways       []way
	clientVPN  *topology.ClientVPN // nil but of clientVpn/NAME
}

// direct is the name of the way without an accelerator.
const direct = "direct"

// entrances are what people with certificates of a PKI can enter by, in the order of the file's names.
func entrances(p *topology.Plan, pkiName string) []entrance {
	var list []entrance
	for _, s := range p.OpenVPNs {
		if s.PKI == pkiName {
			e := entrance{ref: "openvpn/" + s.Name, serverName: naming.OpenVPNCertificate(p.Name, s.Name)}
			e.ways = append(directWays(p, s), acceleratedWays(p, s)...)
			list = append(list, e)
		}
	}
	for _, v := range clientVPNsOf(p, pkiName) {
		list = append(list, clientVPNEntrance(p, v))
	}
	return append(list, shared(p, pkiName)...)
}

// shared are the listeners of accelerators that lead to several servers of a PKI. Which one answers is not known, so a profile takes
// any server of the network; those of one server's own ways do not.
func shared(p *topology.Plan, pkiName string) []entrance {
	var list []entrance
	for _, a := range p.Accelerators {
		for _, l := range a.Listeners {
			servers := serversOf(p, l)
			if len(servers) < 2 || slices.ContainsFunc(servers, func(s *topology.OpenVPN) bool { return s.PKI != pkiName }) {
				continue
			}
			protocol, port := portOf(l, servers...)
			if port == 0 {
				continue
			}
			ref := "accelerator/" + a.Name + "/" + l.Name
			if n := len(list); n == 0 || list[n-1].ref != ref { // TCP and UDP of a name stand together
				list = append(list, entrance{ref: ref, serverName: naming.OpenVPNCertificates(p.Name), prefix: true})
			}
			e := &list[len(list)-1]
			e.ways = append(e.ways, way{ref, topology.AcceleratorRegion, naming.AcceleratorParameter(p.Name, a.Name), port, protocol})
		}
	}
	return list
}

// serversOf are the servers that a listener leads to, none if it leads to anything else.
func serversOf(p *topology.Plan, l *topology.AcceleratorListener) []*topology.OpenVPN {
	var servers []*topology.OpenVPN
	for _, g := range l.Groups {
		for _, e := range g.Endpoints {
			if e.To.Kind != config.KindOpenVPN {
				return nil
			}
			servers = append(servers, p.OpenVPN(e.To.Name))
		}
	}
	return servers
}

func directWays(p *topology.Plan, s *topology.OpenVPN) []way {
	var ways []way
	parameter := naming.OpenVPNParameter(p.Name, s.Name)
	if len(s.TCP) > 0 {
		ways = append(ways, way{direct, s.Place.Region, parameter, s.TCP[0], pki.TCP})
	}
	if len(s.UDP) > 0 {
		ways = append(ways, way{direct, s.Place.Region, parameter, s.UDP[0], pki.UDP})
	}
	return ways
}

// acceleratedWays are through listeners that lead to the server and to no other: a server's profile names it.
func acceleratedWays(p *topology.Plan, s *topology.OpenVPN) []way {
	var ways []way
	for _, a := range p.Accelerators {
		for _, l := range a.Listeners {
			if servers := serversOf(p, l); len(servers) != 1 || servers[0] != s {
				continue
			}
			if protocol, port := portOf(l, s); port != 0 {
				ways = append(ways, way{"accelerator/" + a.Name + "/" + l.Name, topology.AcceleratorRegion, naming.AcceleratorParameter(p.Name, a.Name), port, protocol})
			}
		}
	}
	return ways
}

// portOf is the first port of a listener that leads to one of each server's, 0 if none does.
func portOf(l *topology.AcceleratorListener, servers ...*topology.OpenVPN) (pki.Protocol, int) {
	protocol, listen := pki.TCP, func(s *topology.OpenVPN) []int { return s.TCP }
	if l.Protocol == "udp" {
		protocol, listen = pki.UDP, func(s *topology.OpenVPN) []int { return s.UDP }
	}
	for _, r := range l.Ports {
		for port := int(r.First); port <= int(r.Last); port++ {
			to := leadsTo(l, port)
			if port != l.Echo && !slices.ContainsFunc(servers, func(s *topology.OpenVPN) bool { return !slices.Contains(listen(s), to) }) {
				return protocol, port
			}
		}
	}
	return protocol, 0
}

// leadsTo is the endpoints' port of a listener's: overrides are the same in all of its groups.
func leadsTo(l *topology.AcceleratorListener, port int) int {
	for _, o := range l.Groups[0].PortOverrides {
		if o.Listener == port {
			return o.Endpoint
		}
	}
	return port
}

// choose finds the entrance that --server names, or the only one, and leaves the ways that --through and --protocol let be.
func choose(all []entrance, server, through, protocol string) (entrance, error) {
	refs := make([]string, len(all))
	for i, e := range all {
		refs[i] = e.ref
	}
	i := slices.Index(refs, server)
	switch {
	case len(all) == 0:
		return entrance{}, fmt.Errorf("nothing in the file lets people in with this PKI; declare a server below openvpn, or a Client VPN with this pki")
	case server == "" && len(all) == 1:
		i = 0
	case server == "":
		return entrance{}, fmt.Errorf("--server: missing, and there are several; name one of %s", strings.Join(refs, ", "))
	case i < 0:
		return entrance{}, fmt.Errorf("--server: unknown, got %q; name one of %s", server, strings.Join(refs, ", "))
	}
	e := all[i]
	var names []string
	for _, w := range e.ways {
		names = append(names, w.name)
	}
	e.ways = slices.DeleteFunc(slices.Clone(e.ways), func(w way) bool {
		return through != "" && w.name != through || protocol != "" && string(w.protocol) != protocol
	})
	if len(e.ways) == 0 {
		return entrance{}, fmt.Errorf("%s: no way is left by --through %q and --protocol %q; its ways are %s", e.ref, through, protocol, strings.Join(slices.Compact(names), ", "))
	}
	return e, nil
}
