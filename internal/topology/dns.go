package topology

import (
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// hostedZones resolves private hosted zones and the records of hosts.
func (b *builder) hostedZones() {
	domains := map[config.Domain]config.Name{}
	for _, name := range sortedKeys(b.f.HostedZones) {
		c := b.f.HostedZones[name]
		path := fmt.Sprintf("hostedZones[%s]", name)
		b.adopt(path+".id", string(c.ID))
		if other, dup := domains[c.Domain]; dup && c.ID == "" {
			b.addf(problem.Conflict, path+".domain", "the domain of hosted zone %s too, got %s; a VPC can resolve one of them only, put the networks into one zone", other, c.Domain)
			continue
		}
		if c.ID == "" {
			domains[c.Domain] = name
		}
		r := b.region(path+".home", c.Home)
		if r == nil {
			continue
		}
		z := &HostedZone{Name: string(name), ID: string(c.ID), Domain: string(c.Domain), Place: r.Place}
		b.zoneNetworks(z, path, c)
		for _, h := range b.plan.Hosts {
			if b.f.Hosts[config.Name(h.Name)].DNS == name && h.IP.IsValid() {
				z.Records = append(z.Records, Record{Host: h.Name, Name: h.Name + "." + z.Domain, IP: h.IP})
			}
		}
		b.plan.HostedZones = append(b.plan.HostedZones, z)
	}
	for _, name := range sortedKeys(b.f.Hosts) {
		c := b.f.Hosts[name]
		if c.DNS == "" {
			continue
		}
		path := fmt.Sprintf("hosts[%s].dns", name)
		if _, ok := b.f.HostedZones[c.DNS]; !ok {
			unknown(b, path, "hosted zone", c.DNS, b.f.HostedZones)
		} else if !c.IP.IsValid() {
			b.addf(problem.MissingKey, path, "a record needs the host's address; add ip")
		}
	}
}

func (b *builder) zoneNetworks(z *HostedZone, path string, c config.HostedZone) {
	switch {
	case z.ID != "" && len(c.Networks) > 0:
		b.addf(problem.Conflict, path+".networks", "an adopted zone keeps its VPC associations, got id %s; leave networks out", z.ID)
	case z.ID == "" && len(c.Networks) == 0:
		b.addf(problem.MissingKey, path, "a private hosted zone needs networks that resolve it; add networks")
	}
	for i, key := range c.Networks {
		where := fmt.Sprintf("%s.networks[%d]", path, i)
		n := b.findNetwork(where, key)
		if n == nil {
			continue
		}
		if n.Place.Account != z.Place.Account {
			b.addf(problem.AttachAccount, where, "a network of another account, got %s; CloudFormation associates only VPCs of the zone's account", key)
			continue
		}
		if slices.Contains(z.Networks, n.Key) {
			b.addf(problem.Conflict, where, "a network stands twice, got %q; leave one out", n.Key)
			continue
		}
		z.Networks = append(z.Networks, n.Key)
	}
	slices.Sort(z.Networks)
}
