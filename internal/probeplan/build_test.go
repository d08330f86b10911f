package probeplan

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
)

const head = "apiVersion: pathproof/probe/v1\n"

func build(t *testing.T, text string) (*Run, []string) {
	t.Helper()
	doc, list := config.ParseProbe("p.yaml", []byte(head+text))
	if doc.File == nil {
		t.Fatal(list)
	}
	run, list := Build(doc, nil)
	var lines []string
	for _, p := range list {
		line, _, _ := strings.Cut(p.Format("p.yaml", doc.Lines), "\n")
		lines = append(lines, line)
	}
	return run, lines
}

func TestBuild(t *testing.T) {
	run, list := build(t, `defaults: {count: 400, interval: 20ms, timeout: 1s, warmup: 0, inFlight: 2, confidence: 0.99}
paths:
  vpn: {echo: "10.30.1.10:7007", sourcePorts: 16, tunnels: 2, family: v4, source: 10.0.0.1, waitFor: {within: 1m, consecutive: 5, every: 1s}}
  peering: {tcp: "10.20.1.10:7007"}
  web: {http: "https://example.com/x", request: {method: HEAD, header: {A: b}, version: "1.1", connect: 192.0.2.1, reuse: true}, expect: {status: [200, 204], header: {C: d}, body: ^ok, certificate: 30d}}
  names: {dns: "10.0.0.2:5353", query: {name: app.corp.internal, type: AAAA}, expect: {within: "2001:db8::/32"}}
  ping: {icmp: 10.20.1.10}
  shut: {udp: "10.99.0.5:7007", expect: {connect: unreachable}}
slo:
  - peering: p50(connect) < 65ms and fail < 5%
  - compare: p50(peering.connect) < 0.9 * p50(vpn.connect)
compare: [{path: peering, with: vpn}, {path: peering, with: web}]
policy: {onInconclusive: fail, latency: strict, shares: lenient, margin: 1ms, looks: 3}
`)
	if len(list) > 0 {
		t.Fatal(list)
	}
	p := run.Plan
	if p.Count != 400 || p.Interval != 20*time.Millisecond || p.Timeout != time.Second || p.Warmup != -1 || p.InFlight != 2 || p.MaxLooks != 3 || p.More == nil {
		t.Errorf("plan: got %+v", p)
	}
	var names []string
	for _, path := range p.Paths {
		names = append(names, path.Name+" "+string(path.Prober.Kind())+" "+string(path.Expect))
	}
	want := []string{"names dns ", "peering tcp ", "ping icmp ", "shut udp-echo unreachable", "vpn tcp-echo ", "web http "}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	vpn := p.Paths[4]
	if e := vpn.Prober.(*probe.TCPEcho); e.Host != "10.30.1.10" || e.Port != 7007 || e.Family != probe.IPv4 || e.Source.String() != "10.0.0.1" {
		t.Errorf("vpn: got %+v", e)
	}
	if vpn.Flows != 16 || vpn.Tunnels != 2 || *vpn.Ready != (probe.Ready{Within: time.Minute, Consecutive: 5, Poll: time.Second}) {
		t.Errorf("vpn: got %+v", vpn)
	}
	web := p.Paths[5].Prober.(*probe.HTTP)
	if web.URL != "https://example.com/x" || web.Method != "HEAD" || web.Pin.String() != "192.0.2.1" || !web.Reuse || web.Version != probe.HTTP1 ||
		len(web.Expect.Status) != 2 || web.Expect.Body.String() != "^ok" || web.Expect.CertificateFor != 720*time.Hour || web.Header["A"] != "b" || web.Expect.Header["C"] != "d" {
		t.Errorf("web: got %+v", web)
	}
	if dns := p.Paths[0].Prober.(*probe.DNSProbe); dns.Port != 5353 || dns.Type != "AAAA" || dns.Name != "app.corp.internal" || len(dns.Within) != 1 {
		t.Errorf("dns: got %+v", dns)
	}
	o := run.Judge
	if !o.Strict || o.Latency != slo.Strict || o.Shares != slo.Lenient || o.Confidence != 0.99 || o.Margin.Abs != time.Millisecond || o.Margin.Rel != 0 {
		t.Errorf("policy: got %+v", o)
	}
	if diff := cmp.Diff([]report.Pair{{A: "peering", B: "vpn", Phase: "connect"}, {A: "peering", B: "web", Phase: "connect"}}, o.Compare); diff != "" {
		t.Error(diff)
	}
	if len(o.Objectives) != 2 || o.Objectives[0].Path != "peering" || o.Objectives[1].Path != "" {
		t.Errorf("objectives: got %+v", o.Objectives)
	}
}

