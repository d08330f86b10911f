package change_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// model is a network that grows and shrinks at random. Names and blocks are never used twice, so that whatever has a name is
// one thing for good.
type model struct {
	random   *rand.Rand
	next     int // number of the next thing
	regions  []string
	networks map[string]*modelNetwork
	sites    map[string]*modelSite
	segments map[string][]string // of a Region's transit gateway, beside those of sites and peerings
	peerings map[string][2]string
	joined   map[string][2]string // transit gateway peerings
	asns     map[string]int       // of transit gateways, by Region; 0: as usual
	services map[string]*modelService
}

// modelService is a zonal service in all zones of its network, called from there and from another one.
type modelService struct {
	number                int
	network, caller, mode string
	shifted, mapped       bool
}

type modelNetwork struct {
	region, segment string // no segment: not attached
	number          int
	block           int // 0: the number
	zones           []int
}

type modelSite struct {
	region       string
	number       int
	address      int // 0: the number
	acceleration bool
}

// modelRegions have these zones, by number.
var modelRegions = []struct {
	code, prefix string
	zones        []int
}{
	{"ap-northeast-2", "apne2", []int{1, 2, 3, 4}}, {"ap-northeast-1", "apne1", []int{1, 2, 4}}, {"us-west-2", "usw2", []int{1, 2, 3, 4}},
	{"us-east-1", "use1", []int{1, 2, 3, 4, 5, 6}}, {"eu-west-1", "euw1", []int{1, 2, 3}},
}

func newModel(seed uint64) *model {
	m := &model{random: rand.New(rand.NewPCG(seed, 1)), networks: map[string]*modelNetwork{}, sites: map[string]*modelSite{},
		segments: map[string][]string{}, peerings: map[string][2]string{}, joined: map[string][2]string{}, asns: map[string]int{}, services: map[string]*modelService{}}
	m.addRegion()
	m.addNetwork()
	return m
}

func (m *model) number() int {
	m.next++
	return m.next
}

func pick[T any](m *model, from []T) T { return from[m.random.IntN(len(from))] }

func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

// The steps return what they did, or "" if there was nothing to do.

func (m *model) addRegion() string {
	if len(m.regions) == len(modelRegions) {
		return ""
	}
	name := fmt.Sprintf("r%d", len(m.regions))
	m.regions = append(m.regions, name)
	m.segments[name] = []string{"main"}
	return "add Region " + name
}

func (m *model) addNetwork() string {
	n := &modelNetwork{region: pick(m, m.regions), number: m.number()}
	if m.random.IntN(4) > 0 {
		n.segment = pick(m, m.segments[n.region])
	}
	all := modelRegions[m.index(n.region)].zones
	for _, i := range m.random.Perm(len(all))[:1+m.random.IntN(min(3, len(all)))] {
		n.zones = append(n.zones, all[i])
	}
	name := fmt.Sprintf("n%d", n.number)
	m.networks[name] = n
	return "add network " + name
}

func (m *model) index(region string) int { return slices.Index(m.regions, region) }

func (m *model) removeNetwork() string {
	if len(m.networks) < 2 {
		return ""
	}
	name := pick(m, sorted(m.networks))
	maps.DeleteFunc(m.peerings, func(_ string, ends [2]string) bool { return ends[0] == name || ends[1] == name })
	maps.DeleteFunc(m.services, func(_ string, s *modelService) bool { return s.network == name })
	for _, s := range m.services {
		if s.caller == name {
			s.caller = ""
		}
	}
	delete(m.networks, name)
	return "remove network " + name
}

func (m *model) addZone() string {
	n := m.networks[pick(m, sorted(m.networks))]
	for _, z := range modelRegions[m.index(n.region)].zones {
		if !slices.Contains(n.zones, z) {
			n.zones = append(n.zones, z)
			return fmt.Sprintf("add zone %d to network n%d", z, n.number)
		}
	}
	return ""
}

func (m *model) removeZone() string {
	n := m.networks[pick(m, sorted(m.networks))]
	if len(n.zones) < 2 {
		return ""
	}
	z := pick(m, n.zones)
	n.zones = slices.DeleteFunc(n.zones, func(x int) bool { return x == z })
	return fmt.Sprintf("remove zone %d from network n%d", z, n.number)
}

func (m *model) addService() string {
	s := &modelService{number: m.number(), network: pick(m, sorted(m.networks)), caller: pick(m, sorted(m.networks)), mode: pick(m, []string{"per-az", "nlb-per-az", "client-routing"})}
	s.mapped = s.mode != "client-routing" && m.random.IntN(2) > 0
	s.shifted = s.mode != "nlb-per-az" && len(m.networks[s.network].zones) > 2
	name := fmt.Sprintf("z%d", s.number)
	m.services[name] = s
	return "add service " + name
}

