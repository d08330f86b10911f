package transitvpn

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

// The retention periods that CloudWatch Logs offers, in days.
var retentionDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// Validate reports every problem in p. It needs no Node.js.
func (p SiteProps) Validate() error {
	p = p.withDefaults("site")
	var f cdkx.Fields
	validateName(&f, "name", p.Name)
	if p.TransitGateway == nil {
		f.Addf("transitGateway", "missing; give the transit gateway that the VPN connections end at")
	}
	if p.Provider == nil {
		f.Addf("provider", "missing; give the provider of this stack here or to the transit gateway")
	}
	p.validateGateways(&f)
	p.validateConnections(&f)
	validateSegments(&f, p.Segment, p.PropagateTo)
	if p.StaticRoutes && len(p.Prefixes) == 0 {
		f.Addf("prefixes", "missing with static routes; give the prefixes behind the site")
	}
	for i, x := range p.Prefixes {
		if !x.IsValid() || !x.Addr().Is4() || x != x.Masked() {
			f.Addf(fmt.Sprintf("prefixes[%d]", i), "not an IPv4 prefix without host bits, got %q; write it like 10.20.0.0/16", x)
		}
	}
	oneOf(&f, "tunnelBandwidth", p.TunnelBandwidth, "standard", "large")
	if !slices.Contains(retentionDays, p.Logs.RetentionDays) {
		f.Addf("logs.retentionDays", "not offered by CloudWatch Logs, got %d; use one of %v", p.Logs.RetentionDays, retentionDays)
	}
	p.Tunnel.validate(&f)
	p.validateAcceleration(&f)
	return f.Err()
}

// validateAcceleration refuses what makes AWS start IKE: of an accelerated tunnel the device has to (AWS Site-to-Site VPN
// User Guide, accelerated connections).
func (p SiteProps) validateAcceleration(f *cdkx.Fields) {
	if !p.Acceleration {
		return
	}
	if p.Tunnel.StartupAction == "start" {
		f.Addf("tunnel.startupAction", "with acceleration only the device may start IKE, got start; use add")
	}
	if p.Tunnel.DPDTimeoutAction == "restart" {
		f.Addf("tunnel.dpdTimeoutAction", "with acceleration only the device may start IKE, got restart; use clear or none")
	}
}

func (p SiteProps) validateGateways(f *cdkx.Fields) {
	if len(p.Gateways) == 0 {
		f.Addf("gateways", "missing; give at least one")
	}
	for i, g := range p.Gateways {
		where := fmt.Sprintf("gateways[%d]", i)
		validateName(f, where+".name", g.Name)
		if slices.ContainsFunc(p.Gateways[:i], func(o GatewayProps) bool { return o.Name == g.Name }) {
			f.Addf(where+".name", "stands twice, got %q; give each gateway its own", g.Name)
		}
		if g.CustomerGatewayID != "" {
			if !strings.HasPrefix(g.CustomerGatewayID, "cgw-") {
				f.Addf(where+".customerGatewayId", "not an id of a customer gateway, got %q; write it like cgw-0123456789abcdef0", g.CustomerGatewayID)
			}
			continue
		}
		if !g.IP.Is4() {
			f.Addf(where+".ip", "not an IPv4 address, got %q; give the public address that AWS sees", g.IP)
		}
		if g.ASN < 1 || g.ASN > 4294967294 {
			f.Addf(where+".asn", "not an ASN, got %d; use 1 to 4294967294", g.ASN)
		}
		if p.TransitGateway != nil && g.ASN == p.TransitGateway.asn {
			f.Addf(where+".asn", "the ASN of the transit gateway too, got %d; external BGP needs two different ASNs", g.ASN)
		}
	}
}

func (p SiteProps) validateConnections(f *cdkx.Fields) {
	if len(p.Connections) == 0 {
		f.Addf("connections", "missing; give at least one")
	}
	if p.StaticRoutes && len(p.Connections) > 1 {
		f.Addf("connections", "more than one with static routes, got %d; a static route leads to one connection, use BGP", len(p.Connections))
	}
	used := map[netip.Prefix]bool{}
	for i, c := range p.Connections {
		where := fmt.Sprintf("connections[%d]", i)
		validateName(f, where+".name", c.Name)
		if slices.ContainsFunc(p.Connections[:i], func(o ConnectionProps) bool { return o.Name == c.Name }) {
			f.Addf(where+".name", "stands twice, got %q; give each connection its own", c.Name)
		}
		if !slices.ContainsFunc(p.Gateways, func(g GatewayProps) bool { return g.Name == c.Gateway }) {
			f.Addf(where+".gateway", "no such gateway, got %q; add it to gateways", c.Gateway)
		}
		for j, inside := range c.Inside {
			validateInside(f, fmt.Sprintf("%s.inside[%d]", where, j), inside)
			if used[inside] && inside.IsValid() {
				f.Addf(fmt.Sprintf("%s.inside[%d]", where, j), "used twice in this site, got %s; choose a free /30", inside)
			}
			used[inside] = true
		}
	}
}

func validateInside(f *cdkx.Fields, where string, p netip.Prefix) {
	switch {
	case p == netip.Prefix{}:
		f.Addf(where, "missing; write it like 169.254.10.0/30")
	case !p.IsValid() || p.Bits() != 30 || p != p.Masked() || !netip.MustParsePrefix("169.254.0.0/16").Contains(p.Addr()):
		f.Addf(where, "not a /30 in 169.254.0.0/16, got %q; write it like 169.254.10.0/30", p)
	case slices.Contains(awsdata.ReservedInside, p):
		f.Addf(where, "reserved by AWS, got %s; choose another /30 in 169.254.0.0/16", p)
	}
}

func validateName(f *cdkx.Fields, where, name string) {
	switch {
	case name == "":
		f.Addf(where, "missing; give a name of letters, digits and hyphens")
	case !namePattern.MatchString(name):
		f.Addf(where, "not a name, got %q; use letters, digits and hyphens", name)
	}
}

func validateSegments(f *cdkx.Fields, segment string, propagateTo []string) {
	if segment == "" {
		f.Addf("segment", "missing; give the segment that the attachment belongs to")
	}
	for i, s := range propagateTo {
		if slices.Contains(propagateTo[:i], s) {
			f.Addf(fmt.Sprintf("propagateTo[%d]", i), "stands twice, got %q; leave one out", s)
		}
	}
}

func oneOf[T comparable](f *cdkx.Fields, where string, got T, allowed ...T) {
	if !slices.Contains(allowed, got) {
		f.Addf(where, "unknown value, got %v; use one of %v", got, allowed)
	}
}
