package config

import (
	"encoding"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The types with a text form of their own. Their zero value means "not given".
type (
	// Prefix is an IPv4 prefix, kept as written; check reports host bits.
	Prefix struct{ netip.Prefix }
	// Addr is an IPv4 address.
	Addr struct{ netip.Addr }
	// Duration is a time.Duration written like 500ms, 30s, 5m, 8h or 90d.
	Duration time.Duration
	// Bandwidth is in bits per second, written like 500Mbps or 2.5Gbps.
	Bandwidth int64
	// ASN is a BGP autonomous system number.
	ASN uint32
	// Port is a TCP or UDP port, 1-65535.
	Port uint16
)

// Tier is a subnet tier to carve in every zone: name/prefix length.
type Tier struct {
	Name TierName
	Bits int
}

// PortRange is one port or a range of ports.
type PortRange struct{ First, Last Port }

// RefKind is what a Ref names.
type RefKind string

// The kinds of things that can be named.
const (
	KindNetwork        RefKind = "network"
	KindSite           RefKind = "site"
	KindHost           RefKind = "host"
	KindClient         RefKind = "client"
	KindPeering        RefKind = "peering"
	KindTransitGateway RefKind = "transitGateway"
	KindInternet       RefKind = "internet"
	KindOpenVPN        RefKind = "openvpn"
	KindAccelerator    RefKind = "accelerator"
	KindClientVPN      RefKind = "clientVpn"
	KindLoadBalancer   RefKind = "loadBalancer"
	KindEdgeProxy      RefKind = "edgeProxy"
	KindZonalService   RefKind = "zonalService"
)

// Ref names a part of the network: a network (seoul/app), site/NAME, host/NAME, client/NAME, peering/NAME,
// transitGateway/NAME, openvpn/NAME (or openvpn/*, all of them), clientVpn/NAME, accelerator/NAME/LISTENER,
// loadBalancer/NAME, edgeProxy/NAME, zonalService/NAME (or zonalService/NAME/AZ-ID, one zone of it) or internet.
type Ref struct {
	Kind RefKind
	Name string
}

// String returns the ref as written in the file.
func (r Ref) String() string {
	switch r.Kind {
	case KindNetwork, "":
		return r.Name
	case KindInternet:
		return string(KindInternet)
	}
	return string(r.Kind) + "/" + r.Name
}

var (
	_ encoding.TextUnmarshaler = (*Prefix)(nil)
	_ encoding.TextUnmarshaler = (*Addr)(nil)
	_ encoding.TextUnmarshaler = (*Duration)(nil)
	_ encoding.TextUnmarshaler = (*Bandwidth)(nil)
	_ encoding.TextUnmarshaler = (*ASN)(nil)
	_ encoding.TextUnmarshaler = (*Port)(nil)
	_ encoding.TextUnmarshaler = (*Tier)(nil)
	_ encoding.TextUnmarshaler = (*PortRange)(nil)
	_ encoding.TextUnmarshaler = (*Ref)(nil)
	_ encoding.TextUnmarshaler = (*Subnet)(nil)
)

// UnmarshalText reads an IPv4 prefix. Errors of these methods say what is wrong and what to do; the loader adds place
// and value.
func (p *Prefix) UnmarshalText(b []byte) error {
	v, err := netip.ParsePrefix(string(b))
	if err != nil || !v.Addr().Is4() {
		return fmt.Errorf("not an IPv4 prefix, got %s; write it like 10.0.0.0/16", quote(b))
	}
	p.Prefix = v
	return nil
}

// UnmarshalText reads an IPv4 address.
func (a *Addr) UnmarshalText(b []byte) error {
	v, err := netip.ParseAddr(string(b))
	if err != nil || !v.Is4() {
		return fmt.Errorf("not an IPv4 address, got %s; write it like 203.0.113.10", quote(b))
	}
	a.Addr = v
	return nil
}

var (
	durationRE    = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(us|µs|ms|s|m|h|d)$`)
	durationUnits = map[string]time.Duration{
		"us": time.Microsecond, "µs": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
	}
)

// UnmarshalText reads a duration with one unit: us, ms, s, m, h or d.
func (d *Duration) UnmarshalText(b []byte) error {
	m := durationRE.FindStringSubmatch(string(b))
	if m == nil {
		return fmt.Errorf("not a duration, got %s; write a number and us, ms, s, m, h or d, like 30s", quote(b))
	}
	n, err := strconv.ParseFloat(m[1], 64)
	v := math.Round(n * float64(durationUnits[m[2]])) // 2.3 * 1e9 is 2299999999.9999995
	if err != nil || v < 1 || v > float64(36500*24*time.Hour) {
		return fmt.Errorf("duration out of range, got %s; use more than 0 and at most 36500d", quote(b))
	}
	*d = Duration(v)
	return nil
}

// String writes the duration in its largest whole unit.
func (d Duration) String() string {
	v := time.Duration(d)
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if v >= u.unit && v%u.unit == 0 {
			return fmt.Sprintf("%d%s", v/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%gms", float64(v)/float64(time.Millisecond))
}

// Seconds returns the duration in whole seconds, rounded down.
func (d Duration) Seconds() int { return int(time.Duration(d) / time.Second) }

// Days returns the duration in whole days, rounded down.
func (d Duration) Days() int { return int(time.Duration(d) / (24 * time.Hour)) }

var (
	bandwidthRE    = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(bps|kbps|Mbps|Gbps)$`)
	bandwidthUnits = map[string]float64{"bps": 1, "kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9}
)

// UnmarshalText reads a bandwidth in decimal units: bps, kbps, Mbps or Gbps.
func (w *Bandwidth) UnmarshalText(b []byte) error {
	m := bandwidthRE.FindStringSubmatch(string(b))
	if m == nil {
		return fmt.Errorf("not a bandwidth, got %s; write a number and bps, kbps, Mbps or Gbps, like 1.25Gbps", quote(b))
	}
	n, err := strconv.ParseFloat(m[1], 64)
	v := math.Round(n * bandwidthUnits[m[2]])
	if err != nil || v < 1 || v > 1e14 {
		return fmt.Errorf("bandwidth out of range, got %s; use more than 0 and at most 100000Gbps", quote(b))
	}
	*w = Bandwidth(v)
	return nil
}

// String writes the bandwidth in the largest unit that it reaches.
func (w Bandwidth) String() string {
	for _, u := range []struct {
		unit float64
		name string
	}{{1e9, "Gbps"}, {1e6, "Mbps"}, {1e3, "kbps"}} {
		if float64(w) >= u.unit {
			return strconv.FormatFloat(float64(w)/u.unit, 'f', -1, 64) + " " + u.name
		}
	}
	return fmt.Sprintf("%d bps", int64(w))
}

// UnmarshalText reads an ASN in plain decimal form.
func (a *ASN) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(string(b), 10, 32)
	if err != nil || b[0] == '0' || n == math.MaxUint32 { // RFC 7300 reserves the last one
		return fmt.Errorf("not an ASN, got %s; use a whole number from 1 to 4294967294", quote(b))
	}
	*a = ASN(n)
	return nil
}