func (m *model) removeService() string {
	if len(m.services) == 0 {
		return ""
	}
	name := pick(m, sorted(m.services))
	delete(m.services, name)
	return "remove service " + name
}

// callService lets another network call a service.
func (m *model) callService() string {
	if len(m.services) == 0 {
		return ""
	}
	name := pick(m, sorted(m.services))
	m.services[name].caller = pick(m, sorted(m.networks))
	return "call service " + name
}

func (m *model) addSegment() string {
	r := pick(m, m.regions)
	name := fmt.Sprintf("s%d", m.number())
	m.segments[r] = append(m.segments[r], name)
	return "add segment " + r + "/" + name
}

// removeSegment moves the networks of a segment to another one and removes it.
func (m *model) removeSegment() string {
	r := pick(m, m.regions)
	if len(m.segments[r]) < 2 {
		return ""
	}
	gone := pick(m, m.segments[r])
	m.segments[r] = slices.DeleteFunc(m.segments[r], func(s string) bool { return s == gone })
	for _, name := range sorted(m.networks) {
		if n := m.networks[name]; n.region == r && n.segment == gone {
			n.segment = m.segments[r][0]
		}
	}
	return "remove segment " + r + "/" + gone
}

func (m *model) moveNetwork() string {
	n := m.networks[pick(m, sorted(m.networks))]
	if n.segment == "" {
		return ""
	}
	n.segment = pick(m, m.segments[n.region])
	return fmt.Sprintf("move network n%d to segment %s", n.number, n.segment)
}

func (m *model) addSite() string {
	s := &modelSite{region: pick(m, m.regions), number: m.number()}
	if len(m.sites) >= 10 {
		return ""
	}
	name := fmt.Sprintf("x%d", s.number)
	m.sites[name] = s
	return "add site " + name
}

func (m *model) removeSite() string {
	if len(m.sites) == 0 {
		return ""
	}
	name := pick(m, sorted(m.sites))
	delete(m.sites, name)
	return "remove site " + name
}

// addPeering peers two networks that no transit gateway joins.
func (m *model) addPeering() string {
	var free []string
	for _, name := range sorted(m.networks) {
		if m.networks[name].segment == "" {
			free = append(free, name)
		}
	}
	if len(free) < 2 {
		return ""
	}
	a, b := pick(m, free), pick(m, free)
	for _, ends := range m.peerings {
		if a == b || ends == [2]string{a, b} || ends == [2]string{b, a} {
			return ""
		}
	}
	if a == b {
		return ""
	}
	name := fmt.Sprintf("p%d", m.number())
	m.peerings[name] = [2]string{a, b}
	return "add peering " + name
}

func (m *model) removePeering() string {
	if len(m.peerings) == 0 {
		return ""
	}
	name := pick(m, sorted(m.peerings))
	delete(m.peerings, name)
	return "remove peering " + name
}

func (m *model) joinRegions() string {
	if len(m.regions) < 2 {
		return ""
	}
	a, b := pick(m, m.regions), pick(m, m.regions)
	for _, ends := range m.joined {
		if slices.Contains(ends[:], a) && slices.Contains(ends[:], b) {
			return ""
		}
	}
	if a == b {
		return ""
	}
	name := fmt.Sprintf("t%d", m.number())
	m.joined[name] = [2]string{a, b}
	return "join Regions by " + name
}

func (m *model) partRegions() string {
	if len(m.joined) == 0 {
		return ""
	}
	name := pick(m, sorted(m.joined))
	delete(m.joined, name)
	return "remove transit gateway peering " + name
}

// The changes that replace something.

func (m *model) changeBlock() string {
	n := m.networks[pick(m, sorted(m.networks))]
	n.block = m.number()
	return fmt.Sprintf("change block of network n%d", n.number)
}

func (m *model) changeASN() string {
	r := pick(m, m.regions)
	m.asns[r] = 64600 + m.number()
	return "change ASN of " + r
}

func (m *model) changeGateway() string {
	if len(m.sites) == 0 {
		return ""
	}
	s := m.sites[pick(m, sorted(m.sites))]
	s.address = m.number()
	return fmt.Sprintf("change address of site x%d", s.number)
}

func (m *model) changeAcceleration() string {
	if len(m.sites) == 0 {
		return ""
	}
	s := m.sites[pick(m, sorted(m.sites))]
	s.acceleration = !s.acceleration
	return fmt.Sprintf("change acceleration of site x%d", s.number)
}

// replace does one of them, at random.
func (m *model) replace() string {
	for {
		if did := pick(m, []func() string{m.changeBlock, m.changeASN, m.changeGateway, m.changeAcceleration})(); did != "" {
			return did
		}
	}
}

