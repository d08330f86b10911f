package change_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

const (
	reference = "testdata/network.yaml"
	mesh      = "../check/testdata/good/mesh.yaml"
	waysIn    = "../check/testdata/good/ways.yaml"
	zonal     = "testdata/zonal.yaml"
)

// edit replaces texts of a configuration, each of which stands in it exactly once.
type edit [][2]string

func (e edit) apply(t *testing.T, text string) string {
	t.Helper()
	for _, r := range e {
		if n := strings.Count(text, r[0]); n != 1 {
			t.Fatalf("%q stands %d times in the configuration, want 1", r[0], n)
		}
		text = strings.Replace(text, r[0], r[1], 1)
	}
	return text
}

func plan(t *testing.T, name, text string) *check.Result {
	t.Helper()
	r := check.Data(name, []byte(text))
	if !r.OK() {
		var b bytes.Buffer
		_ = r.Print(&b)
		t.Fatalf("the edited configuration is wrong:\n%s", b.String())
	}
	return r
}

// The rest of the reference network when its transit gateway and its site are gone.
var withoutGateway = edit{
	{text(reference, "transitGateways:", "peerings:"), ""},
	{"  idc-target: {site: idc, ip: 10.20.0.10, port: 7007}\n", ""},
	{"  - {from: site/idc, to: seoul/app, tcp: [443, 7007]}\n  - {from: [seoul/app, seoul/vpn], to: site/idc, tcp: [7007]}\n", ""},
	{"  - {from: seoul/vpn, to: seoul/app, tcp: [443, 7007]}\n", ""},
	{text(reference, "  idc: {from: seoul/app", "  isolated:"), ""}, {comparison, ""}, {noOnprem, ""},
	{"  no-transit: {from: site/idc, to: host/tokyo-target, expect: unreachable}\n", ""},
}

// text cuts a part out of a configuration, from one text up to another.
func text(file, from, to string) string {
	all, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	_, rest, found := strings.Cut(string(all), from)
	part, _, more := strings.Cut(rest, to)
	if !found || !more {
		panic(fmt.Sprintf("no %q before %q in %s", from, to, file))
	}
	return from + part
}

const (
	peered      = "  seoul-tokyo: {between: [seoul/vpn, tokyo/service], dns: both}\n"
	peeringPath = "  peering: {from: seoul/vpn, to: host/tokyo-target, via: [peering/seoul-tokyo], slo: p90(connect) < 40ms and fail < 5%}\n"
	comparison  = "compare: # which is faster; measured interleaved\n  - {paths: [people, peering], margin: 2ms}\n"
	noOnprem    = "  no-onprem: {from: tokyo/service, to: host/idc-target, expect: unreachable}\n"
	isolated    = "  isolated: {from: oregon/service, to: host/app-target, expect: unreachable}\n"
	measuring   = "probe: {every: 5m} # measures after each deployment, and every five minutes\n"
	peeringOpen = "  - {from: seoul/vpn, to: tokyo/service, tcp: [7007], icmp: true}\n"
	noTransit   = "  no-transit: {from: site/idc, to: host/tokyo-target, expect: unreachable}\n"
	// meshPeered is the mesh network's transit gateway peering; meshStatic makes its site static.
	meshFar = "tokyo: {region: tokyo, asn: 64513, segments: {cloud: {attach: [tokyo/app], reaches: [cloud, far]}, far: {attach: [peering/tgw], reaches: [cloud]}}}"
)

