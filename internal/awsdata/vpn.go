package awsdata

import (
	"net/netip"
	"time"
)

// Limits and fixed numbers of AWS Site-to-Site VPN. Sources: AWS Site-to-Site VPN User Guide, "Site-to-Site VPN quotas"
// and "Tunnel options"; EC2 API Reference, ModifyVpnConnectionOptions (tunnel bandwidth).
const (
	// TunnelsPerConnection is how many tunnels each VPN connection has.
	TunnelsPerConnection = 2
	// TunnelMTU is the largest packet, in bytes, that a tunnel carries with the leanest cipher; there are no jumbo frames
	// and no path MTU discovery.
	TunnelMTU = 1446
	// TunnelMSS is the TCP segment size, in bytes, that goes with TunnelMTU.
	TunnelMSS = 1406
	// BGPKeepalive and BGPHold are the timers in AWS's sample configurations, which a session negotiates to. AWS documents
	// no BFD for VPN, so BGPHold is how long a silent loss of a tunnel can go unnoticed by BGP.
	BGPKeepalive = 10 * time.Second
	BGPHold      = 30 * time.Second
)

// TunnelLimits returns the most that one tunnel carries in each direction, in bits and in packets a second. A large
// tunnel's packet rate is 0, which means not documented: claim nothing about it.
func TunnelLimits(large bool) (bps, pps int64) {
	if large {
		return 5_000_000_000, 0
	}
	return 1_250_000_000, 140_000
}

// ReservedInside are the inside CIDR blocks that a tunnel may not use, in order. Source: EC2 API Reference,
// VpnTunnelOptionsSpecification, TunnelInsideCidr.
var ReservedInside = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/30"),
	netip.MustParsePrefix("169.254.1.0/30"),
	netip.MustParsePrefix("169.254.2.0/30"),
	netip.MustParsePrefix("169.254.3.0/30"),
	netip.MustParsePrefix("169.254.4.0/30"),
	netip.MustParsePrefix("169.254.5.0/30"),
	netip.MustParsePrefix("169.254.169.252/30"),
}
