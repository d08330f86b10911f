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
	ref        string // openvpn/NAME
	serverName string
	ways       []way
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
	return list
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

// acceleratedWays are through listeners that lead to the server and to no other: a profile names one server.
func acceleratedWays(p *topology.Plan, s *topology.OpenVPN) []way {
	var ways []way
	self := config.Ref{Kind: config.KindOpenVPN, Name: s.Name}
	for _, a := range p.Accelerators {
		for _, l := range a.Listeners {
			if len(l.Groups) != 1 || len(l.Groups[0].Endpoints) != 1 || l.Groups[0].Endpoints[0].To != self {
				continue
			}
			protocol, ports := pki.TCP, s.TCP
			if l.Protocol == "udp" {
				protocol, ports = pki.UDP, s.UDP
			}
			if port := listenerPort(l, ports); port != 0 {
				ways = append(ways, way{"accelerator/" + a.Name + "/" + l.Name, topology.AcceleratorRegion, naming.AcceleratorParameter(p.Name, a.Name), port, protocol})
			}
		}
	}
	return ways
}

// listenerPort is the first port of a listener that leads to one of the server's, 0 if none does.
func listenerPort(l *topology.AcceleratorListener, server []int) int {
	for _, r := range l.Ports {
		for port := int(r.First); port <= int(r.Last); port++ {
			to := port
			for _, o := range l.Groups[0].PortOverrides {
				if o.Listener == port {
					to = o.Endpoint
				}
			}
			if port != l.Echo && slices.Contains(server, to) {
				return port
			}
		}
	}
	return 0
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
		return entrance{}, fmt.Errorf("nothing in the file lets people in with this PKI; declare a server below openvpn")
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