// changes are compared with golden files of the same name, which hold the problems and the report.
var changes = map[string]struct {
	file          string
	before, after edit
	stored        [2]string // a text of the stored plan that another version of pathproof wrote in another way
	allow         []string
}{
	"other-version": {file: reference, stored: [2]string{"TransitGatewayseoul14F2D356", "TransitGatewaySeoul00000000"}},
	"other-type":    {file: reference, stored: [2]string{"AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"}},
	"nothing":       {file: reference},
	"tag-and-path":  {file: reference, after: edit{{"Owner: platform", "Owner: network"}, {isolated, ""}}},
	"network-added": {file: reference, after: edit{{"  oregon/edge:\n", "  seoul/new: {cidr: 172.20.0.0/16, zones: [apne2-az1], tiers: [private/20, attach/28]}\n  oregon/edge:\n"},
		{"attach: [seoul/app, seoul/vpn]", "attach: [seoul/app, seoul/vpn, seoul/new]"}}},
	"zone-added":         {file: reference, after: edit{{"zones: [usw2-az1, usw2-az2]", "zones: [usw2-az1, usw2-az2, usw2-az3]"}}},
	"zone-removed":       {file: reference, after: edit{{"zones: [apne2-az1, apne2-az3]\n    tiers: [private/27]", "zones: [apne2-az1]\n    tiers: [private/27]"}}},
	"zone-removed-tgw":   {file: reference, after: edit{{"zones: [apne2-az1, apne2-az2, apne2-az3]", "zones: [apne2-az1, apne2-az2]"}}},
	"block-changed":      {file: reference, after: edit{{"cidr: 172.16.0.0/16", "cidr: 172.18.0.0/16"}, {"ip: 172.16.0.10", "ip: 172.18.0.10"}}},
	"block-allowed":      {file: reference, after: edit{{"cidr: 172.16.0.0/16", "cidr: 172.18.0.0/16"}, {"ip: 172.16.0.10", "ip: 172.18.0.10"}}, allow: []string{"network/seoul/app"}},
	"block-peered":       {file: reference, after: edit{{"cidr: 172.30.0.0/24", "cidr: 172.31.0.0/24"}, {"ip: 172.30.0.10", "ip: 172.31.0.10"}}, allow: []string{"network/seoul/web"}},
	"subnet-moved":       {file: reference, after: edit{{"public: {usw2-az1: 10.0.0.192/26, usw2-az2: 10.0.0.128/26}", "public: {usw2-az1: 10.0.0.192/26, usw2-az2: 10.0.0.0/26}"}, {"ip: 10.0.0.227", "ip: 10.0.0.228"}}},
	"subnet-zone-swap":   {file: reference, after: edit{{"public: {usw2-az1: 10.0.0.192/26, usw2-az2: 10.0.0.128/26}", "public: {usw2-az1: 10.0.0.128/26, usw2-az2: 10.0.0.192/26}"}}},
	"peering-removed":    {file: reference, after: edit{{peered, ""}, {peeringPath, ""}, {comparison, ""}, {peeringOpen, ""}}},
	"peering-renamed":    {file: reference, after: edit{{"  seoul-tokyo: {between", "  far: {between"}, {"via: [peering/seoul-tokyo]", "via: [peering/far]"}}},
	"gateway-address":    {file: reference, after: edit{{"ip: 203.0.113.10", "ip: 203.0.113.11"}}},
	"gateway-renamed":    {file: reference, after: edit{{"fw1: {ip: 203.0.113.10", "fw2: {ip: 203.0.113.10"}, {"fw1: {gateway: fw1", "fw1: {gateway: fw2"}}},
	"connection-renamed": {file: reference, after: edit{{"fw1: {gateway: fw1", "main: {gateway: fw1"}}},
	"tunnel-options":     {file: reference, after: edit{{"      failover: 30s\n", "      failover: 30s\n      tunnel: {dpdTimeout: 40s}\n"}}},
	"segment-moved":      {file: reference, after: edit{{"attach: [seoul/app, seoul/vpn], reaches: [cloud, onprem]}", "attach: [seoul/app], reaches: [cloud, onprem, people]}\n      people: {attach: [seoul/vpn], reaches: [cloud, onprem]}"}, {"onprem: {attach: [site/idc], reaches: [cloud]}", "onprem: {attach: [site/idc], reaches: [cloud, people]}"}}},
	"segment-merged": {file: reference, before: edit{{"attach: [seoul/app, seoul/vpn], reaches: [cloud, onprem]}", "attach: [seoul/app], reaches: [cloud, onprem, people]}\n      people: {attach: [seoul/vpn], reaches: [cloud, onprem]}"}, {"onprem: {attach: [site/idc], reaches: [cloud]}", "onprem: {attach: [site/idc], reaches: [cloud, people]}"}},
		after: nil},
	"transit-gateway-asn":     {file: reference, after: edit{{"asn: 64512", "asn: 64600"}}, allow: []string{"transitGateway/seoul"}},
	"site-removed":            {file: reference, after: siteRemoved},
	"transit-gateway-removed": {file: reference, after: withoutGateway, allow: []string{"transitGateway/seoul", "site/idc"}},
	"network-removed":         {file: reference, after: edit{{text(reference, "  oregon/service:", "  oregon/edge:"), ""}, {"  oregon-target: {network: oregon/service, ip: 10.0.0.227, port: 7007}\n", ""}, {isolated, ""}, {"  - {from: oregon/service, to: internet, tcp: [443]}\n", ""}}, allow: []string{"network/oregon/service"}},
	"region-removed": {file: reference, after: edit{{"  tokyo: {region: ap-northeast-1}\n", ""}, {text(reference, "  tokyo/service:", "  oregon/service:"), ""}, {peered, ""}, {peeringPath, ""}, {comparison, ""}, {peeringOpen, ""}, {noTransit, ""}, {noOnprem, ""},
		{"  tokyo-target: {network: tokyo/service, ip: 172.31.26.253, port: 7007}\n", ""}}, allow: []string{"network/tokyo/service"}},
	"segment-renamed": {file: reference, after: edit{{"onprem: {attach: [site/idc], reaches: [cloud]}", "dc: {attach: [site/idc], reaches: [cloud]}"}, {"reaches: [cloud, onprem]", "reaches: [cloud, dc]"}}},
	"network-renamed": {file: mesh, after: edit{{"  tokyo/app:\n", "  tokyo/www:\n"}, {"attach: [tokyo/app]", "attach: [tokyo/www]"}, {"{network: tokyo/app, ip", "{network: tokyo/www, ip"}, {"to: tokyo/app, tcp", "to: tokyo/www, tcp"}}, allow: []string{"network/tokyo/app"}},
	"gateway-removed": {file: reference, before: edit{{"      fw1: {ip: 203.0.113.10, asn: 65010, device: fortigate}\n", "      fw1: {ip: 203.0.113.10, asn: 65010, device: fortigate}\n      fw2: {ip: 203.0.113.20, asn: 65010}\n"},
		{"        fw1: {gateway: fw1, inside: [169.254.110.0/30, 169.254.114.0/30]}\n", "        fw1: {gateway: fw1, inside: [169.254.110.0/30, 169.254.114.0/30]}\n        fw2: {gateway: fw2, inside: [169.254.120.0/30, 169.254.124.0/30]}\n"}}, allow: []string{"site/idc/vpnConnection/fw2"}},
	"last-peerings-removed": {file: reference, after: edit{{text(reference, "peerings:", "hosts:"), ""}, {peeringPath, ""}, {comparison, ""}, {peeringOpen, ""},
		{"  proxy: {from: oregon/edge, to: host/web-target, via: [peering/web-edge], slo: p90(connect) < 150ms and fail < 5%}\n", ""}, {"  - {from: oregon/edge, to: seoul/web, tcp: [80]}\n", ""}}},
	"last-network-removed": {file: reference, after: edit{{text(reference, "  tokyo/service:", "  oregon/service:"), ""}, {peered, ""}, {peeringPath, ""}, {comparison, ""}, {peeringOpen, ""}, {noTransit, ""}, {noOnprem, ""},
		{"  tokyo-target: {network: tokyo/service, ip: 172.31.26.253, port: 7007}\n", ""}}, allow: []string{"network/tokyo/service"}},
	"alerts-removed":  {file: reference, after: edit{{"alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}\n", ""}, {measuring, ""}}},
	"nat-removed":     {file: reference, before: natPerZone, after: natRemoved},
	"static-replaced": {file: mesh, before: meshStatic(false), after: meshStatic(true), allow: []string{"site/idc"}},
	"vpc-peering-to-transit-gateway-peering": {file: mesh, before: edit{
		{meshFar, "tokyo: {region: tokyo, asn: 64513, segments: {cloud: {attach: [tokyo/app], reaches: [cloud]}}}"},
		{"reaches: [cloud, onprem, far]", "reaches: [cloud, onprem]"}, {"      far: {attach: [peering/tgw], reaches: [cloud]}\n", ""},
		{"  tgw: {between: [seoul, tokyo], mode: transitGateway}", "  direct: {between: [seoul/app, tokyo/app]}"}}, after: nil},
	"ways-in": {file: waysIn, after: edit{{"al2023@2023.12.20260803.1", "al2023@2023.13.20260901"}, {"pool: 10.252.0.0/20", "pool: 10.254.0.0/20"},
		{"box: {tcp: 8000-8010", "box: {tcp: 8000-8005"}, {"zone: apne1-az1, pki: main, listen: {udp: 1194}", "zone: apne1-az4, pki: main, listen: {udp: 1194}"}}},
	"zonal-zone-added":            {file: zonal, after: zonalZoneAdded},
	"zonal-zone-removed":          {file: zonal, before: zonalZoneAdded},
	"zonal-address":               {file: zonal, after: edit{{"    listen: {tcp: 8080}\n", "    listen: {tcp: 8080}\n    addresses: {apne2-az1: 172.16.0.20}\n"}}},
	"zonal-mode":                  {file: zonal, after: edit{{"    listen: {tcp: 8080}\n", "    listen: {tcp: 8080}\n    mode: nlb-per-az\n"}}},
	"zonal-client-routing":        {file: zonal, after: zonalClientRouting},
	"zonal-fixed":                 {file: zonal, before: zonalClientRouting, after: edit{{"    discovery: [dns, cloudMap]\n", ""}, zonalClientRouting[2]}},
	"zonal-domain":                {file: zonal, after: edit{{"domain: foo.internal", "domain: bar.internal"}}},
	"zonal-domain-registered":     {file: zonal, before: zonalDirect, after: edit{{"domain: foo.internal", "domain: bar.internal"}, zonalDirect[0], zonalDirect[1], zonalDirect[2]}},
	"zonal-target-port":           {file: zonal, after: edit{{"image: al2023@2023.12.20260803}", "image: al2023@2023.12.20260803, port: 8081}"}}},
	"zonal-caller-gone":           {file: zonal, after: edit{{"from: [seoul/app, tokyo/app]", "from: [seoul/app]"}, {"  foo: {from: tokyo/app, to: zonalService/foo, via: [peering/over]}\n", ""}}},
	"zonal-removed":               {file: zonal, allow: []string{"zonalService/foo"}, after: edit{{text(zonal, "zonalServices:\n", "allow:\n"), ""}, {text(zonal, "allow:\n", "alerts:"), ""}, {"probe: {every: 5m}\n", ""}}},
	"transit-gateway-peering-end": {file: mesh, after: edit{{"asn: 64513", "asn: 64514"}}, allow: []string{"transitGateway/tokyo"}},
}

