package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// ClientVPN is an AWS Client VPN endpoint, in subnets of a network or at a transit gateway.
type ClientVPN struct {
	Name           string            `json:"name"`
	Place          Place             `json:"place"`
	Network        string            `json:"network,omitempty"`
	TransitGateway string            `json:"transitGateway,omitempty"`
	Zones          []string          `json:"zones"`
	Subnets        []string          `json:"subnets,omitempty"` // construct ids, one by zone; of a network
	Pool           netip.Prefix      `json:"pool"`
	PKI            string            `json:"pki,omitempty"`         // issues its certificate and people's
	SAML           string            `json:"saml,omitempty"`        // ARN of the provider; empty: people have certificates
	Certificate    string            `json:"certificate,omitempty"` // ARN of an existing one; empty: of PKI
	Transport      config.Transport  `json:"transport"`
	Port           int               `json:"port"`
	Tunnel         config.TunnelMode `json:"tunnel"`
	DNS            []netip.Addr      `json:"dns,omitempty"`
	SessionHours   int               `json:"sessionHours"`
	LogDays        int               `json:"logDays"`
	// Rules say what people may reach: where allow entries lead.
	Rules []Authorization `json:"rules,omitempty"`
	// Routes lead there; in a network one by destination and subnet, other than the VPC's own block, which AWS routes.
	Routes  []ClientRoute `json:"routes,omitempty"`
	network *Network
	subnets []*Subnet
	gateway *TransitGateway
}

// Authorization lets everybody who is connected reach a block.
type Authorization struct {
	Destination netip.Prefix `json:"destination"`
	Description string       `json:"description"`
}

// ClientRoute is a route of a Client VPN endpoint.
type ClientRoute struct {
	Destination netip.Prefix `json:"destination"`
	Subnet      string       `json:"subnet,omitempty"` // construct id; empty: the transit gateway
}

// Ref names the endpoint as the file does.
func (v *ClientVPN) Ref() config.Ref { return config.Ref{Kind: config.KindClientVPN, Name: v.Name} }

// seen are the addresses that what people reach sees: those of the endpoint's interfaces in a network, which translate, and
// people's own at a transit gateway.
func (v *ClientVPN) seen() []netip.Prefix {
	if v.gateway != nil {
		return []netip.Prefix{v.Pool}
	}
	return blocksOf(v.subnets)
}

func blocksOf(subnets []*Subnet) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range subnets {
		out = append(out, s.CIDR)
	}
	return out
}

func (b *builder) clientVPNs() {
	for _, name := range sortedKeys(b.f.ClientVPNs) {
		c := b.f.ClientVPNs[name]
		path := fmt.Sprintf("clientVpns[%s]", name)
		v := &ClientVPN{Name: string(name), Pool: b.masked(path+".pool", c.Pool), PKI: string(c.PKI), SAML: string(c.SAML), Certificate: string(c.Certificate),
			Transport: c.Transport, Port: int(c.Port), Tunnel: c.Tunnel, DNS: addresses(c.DNS), SessionHours: c.Session.Seconds() / 3600, LogDays: c.Logs.Days()}
		ok := false
		switch {
		case (c.Network == "") == (c.TransitGateway == ""):
			b.addf(problem.Conflict, path, "it stands in one network or at one transit gateway, got network %q and transitGateway %q; give one of them", c.Network, c.TransitGateway)
		case c.Network != "":
			ok = b.clientVPNInNetwork(v, path, c)
		default:
			ok = b.clientVPNAtGateway(v, path, c)
		}
		if !ok {
			continue
		}
		b.poolSize(path+".pool", v.Pool, 12, 22)
		b.clientVPNOptions(path, c)
		b.clientVPNCertificate(v, path, c)
		b.plan.ClientVPNs = append(b.plan.ClientVPNs, v)
	}
}

// clientVPNInNetwork picks a subnet by zone.
func (b *builder) clientVPNInNetwork(v *ClientVPN, path string, c config.ClientVPN) bool {
	n := b.findNetwork(path+".network", c.Network)
	if n == nil || len(n.workloads()) == 0 {
		return false
	}
	v.Network, v.Place, v.network = n.Key, n.Place, n
	tier := string(c.Tier)
	if tier == "" {
		tier = n.workloads()[0].Tier
	}
	zones := n.zonesOf(tier)
	if tier == TierAttach || len(zones) == 0 {
		b.addf(problem.UnknownName, path+".tier", "no such workload tier of %s, got %q; %s", n.Key, tier, problem.OneOf(tier, slices.DeleteFunc(slices.Clone(n.Tiers), func(t string) bool { return t == TierAttach })))
		return false
	}
	if len(c.Zones) == 0 {
		zones = zones[:1]
	} else {
		zones = b.zonesWithin(path+".zones", c.Zones, zones, n.Key+" tier "+tier)
	}
	for _, z := range zones {
		v.Zones = append(v.Zones, z)
		v.Subnets = append(v.Subnets, naming.Subnet(tier, z))
		v.subnets = append(v.subnets, find(n.Subnets, func(s *Subnet) bool { return s.Tier == tier && s.ZoneID == z }))
	}
	return len(v.subnets) > 0
}

