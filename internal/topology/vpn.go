package topology

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// Sizing is what a site's tunnels can carry, beside what is asked of them.
type Sizing struct {
	Tunnels       int              `json:"tunnels"`
	Usable        int              `json:"usable"`    // tunnels that carry traffic at a time: all with ECMP, else one
	PerTunnel     config.Bandwidth `json:"perTunnel"` // the smaller of AWS's bandwidth and packet-rate limits
	BoundBy       string           `json:"boundBy"`   // bandwidth or packets
	PacketSize    int              `json:"packetSize"`
	Normal        config.Bandwidth `json:"normal"`
	OneTunnelDown config.Bandwidth `json:"oneTunnelDown"`
	AskedNormal   config.Bandwidth `json:"askedNormal,omitempty"`
	AskedDown     config.Bandwidth `json:"askedOneTunnelDown,omitempty"`
	Arithmetic    []string         `json:"arithmetic"`
}

// sizing computes the capacity with all tunnels up and with one down, and compares it with what is declared.
func (b *builder) sizing(s *Site, path string, c config.Connect) {
	z := newSizing(s, c)
	s.Sizing = z
	if c.Capacity == nil {
		return
	}
	z.AskedNormal, z.AskedDown = c.Capacity.Normal, c.Capacity.OneTunnelDown
	at := path + ".capacity"
	if n := c.Capacity.PacketSize; n < 64 || n > 1446 {
		b.addf(problem.BadValue, at+".packetSize", "packet size out of range, got %d; use 64 to 1446 bytes, the MTU of a VPN tunnel", n)
		return
	}
	if z.AskedNormal <= 0 {
		b.addf(problem.BadValue, at+".normal", "no capacity asked, got %s; give a bandwidth above zero or leave capacity out", z.AskedNormal)
		return
	}
	if z.AskedDown > z.AskedNormal {
		b.addf(problem.BadValue, at+".oneTunnelDown", "more than with every tunnel up, got %s and %s; lower it or raise normal", z.AskedDown, z.AskedNormal)
		return
	}
	oneTunnelEnough := z.AskedNormal <= z.PerTunnel
	sum := strings.Join(z.Arithmetic, "; ")
	switch {
	case s.Static && !oneTunnelEnough:
		b.addf(problem.ECMPStatic, at+".normal", "static routing uses one tunnel at a time, got %s asked of %s; set routing: bgp (%s)", z.AskedNormal, z.PerTunnel, sum)
	case !s.Static && !s.gateway.ECMP && !oneTunnelEnough:
		b.addf(problem.ECMPOff, at+".normal", "without ECMP one tunnel carries everything, got %s asked of %s; set ecmp: true on transit gateway %s (%s)", z.AskedNormal, z.PerTunnel, s.TransitGateway, sum)
	default:
		b.compareCapacity(z, at, c, sum)
	}
}

func (b *builder) compareCapacity(z *Sizing, at string, c config.Connect, sum string) {
	remedy := capacityRemedy(z, c)
	if z.AskedNormal > z.Normal {
		b.addf(problem.CapacityNormal, at+".normal", "more than the tunnels carry, got %s asked of %s; %s (%s)", z.AskedNormal, z.Normal, remedy, sum)
	}
	if z.AskedDown > z.OneTunnelDown {
		b.addf(problem.CapacityDegraded, at+".oneTunnelDown", "more than is left while one tunnel is down, got %s asked of %s; %s (%s)", z.AskedDown, z.OneTunnelDown, remedy, sum)
	}
}

// capacityRemedy says how many VPN connections would do, with the tunnels declared or with large ones.
func capacityRemedy(z *Sizing, c config.Connect) string {
	most := awsdata.VPNConnectionsPerRegion.Default
	n := connectionsFor(z, z.PerTunnel)
	remedy := fmt.Sprintf("declare %d VPN connections", n)
	if n > most {
		remedy = fmt.Sprintf("it would take %d VPN connections, and a Region has %d by default", n, most)
	}
	if c.TunnelBandwidth != config.BandwidthStandard {
		return remedy
	}
	bps, _ := awsdata.TunnelLimits(true)
	switch n := connectionsFor(z, config.Bandwidth(bps)); {
	case n <= z.Tunnels/2:
		remedy += " or set tunnelBandwidth: large"
	case n <= most:
		remedy += fmt.Sprintf(", or %d with tunnelBandwidth: large", n)
	}
	return remedy
}