func TestBuild_Refuses(t *testing.T) {
	for text, want := range map[string]string{
		"paths: {a: {icmp: 'a b'}}":                                                                     `p.yaml:2:19: error NET003 paths[a].icmp: not a host, got "a b"; write a name or an address`,
		"paths: {a: {dns: 'a:b', query: {name: x}}}":                                                    `p.yaml:2:18: error NET003 paths[a].dns: not a server, got "a:b"; write host or host:port, like 10.0.0.2`,
		"paths: {compare: {icmp: a}}":                                                                   `p.yaml:2:18: error NET006 paths[compare]: a name that objectives use for themselves, got "compare"; choose another`,
		"paths: {a: {icmp: a, expect: {connect: never}}}\nslo: [{a: fail < 5%}]":                        `p.yaml:3:11: error NET007 slo[0][a]: a path that must not work has no latency, got a; name one that is expected to answer`,
		"paths: {a: {icmp: a}}\nslo: [{a: 'fail < 5% and p50(wiat) < 5ms'}]":                            `p.yaml:3:30: error NET005 slo[0][a]: no such phase of a, got "wiat"; use wait`,
		"paths: {a: {icmp: a}}\ndefaults: {count: 0}":                                                   `p.yaml:3:19: error NET003 defaults.count: out of range, got 0; use 1 to 10000000`,
		"paths: {a: {icmp: a}}\ndefaults: {confidence: 1}":                                              `p.yaml:3:24: error NET003 defaults.confidence: out of range, got 1; use 0.5 to 0.9999, like 0.95`,
		"paths: {a: {icmp: a}}\ndefaults: {duration: 1m}\npolicy: {looks: 2}":                           `p.yaml:4:17: error NET007 policy.looks: does not go with a duration, got 2 looks; give count in place of duration`,
		"paths: {a: {icmp: a}}\nslo: [{a: p99(wait) < 5ms}]":                                            `p.yaml:3:11: error NET003 slo[0][a]: 100 probes of a cannot prove it at 95%, got p99(wait) < 5ms; plan n=299 or more`,
		"paths: {a: {icmp: a}}\nslo: [{a: 'p50(wait) < 5ms'}, {a: p50(wait) > 6ms}]":                    `p.yaml:3:12: error NET007 slo[0][a]: contradict each other, got p50(wait) < 5ms and p50(wait) > 6ms; change one of them`,
		"paths: {a: {tcp: '[::1]:22', source: 10.0.0.1}}":                                               `p.yaml:2:38: error NET007 paths[a].source: not of the target's family, got 10.0.0.1 for ::1; give one of the same`,
		"paths: {a: {icmp: a}, b: {tcp: 'b:1'}}\ncompare: [{path: b, with: a, phase: total}]":           `p.yaml:3:37: error NET005 compare[0].phase: no such phase of a, got total; use [wait]`,
		"paths: {a: {echo: 'a:1'}, b: {http: 'http://b'}}\ncompare: [{path: a, with: b}]":               `p.yaml:3:11: error NET007 compare[0]: wait of a tcp-echo and of a http probe is timed by different clocks, the kernel's and the program's; measure both the same way`,
		"paths: {a: {echo: 'a:1'}, b: {http: 'http://b'}}\nslo: [{compare: p50(a.wait) < p50(b.wait)}]": `p.yaml:3:17: error NET007 slo[0][compare]: compares what the kernel times with what the program times, got p50(a.wait) < p50(b.wait); compare the same phase of probes of one kind`,
		"paths: {a: {http: 'http://x', expect: {status: 99}}}":                                          `p.yaml:2:48: error NET003 paths[a].expect.status[0]: out of range, got 99; use 100 to 599`,
	} {
		_, list := build(t, text)
		if len(list) == 0 || list[0] != want {
			t.Errorf("%s:\ngot  %q\nwant %q", text, list, want)
		}
	}
}

