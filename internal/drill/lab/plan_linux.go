package lab

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/pathproof/pathproof/internal/gateway"
	"github.com/pathproof/pathproof/internal/secret"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// Addresses of the lab. Outside addresses are those for documentation (RFC 5737).
var (
	customerPublic = netip.MustParseAddr("198.51.100.1")
	awsOutside     = [2]netip.Addr{netip.MustParseAddr("203.0.113.11"), netip.MustParseAddr("203.0.113.12")}
	inside         = [2]netip.Prefix{netip.MustParsePrefix("169.254.10.0/30"), netip.MustParsePrefix("169.254.11.0/30")}
	site           = netip.MustParsePrefix("192.168.50.0/24")
	cloud          = netip.MustParsePrefix("10.20.0.0/16")
	siteHost       = netip.MustParseAddr("192.168.50.10")
	cloudHost      = netip.MustParseAddr("10.20.0.10")
	echoPort       = uint16(7007)
)

const (
	customerASN = 65010
	awsASN      = 64512
)

// theGateway is the customer gateway of a cell, as a plan would have it after deployment. In the plain tier ESP must travel
// in UDP: the library that encrypts there knows no other way.
func theGateway(c Cell) *gateway.Gateway {
	g := &gateway.Gateway{
		Network: "lab", Site: "idc", Name: "idc-gw", Public: customerPublic,
		ASN: customerASN, AWSASN: awsASN, Announce: []netip.Prefix{site}, Accept: []netip.Prefix{cloud},
		Timers: c.timers(),
		Algorithms: gateway.Algorithms{
			Phase1Encryption: []string{"AES256-GCM-16", "AES256"}, Phase1Integrity: []string{"SHA2-256", "SHA2-384"}, Phase1DHGroups: []int{19, 20},
			Phase2Encryption: []string{"AES256-GCM-16", "AES256"}, Phase2Integrity: []string{"SHA2-256", "SHA2-384"}, Phase2DHGroups: []int{19, 20},
		},
		Phase1Life: 8 * time.Hour, Phase2Life: time.Hour, ReplayWindow: 1024,
		ForceEncapsulation: c.Tier == Plain, Interfaces: gateway.XFRM,
	}
	g.Phase1Rekey, _ = tunnel.Rekey(g.Phase1Life, 4*time.Minute)
	g.Phase2Rekey, _ = tunnel.Rekey(g.Phase2Life, 4*time.Minute)
	if c.Tier == UML {
		g.Interfaces = gateway.VTI
	}
	for i := range inside {
		g.Tunnels = append(g.Tunnels, gateway.Tunnel{
			Connection: "idc", Number: i + 1, ConnectionID: "vpn-0123456789abcdef0",
			Outside: awsOutside[i], Inside: inside[i], Key: secret.New(labKey(i)),
		})
	}
	return g
}

// labKey is the pre-shared key of a tunnel. It protects nothing: both ends are in this process.
func labKey(i int) string { return fmt.Sprintf("lab.only_key.of.tunnel.%d", i+1) }