var zonalClientRouting = edit{{"    listen: {tcp: 8080}\n", "    listen: {tcp: 8080}\n    mode: client-routing\n"}, {"    discovery: [dns, cloudMap]\n", ""},
	{"  foo-1: {from: seoul/app, to: zonalService/foo/apne2-az1}\n  foo-3: {from: seoul/app, to: zonalService/foo/apne2-az3}\n", ""}}

// zonalDirect has instances that register themselves.
var zonalDirect = edit{{"    listen: {tcp: 8080}\n", "    listen: {tcp: 8080}\n    mode: direct\n"}, {"discovery: [dns, cloudMap]", "discovery: cloudMap"},
	{"  foo-1: {from: seoul/app, to: zonalService/foo/apne2-az1}\n  foo-3: {from: seoul/app, to: zonalService/foo/apne2-az3}\n", ""}}

var zonalZoneAdded = edit{{"    zones: [apne2-az1, apne2-az3]\n", "    zones: [apne2-az1, apne2-az2, apne2-az3]\n"}}

var siteRemoved = edit{
	{"      onprem: {attach: [site/idc], reaches: [cloud]}\n", ""}, {"reaches: [cloud, onprem]", "reaches: [cloud]"},
	{text(reference, "sites:", "peerings:"), ""},
	{"  idc-target: {site: idc, ip: 10.20.0.10, port: 7007}\n", ""},
	{"  - {from: site/idc, to: seoul/app, tcp: [443, 7007]}\n  - {from: [seoul/app, seoul/vpn], to: site/idc, tcp: [7007]}\n", ""},
	{"  idc: {from: seoul/app, to: host/idc-target, via: [transitGateway/seoul, site/idc], flows: 32, slo: p90(connect) < 15ms and fail < 5%}\n  idc-in: {from: site/idc, to: host/app-target, via: [transitGateway/seoul]}\n", ""}, {noTransit, ""}, {noOnprem, ""},
}

