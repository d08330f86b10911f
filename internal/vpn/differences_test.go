package vpn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn/vpntest"
)

func TestDifferences(t *testing.T) {
	const minute = config.Duration(60e9)
	options := func(change func(*config.TunnelOptions)) func(*vpntest.Connection) {
		return func(v *vpntest.Connection) { change(&v.Tunnels[1].Site.Tunnel) }
	}
	for where, change := range map[string]func(*vpntest.Connection){
		"":                                  func(*vpntest.Connection) {},
		"sites[idc].gateways[fw1].ip":       func(v *vpntest.Connection) { v.Address = "203.0.113.11" },
		"sites[idc].gateways[fw1].asn":      func(v *vpntest.Connection) { v.ASN = "65011" },
		"sites[idc].connect.routing":        func(v *vpntest.Connection) { v.Static = true },
		"sites[idc].connect.acceleration":   func(v *vpntest.Connection) { v.Acceleration = true },
		"tunnel 2: TUNNEL.ikeVersions":      options(func(o *config.TunnelOptions) { o.IKEVersions = []config.IKEVersion{"ikev2", "ikev1"} }),
		"tunnel 2: TUNNEL.phase1Encryption": options(func(o *config.TunnelOptions) { o.Phase1Encryption = []config.Encryption{"AES256"} }),
		"tunnel 2: TUNNEL.phase1Integrity":  options(func(o *config.TunnelOptions) { o.Phase1Integrity = []config.Integrity{"SHA1"} }),
		"tunnel 2: TUNNEL.phase1DhGroups":   options(func(o *config.TunnelOptions) { o.Phase1DHGroups = []int{2} }),
		"tunnel 2: TUNNEL.phase1Lifetime":   options(func(o *config.TunnelOptions) { o.Phase1Lifetime = 70 * minute }),
		"tunnel 2: TUNNEL.phase2Encryption": options(func(o *config.TunnelOptions) { o.Phase2Encryption = []config.Encryption{"AES128"} }),
		"tunnel 2: TUNNEL.phase2Integrity":  options(func(o *config.TunnelOptions) { o.Phase2Integrity = []config.Integrity{"SHA2-256"} }),
		"tunnel 2: TUNNEL.phase2DhGroups":   options(func(o *config.TunnelOptions) { o.Phase2DHGroups = []int{5} }),
		"tunnel 2: TUNNEL.phase2Lifetime":   options(func(o *config.TunnelOptions) { o.Phase2Lifetime = 50 * minute }),
		"tunnel 2: TUNNEL.rekeyMargin":      options(func(o *config.TunnelOptions) { o.RekeyMargin = minute }),
		"tunnel 2: TUNNEL.replayWindow":     options(func(o *config.TunnelOptions) { o.ReplayWindow = 64 }),
	} {
		cloud, client, plan := deploy(t)
		cloud.Change("idc/fw1", change)
		where = strings.ReplaceAll(where, "TUNNEL", "sites[idc].connect.tunnel")
		err := mustRead(t, client, plan).Differences(plan.Site("idc"))
		if got := fmt.Sprint(err); where == "" && err != nil || where != "" && (!strings.HasPrefix(got, "site/idc/vpnConnection/fw1: "+where+": deployed with ") || strings.Contains(got, "\n")) {
			t.Errorf("%q: got %s", where, got)
		}
	}
}

// What EC2 does not tell is no difference.
func TestDifferences_OnlyOfWhatEC2Tells(t *testing.T) {
	for name, change := range map[string]func(*vpntest.Connection){
		"neither options nor a configuration": func(v *vpntest.Connection) {
			v.Address, v.ASN = "", ""
			v.Tunnels[0].Site.Tunnel, v.Tunnels[1].Site.Tunnel = config.TunnelOptions{}, config.TunnelOptions{}
			v.Tunnels[0].Site.Tunnel.ReplayWindow = 1024
		},
		"a configuration that is no XML":   func(v *vpntest.Connection) { v.Configuration = "<vpn_connection" },
		"a configuration without the ends": func(v *vpntest.Connection) { v.Configuration = "<vpn_connection><ipsec_tunnel/></vpn_connection>" },
	} {
		cloud, client, plan := deploy(t)
		cloud.Change("idc/fw1", change)
		if err := mustRead(t, client, plan).Differences(plan.Site("idc")); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	cloud, client, plan := deploy(t)
	cloud.Change("idc/fw1", func(v *vpntest.Connection) { v.Address = "203.0.113.99" })
	other := *plan.Site("idc")
	other.Connections = []topology.Connection{{Name: "fw1", Gateway: "gone"}}
	if err := mustRead(t, client, plan).Differences(&other); err != nil {
		t.Errorf("without a declared gateway: got %v", err)
	}
}
