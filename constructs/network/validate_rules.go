package network

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
)

// The characters that EC2 takes in the descriptions of security groups and rules.
var descriptionPattern = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}$`)

// groupPattern is that of names, in parts: openvpn/seoul.
var groupPattern = regexp.MustCompile(`^[A-Za-z0-9-]+(/[A-Za-z0-9-]+)*$`)

func validateSecurityGroups(f *cdkx.Fields, groups []SecurityGroupProps, provider *customresource.Provider) {
	for i, g := range groups {
		where := fmt.Sprintf("securityGroups[%d]", i)
		if g.Name != "" && !groupPattern.MatchString(g.Name) {
			f.Addf(where+".name", "not a name, got %q; use letters, digits and hyphens", g.Name)
		}
		if slices.ContainsFunc(groups[:i], func(o SecurityGroupProps) bool { return o.Name == g.Name }) {
			f.Addf(where+".name", "stands twice, got %q; give each security group its own", g.Name)
		}
		validateDescription(f, where+".description", g.Description)
		validateRules(f, where+".ingress", g.Ingress)
		validateRules(f, where+".egress", g.Egress)
		validateReferences(f, where, g, groups, provider)
	}
}

// validateReferences checks rules whose other end is no block.
func validateReferences(f *cdkx.Fields, where string, g SecurityGroupProps, groups []SecurityGroupProps, provider *customresource.Provider) {
	for i, r := range slices.Concat(g.Ingress, g.Egress) {
		at := fmt.Sprintf("%s.ingress[%d]", where, i)
		if i >= len(g.Ingress) {
			at = fmt.Sprintf("%s.egress[%d]", where, i-len(g.Ingress))
			if r.PrefixList != "" {
				f.Addf(at+".prefixList", "a rule for what goes out names none, got %q; name blocks", r.PrefixList)
			}
		}
		if r.PrefixList != "" && provider == nil {
			f.Addf(at+".prefixList", "nothing finds its id, got %q; give a provider", r.PrefixList)
		}
		if r.Group == g.Name && r.Group != "" {
			f.Addf(at+".group", "its own security group, got %q; name another", r.Group)
		} else if r.Group != "" && !slices.ContainsFunc(groups, func(o SecurityGroupProps) bool { return o.Name == r.Group }) {
			f.Addf(at+".group", "no such security group, got %q; name one of this network", r.Group)
		}
	}
}

func validateRules(f *cdkx.Fields, where string, rules []RuleProps) {
	for i, r := range rules {
		at := fmt.Sprintf("%s[%d]", where, i)
		switch {
		case r.PrefixList != "" || r.Group != "":
			if r.Peer.IsValid() || r.PrefixList != "" && r.Group != "" {
				f.Addf(at, "more than one other end, got %s, %q and %q; give one of peer, prefixList and group", r.Peer, r.PrefixList, r.Group)
			}
		case r.Peer == netip.Prefix{}:
			f.Addf(at+".peer", "missing; write it like 10.0.0.0/16")
		case !r.Peer.IsValid():
			f.Addf(at+".peer", "not a prefix, got %q; write it like 10.0.0.0/16", r.Peer)
		case r.Peer != r.Peer.Masked():
			f.Addf(at+".peer", "host bits are set, got %s; write %s", r.Peer, r.Peer.Masked())
		}
		validatePorts(f, at, r)
		validateDescription(f, at+".description", r.Description)
		same := func(o RuleProps) bool { o.Description = r.Description; return o == r }
		if slices.ContainsFunc(rules[:i], same) {
			f.Addf(at, "stands twice, got %s %d-%d %s; EC2 refuses equal rules, leave one out", r.Protocol, r.FromPort, r.ToPort, r.Peer)
		}
	}
}

func validatePorts(f *cdkx.Fields, at string, r RuleProps) {
	switch r.Protocol {
	case ProtocolAll:
		if r.FromPort != 0 || r.ToPort != 0 {
			f.Addf(at, "ports without a protocol, got %d-%d; leave them 0 for all protocols", r.FromPort, r.ToPort)
		}
	case ProtocolTCP, ProtocolUDP:
		if r.FromPort < 0 || r.ToPort > 65535 || r.FromPort > r.ToPort {
			f.Addf(at, "not a port range, got %d-%d; use 0 to 65535, the smaller first", r.FromPort, r.ToPort)
		}
	case ProtocolICMP, ProtocolICMPv6:
		if min(r.FromPort, r.ToPort) < -1 || max(r.FromPort, r.ToPort) > 255 {
			f.Addf(at, "not an ICMP type and code, got %d and %d; use 0 to 255, or -1 for all", r.FromPort, r.ToPort)
		}
	default:
		f.Addf(at+".protocol", "unknown value, got %q; use tcp, udp, icmp, icmpv6 or -1", r.Protocol)
	}
}

func validateDescription(f *cdkx.Fields, where, text string) {
	if !descriptionPattern.MatchString(text) {
		f.Addf(where, "characters or length that EC2 refuses, got %q; use at most 255 of letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*", text)
	}
}