// connectionsFor is the smallest number of VPN connections that carry what is asked, with ECMP.
func connectionsFor(z *Sizing, perTunnel config.Bandwidth) int {
	up := func(a, b config.Bandwidth) int { return int((a + b - 1) / b) }
	tunnels := max(up(z.AskedNormal, perTunnel), up(z.AskedDown, perTunnel)+1, 2)
	return (tunnels + 1) / 2
}

// tunnelLimits are AWS's limits of one tunnel, in bits and packets a second; packets 0: not documented.
func tunnelLimits(s *Site) (bps, pps int64) {
	return awsdata.TunnelLimits(s.Bandwidth == config.BandwidthLarge)
}

func newSizing(s *Site, c config.Connect) *Sizing {
	bps, pps := tunnelLimits(s)
	z := &Sizing{Tunnels: 2 * len(s.Connections), PerTunnel: config.Bandwidth(bps), BoundBy: "bandwidth", PacketSize: 1200}
	if c.Capacity != nil {
		z.PacketSize = c.Capacity.PacketSize
	}
	limit := fmt.Sprintf("per tunnel %s", z.PerTunnel)
	if pps > 0 {
		byPackets := config.Bandwidth(pps * int64(z.PacketSize) * 8)
		limit += fmt.Sprintf(" or %d packets/s x %d B x 8 = %s", pps, z.PacketSize, byPackets)
		if byPackets < z.PerTunnel {
			z.PerTunnel, z.BoundBy = byPackets, "packets"
		}
		limit += fmt.Sprintf(": bound by %s", z.BoundBy)
	} else {
		limit += " (AWS documents no packet rate for large tunnels)"
	}
	z.Usable = z.Tunnels
	mode := "BGP with ECMP"
	if s.Static || s.gateway == nil || !s.gateway.ECMP {
		z.Usable, mode = min(1, z.Tunnels), "one tunnel at a time"
	}
	z.Normal = config.Bandwidth(z.Usable) * z.PerTunnel
	left := max(z.Usable-1, min(1, z.Tunnels-1))
	z.OneTunnelDown = config.Bandwidth(left) * z.PerTunnel
	z.Arithmetic = []string{limit,
		fmt.Sprintf("normal: %d x %s = %s (%s)", z.Usable, z.PerTunnel, z.Normal, mode),
		fmt.Sprintf("one tunnel down: %d x %s = %s", left, z.PerTunnel, z.OneTunnelDown)}
	return z
}

// weakDHGroups are those that RFC 8247 advises against or forbids; IKEv1 itself is deprecated by RFC 9395.
var weakDHGroups = []int{2, 5, 22, 23, 24}

func (b *builder) tunnelOptions(path string, c config.Connect) {
	o := c.Tunnel
	weak := func(key, got, use string) {
		b.addf(problem.WeakIKE, path+"."+key, "weak, got %s; use %s", got, use)
	}
	if slices.Contains(o.IKEVersions, "ikev1") {
		weak("ikeVersions", "ikev1", "[ikev2]")
	}
	for _, l := range []struct {
		key  string
		list []config.Integrity
	}{{"phase1Integrity", o.Phase1Integrity}, {"phase2Integrity", o.Phase2Integrity}} {
		if slices.Contains(l.list, "SHA1") {
			weak(l.key, "SHA1", "SHA2-256 or stronger")
		}
	}
	b.dhGroups(path+".phase1DhGroups", o.Phase1DHGroups, false)
	b.dhGroups(path+".phase2DhGroups", o.Phase2DHGroups, true)
	b.tunnelRanges(path, o)
	if c.Acceleration && (o.Startup == "start" || o.DPDAction == "restart") {
		b.addf(problem.TunnelOption, path, "with acceleration the gateway starts and rekeys IKE, got startup %s and dpdAction %s; set startup: add and dpdAction: clear", o.Startup, o.DPDAction)
	}
	b.rekeysFirst(path, c)
	if o.Startup == "start" && slices.Contains(o.IKEVersions, "ikev1") {
		b.addf(problem.TunnelOption, path+".startup", "AWS starts IKE only with ikev2, got start with ikev1; set ikeVersions: [ikev2]")
	}
}