// UnmarshalText reads a port.
func (p *Port) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(string(b), 10, 16)
	if err != nil || b[0] == '0' { // 0 itself, and 0443, which other readers take for octal
		return fmt.Errorf("not a port, got %s; use 1 to 65535", quote(b))
	}
	*p = Port(n)
	return nil
}

// UnmarshalText reads a tier: name/prefix length.
func (t *Tier) UnmarshalText(b []byte) error {
	name, bits, ok := strings.Cut(string(b), "/")
	n, err := strconv.Atoi(bits)
	if !ok || err != nil || !tierRE.MatchString(name) || n < 16 || n > 28 || strconv.Itoa(n) != bits {
		return fmt.Errorf("not a tier, got %s; write name/prefix length like private/20, with a length from 16 to 28", quote(b))
	}
	*t = Tier{TierName(name), n}
	return nil
}

// String returns the tier as written in the file.
func (t Tier) String() string { return fmt.Sprintf("%s/%d", t.Name, t.Bits) }

// UnmarshalText reads a port or a range first-last.
func (r *PortRange) UnmarshalText(b []byte) error {
	first, last, ranged := strings.Cut(string(b), "-")
	if !ranged {
		last = first
	}
	if r.First.UnmarshalText([]byte(first)) != nil || r.Last.UnmarshalText([]byte(last)) != nil || r.Last < r.First {
		return fmt.Errorf("not a port or range, got %s; write 443 or 8000-8010, from 1 to 65535", quote(b))
	}
	return nil
}

// String returns the range as written in the file.
func (r PortRange) String() string {
	if r.First == r.Last {
		return strconv.Itoa(int(r.First))
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// UnmarshalText reads a reference.
func (r *Ref) UnmarshalText(b []byte) error {
	s := string(b)
	if s == string(KindInternet) {
		*r = Ref{Kind: KindInternet}
		return nil
	}
	kind, name, ok := strings.Cut(s, "/")
	if !ok || !refRE.MatchString(s) {
		return fmt.Errorf("not a reference, got %s; write a network like seoul/app, or site/NAME, host/NAME, client/NAME, peering/NAME, transitGateway/NAME, "+
			"openvpn/NAME, clientVpn/NAME, accelerator/NAME/LISTENER, loadBalancer/NAME, edgeProxy/NAME, zonalService/NAME, internet", quote(b))
	}
	switch k := RefKind(kind); k {
	case KindSite, KindHost, KindClient, KindPeering, KindTransitGateway, KindOpenVPN, KindAccelerator, KindClientVPN, KindLoadBalancer, KindEdgeProxy, KindZonalService:
		*r = Ref{k, name}
	default:
		*r = Ref{KindNetwork, s}
	}
	return nil
}

// UnmarshalText reads the short form of a subnet: its CIDR.
func (s *Subnet) UnmarshalText(b []byte) error { return s.CIDR.UnmarshalText(b) }
