package topology

import (
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// appliance judges what is declared about a customer gateway's device.
func (b *builder) appliance(where string, g config.Gateway) {
	own := g.LocalAddress.Addr
	if slices.ContainsFunc(notForHosts, func(p netip.Prefix) bool { return p.Contains(own) }) {
		b.addf(problem.BadValue, where+".localAddress", "hosts cannot have addresses there, got %s; give the one of the device's interface to the Internet, or leave it out", own)
	}
	if g.LAN != "" && g.Device != config.DeviceFortiGate {
		b.addf(problem.Conflict, where+".lan", "only the policies of a FortiGate name it, got %s; leave lan out, or set device: fortigate", g.LAN)
	}
	if g.Device == config.DeviceFortiGate && g.Interfaces == config.InterfacesVTI {
		b.addf(problem.Conflict, where+".interfaces", "a kind of Linux interface, got %s with device fortigate; leave interfaces out", g.Interfaces)
	}
}