var natPerZone = edit{{"    zones: [usw2-az1, usw2-az2]\n    tiers: [public/27]\n    egress: igw", "    zones: [usw2-az1, usw2-az2]\n    tiers: [public/28, private/28]\n    egress: nat-per-zone"}}

// meshStatic makes the mesh network's site static, with or without acceleration.
func meshStatic(accelerated bool) edit {
	return edit{{"      transitGateway: seoul\n", fmt.Sprintf("      transitGateway: seoul\n      routing: static\n      acceleration: %t\n", accelerated)}}
}

func TestCompare(t *testing.T) {
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			before := plan(t, "before.yaml", c.before.apply(t, string(data)))
			after := plan(t, name+".yaml", c.after.apply(t, string(data)))
			report := change.Compare(change.Deployed{Plan: written(t, before.Plan, c.stored)}, after.Plan, c.allow)
			report.Config = name + ".yaml"
			after.Append(report.Problems)
			if len(report.Keep)+len(report.Without) > 0 && after.OK() {
				t.Error("it takes two deployments, and no error says so")
			}
			var out bytes.Buffer
			if err := after.Print(&out); err != nil {
				t.Fatal(err)
			}
			out.WriteString("\n")
			if err := change.Write(&out, report, false); err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, filepath.Join("testdata", name+".txt"), out.String())
		})
	}
}

