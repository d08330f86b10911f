package topology

import (
	"fmt"
	"net/netip"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// Vantage says who measures a path.
type Vantage string

// The vantages.
const (
	VantageLambda  Vantage = "lambda"  // a Lambda function in the path's own first subnet
	VantageReverse Vantage = "reverse" // from the AWS end against a declared host of the site
	VantageClient  Vantage = "client"  // people, with the command line
	VantageNone    Vantage = "none"    // declared, not measured
)

// VantagePoint is a Lambda function that measures: in one subnet, so that its zone is known, and with the security groups
// that a workload there has.
type VantagePoint struct {
	Key      string `json:"key"` // NETWORK/SUBNET, for the subnet of a host with a group of its own NETWORK/SUBNET/host-NAME
	Network  string `json:"network"`
	Tier     string `json:"tier"`
	ZoneID   string `json:"zoneId"`
	Host     string `json:"host,omitempty"` // whose security group it has beside the network's
	Place    Place  `json:"place"`
	Function string `json:"function"` // its name
	network  *Network
}

// ID is the construct id of a vantage in the ops stack of its place.
func (v *VantagePoint) ID() string {
	return naming.Vantage(string(config.NetworkKey(v.Network).Name()), naming.Subnet(v.Tier, v.ZoneID), v.Host)
}

// Groups lists the security groups that a vantage has, by host; the empty name is the network's own.
func (v *VantagePoint) Groups() []string {
	var names []string
	if v.network.securityGroup("") != nil {
		names = append(names, "")
	}
	if v.Host != "" {
		names = append(names, v.Host)
	}
	return names
}

// vantage decides where a path is measured. A path that must be reachable and is not proven has graver problems.
func (b *builder) vantage(p *Path, path string, from, to end) {
	if from.client != nil {
		p.Vantage, p.VantageNote = VantageClient, "people in "+p.From.String()+", with the command line, "+p.people()
		return
	}
	v, target, aim, why := b.vantageOf(p, from, to)
	if v == nil {
		p.Vantage, p.VantageNote = VantageNone, "declared, not measured: "+why
		// Without a probe section nothing is measured, and nobody expects it; else nothing in the file could change it.
		if b.f.Probe != nil && p.Proven && (from.network != nil || p.Expect == config.Reachable) {
			b.addf(problem.NotMeasured, path, "declared, not measured: %s; proven by plan only", why)
		}
		return
	}
	p.Vantage = VantageLambda
	p.VantageNote = fmt.Sprintf("Lambda function in %s %s/%s", v.Network, v.Tier, v.ZoneID)
	if from.network == nil {
		p.Vantage = VantageReverse
		p.VantageNote = fmt.Sprintf("Lambda function in %s %s/%s against host/%s, the opposite direction", v.Network, v.Tier, v.ZoneID, target.Name)
	}
	p.point, p.target, p.Aim = v, target, aim
}

// people says how people measure a path.
func (p *Path) people() string {
	through := ""
	for _, h := range p.Forward {
		switch name := (Target{h.Kind, h.Name}).String(); h.Kind {
		case TargetOpenVPN, TargetClientVPN:
			return fmt.Sprintf("connected to %s%s, against %s", name, through, p.To)
		case TargetAccelerator:
			through = " through " + name
		}
	}
	if through != "" {
		return fmt.Sprintf("against %s%s, on its port %d", p.To, through, p.Port)
	}
	return "against the public address of " + p.To.String()
}

// vantageOf returns where a path is measured from and against which host, or why it cannot be.
func (b *builder) vantageOf(p *Path, from, to end) (v *VantagePoint, target *Host, aim *Aim, why string) {
	switch {
	case to.service != nil && from.network != nil:
		if aim, why = to.aimAt(from, p.Expect); aim == nil {
			return nil, nil, nil, why
		}
	case to.host == nil && to.service == nil:
		return nil, nil, nil, fmt.Sprintf("the name of %s is known once it is there; measure it with the command line", p.To)
	case from.network == nil && to.network == nil:
		return nil, nil, nil, "neither end is in AWS"
	case from.network == nil && p.Expect == config.Unreachable:
		return nil, nil, nil, fmt.Sprintf("only %s itself could try it", p.From)
	case from.network == nil:
		if target, why = b.counterpart(p, from, to); target == nil {
			return nil, nil, nil, why
		}
		return pointAt(to), target, nil, ""
	case to.host != nil && !to.host.IP.IsValid():
		return nil, nil, nil, fmt.Sprintf("the address of %s is not known before it runs; give it an ip", p.To)
	}
	if v = nearest(from, to); len(v.Groups()) == 0 {
		return nil, nil, nil, fmt.Sprintf("no allow entry is about %s, so it has no security group to measure with", p.From)
	}
	return v, to.host, aim, ""
}

// counterpart is the host of a site that a path from there is measured against, from its AWS end: the first one that the
// security groups there let through. The way is the same, in the other direction.
func (b *builder) counterpart(p *Path, from, to end) (host *Host, why string) {
	why = fmt.Sprintf("no host is declared in %s to measure against", p.From)
	for _, h := range b.plan.Hosts {
		if h.Site != from.site.Name || from.host != nil && h != from.host {
			continue
		}
		egress := groupRules(to.network, to.host, every, func(g *SecurityGroup) []Rule { return g.Egress })
		if closed(egress, []netip.Prefix{netip.PrefixFrom(h.IP, 32)}, h.Port, every) == "" {
			return h, ""
		}
		why = fmt.Sprintf("the opposite direction is not allowed; add {from: %s, to: host/%s, tcp: [%d]} to allow to measure it", to.network.Key, h.Name, h.Port)
	}
	return nil, why
}

// pointAt is the vantage at an AWS end: in its first subnet.
func pointAt(e end) *VantagePoint {
	s := e.subnets[0]
	v := &VantagePoint{Network: e.network.Key, Tier: s.Tier, ZoneID: s.ZoneID, Place: e.network.Place, network: e.network}
	v.Key = v.Network + "/" + naming.Subnet(s.Tier, s.ZoneID)
	if e.host != nil && e.network.securityGroup(e.host.Name) != nil {
		v.Host = e.host.Name
		v.Key += "/host-" + v.Host
	}
	return v
}
