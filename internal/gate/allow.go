package gate

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
)

// AllowList is the targets that a vantage may probe. It lets the gate ask for nothing else, so that whoever may invoke a
// vantage does not get a port scanner inside the network.
type AllowList []allowed

// kinds are those that a vantage can measure.
var kinds = []probe.Kind{probe.KindTCP, probe.KindTCPEcho, probe.KindUDPEcho, probe.KindHTTP, probe.KindDNS}

type allowed struct {
	kind   probe.Kind
	name   string // host name, lower case; empty for a prefix
	prefix netip.Prefix
	port   uint16
}

// LoadAllow reads the list of EnvAllow with the values of EnvValues.
func LoadAllow(text, values string) (AllowList, error) {
	known, err := parseValues(values)
	if err != nil {
		return nil, err
	}
	var missing []string
	text = resolveText(text, known, &missing)
	if len(missing) > 0 {
		return nil, noValues(EnvAllow, missing)
	}
	return ParseAllow(text)
}

// ParseAllow reads a list: entries "kind://host:port" or "kind://prefix:port", such as tcp://db.internal:5432,
// tcp-echo://10.0.0.7:7007, http://[fd00::1]:80 or tcp://10.20.0.0/16:443, with spaces between. An empty list allows nothing.
func ParseAllow(text string) (AllowList, error) {
	var list AllowList
	for entry := range strings.FieldsSeq(text) {
		kind, at, ok := strings.Cut(entry, "://")
		if !ok || !slices.Contains(kinds, probe.Kind(kind)) {
			return nil, fmt.Errorf("%s: no kind of %q, got %q; write kind://host:port", EnvAllow, kinds, entry)
		}
		i := strings.LastIndexByte(at, ':')
		if i < 0 {
			return nil, fmt.Errorf("%s: no port, got %q; write kind://host:port", EnvAllow, entry)
		}
		port, err := strconv.ParseUint(at[i+1:], 10, 16)
		if err != nil || port == 0 {
			return nil, fmt.Errorf("%s: no port from 1 to 65535, got %q; write kind://host:port", EnvAllow, entry)
		}
		a := allowed{kind: probe.Kind(kind), port: uint16(port)}
		host := strings.TrimSuffix(strings.TrimPrefix(at[:i], "["), "]")
		if p, err := netip.ParsePrefix(host); err == nil {
			a.prefix = p.Masked()
		} else if ip, err := netip.ParseAddr(host); err == nil {
			a.prefix = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())
		} else if host == "" || strings.ContainsAny(host, "/[]:*") {
			return nil, fmt.Errorf("%s: no host, address or prefix, got %q", EnvAllow, entry)
		} else {
			a.name = strings.ToLower(host)
		}
		list = append(list, a)
	}
	return list, nil
}

// Permits reports whether a target is in the list. A name is only permitted as that name: what it resolves to is up to the
// network's own resolver.
func (l AllowList) Permits(t Target) bool {
	ip, err := netip.ParseAddr(t.Host)
	return slices.ContainsFunc(l, func(a allowed) bool {
		if a.kind != t.Kind || a.port != t.port() {
			return false
		}
		if err == nil {
			return a.prefix.IsValid() && a.prefix.Contains(ip.Unmap())
		}
		return a.name != "" && a.name == strings.ToLower(t.Host)
	})
}

// AllowFor is the text of EnvAllow for a vantage: its own paths' targets. Placeholders stay in it; the vantage resolves them
// by its own EnvValues.
func (c *Config) AllowFor(vantage string) string {
	var entries []string
	for _, p := range c.of(vantage) {
		entries = append(entries, p.Target.String())
	}
	slices.Sort(entries)
	return strings.Join(slices.Compact(entries), " ")
}
