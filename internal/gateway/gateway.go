// Package gateway renders the configuration of a customer gateway: the device at a site that ends the tunnels of its VPN
// connections. It is pure: what it renders follows from a Gateway and nothing else, and Render writes no file.
package gateway

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/secret"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// Interfaces is the kind of tunnel interface that a Linux gateway makes.
type Interfaces string

// The kinds of tunnel interfaces. XFRM interfaces (Linux 4.19) belong to no address, VTI is what AWS's samples use.
const (
	XFRM Interfaces = "xfrm"
	VTI  Interfaces = "vti"
)

// Gateway is one customer gateway with all its tunnels.
type Gateway struct {
	Network string // name of the whole network
	Site    string
	Name    string

	Public netip.Addr // the address that AWS sees
	// Local is the address on the device's own interface, where that is another: the device is behind NAT.
	// Default: Public.
	Local netip.Addr
	// WAN is the device's interface to the Internet.
	// Default: none named; a Linux gateway needs none.
	WAN string
	// LAN is the device's interface to the site. Only a FortiGate's policies name it.
	LAN string

	ASN    int64 // the device's BGP ASN
	AWSASN int64 // the transit gateway's

	Announce []netip.Prefix // what is behind the device, in order
	Accept   []netip.Prefix // what AWS announces: all that the site has routes to, in order

	Timers     tunnel.Timers
	Algorithms Algorithms
	// Phase1Rekey and Phase2Rekey are when the device rekeys, before AWS does; Phase1Life and Phase2Life the lifetimes at
	// AWS's end.
	Phase1Rekey, Phase1Life, Phase2Rekey, Phase2Life time.Duration
	ReplayWindow                                     int // packets

	// Accelerated VPN connections are behind NAT at AWS's end.
	Accelerated bool
	// ForceEncapsulation puts ESP into UDP also where nobody is behind NAT, for paths that drop ESP.
	ForceEncapsulation bool

	// Interfaces is the kind of tunnel interface on Linux.
	// Default: XFRM.
	Interfaces Interfaces
	// HideKeys renders a placeholder for each pre-shared key, whether it is there or not.
	HideKeys bool

	Tunnels []Tunnel // of all its VPN connections, in order
}

// Tunnel is one tunnel of a VPN connection.
type Tunnel struct {
	Connection   string       // name of the VPN connection
	Number       int          // 1 or 2, in AWS's order
	ConnectionID string       // vpn-..., empty before it is deployed
	Outside      netip.Addr   // AWS's address, zero before it is deployed
	Inside       netip.Prefix // the /30 inside: AWS has its first address, the gateway its second
	Key          secret.Text  // pre-shared key, empty before it is deployed or when it was not asked for
}

// Algorithms are those offered for both phases, in AWS's names, the preferred ones first.
type Algorithms struct {
	Phase1Encryption, Phase1Integrity, Phase2Encryption, Phase2Integrity []string
	Phase1DHGroups, Phase2DHGroups                                       []int
	OnlyIKEv1                                                            bool // AWS offers no IKEv2
}

// Name tells tunnels of one gateway apart: the VPN connection and the tunnel's number.
func (t Tunnel) Name() string { return fmt.Sprintf("%s-%d", t.Connection, t.Number) }

// ID is a number that no other tunnel of the transit gateway has, 1 to 65535: the lower half of its inside network. It does
// not change when other tunnels come and go.
func (t Tunnel) ID() int {
	a := t.Inside.Addr().As4()
	return int(a[2])<<8 | int(a[3])
}

// Interface is the name of its interface on the device, at most 10 characters: aws110-0 for 169.254.110.0/30.
func (t Tunnel) Interface() string {
	a := t.Inside.Addr().As4()
	return fmt.Sprintf("aws%d-%d", a[2], a[3])
}

// AWS is the address of AWS's end inside the tunnel, which BGP speaks to.
func (t Tunnel) AWS() netip.Addr { return t.Inside.Addr().Next() }

// Own is the gateway's address inside the tunnel.
func (t Tunnel) Own() netip.Addr { return t.AWS().Next() }

// LocalAddress is the address that the device itself sends from.
func (g *Gateway) LocalAddress() netip.Addr {
	if g.Local.IsValid() {
		return g.Local
	}
	return g.Public
}

// Encapsulated reports whether ESP always travels in UDP: one end is behind NAT, or it is asked for.
func (g *Gateway) Encapsulated() bool {
	return g.Accelerated || g.ForceEncapsulation || g.LocalAddress() != g.Public
}

// MTU is that of the tunnel interfaces, in bytes: what fits whichever of the algorithms offered is used. The algorithms must
// be known ones.
func (g *Gateway) MTU() int {
	mtu, _ := tunnel.WorstMTU(tunnel.PathMTU, g.Algorithms.Phase2Encryption, g.Algorithms.Phase2Integrity, g.Encapsulated())
	return mtu
}

// MSS is the TCP segment size that goes with MTU, in bytes.
func (g *Gateway) MSS() int { return tunnel.MSS(g.MTU()) }

// Validate says what keeps the gateway from being rendered.
func (g *Gateway) Validate() error {
	label := fmt.Sprintf("gateway %s of site %s", g.Name, g.Site)
	if !g.Public.Is4() {
		return fmt.Errorf("%s: no public IPv4 address, got %s", label, g.Public)
	}
	if len(g.Tunnels) == 0 {
		return fmt.Errorf("%s: no tunnels; declare a VPN connection that names it", label)
	}
	a := g.Algorithms
	if _, err := tunnel.WorstMTU(tunnel.PathMTU, a.Phase2Encryption, a.Phase2Integrity, false); err != nil {
		return fmt.Errorf("%s: %w", label, err)
	}
	if len(a.phase1Encryption()) == 0 {
		return fmt.Errorf("%s: IKEv1 alone has no AEAD ciphers in phase 1, got %v; add AES256 to phase1Encryption, or use ikev2", label, a.Phase1Encryption)
	}
	if g.Interfaces != "" && g.Interfaces != XFRM && g.Interfaces != VTI {
		return fmt.Errorf("%s: unknown kind of interface, got %q; use xfrm or vti", label, g.Interfaces)
	}
	for _, t := range g.Tunnels {
		if err := t.validate(); err != nil {
			return fmt.Errorf("%s: tunnel %d of VPN connection %s: %w", label, t.Number, t.Connection, err)
		}
	}
	return nil
}

func (t Tunnel) validate() error {
	if t.Inside.Bits() != 30 || !t.Inside.Addr().Is4() || t.Inside != t.Inside.Masked() {
		return fmt.Errorf("not an inside network, got %s; it is a /30", t.Inside)
	}
	if !t.Outside.IsValid() && !t.Key.Empty() {
		return fmt.Errorf("a key without an outside address: half of it is known")
	}
	// What AWS takes is a part of these: printable, and nothing that a configuration language would read as its own.
	if slices.ContainsFunc([]byte(t.Key.Reveal()), func(c byte) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '$' }) {
		return fmt.Errorf("the pre-shared key holds characters that AWS does not use")
	}
	return nil
}
