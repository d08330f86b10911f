package status

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/bgpstate"
	"github.com/pathproof/pathproof/internal/topology"
)

// AddGateway judges the tunnels by what a customer gateway says about its BGP sessions. A gateway need not have all
// connections of the sites; what it has of one has to be both tunnels. It fails, and changes nothing, when none of its
// neighbors is AWS's end of a tunnel of the sites.
func (r *Report) AddGateway(sites []*topology.Site, software string, neighbors []bgpstate.Neighbor) error {
	g := &Gateway{Software: software}
	labels, err := tunnelsByAddress(sites)
	if err != nil {
		return err
	}
	known := map[netip.Addr]*bgpstate.Neighbor{}
	for i := range neighbors {
		n := &neighbors[i]
		known[n.Address] = n
		g.Neighbors = append(g.Neighbors, Neighbor{n.Address.String(), labels[n.Address], n.State, n.Hold.Seconds(), n.Keepalive.Seconds(), n.Accepted})
	}
	if err := anyOf(sites, known, neighbors); err != nil {
		return err
	}
	r.Gateway = g
	for i := range r.Sites {
		s := sites[i]
		for j := range r.Sites[i].Connections {
			r.Sites[i].Connections[j].gateway(s, s.Connections[j], known)
		}
	}
	r.judge()
	return nil
}

// tunnelsByAddress finds the tunnel of each of AWS's inside addresses.
func tunnelsByAddress(sites []*topology.Site) (map[netip.Addr]string, error) {
	labels := map[netip.Addr]string{}
	for _, s := range sites {
		for _, c := range s.Connections {
			for i, inside := range c.Inside {
				at := awsInside(inside)
				if labels[at] != "" { // on different transit gateways
					return nil, fmt.Errorf("several sites have a tunnel with inside CIDR %s, got %s and site %s; say by --site whose gateway it is", inside, labels[at], s.Name)
				}
				labels[at] = fmt.Sprintf("%s/%d", c.Name, i+1)
			}
		}
	}
	return labels, nil
}

// awsInside is AWS's end of a tunnel: the first address of its inside CIDR.
func awsInside(inside netip.Prefix) netip.Addr { return inside.Masked().Addr().Next() }

// anyOf refuses the output of a gateway of somewhere else.
func anyOf(sites []*topology.Site, known map[netip.Addr]*bgpstate.Neighbor, neighbors []bgpstate.Neighbor) error {
	var want, got []string
	for _, s := range sites {
		for _, c := range s.Connections {
			for _, inside := range c.Inside {
				at := awsInside(inside)
				if known[at] != nil {
					return nil
				}
				want = append(want, at.String())
			}
		}
	}
	for _, n := range neighbors {
		got = append(got, n.Address.String())
	}
	if len(got) == 0 {
		got = []string{"none"}
	}
	return fmt.Errorf("no neighbor is AWS's end of a tunnel, got %s; expected one of %s, so give the output of a gateway of these sites", strings.Join(got, ", "), strings.Join(want, ", "))
}

// gateway judges the tunnels of a connection by the gateway's sessions.
func (c *Connection) gateway(s *topology.Site, planned topology.Connection, known map[netip.Addr]*bgpstate.Neighbor) {
	if len(c.Tunnels) == 0 || s.Static || known[awsInside(planned.Inside[0])] == nil && known[awsInside(planned.Inside[1])] == nil {
		return
	}
	for i, inside := range planned.Inside {
		t, at := &c.Tunnels[i], awsInside(inside)
		n := known[at]
		switch {
		case n == nil:
			t.worsen(Degraded, fmt.Sprintf("the gateway has no BGP neighbor %s; configure it (pathproof gateway render)", at))
		case !n.Established():
			t.worsen(Down, fmt.Sprintf("the gateway's BGP session with %s is %s, not established; look at the tunnel, then at both ASNs", at, n.State))
		default:
			t.timers(s, n)
		}
	}
}

// timers compares negotiated timers with what the failover target needs.
func (t *Tunnel) timers(s *topology.Site, n *bgpstate.Neighbor) {
	target, planned := time.Duration(0), time.Duration(0)
	if s.Failover != nil {
		target, planned = time.Duration(s.Failover.Target), time.Duration(s.Failover.Worst)
	}
	switch {
	case n.Hold == 0:
		t.worsen(Degraded, "BGP hold time 0: nobody notices a dead tunnel; set a hold time on the gateway")
	case target > 0 && n.Hold > target:
		t.worsen(Degraded, fmt.Sprintf("negotiated BGP hold time %s: a dead tunnel stays in use for up to that, and failover: %s needs %s or less; configure the gateway with %s (pathproof gateway render)", n.Hold, target, min(target, planned), planned))
	case n.Hold != planned:
		t.Notes = append(t.Notes, fmt.Sprintf("negotiated BGP hold time %s, the file's arithmetic says %s; configure the gateway with it (pathproof gateway render), or set hold in the file", n.Hold, planned))
	}
	if n.Hold > 0 && n.Keepalive*3 > n.Hold {
		t.Notes = append(t.Notes, fmt.Sprintf("keepalive %s is more than a third of hold %s: one or two lost packets end the session", n.Keepalive, n.Hold))
	}
	if n.GracefulRestart {
		t.Notes = append(t.Notes, "graceful restart is negotiated: routes into a dead tunnel may stay for the restart time; switch it off on the gateway")
	}
}