// rekeysFirst checks that the gateway of an accelerated VPN has time to rekey before AWS would.
func (b *builder) rekeysFirst(path string, c config.Connect) {
	o := c.Tunnel
	for _, l := range []struct {
		key  string
		life config.Duration
	}{{"phase1Lifetime", o.Phase1Lifetime}, {"phase2Lifetime", o.Phase2Lifetime}} {
		if _, ok := tunnel.Rekey(time.Duration(l.life), time.Duration(o.RekeyMargin)); c.Acceleration && !ok {
			b.addf(problem.TunnelOption, path+"."+l.key, "with acceleration the gateway rekeys, and more than two rekey margins before AWS, got %s with rekeyMargin %s; raise %s or lower rekeyMargin",
				l.life, o.RekeyMargin, l.key)
		}
	}
}

func (b *builder) dhGroups(path string, groups []int, phase2 bool) {
	for i, g := range groups {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case g != 2 && (g != 5 || !phase2) && (g < 14 || g > 24):
			b.addf(problem.TunnelOption, at, "not a group that AWS offers, got %d; use 14 to 21", g)
		case slices.Contains(weakDHGroups, g):
			b.addf(problem.WeakIKE, at, "weak, got Diffie-Hellman group %d; use 14 to 21", g)
		}
	}
}

func (b *builder) tunnelRanges(path string, o config.TunnelOptions) {
	duration := func(key string, got config.Duration, low, high config.Duration) {
		if got < low || got > high || time.Duration(got)%time.Second != 0 {
			b.addf(problem.TunnelOption, path+"."+key, "out of range, got %s; use whole seconds from %s to %s", got, low, high)
		}
	}
	number := func(key string, got, low, high int) {
		if got < low || got > high {
			b.addf(problem.TunnelOption, path+"."+key, "out of range, got %d; use %d to %d", got, low, high)
		}
	}
	second, minute, hour := config.Duration(time.Second), config.Duration(time.Minute), config.Duration(time.Hour)
	duration("dpdTimeout", o.DPDTimeout, 30*second, 3600*second)
	duration("phase1Lifetime", o.Phase1Lifetime, 15*minute, 8*hour)
	duration("phase2Lifetime", o.Phase2Lifetime, 15*minute, hour)
	if o.Phase2Lifetime >= o.Phase1Lifetime {
		b.addf(problem.TunnelOption, path+".phase2Lifetime", "not below phase 1, got %s and %s; shorten it", o.Phase2Lifetime, o.Phase1Lifetime)
	}
	duration("rekeyMargin", o.RekeyMargin, 60*second, max(60*second, o.Phase2Lifetime/2))
	number("rekeyFuzz", o.RekeyFuzz, 0, 100)
	number("replayWindow", o.ReplayWindow, 64, 2048)
}

// logRetentions are the retention periods, in days, that CloudWatch Logs accepts (PutRetentionPolicy).
var logRetentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func (b *builder) retention(path string, c config.VPNLogs) {
	if d := c.Retention; !slices.Contains(logRetentions, d.Days()) || time.Duration(d)%(24*time.Hour) != 0 {
		b.addf(problem.BadValue, path, "not a retention that CloudWatch Logs offers, got %s; use one of these in days: %s", d, strings.Trim(fmt.Sprint(logRetentions), "[]"))
	}
}
