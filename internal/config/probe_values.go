package config

import (
	"encoding"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The types of probe documents that have a set of values.
type (
	// ProbeVersion is the version of the format.
	ProbeVersion string
	// ProbeFamily is an address family.
	ProbeFamily string
	// RecordType is a type of DNS record.
	RecordType string
	// HTTPVersion is a version of HTTP.
	HTTPVersion string
	// ProbeConnect is what must not happen.
	ProbeConnect string
	// ProbePhase is a part of a probe.
	ProbePhase string
	// OnInconclusive is what an inconclusive verdict does.
	OnInconclusive string
	// JudgeMode is what of an interval decides.
	JudgeMode string
	// Undersampled is what becomes of an objective that so few probes cannot prove.
	Undersampled string
)

// ProbeV1 is the version of probe documents.
const ProbeV1 ProbeVersion = "pathproof/probe/v1"

func (ProbeVersion) Values() []string { return []string{string(ProbeV1)} }
func (ProbeFamily) Values() []string  { return []string{"v4", "v6"} }
func (RecordType) Values() []string {
	return []string{"A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"}
}
func (HTTPVersion) Values() []string  { return []string{"1.1", "2"} }
func (ProbeConnect) Values() []string { return []string{"never", "unreachable"} }
func (ProbePhase) Values() []string {
	return []string{"dns", "connect", "tls", "send", "wait", "receive", "total"}
}
func (OnInconclusive) Values() []string { return []string{"warn", "fail"} }
func (JudgeMode) Values() []string      { return []string{"strict", "lenient", "point"} }
func (Undersampled) Values() []string   { return []string{"error", "warn"} }

// The types of probe documents with a text form of their own. Their zero value means "not given".
type (
	// HostPort is host:port.
	HostPort struct {
		Host string
		Port uint16
	}
	// ProbeURL is an http or https URL.
	ProbeURL struct{ *url.URL }
	// IPAddr is an address of either family.
	IPAddr struct{ netip.Addr }
	// IPPrefix is a prefix of either family.
	IPPrefix struct{ netip.Prefix }
	// Regexp is a regular expression in RE2 syntax.
	Regexp struct{ *regexp.Regexp }
)

// Margin is a difference that does not matter: the larger of a time and a share, from 0 to 1, of a median.
type Margin struct {
	Abs time.Duration
	Rel float64
}

var (
	_ encoding.TextUnmarshaler = (*HostPort)(nil)
	_ encoding.TextUnmarshaler = (*ProbeURL)(nil)
	_ encoding.TextUnmarshaler = (*IPAddr)(nil)
	_ encoding.TextUnmarshaler = (*IPPrefix)(nil)
	_ encoding.TextUnmarshaler = (*Regexp)(nil)
	_ encoding.TextUnmarshaler = (*Margin)(nil)
)

var hostRE = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9.])?$`)

// GoodHost reports whether a text is an address or can be a name.
func GoodHost(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || hostRE.MatchString(s)
}

// UnmarshalText reads host:port.
func (h *HostPort) UnmarshalText(b []byte) error {
	host, port, err := net.SplitHostPort(string(b))
	n, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || n == 0 || !GoodHost(host) {
		return fmt.Errorf("not host:port, got %s; write it like 10.20.1.10:7007 or [2001:db8::1]:443", quote(b))
	}
	*h = HostPort{host, uint16(n)}
	return nil
}

// UnmarshalText reads a URL.
func (u *ProbeURL) UnmarshalText(b []byte) error {
	parsed, err := url.Parse(string(b))
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || !GoodHost(parsed.Hostname()) || parsed.User != nil {
		return fmt.Errorf("not an http or https URL, got %s; write it like https://example.com/health, without a user", quote(b))
	}
	if port := parsed.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("port out of range, got %s; use 1 to 65535", quote(b))
		}
	}
	u.URL = parsed
	return nil
}

// UnmarshalText reads an address.
func (a *IPAddr) UnmarshalText(b []byte) error {
	addr, err := netip.ParseAddr(string(b))
	if err != nil {
		return fmt.Errorf("not an IP address, got %s; write it like 10.0.0.1 or 2001:db8::1", quote(b))
	}
	a.Addr = addr.Unmap()
	return nil
}

// UnmarshalText reads a prefix.
func (p *IPPrefix) UnmarshalText(b []byte) error {
	prefix, err := netip.ParsePrefix(string(b))
	if err != nil {
		return fmt.Errorf("not a prefix, got %s; write it like 10.0.0.0/8", quote(b))
	}
	p.Prefix = prefix.Masked()
	return nil
}

// maxRegexp bounds a regular expression, which takes memory in proportion.
const maxRegexp = 1000

// UnmarshalText reads a regular expression.
func (r *Regexp) UnmarshalText(b []byte) error {
	if len(b) == 0 || len(b) > maxRegexp {
		return fmt.Errorf("no regular expression, got %s; write one of at most %d bytes, like ^ok", quote(b), maxRegexp)
	}
	re, err := regexp.Compile(string(b))
	if err != nil {
		return fmt.Errorf("no regular expression, got %s; write it in Go's syntax, like ^ok", quote(b))
	}
	r.Regexp = re
	return nil
}

var percentRE = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)%$`)

// UnmarshalText reads a time, a percentage, or both with a comma between.
func (m *Margin) UnmarshalText(b []byte) error {
	bad := fmt.Errorf("not a margin, got %s; write a time, a percentage or both, like 0.25ms,2%%", quote(b))
	var out Margin
	parts := strings.Split(string(b), ",")
	for _, part := range parts {
		part = strings.TrimSpace(part)
		var d Duration
		if n := percentRE.FindStringSubmatch(part); n != nil && out.Rel == 0 {
			percent, err := strconv.ParseFloat(n[1], 64)
			if err != nil || percent > 100 {
				return bad
			}
			out.Rel = percent / 100
		} else if out.Abs != 0 || d.UnmarshalText([]byte(part)) != nil {
			return bad
		} else {
			out.Abs = time.Duration(d)
		}
	}
	if len(parts) > 2 {
		return bad
	}
	*m = out
	return nil
}
