package probeplan

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
)

var namedURL = regexp.MustCompile(`^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)=(.*)$`)

// IsURL tells a target from a file's name.
func IsURL(s string) bool { return strings.Contains(s, "://") }

// ParseTarget reads a target of a command line, such as tcp://10.0.0.1:22 or name=https://example.com/. The name of one
// without is its address, without the values of a query. The error says what to write.
func ParseTarget(s string) (name string, p config.ProbePath, err error) {
	text := s
	if m := namedURL.FindStringSubmatch(s); m != nil {
		name, text = m[1], m[2]
	}
	p = config.NewProbePath()
	scheme, rest, _ := strings.Cut(text, "://")
	if name == "" {
		name = strings.TrimSuffix(rest, "/")
		if scheme == "http" || scheme == "https" {
			name = probe.Redacted(name) // it is in every report
		}
	}
	switch scheme {
	case "tcp":
		err = p.TCP.UnmarshalText([]byte(strings.TrimSuffix(rest, "/")))
	case "echo":
		err = p.Echo.UnmarshalText([]byte(strings.TrimSuffix(rest, "/")))
	case "udp":
		err = p.UDP.UnmarshalText([]byte(strings.TrimSuffix(rest, "/")))
	case "http", "https":
		err = p.HTTP.UnmarshalText([]byte(text))
	case "icmp":
		p.ICMP = strings.Trim(strings.TrimSuffix(rest, "/"), "[]")
	case "dns":
		err = dnsTarget(&p, text)
	default:
		err = fmt.Errorf("unknown scheme, got %q; use tcp, echo, udp, http, https, dns or icmp", scheme)
	}
	return name, p, err
}

// dnsTarget reads dns://server/name?type=AAAA.
func dnsTarget(p *config.ProbePath, text string) error {
	bad := fmt.Errorf("not a DNS target, got %q; write it like dns://10.0.0.2/app.corp.internal?type=A", text)
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return bad
	}
	p.DNS, p.Query.Name = u.Host, strings.Trim(u.Path, "/")
	if u.Port() == "" {
		p.DNS = u.Hostname()
	}
	if t := u.Query().Get("type"); t != "" {
		p.Query.Type = config.RecordType(strings.ToUpper(t))
		if !slices.Contains(p.Query.Type.Values(), string(p.Query.Type)) {
			return fmt.Errorf("unknown type of record, got %q; use %s", t, strings.Join(p.Query.Type.Values(), ", "))
		}
	}
	return nil
}
