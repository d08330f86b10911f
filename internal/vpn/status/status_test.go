package status

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bgpstate"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// idc is a site with two connections.
func idc() *topology.Site {
	s := &topology.Site{Name: "idc", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}, Place: topology.Place{Region: "ap-northeast-2"}, Lifecycle: true,
		Failover: &topology.Failover{Target: 30e9, Worst: 30e9}} // nanoseconds
	s.Tunnel.IKEVersions = append(s.Tunnel.IKEVersions, "ikev2")
	s.Tunnel.Phase1Encryption = append(s.Tunnel.Phase1Encryption, "AES256-GCM-16")
	s.Tunnel.Phase1DHGroups = []int{20}
	for i, name := range []string{"fw1", "fw2"} {
		s.Connections = append(s.Connections, topology.Connection{Name: name, Inside: []netip.Prefix{prefix(10 + 10*i), prefix(11 + 10*i)}})
	}
	return s
}

func prefix(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{169, 254, byte(n), 0}), 30)
}

// fake is AWS; by default everything is as the site says.
type fake struct {
	change      func(name string, c *vpn.Connection)
	err         error
	maintenance vpn.Maintenance
	negotiated  vpn.Negotiated
	denied      error
}

func (f *fake) Site(_ context.Context, _ *topology.Plan, s *topology.Site) ([]*vpn.Connection, error) {
	var out []*vpn.Connection
	for i, planned := range s.Connections {
		c := &vpn.Connection{Site: s.Name, Name: planned.Name, ID: "vpn-" + planned.Name, State: "available"}
		for n := range c.Tunnels {
			c.Tunnels[n] = vpn.Tunnel{Number: n + 1, Inside: planned.Inside[n], Outside: netip.AddrFrom4([4]byte{198, 51, 100, byte(2*i + n)}), Status: "UP", LastChange: noon, AcceptedRoutes: len(s.Prefixes), LifecycleControl: true}
		}
		if f.change != nil {
			f.change(c.Name, c)
		}
		if c.State != "lost" {
			out = append(out, c)
		}
	}
	return out, f.err
}

func (f *fake) Maintenance(context.Context, *vpn.Connection, *vpn.Tunnel) (vpn.Maintenance, error) {
	return f.maintenance, f.denied
}

func (f *fake) Negotiated(context.Context, *vpn.Connection, *vpn.Tunnel) (vpn.Negotiated, error) {
	return f.negotiated, f.denied
}

func read(f *fake, s *topology.Site) *Report {
	return Read(context.Background(), noon, &topology.Plan{Name: "net"}, []*topology.Site{s}, func(context.Context, topology.Place) (Reader, error) { return f, nil })
}

func TestRead_Verdicts(t *testing.T) {
	down := func(names ...string) func(string, *vpn.Connection) {
		return func(name string, c *vpn.Connection) {
			for i := range c.Tunnels {
				for _, n := range names {
					if c.TunnelLabel(&c.Tunnels[i]) == n {
						c.Tunnels[i].Status = "DOWN"
					}
				}
			}
		}
	}
	for _, tt := range []struct {
		name   string
		fake   fake
		static bool
		want   Verdict
		says   string // in some reason, note or problem
	}{
		{name: "all up", want: Up},
		{name: "one of four down", fake: fake{change: down("fw2/1")}, want: Degraded, says: "EC2 says DOWN"},
		{name: "one connection down", fake: fake{change: down("fw2/1", "fw2/2")}, want: Degraded},
		{name: "all down", fake: fake{change: down("fw1/1", "fw1/2", "fw2/1", "fw2/2")}, want: Down},
		{name: "too few routes", fake: fake{change: func(_ string, c *vpn.Connection) { c.Tunnels[0].AcceptedRoutes = 0 }}, want: Degraded,
			says: "AWS accepts 0 routes, the site announces 1 by the file (10.20.0.0/16); correct what the gateway announces"},
		{name: "too many routes", fake: fake{change: func(_ string, c *vpn.Connection) { c.Tunnels[0].AcceptedRoutes = 3 }}, want: Degraded, says: "declare them, or filter them on the gateway"},
		{name: "static routes are not counted", static: true, fake: fake{change: func(_ string, c *vpn.Connection) { c.Tunnels[0].AcceptedRoutes = 0 }}, want: Up},
		{name: "one connection is gone", fake: fake{err: errors.New("site/idc/vpnConnection/fw2: gone"), change: func(name string, c *vpn.Connection) {
			if name == "fw2" {
				c.State = "lost"
			}
		}}, want: Degraded, says: "site/idc/vpnConnection/fw2: gone"},
		{name: "a connection is being changed", fake: fake{change: func(name string, c *vpn.Connection) {
			if name == "fw2" {
				c.State = "pending"
			}
		}}, want: Degraded, says: `got state "pending"`},
		{name: "maintenance is no fault", fake: fake{maintenance: vpn.Maintenance{Pending: true, AutoAppliedAfter: noon}}, want: Up, says: "AWS applies it by itself after 2026-11-30 12:00 UTC"},
		{name: "denied calls hide their own columns", fake: fake{denied: errors.New("allow it")}, want: Up, says: "fw1/1, fw1/2, fw2/1, fw2/2: pending maintenance is unknown: allow it"},
		{name: "a weaker IKE", fake: fake{negotiated: vpn.Negotiated{IKEVersion: "ikev1", Phase1Encryption: "aes256-gcm-16", Phase1DHGroup: 2}}, want: Up, says: "IKE negotiated ikev1, the file allows ikev2"},
		{name: "a weaker group", fake: fake{negotiated: vpn.Negotiated{Phase1DHGroup: 2}}, want: Up, says: "phase 1 negotiated 2, the file allows 20"},
		{name: "no lifecycle control", fake: fake{change: func(_ string, c *vpn.Connection) { c.Tunnels[0].LifecycleControl = false }}, want: Up, says: "lifecycle control is off, the file says on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := idc()
			s.Static = tt.static
			r := read(&tt.fake, s)
			var b strings.Builder
			if err := WriteText(&b, r); err != nil {
				t.Fatal(err)
			}
			if r.Verdict != tt.want || !strings.Contains(b.String(), tt.says) {
				t.Errorf("verdict %s, want %s; %q in\n%s", r.Verdict, tt.want, tt.says, b.String())
			}
			if tt.says == "" && strings.Contains(b.String(), "note:") {
				t.Errorf("something is noted about what is fine:\n%s", b.String())
			}
		})
	}
}

