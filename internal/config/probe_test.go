package config

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const probeHead = "apiVersion: pathproof/probe/v1\n"

// probeSeeds are good documents, and almost good ones.
var probeSeeds = []string{
	probeHead + "paths: {a: {tcp: '10.0.0.1:22'}}\n",
	probeHead + `defaults: {count: 200, interval: 20ms, confidence: 0.99}
paths:
  direct: {tcp: "10.20.1.10:7007", sourcePorts: 16, tunnels: 2, waitFor: {within: 10m}}
  web: {http: "https://example.com/health", expect: {status: 200, header: {X-Region: us-west-2}, body: ^ok, certificate: 30d}}
  names: {dns: 10.0.0.2, query: {name: app.corp.internal}, expect: {within: 10.0.0.0/8}}
  closed: {tcp: "[2001:db8::1]:7007", expect: {connect: never}}
slo:
  - direct: p50(connect) < 65ms
  - compare: p50(direct.connect) < 0.9 * p50(closed.connect)
compare: [{path: direct, with: closed, phase: connect}]
policy: {onInconclusive: fail, latency: strict, margin: "1ms,5%", looks: 3}
`,
	probeHead + "paths: {a: {tcp: x}}\nslo: [{a: 1}, b]\n",
	probeHead + "paths: {a: {http: 'ftp://x'}, B: {}}\npolicy: {margin: 1}\n",
}

func TestParseProbe(t *testing.T) {
	doc, list := ParseProbe("probe.yaml", []byte(probeSeeds[1]))
	if len(list) > 0 {
		t.Fatal(list)
	}
	f := doc.File
	if f.Defaults.Count != 200 || f.Defaults.Warmup != 3 || time.Duration(f.Defaults.Interval) != 20*time.Millisecond {
		t.Errorf("defaults: got %+v", f.Defaults)
	}
	direct := f.Paths["direct"]
	if direct.TCP != (HostPort{"10.20.1.10", 7007}) || direct.WaitFor.Consecutive != 3 || time.Duration(direct.WaitFor.Within) != 10*time.Minute {
		t.Errorf("direct: got %+v", direct)
	}
	if got := f.Paths["names"].Expect.Within; len(got) != 1 || got[0].Prefix != netip.MustParsePrefix("10.0.0.0/8") {
		t.Errorf("within: got %v", got)
	}
	if f.Policy.Margin != (Margin{time.Millisecond, 0.05}) || f.Policy.Shares != "point" {
		t.Errorf("policy: got %+v", f.Policy)
	}
	if diff := cmp.Diff([]map[Name]string{{"direct": "p50(connect) < 65ms"}, {"compare": "p50(direct.connect) < 0.9 * p50(closed.connect)"}}, f.SLO); diff != "" {
		t.Error(diff)
	}
}

func TestParseProbe_ReportsEverything(t *testing.T) {
	src := probeHead + `defaults: {count: many, interval: 50ns}
paths:
  Direct: {tcp: "10.20.1.10"}
  web: {http: "ftp://example.com", expect: {status: [ok], connect: sometimes, body: "("}}
slo: [{web: 5}]
policy: {margin: 2, latency: hard}
extra: 1
`
	doc, list := ParseProbe("probe.yaml", []byte(src))
	var got []string
	for _, p := range list {
		line, _, _ := strings.Cut(p.Format(doc.Name, doc.Lines), "\n")
		got = append(got, line)
	}
	want := []string{
		`probe.yaml:2:19: error NET003 defaults.count: not a whole number, got "many"; use a plain whole number without quotes, like 1200`,
		`probe.yaml:2:35: error NET003 defaults.interval: not a duration, got "50ns"; write a number and us, ms, s, m, h or d, like 30s`,
		`probe.yaml:4:3: error NET006 paths[Direct]: not a valid key, got "Direct"; use lower-case letters, digits and single hyphens, starting with a letter`,
		`probe.yaml:4:17: error NET003 paths[Direct].tcp: not host:port, got "10.20.1.10"; write it like 10.20.1.10:7007 or [2001:db8::1]:443`,
		`probe.yaml:5:15: error NET003 paths[web].http: not an http or https URL, got "ftp://example.com"; write it like https://example.com/health, without a user`,
		`probe.yaml:5:54: error NET003 paths[web].expect.status[0]: not a whole number, got "ok"; use a plain whole number without quotes, like 1200`,
		`probe.yaml:5:68: error NET003 paths[web].expect.connect: unknown value, got "sometimes"; use never, unreachable`,
		`probe.yaml:5:85: error NET003 paths[web].expect.body: no regular expression, got "("; write it in Go's syntax, like ^ok`,
		`probe.yaml:6:13: error NET003 slo[0][web]: not a string, got 5 (a number to YAML); put it in quotes, like "5"`,
		`probe.yaml:7:18: error NET003 policy.margin: not a margin, got "2"; write a time, a percentage or both, like 0.25ms,2%`,
		`probe.yaml:7:30: error NET003 policy.latency: unknown value, got "hard"; use strict, lenient, point`,
		`probe.yaml:8:1: error NET002 extra: unknown key, got "extra"; use apiVersion, compare, defaults, paths, policy, slo`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if doc.File != nil {
		t.Error("there is a file all the same")
	}
}

// An editor that has the schema shows no error in a good document, and one in each bad one.
func TestProbeSchemaAgrees(t *testing.T) {
	schema := compileSchema(t, reflect.TypeFor[ProbeFile]())
	for i, src := range probeSeeds {
		root, list := parseYAML(src, strings.Split(src, "\n"), "")
		if root == nil || len(list) > 0 {
			t.Fatal(list)
		}
		_, problems := ParseProbe("probe.yaml", []byte(src))
		if err := schema.Validate(plain(root)); (err == nil) != (len(problems) == 0) {
			t.Errorf("document %d: the schema says %v, the loader %v", i, err, problems)
		}
	}
}

func TestMargin(t *testing.T) {
	for text, want := range map[string]Margin{
		"1ms": {Abs: time.Millisecond}, "100us": {Abs: 100 * time.Microsecond}, "2%": {Rel: 0.02}, "0.25ms,2%": {250 * time.Microsecond, 0.02}, "5%, 1s": {time.Second, 0.05},
	} {
		var m Margin
		if err := m.UnmarshalText([]byte(text)); err != nil || m != want {
			t.Errorf("%s: got %v and %v", text, m, err)
		}
	}
	for _, text := range []string{"", "1", "1ms,2ms", "1%,2%", "1ms,2%,3%", "101%", "-1ms", "1ns"} {
		if err := new(Margin).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}
