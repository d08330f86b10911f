package topology_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// service is a network with a zonal service in two of its three zones. ZONES, MORE and the rest are put in by each test.
const service = `apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}, tokyo: {region: ap-northeast-1}}
networks:
  seoul/app: {cidr: 172.16.0.0/16, zones: [apne2-az1, apne2-az2, apne2-az3], tiers: [private/20, public/24], egress: nat-single}
  tokyo/app: {cidr: 172.17.0.0/16, zones: [apne1-az1], tiers: [private/20, public/24], egress: igw}
peerings: {over: {between: [seoul/app, tokyo/app]}}
pki: {main: {home: tokyo}}
openvpn: {in: {network: tokyo/app, zone: apne1-az1, pki: main, listen: {tcp: 1194}, pool: 10.250.0.0/24, image: ami-0123456789abcdef0}}
hosts:
  a: {network: seoul/app, ip: 172.16.0.10, port: 8080}
  c: {network: seoul/app, ip: 172.16.32.10, port: 8080}
  far: {network: tokyo/app, ip: 172.17.0.10, port: 443}
zonalServices:
  foo:
    network: seoul/app
    domain: foo.internal
    zones: [apne2-az1, apne2-az3]
    listen: {tcp: 8080}
    targets: {group: {image: ami-0123456789abcdef0}}
    discovery: [dns, cloudMap]
alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}
probe: {every: 5m}
allow:
  - {from: [seoul/app, tokyo/app], to: zonalService/foo, tcp: [8080]}
paths:
  one: {from: seoul/app, to: zonalService/foo/apne2-az1}
`