func TestRead_WithoutAWS(t *testing.T) {
	r := Read(context.Background(), noon, &topology.Plan{Name: "net"}, []*topology.Site{idc()}, func(context.Context, topology.Place) (Reader, error) { return nil, errors.New("no credentials") })
	if r.Verdict != Unknown || len(r.Problems) != 1 || r.Problems[0] != "no credentials" || len(r.Sites[0].Connections) != 2 {
		t.Errorf("got %+v", r)
	}
}

func session(n int, hold, keepalive int) bgpstate.Neighbor {
	return bgpstate.Neighbor{Address: prefix(n).Addr().Next(), State: "Established", Hold: time.Duration(hold) * time.Second, Keepalive: time.Duration(keepalive) * time.Second, Accepted: 1}
}

func TestAddGateway(t *testing.T) {
	active, restarting := session(11, 0, 0), session(11, 30, 10)
	active.State, restarting.GracefulRestart = "Active", true
	for _, tt := range []struct {
		name      string
		neighbors []bgpstate.Neighbor
		want      Verdict
		says      string
	}{
		{"as planned", []bgpstate.Neighbor{session(10, 30, 10), session(11, 30, 10)}, Up, ""},
		{"longer than the target", []bgpstate.Neighbor{session(10, 30, 10), session(11, 90, 30)}, Degraded,
			"fw1/2 degraded: negotiated BGP hold time 1m30s: a dead tunnel stays in use for up to that, and failover: 30s needs 30s or less; configure the gateway with 30s (pathproof gateway render)"},
		{"shorter than planned", []bgpstate.Neighbor{session(10, 30, 10), session(11, 9, 3)}, Up, "fw1/2 note: negotiated BGP hold time 9s, the file's arithmetic says 30s"},
		{"no hold time", []bgpstate.Neighbor{session(10, 30, 10), session(11, 0, 0)}, Degraded, "fw1/2 degraded: BGP hold time 0: nobody notices a dead tunnel"},
		{"rare keepalives", []bgpstate.Neighbor{session(10, 30, 10), session(11, 30, 15)}, Up, "keepalive 15s is more than a third of hold 30s"},
		{"not established", []bgpstate.Neighbor{session(10, 30, 10), active}, Degraded, "fw1/2 down: the gateway's BGP session with 169.254.11.1 is Active"},
		{"one neighbor is missing", []bgpstate.Neighbor{session(10, 30, 10)}, Degraded, "fw1/2 degraded: the gateway has no BGP neighbor 169.254.11.1"},
		{"graceful restart", []bgpstate.Neighbor{session(10, 30, 10), restarting}, Up, "fw1/2 note: graceful restart is negotiated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := idc()
			r := read(&fake{}, s)
			if err := r.AddGateway([]*topology.Site{s}, bgpstate.FRR, tt.neighbors); err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := WriteText(&b, r); err != nil {
				t.Fatal(err)
			}
			if r.Verdict != tt.want || !strings.Contains(b.String(), tt.says) || tt.says == "" && strings.Contains(b.String(), "note:") {
				t.Errorf("verdict %s, want %s; %q in\n%s", r.Verdict, tt.want, tt.says, b.String())
			}
			if strings.Contains(b.String(), "fw2/1 degraded") {
				t.Errorf("a gateway need not have the other gateway's connection:\n%s", b.String())
			}
		})
	}
}

func TestAddGateway_Fails(t *testing.T) {
	s, twin := idc(), idc()
	twin.Name = "office"
	r := read(&fake{}, s)
	for _, tt := range []struct {
		sites     []*topology.Site
		neighbors []bgpstate.Neighbor
		want      string
	}{
		{[]*topology.Site{s}, []bgpstate.Neighbor{session(99, 30, 10)}, "no neighbor is AWS's end of a tunnel, got 169.254.99.1; expected one of 169.254.10.1, 169.254.11.1, 169.254.20.1, 169.254.21.1"},
		{[]*topology.Site{s}, nil, "no neighbor is AWS's end of a tunnel, got none"},
		{[]*topology.Site{s, twin}, []bgpstate.Neighbor{session(10, 30, 10)}, "several sites have a tunnel with inside CIDR 169.254.10.0/30, got fw1/1 and site office; say by --site whose gateway it is"},
	} {
		if err := r.AddGateway(tt.sites, bgpstate.BIRD, tt.neighbors); err == nil || !strings.HasPrefix(err.Error(), tt.want) || r.Gateway != nil {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

// What keeps every site from being read is said once.
func TestRead_NoCredentialsAreOneProblem(t *testing.T) {
	other := idc()
	other.Name = "office"
	r := Read(t.Context(), noon, &topology.Plan{Name: "reference"}, []*topology.Site{idc(), other}, func(context.Context, topology.Place) (Reader, error) {
		return nil, errors.New("no AWS credentials")
	})
	if len(r.Problems) != 1 || r.Problems[0] != "no AWS credentials" || r.Verdict != Unknown || len(r.Sites) != 2 {
		t.Errorf("got %+v", r)
	}
}