// zonesWithin keeps the zones that are among those on offer, in the order of their numbers.
func (b *builder) zonesWithin(path string, asked []config.ZoneID, offered []string, where string) []string {
	var out []string
	for i, z := range b.distinctZones(strings.TrimSuffix(path, ".zones"), asked) {
		if !slices.Contains(offered, string(z)) {
			b.addf(problem.UnknownZone, fmt.Sprintf("%s[%d]", path, i), "no subnet of %s is there, got %q; use one of: %s", where, z, strings.Join(offered, ", "))
			continue
		}
		out = append(out, string(z))
	}
	slices.SortFunc(out, compareZones)
	return out
}

func (b *builder) clientVPNAtGateway(v *ClientVPN, path string, c config.ClientVPN) bool {
	t := resolve(b, path+".transitGateway", "transit gateway", c.TransitGateway, b.f.TransitGateways, b.plan.TransitGateway)
	if t == nil {
		return false
	}
	v.TransitGateway, v.Place, v.gateway = t.Name, t.Place, t
	if len(t.CIDRBlocks) == 0 && t.ID == "" {
		b.addf(problem.MissingKey, path+".transitGateway", "a transit gateway without a block of its own takes no Client VPN, got %s; give it cidrBlocks", t.Name)
	}
	if len(c.Zones) == 0 {
		b.addf(problem.MissingKey, path, "at a transit gateway it needs zones; add zones: [AZ ID, ...]")
	}
	if c.Tier != "" {
		b.addf(problem.Conflict, path+".tier", "at a transit gateway it stands in no subnet, got %q; leave tier out", c.Tier)
	}
	v.Zones = b.zonesWithin(path+".zones", c.Zones, awsdata.ZonesOf(t.Place.Region), t.Place.Region)
	return true
}

// clientVPNOptions checks what CreateClientVpnEndpoint takes.
func (b *builder) clientVPNOptions(path string, c config.ClientVPN) {
	if c.Port != 443 && c.Port != 1194 {
		b.addf(problem.ClientVPNOption, path+".port", "not one that Client VPN offers, got %d; use 443 or 1194", c.Port)
	}
	if h := c.Session.Seconds(); !slices.Contains([]int{8 * 3600, 10 * 3600, 12 * 3600, 24 * 3600}, h) {
		b.addf(problem.ClientVPNOption, path+".session", "not one that Client VPN offers, got %s; use 8h, 10h, 12h or 24h", c.Session)
	}
	if len(c.DNS) > 2 {
		b.addf(problem.ClientVPNOption, path+".dns", "more than Client VPN takes, got %d; name at most two", len(c.DNS))
	}
	b.logRetention(path+".logs", c.Logs)
}

// At is where the endpoint stands: the key of its network, or the name of its transit gateway.
func (v *ClientVPN) At() string { return cmp.Or(v.Network, v.TransitGateway) }

// clientVPNCertificate finds the endpoint's certificate and how people prove who they are: by certificates of the authority that
// issued the endpoint's, by SAML, or, with a PKI, by both.
func (b *builder) clientVPNCertificate(v *ClientVPN, path string, c config.ClientVPN) {
	switch {
	case c.PKI != "" && c.Certificate != "":
		b.addf(problem.Conflict, path+".certificate", "the PKI issues its certificate, got pki %s and certificate; leave one out", c.PKI)
	case c.PKI != "":
		p := b.issuer(path+".pki", c.PKI, v.Ref(), v.Place)
		if p != nil && v.gateway != nil && p.Home != v.Place { // the key's stack would come after the endpoint's, or a circle close
			b.addf(problem.CertificateMissing, path+".pki", "at a transit gateway the PKI's home is there too, got %s in %s for %s; use a PKI at home in %s, or a network", p.Name, p.Home, v.Place, v.Place)
		}
	case c.Certificate == "":
		b.addf(problem.CertificateMissing, path, "the endpoint has no certificate of its own, got none; add pki, or certificate, the ARN of one in ACM with an RSA key")
	}
	b.ofRegion(path+".certificate", c.Certificate.Region(), v.Place)
}

// ClientVPN returns a Client VPN endpoint by name, or nil.
func (p *Plan) ClientVPN(name string) *ClientVPN {
	return find(p.ClientVPNs, func(x *ClientVPN) bool { return x.Name == name })
}