// Looks double the sample, so what one look could not prove, the last can; but each must be surer.
func TestBuild_LooksCountAsPlanned(t *testing.T) {
	if _, list := build(t, "defaults: {count: 200}\npaths: {a: {icmp: a}}\nslo: [{a: p99(wait) < 5ms}]\npolicy: {looks: 2}\n"); len(list) > 0 {
		t.Errorf("400 probes prove p99 at 97.5%%: got %q", list)
	}
	if _, list := build(t, "defaults: {count: 150}\npaths: {a: {icmp: a}}\nslo: [{a: p99(wait) < 5ms}]\npolicy: {looks: 2}\n"); len(list) != 1 || !strings.Contains(list[0], "plan n=368 or more") {
		t.Errorf("300 probes do not: got %q", list)
	}
}

func TestBuild_LongRunFolds(t *testing.T) {
	run, list := build(t, "defaults: {duration: 3h}\npaths: {a: {icmp: a}}\n")
	if len(list) > 0 || run.Judge.Long == nil || run.Plan.OnSample == nil {
		t.Errorf("got %q, long %v", list, run.Judge.Long)
	}
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]string{
		"tcp://10.0.0.1:22":                                "10.0.0.1:22 tcp 10.0.0.1 22",
		"web=https://example.com/x":                        "web http https://example.com/x 0",
		"http://example.com/":                              "example.com http http://example.com/ 0",
		"echo://[2001:db8::1]:7007/":                       "[2001:db8::1]:7007 tcp-echo 2001:db8::1 7007",
		"udp://a:7007":                                     "a:7007 udp-echo a 7007",
		"icmp://[2001:db8::1]":                             "[2001:db8::1] icmp 2001:db8::1 0",
		"dns://10.0.0.2/app.corp.internal?type=aaaa":       "10.0.0.2/app.corp.internal?type=aaaa dns 10.0.0.2 53",
		"names=dns://[2001:db8::2]:5353/app.corp.internal": "names dns 2001:db8::2 5353",
		"a=b=tcp://10.0.0.1:22":                            `error unknown scheme, got "b=tcp"; use tcp, echo, udp, http, https, dns or icmp`,
		"dns://10.0.0.2/x?type=any":                        "error unknown type of record, got \"any\"; use A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT",
		"tcp://10.0.0.1:0":                                 `error not host:port, got "10.0.0.1:0"; write it like 10.20.1.10:7007 or [2001:db8::1]:443`,
	} {
		name, path, err := ParseTarget(text)
		got := "error "
		if err != nil {
			got += err.Error()
		} else {
			doc := &Document{File: config.NewProbeFile()}
			doc.File.Paths[config.Name(name)] = path
			run, list := Build(doc, []string{name})
			if list.Has(problem.Error) {
				t.Fatal(list)
			}
			p := run.Plan.Paths[0]
			target := p.Prober.Target()
			got = strings.Join([]string{p.Name, string(p.Prober.Kind()), target.Host, itoa(int(target.Port))}, " ")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// FuzzBuild: whatever the loader accepts, Build takes apart without a crash, and places stay in the file.
func FuzzBuild(f *testing.F) {
	f.Add([]byte(head + "paths: {a: {tcp: 'a:1'}, b: {dns: c, query: {name: d}}}\nslo: [{a: p50(connect) < 5ms}, {compare: x}]\ncompare: [{path: a, with: b}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, _ := config.ParseProbe("fuzz.yaml", data)
		if doc.File == nil {
			return
		}
		_, list := Build(doc, nil)
		for _, p := range list {
			if p.Pos.Line > len(doc.Lines) || strings.Contains(p.Message, "\n") {
				t.Errorf("got %+v", p)
			}
			_ = p.Format(doc.Name, doc.Lines)
		}
	})
}
