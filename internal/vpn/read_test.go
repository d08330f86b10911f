package vpn_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
	"github.com/pathproof/pathproof/internal/vpn/vpntest"
)

// deploy deploys the reference network, and returns a client of the place of its one site.
func deploy(t *testing.T) (*vpntest.Cloud, *vpn.Client, *topology.Plan) {
	t.Helper()
	r := check.File("../../pathproof.yaml")
	if !r.OK() {
		t.Fatalf("%+v", r.Problems)
	}
	cloud := vpntest.Deploy(t, r.Plan)
	return cloud, vpn.New(cloud.Config("ap-northeast-2"), ""), r.Plan
}

func mustRead(t *testing.T, c *vpn.Client, plan *topology.Plan) *vpn.Connection {
	t.Helper()
	found, err := c.Site(t.Context(), plan, plan.Site("idc"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %d connections, %v", len(found), err)
	}
	return found[0]
}

// EC2 lists the tunnels in any order; the plan's inside CIDRs number them.
func TestSite_TunnelsAreKnownByTheirInsideCIDR(t *testing.T) {
	cloud, client, plan := deploy(t)
	cloud.Change("idc/fw1", func(v *vpntest.Connection) {
		v.Tunnels[1].Status, v.Tunnels[1].Routes, v.Tunnels[1].Message = "DOWN", 0, "IPSEC IS DOWN"
	})
	c := mustRead(t, client, plan)
	if err := c.Complete(); err != nil {
		t.Error(err)
	}
	type tunnel struct {
		n                       int
		outside, inside, status string
		routes                  int
		message                 string
		lifecycle               bool
		storage                 string
	}
	var got []tunnel
	for _, x := range c.Tunnels {
		got = append(got, tunnel{x.Number, x.Outside.String(), x.Inside.String(), x.Status, x.AcceptedRoutes, x.Message, x.LifecycleControl, x.KeyStorage})
		if !x.LastChange.Equal(vpntest.Noon) {
			t.Errorf("last change of tunnel %d: got %s", x.Number, x.LastChange)
		}
	}
	want := []tunnel{{1, "198.51.100.10", "169.254.110.0/30", "UP", 1, "1 BGP ROUTES", true, "SecretsManager"},
		{2, "198.51.100.11", "169.254.114.0/30", "DOWN", 0, "IPSEC IS DOWN", true, "SecretsManager"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(tunnel{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if c.Label() != "site/idc/vpnConnection/fw1" || c.State != "available" || !strings.Contains(c.Secret, c.ID) || c.Place.Region != "ap-northeast-2" {
		t.Errorf("got %+v", c)
	}
}

func TestSite_Fails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*vpntest.Cloud, *topology.Plan)
		want   string
	}{
		{"nothing deployed", func(_ *vpntest.Cloud, p *topology.Plan) { p.Name = "other" },
			"site/idc: no stack other-network-ap-northeast-2 in ap-northeast-2; deploy the network first, or use the credentials of its account"},
		{"an unreadable stack", func(c *vpntest.Cloud, _ *topology.Plan) {
			c.Break(cfntest.Fault{Operation: "ListStackResources", Code: "AccessDenied", Message: "not you", Status: 403})
		}, `site/idc: stack reference-network-ap-northeast-2: cloudformation ListStackResources failed, got "AccessDenied: not you"; allow cloudformation:ListStackResources`},
		{"EC2 refuses", func(c *vpntest.Cloud, _ *topology.Plan) {
			c.Break(cfntest.Fault{Operation: "DescribeVpnConnections", Code: "UnauthorizedOperation", Message: "not you", Status: 403})
		}, `site/idc: ec2 DescribeVpnConnections failed, got "UnauthorizedOperation: not you"; allow ec2:DescribeVpnConnections`},
		{"the connection was deleted by hand", func(c *vpntest.Cloud, _ *topology.Plan) { c.Lose("idc/fw1") },
			"site/idc/vpnConnection/fw1: connection vpn-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud, client, plan := deploy(t)
			tt.change(cloud, plan)
			found, err := client.Site(t.Context(), plan, plan.Site("idc"))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || len(found) > 0 {
				t.Errorf("got %d connections and %v, want %q", len(found), err, tt.want)
			}
		})
	}
}

// One connection that is not there must not hide the other.
func TestSite_ReadsWhatIsThere(t *testing.T) {
	_, client, plan := deploy(t)
	site := *plan.Site("idc")
	more := site.Connections[0]
	more.Name = "fw2"
	site.Connections = append(site.Connections, more)
	found, err := client.Site(t.Context(), plan, &site)
	if len(found) != 1 || found[0].Name != "fw1" {
		t.Errorf("got %+v", found)
	}
	want := "site/idc/vpnConnection/fw2: not in stack reference-network-ap-northeast-2; deploy it first"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestComplete_NamesHalfConfiguredTunnels(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*vpntest.Connection)
		want   []string
	}{
		{"pending", func(v *vpntest.Connection) { v.State = "pending" }, []string{`is not available, got state "pending"; wait for the end of its change, or deploy again`}},
		{"no address yet", func(v *vpntest.Connection) { v.Tunnels[0].Outside = "" },
			[]string{"tunnel 1 is half configured: EC2 has no outside address for inside CIDR 169.254.110.0/30 of "}},
		{"no options at all", func(v *vpntest.Connection) { v.Tunnels = nil },
			[]string{"tunnel 1 is half configured: EC2 has no outside address for inside CIDR 169.254.110.0/30", "tunnel 2 is half configured: EC2 has no outside address for inside CIDR 169.254.114.0/30"}},
		{"other inside CIDRs", func(v *vpntest.Connection) { v.Tunnels[1].Inside = "169.254.99.0/30" },
			[]string{"has no tunnel with inside CIDR 169.254.114.0/30, got 169.254.99.0/30; deploy the file, or write what is deployed into it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud, client, plan := deploy(t)
			cloud.Change("idc/fw1", tt.change)
			err := mustRead(t, client, plan).Complete()
			if err == nil {
				t.Fatal("nothing is reported")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tt.want) {
				t.Fatalf("got %q", lines)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(lines[i], "site/idc/vpnConnection/fw1: ") || !strings.Contains(lines[i], want) {
					t.Errorf("got %q, want %q in it", lines[i], want)
				}
			}
		})
	}
}

func TestSite_TelemetryOfAnotherTunnelIsNotTaken(t *testing.T) {
	cloud, client, plan := deploy(t)
	cloud.Change("idc/fw1", func(v *vpntest.Connection) { v.Tunnels[1].Status = "" })
	if c := mustRead(t, client, plan); c.Tunnels[1].Status != "" || c.Tunnels[1].Up() || !c.Tunnels[0].Up() || c.Tunnels[0].Outside != netip.MustParseAddr("198.51.100.10") {
		t.Errorf("got %+v", c.Tunnels)
	}
}
