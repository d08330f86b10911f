package probeplan

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
)

func itoa(n int) string { return strconv.Itoa(n) }

// path adds a path to the plan.
func (b *builder) path(name string, p config.ProbePath) {
	where := "paths[" + name + "]"
	if name == "compare" {
		b.problems.Addf(problem.BadName, where, "a name that objectives use for themselves, got %q; choose another", name)
	}
	kinds := targets(p)
	if len(kinds) != 1 {
		b.wrongTargets(where, kinds)
		return
	}
	before := len(b.problems)
	b.misplaced(where, kinds[0], p)
	b.atLeast(where+".sourcePorts", p.SourcePorts, 0, 1024)
	b.atLeast(where+".tunnels", p.Tunnels, 0, 1024)
	out := probe.Path{
		Name: name, Prober: b.prober(where, kinds[0], p), Flows: p.SourcePorts, Tunnels: p.Tunnels, Expect: probe.Expect(p.Expect.Connect),
	}
	if w := p.WaitFor; w != nil {
		b.atLeast(where+".waitFor.consecutive", w.Consecutive, 1, 1000)
		out.Ready = &probe.Ready{Within: time.Duration(w.Within), Consecutive: w.Consecutive, Poll: time.Duration(w.Every)}
	}
	if len(b.problems) == before {
		b.run.Plan.Paths = append(b.run.Plan.Paths, out)
	}
}

// targets lists the keys that name what to probe.
func targets(p config.ProbePath) []string {
	var out []string
	for _, t := range []struct {
		key   string
		given bool
	}{
		{"tcp", p.TCP.Host != ""}, {"echo", p.Echo.Host != ""}, {"udp", p.UDP.Host != ""},
		{"http", p.HTTP.URL != nil}, {"dns", p.DNS != ""}, {"icmp", p.ICMP != ""},
	} {
		if t.given {
			out = append(out, t.key)
		}
	}
	return out
}

func (b *builder) wrongTargets(where string, kinds []string) {
	if len(kinds) == 0 {
		b.problems.Addf(problem.MissingKey, where, "nothing to measure; add one of tcp, echo, udp, http, dns and icmp")
		return
	}
	b.problems.Addf(problem.Conflict, where+"."+kinds[1], "more than one target, got %s; keep one, and give the other a path of its own", strings.Join(kinds, " and "))
}

// misplaced reports keys that mean nothing for the kind: they would be ignored without a word.
func (b *builder) misplaced(where, kind string, p config.ProbePath) {
	r, e, never := p.Request, p.Expect, p.Expect.Connect != ""
	http := kind == "http"
	for _, k := range []struct {
		key   string
		given bool
		fits  bool
		only  string
	}{
		{"query.name", p.Query.Name != "", kind == "dns", "dns"},
		{"request.method", r.Method != "GET" && r.Method != "", http, "http"},
		{"request.header", len(r.Header) > 0, http, "http"},
		{"request.body", r.Body != "", http, "http"},
		{"request.version", r.Version != "", http, "http"},
		{"request.connect", r.Connect.IsValid(), http, "http"},
		{"request.reuse", r.Reuse, http, "http"},
		{"expect.status", len(e.Status) > 0, http && !never, "http that is expected to answer"},
		{"expect.header", len(e.Header) > 0, http && !never, "http that is expected to answer"},
		{"expect.body", e.Body.Regexp != nil, http && !never, "http that is expected to answer"},
		{"expect.certificate", e.Certificate > 0, http && !never, "http that is expected to answer"},
		{"expect.within", len(e.Within) > 0, kind == "dns" && !never, "dns that is expected to answer"},
		{"sourcePorts", p.SourcePorts > 0, kind != "icmp", "probes with ports, which icmp has not"},
		{"tunnels", p.Tunnels > 0, p.SourcePorts > 0, "paths with sourcePorts"},
		{"waitFor", p.WaitFor != nil, !never, "paths that are expected to answer"},
	} {
		if k.given && !k.fits {
			b.problems.Addf(problem.Conflict, where+"."+k.key, "only for %s; remove it", k.only)
		}
	}
}

// prober makes the prober of a kind.
func (b *builder) prober(where, kind string, p config.ProbePath) probe.Prober {
	endpoint := func(host string, port uint16) probe.Endpoint {
		b.fits(where, kind, host, p)
		return probe.Endpoint{Host: host, Port: port, Family: probe.Family(p.Family), Source: p.Source.Addr}
	}
	switch kind {
	case "tcp":
		return &probe.TCP{Endpoint: endpoint(p.TCP.Host, p.TCP.Port)}
	case "echo":
		return &probe.TCPEcho{Endpoint: endpoint(p.Echo.Host, p.Echo.Port)}
	case "udp":
		return &probe.UDPEcho{Endpoint: endpoint(p.UDP.Host, p.UDP.Port)}
	case "dns":
		return b.dns(where, p, endpoint)
	case "icmp":
		if !config.GoodHost(p.ICMP) {
			b.problems.Addf(problem.BadValue, where+".icmp", "not a host, got %q; write a name or an address", p.ICMP)
		}
		return &probe.ICMP{Endpoint: endpoint(p.ICMP, 0)}
	}
	return b.http(where, p)
}

func (b *builder) dns(where string, p config.ProbePath, endpoint func(string, uint16) probe.Endpoint) probe.Prober {
	host, port := p.DNS, uint16(53)
	if !config.GoodHost(host) {
		var hp config.HostPort
		if err := hp.UnmarshalText([]byte(host)); err != nil {
			b.problems.Addf(problem.BadValue, where+".dns", "not a server, got %q; write host or host:port, like 10.0.0.2", host)
		}
		host, port = hp.Host, hp.Port
	}
	if p.Query.Name == "" {
		b.problems.Addf(problem.MissingKey, where+".query.name", "missing; add the name to ask for, like query: {name: app.corp.internal}")
	}
	d := &probe.DNSProbe{Endpoint: endpoint(host, port), Name: p.Query.Name, Type: string(p.Query.Type)}
	for _, prefix := range p.Expect.Within {
		d.Within = append(d.Within, prefix.Prefix)
	}
	return d
}

func (b *builder) http(where string, p config.ProbePath) probe.Prober {
	b.fits(where, "http", p.HTTP.Hostname(), p)
	for i, status := range p.Expect.Status {
		b.atLeast(where+".expect.status["+itoa(i)+"]", status, 100, 599)
	}
	return &probe.HTTP{
		URL: p.HTTP.String(), Method: p.Request.Method, Header: p.Request.Header, Body: p.Request.Body,
		Version: probe.HTTPVersion(p.Request.Version), Family: probe.Family(p.Family), Pin: p.Request.Connect.Addr, Source: p.Source.Addr,
		Reuse: p.Request.Reuse, Expect: probe.HTTPExpect{
			Status: p.Expect.Status, Header: p.Expect.Header, Body: p.Expect.Body.Regexp, CertificateFor: time.Duration(p.Expect.Certificate),
		},
	}
}

// fits reports an address, of the target or the source, that is not of the family asked for.
func (b *builder) fits(where, kind, host string, p config.ProbePath) {
	ip, err := netip.ParseAddr(host)
	if err == nil && p.Family != "" && (p.Family == "v4") != ip.Unmap().Is4() {
		b.problems.Addf(problem.Conflict, where+"."+kind, "not an IP%s address, got %s; change one of both", p.Family, ip)
	}
	if source := p.Source.Addr; source.IsValid() && err == nil && source.Is4() != ip.Unmap().Is4() {
		b.problems.Addf(problem.Conflict, where+".source", "not of the target's family, got %s for %s; give one of the same", source, ip)
	}
}