// step does one of the changes, at random.
func (m *model) step() string {
	grow := []func() string{m.addNetwork, m.addNetwork, m.addNetwork, m.addZone, m.addZone, m.addSegment, m.addSite, m.addPeering, m.addPeering, m.joinRegions, m.addRegion, m.addService, m.callService}
	shrink := []func() string{m.removeNetwork, m.removeZone, m.removeSegment, m.moveNetwork, m.removeSite, m.removePeering, m.partRegions, m.removeService}
	for {
		if did := pick(m, slices.Concat(grow, shrink))(); did != "" {
			return did
		}
	}
}

// yaml writes the model as a configuration.
func (m *model) yaml() string {
	var b strings.Builder
	f := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	f("apiVersion: pathproof/v1\nname: model\nregions:")
	for i, r := range m.regions {
		f("  %s: {region: %s}", r, modelRegions[i].code)
	}
	f("networks:")
	for _, name := range sorted(m.networks) {
		n := m.networks[name]
		var zones []string
		for _, z := range n.zones {
			zones = append(zones, fmt.Sprintf("%s-az%d", modelRegions[m.index(n.region)].prefix, z))
		}
		f("  %s/%s: {cidr: 10.%d.0.0/16, zones: [%s], tiers: [private/20, attach/28]}", n.region, name, cmp.Or(n.block, n.number), strings.Join(zones, ", "))
	}
	f("transitGateways:")
	for i, r := range m.regions {
		f("  %s:\n    region: %s\n    asn: %d\n    segments:", r, r, cmp.Or(m.asns[r], 64512+i))
		m.segmentsOf(f, r)
	}
	m.rest(f)
	return b.String()
}

func (m *model) segmentsOf(f func(string, ...any), r string) {
	attach := map[string][]string{}
	for _, s := range m.segments[r] {
		attach[s] = nil
	}
	for _, name := range sorted(m.networks) {
		if n := m.networks[name]; n.region == r && n.segment != "" {
			attach[n.segment] = append(attach[n.segment], r+"/"+name)
		}
	}
	for _, name := range sorted(m.sites) {
		if m.sites[name].region == r {
			attach["onprem"] = append(attach["onprem"], "site/"+name)
		}
	}
	for _, name := range sorted(m.joined) {
		if ends := m.joined[name]; slices.Contains(ends[:], r) {
			attach["far"] = append(attach["far"], "peering/"+name)
		}
	}
	for _, s := range sorted(attach) {
		reaches := slices.DeleteFunc(sorted(attach), func(x string) bool { return s == "far" && x == "far" })
		attached := ""
		if len(attach[s]) > 0 {
			attached = "attach: [" + strings.Join(attach[s], ", ") + "], "
		}
		f("      %s: {%sreaches: [%s]}", s, attached, strings.Join(reaches, ", "))
	}
}

func (m *model) rest(f func(string, ...any)) {
	if len(m.sites) > 0 {
		f("sites:")
	}
	for _, name := range sorted(m.sites) {
		s := m.sites[name]
		f("  %s:\n    prefixes: [192.168.%d.0/24]\n    gateways: {fw: {ip: 203.0.113.%d, asn: %d}}\n    connect:\n      transitGateway: %s", name, s.number, cmp.Or(s.address, s.number), 65000+s.number, s.region)
		f("      acceleration: %t", s.acceleration)
		f("      vpnConnections: {main: {gateway: fw, inside: [169.254.%d.0/30, 169.254.%d.4/30]}}", 10+s.number, 10+s.number)
	}
	if len(m.peerings)+len(m.joined) > 0 {
		f("peerings:")
	}
	for _, name := range sorted(m.peerings) {
		ends := m.peerings[name]
		f("  %s: {between: [%s/%s, %s/%s], dns: both}", name, m.networks[ends[0]].region, ends[0], m.networks[ends[1]].region, ends[1])
	}
	for _, name := range sorted(m.joined) {
		f("  %s: {between: [%s, %s], mode: transitGateway}", name, m.joined[name][0], m.joined[name][1])
	}
	m.zonal(f)
	f("alerts: {home: r0}")
}

func (m *model) zonal(f func(string, ...any)) {
	if len(m.services) == 0 {
		return
	}
	f("zonalServices:")
	at := func(network string) string { return m.networks[network].region + "/" + network }
	for _, name := range sorted(m.services) {
		s := m.services[name]
		discovery := "dns"
		if s.mapped {
			discovery = "[dns, cloudMap]"
		}
		shifted := s.shifted && len(m.networks[s.network].zones) > 1
		f("  %s: {network: %s, domain: %s.internal, listen: {tcp: %d}, mode: %s, targets: {registered: {}}, discovery: %s, zonalAutoshift: %t}", name, at(s.network), name, 8000+s.number, s.mode, discovery, shifted)
	}
	f("allow:")
	for _, name := range sorted(m.services) {
		s := m.services[name]
		from := at(s.network)
		if s.caller != "" && s.caller != s.network {
			from += ", " + at(s.caller)
		}
		f("  - {from: [%s], to: zonalService/%s, tcp: [%d]}", from, name, 8000+s.number)
	}
}