// edited is the service's file with texts replaced, each of which stands in it once.
func edited(t *testing.T, pairs ...string) string {
	t.Helper()
	text := service
	for i := 0; i < len(pairs); i += 2 {
		if n := strings.Count(text, pairs[i]); n != 1 {
			t.Fatalf("%q stands %d times in the file", pairs[i], n)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

const inTwo, inThree = "zones: [apne2-az1, apne2-az3]", "zones: [apne2-az1, apne2-az2, apne2-az3]"

// A new zone adds to the load balancer, and changes nothing else that is there: no address, no rule of a caller, no record.
func TestZonal_NewZoneTouchesNothing(t *testing.T) {
	was, now := planOf(t, service), planOf(t, edited(t, inTwo, inThree))
	changed := map[string]bool{}
	added := []string{}
	for _, s := range now.Stacks {
		for _, r := range s.Resources {
			i := slices.IndexFunc(was.Stack(s.Name).Resources, func(x *topology.Resource) bool { return x.LogicalID == r.LogicalID })
			if i < 0 {
				added = append(added, r.Name)
			} else if diff := cmp.Diff(was.Stack(s.Name).Resources[i], r); diff != "" {
				changed[r.Name] = true
				if r.Name != "zonalService/foo" {
					t.Errorf("%s (-before +after):\n%s", r.Name, diff)
				}
			}
		}
	}
	if len(changed) != 1 {
		t.Errorf("changed: %v, want the load balancer", changed)
	}
	want := []string{"zonalService/foo/cloudMap/instance/apne2-az2", "zonalService/foo/zone/record/apne2-az2", "zonalService/foo/apne2-az2/group", "zonalService/foo/alarm/Unhealthy-apne2-az2"}
	if diff := cmp.Diff(want, added); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	for _, n := range now.Networks {
		if diff := cmp.Diff(was.Network(n.Key).SecurityGroups, n.SecurityGroups, cmp.Comparer(func(x, y netip.Prefix) bool { return x == y })); diff != "" {
			t.Errorf("rules of %s (-before +after):\n%s", n.Key, diff)
		}
	}
}

// A picked address follows from the service's name and the subnet. It is one that AWS lets a load balancer have, in subnets of all sizes.
func TestZonal_AddressesStay(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		bits := 20 + random.IntN(9)
		name := "s" + strings.Repeat("x", random.IntN(8)) + fmt.Sprint(random.IntN(1000))
		text := fmt.Sprintf(`apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}}
networks: {seoul/app: {cidr: 172.16.0.0/16, zones: %%s, tiers: [private/%d]}}
zonalServices:
  %s: {network: seoul/app, domain: %s.internal, listen: {tcp: 80}, targets: {registered: {}}}
%%sallow: [{from: seoul/app, to: zonalService/%s, tcp: [80]}]
`, bits, name, name, name)
		was := planOf(t, fmt.Sprintf(text, "[apne2-az3]", "")).ZonalService(name)
		more := "  another: {network: seoul/app, domain: another.internal, listen: {tcp: 80}, mode: client-routing, targets: {registered: {}}}\n"
		now := planOf(t, fmt.Sprintf(text, "[apne2-az1, apne2-az2, apne2-az3]", more)).ZonalService(name)
		if got := now.Zone("apne2-az3").Address; got != was.Zones[0].Address {
			t.Errorf("%s in a /%d: moved from %s to %s", name, bits, was.Zones[0].Address, got)
		}
		seen := map[netip.Addr]bool{}
		for i, z := range now.Zones {
			a := z.Address.As4()
			offset := uint32(a[2])<<8 + uint32(a[3]) - uint32(i)<<(32-bits) // in the subnet of the zone
			if size := uint32(1) << (32 - bits); offset < size/2 || offset >= size-1 || seen[z.Address] {
				t.Errorf("%s in zone %s of a /%d: got %s, offset %d", name, z.ZoneID, bits, z.Address, offset)
			}
			seen[z.Address] = true
		}
	}
}

func TestZonal_Callers(t *testing.T) {
	for from, want := range map[string][]string{
		"seoul/app":     {"seoul/app"},
		"host/a":        {"seoul/app"},
		"host/far":      {"seoul/app", "tokyo/app"},
		"openvpn/in":    {"seoul/app", "tokyo/app"},
		"\"openvpn/*\"": {"seoul/app", "tokyo/app"},
		"internet":      {"seoul/app"},
	} {
		r := check.Data("t.yaml", []byte(edited(t, "from: [seoul/app, tokyo/app]", "from: "+from, "  one: {from: seoul/app, to: zonalService/foo/apne2-az1}", "  {}", "probe: {every: 5m}\n", "", "paths:\n  {}\n", "")))
		z := r.Plan.ZonalService("foo")
		if z == nil {
			t.Fatalf("%s: %v", from, r.Problems)
		}
		if diff := cmp.Diff(want, z.Callers); diff != "" {
			t.Errorf("%s (-want +got):\n%s", from, diff)
		}
		if zone := r.Plan.HostedZones[0]; !slices.Equal(zone.Networks, z.Callers) || zone.Service != "foo" {
			t.Errorf("%s: the zone %s is known in %v", from, zone.Domain, zone.Networks)
		}
	}
}

// records writes a service's records as a person reads them.
func records(p *topology.Plan) string {
	var out strings.Builder
	for _, z := range p.HostedZones {
		for _, r := range z.Records {
			fmt.Fprintf(&out, "%s %s\n", r.Name, r.Value())
		}
	}
	return out.String()
}

func TestZonal_Records(t *testing.T) {
	hosts := "targets: {hosts: [host/a, host/c]}"
	group := "targets: {group: {image: ami-0123456789abcdef0}}"
	for mode, want := range map[string]string{
		"per-az":         "apne2-az1.foo.internal 172.16.15.238\napne2-az3.foo.internal 172.16.47.238\nfoo.internal the load balancer's healthy zones\n",
		"nlb-per-az":     "apne2-az1.foo.internal 172.16.15.238\napne2-az3.foo.internal 172.16.47.238\nfoo.internal the load balancer in apne2-az1 while it is healthy\nfoo.internal the load balancer in apne2-az3 while it is healthy\n",
		"client-routing": "foo.internal the load balancer's healthy zones\n",
		"direct":         "apne2-az1.foo.internal 172.16.0.10\napne2-az3.foo.internal 172.16.32.10\nfoo.internal 172.16.0.10, 172.16.32.10\n",
	} {
		p := planOf(t, edited(t, group, hosts+"\n    mode: "+mode, "discovery: [dns, cloudMap]", "discovery: dns", "zonalService/foo/apne2-az1}", "zonalService/foo, expect: unreachable}",
			"from: [seoul/app, tokyo/app]", "from: tokyo/app"))
		if diff := cmp.Diff(want, records(p)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", mode, diff)
		}
	}
}

// A zone is measured from within, at its address; the Regional name by who may call it; what must not be reached at an address, because who
// may not call has no name for it.
func TestZonal_Measured(t *testing.T) {
	p := planOf(t, edited(t, "  one: {from: seoul/app, to: zonalService/foo/apne2-az1}\n", `
  three: {from: seoul/app, to: zonalService/foo/apne2-az3}
  one: {from: seoul/app, to: zonalService/foo/apne2-az1}
  across: {from: host/a, to: zonalService/foo/apne2-az3}
  far: {from: tokyo/app, to: zonalService/foo/apne2-az3}
  all: {from: tokyo/app, to: zonalService/foo}
  host: {from: seoul/app, to: host/far}
`, "tcp: [8080]}\n", "tcp: [8080]}\n  - {from: seoul/app, to: host/far, tcp: [443]}\n"))
	for name, want := range map[string]struct {
		at  string
		aim topology.Aim
	}{
		"one":   {"seoul/app/private-apne2-az1", topology.Aim{Address: "172.16.15.238", Port: 8080, ZoneID: "apne2-az1"}},
		"three": {"seoul/app/private-apne2-az3", topology.Aim{Address: "172.16.47.238", Port: 8080, ZoneID: "apne2-az3"}},
		"far":   {"tokyo/app/private-apne1-az1", topology.Aim{Address: "172.16.47.238", Port: 8080, ZoneID: "apne2-az3"}},
		"all":   {"tokyo/app/private-apne1-az1", topology.Aim{Address: "foo.internal", Port: 8080}},
		"host":  {"seoul/app/private-apne2-az1", topology.Aim{Address: "172.17.0.10", Port: 443, ZoneID: "apne1-az1"}},
	} {
		i := slices.IndexFunc(p.Paths, func(x *topology.Path) bool { return x.Name == name })
		x := p.Paths[i]
		if x.At != want.at || p.AimOf(x) != want.aim {
			t.Errorf("%s: from %s at %+v, want %s at %+v", name, x.At, p.AimOf(x), want.at, want.aim)
		}
	}
	z := p.ZonalService("foo")
	if diff := cmp.Diff([]topology.ZoneLatency{{ZoneID: "apne2-az1", Path: "one"}, {ZoneID: "apne2-az3", Path: "three"}}, z.Latencies); diff != "" {
		t.Errorf("paths of zones (-want +got):\n%s", diff)
	}
	if !p.HasZoneAlarms(z) {
		t.Error("no alarm compares the zones")
	}
	if alone := planOf(t, service); alone.HasZoneAlarms(alone.ZonalService("foo")) {
		t.Error("an alarm compares one zone with none")
	}
	shut := planOf(t, edited(t, "from: [seoul/app, tokyo/app]", "from: seoul/app", "tcp: [8080]}\n", "tcp: [8080]}\n  - {from: tokyo/app, to: seoul/app, tcp: [22]}\n", "  one: {from: seoul/app, to: zonalService/foo/apne2-az1}", "  no: {from: tokyo/app, to: zonalService/foo, expect: unreachable}"))
	if x := shut.Paths[0]; !x.Proven || shut.AimOf(x).Address != "172.16.15.238" {
		t.Errorf("proven %t, measured at %+v: %s", x.Proven, shut.AimOf(x), x.Why)
	}
}

// The name of a service without a load balancer leads to any of its targets, so a path holds only if all of them can be reached.
func TestZonal_DirectPathsMeetEveryTarget(t *testing.T) {
	direct := func(allow string) *check.Result {
		return check.Data("t.yaml", []byte(edited(t, "targets: {group: {image: ami-0123456789abcdef0}}", "targets: {hosts: [host/a, host/c]}\n    mode: direct",
			"to: zonalService/foo, tcp: [8080]}", allow, "zonalService/foo/apne2-az1}", "zonalService/foo}")))
	}
	if r := direct("to: zonalService/foo, tcp: [8080]}"); !r.OK() || !r.Plan.Paths[0].Proven {
		t.Errorf("both targets are open: %v", r.Problems)
	}
	if r := direct("to: host/a, tcp: [8080]}"); r.OK() || r.Plan.Paths[0].Proven {
		t.Error("one of two targets is open, and the path is proven")
	}
}

// Targets are told by address or, where nobody knows it, by the id of an instance.
func TestZonal_TargetsByInstance(t *testing.T) {
	z := planOf(t, edited(t, "a: {network: seoul/app, ip: 172.16.0.10, port: 8080}", "a: {network: seoul/inst, zone: apne2-az1, instance: i-0123456789abcdef0, port: 8080}",
		"c: {network: seoul/app, ip: 172.16.32.10, port: 8080}", "c: {network: seoul/inst, zone: apne2-az3, instance: i-0123456789abcdef1, port: 8080}",
		"  tokyo/app: {cidr", "  seoul/inst: {cidr: 172.18.0.0/16, zones: [apne2-az1, apne2-az3], tiers: [private/20]}\n  tokyo/app: {cidr",
		"    network: seoul/app\n", "    network: seoul/inst\n", "targets: {group: {image: ami-0123456789abcdef0}}", "targets: {hosts: [host/a, host/c]}",
		"  one: {from: seoul/app, to: zonalService/foo/apne2-az1}\n", "  one: {from: seoul/inst, to: zonalService/foo/apne2-az1}\n",
		"from: [seoul/app, tokyo/app], to: zonalService/foo, tcp: [8080]}\n", "from: seoul/inst, to: zonalService/foo, tcp: [8080]}\n  - {from: zonalService/foo, to: [host/a, host/c], tcp: [8080]}\n")).ZonalService("foo")
	if z.TargetType != "instance" || z.TargetPort != 8080 || !slices.Equal(z.Zones[1].Targets, []string{"c"}) {
		t.Errorf("got %s targets on %d: %v", z.TargetType, z.TargetPort, z.Zones[1].Targets)
	}
}

// Load balancers of all kinds count against one quota of a Region.
func TestZonal_Quota(t *testing.T) {
	services := func(n int) string {
		var names, allow strings.Builder
		for i := range n {
			fmt.Fprintf(&names, "  s%d: {network: seoul/app, domain: s%d.internal, listen: {tcp: 80}, mode: nlb-per-az, targets: {registered: {}}}\n", i, i)
			fmt.Fprintf(&allow, "  - {from: seoul/app, to: zonalService/s%d, tcp: [80]}\n", i)
		}
		return edited(t, "zonalServices:\n", "zonalServices:\n"+names.String(), "allow:\n", "allow:\n"+allow.String())
	}
	over := func(n int) bool {
		return slices.ContainsFunc(check.Data("t.yaml", []byte(services(n))).Problems, func(p problem.Problem) bool {
			return p.Code == problem.QuotaExceeded && strings.Contains(p.Message, "Network Load Balancers per Region")
		})
	}
	if over(16) || !over(17) { // three each, and that of foo
		t.Errorf("49 load balancers are too many: %t; 52 are: %t", over(16), over(17))
	}
}

// What Cloud Map does not take as a name is found before templates are made.
func TestZonal_CloudMapNames(t *testing.T) {
	long := strings.Repeat("a", 65)
	direct := func(host string) *check.Result {
		return check.Data("t.yaml", []byte(edited(t, "targets: {group: {image: ami-0123456789abcdef0}}", "targets: {hosts: [host/"+host+", host/c]}\n    mode: direct",
			"  a: {network: seoul/app, ip", "  "+host+": {network: seoul/app, ip")))
	}
	if r := direct(long[1:]); !r.OK() {
		t.Errorf("a name of 64 characters: %v", r.Problems)
	}
	if r := direct(long); !slices.ContainsFunc(r.Problems, func(p problem.Problem) bool {
		return p.Code == problem.ZonalTarget && p.Path == "zonalServices[foo].targets.hosts" && strings.Contains(p.Message, "got 65 characters")
	}) {
		t.Errorf("a name of 65 characters: %v", r.Problems)
	}
}