// Every code of a change is shown by one of the golden files; docs/ERRORS.md takes its examples from them.
func TestCompare_EveryCode(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	for _, code := range []problem.Code{problem.Destroyed, problem.SlotTaken, problem.StackOrder, problem.StackOrphaned, problem.ResourceMoved, problem.ChangeRefused} {
		if !strings.Contains(all.String(), " "+string(code)+" ") {
			t.Errorf("no golden file shows %s", code)
		}
	}
}

// written is a plan as it comes back from where it is stored.
func written(t *testing.T, p *topology.Plan, other [2]string) *topology.Plan {
	t.Helper()
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if other[0] != "" {
		text = bytes.ReplaceAll(text, []byte(other[0]), []byte(other[1]))
	}
	back, err := topology.ReadPlan(text)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// natRemoved leaves the tiers as they are.
var natRemoved = edit{{natPerZone[0][0], strings.Replace(natPerZone[0][1], "nat-per-zone", "igw", 1)}}

// What the documentation shows as printed is what the golden files hold.
func TestDocs_ShowDiffs(t *testing.T) {
	for file, atLeast := range map[string]int{"../../README.md": 1, "../../docs/CHANGES.md": 3, "../../docs/ZONAL.md": 2} {
		shown := regexp.MustCompile("(?s)\\n\\$ .build/pathproof diff ([a-z-]+)\\.yaml --against pathproof\\.yaml[^\\n]*\\n(.*?)```\\n").FindAllStringSubmatch(read(t, file), -1)
		if len(shown) < atLeast {
			t.Errorf("%s shows %d reports, want at least %d", file, len(shown), atLeast)
		}
		for _, x := range shown {
			if diff := cmp.Diff(read(t, "testdata/"+x[1]+".txt"), x[2]); diff != "" {
				t.Errorf("%s differs from testdata/%s.txt (-file +docs):\n%s", file, x[1], diff)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		allowed, resource string
		want              bool
	}{
		{"network/seoul/app", "network/seoul/app", true},
		{"network/seoul/app/", "network/seoul/app", true},
		{"network/seoul/app", "network/seoul/app/natGateway/eip", true},
		{"network/seoul/app/natGateway/", "network/seoul/app/natGateway/eip", true},
		{"network/seoul/ap", "network/seoul/app", false},
		{"network/seoul", "network/seoul/app", false},
		{"network/seoul/", "network/seoul/app", false},
		{"network", "network/seoul/app", false},
		{"", "network/seoul/app", false},
		{"/", "/network", false},
		{"site/idc", "site/idc/vpnConnection/fw1", true},
		{"site", "site/idc/vpnConnection/fw1", false},
		{"transitGateway/seoul", "transitGateway/seoul", true},
		{"alerts/key", "alerts/key", true},
		{"alerts", "alerts/key", true},
	} {
		if got := change.Names(c.allowed, c.resource); got != c.want {
			t.Errorf("%q names %q: %t, want %t", c.allowed, c.resource, got, c.want)
		}
	}
}
