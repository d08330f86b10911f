package bootstrap

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Rule lets clients of an OpenVPN server begin something.
type Rule struct {
	To       netip.Prefix // of IPv4
	Protocol string       // tcp, udp or icmp
	// First and Last are ports, with both ends. For icmp First is a type and Last a code; -1 is all codes.
	First, Last int
}

func (r Rule) check() error {
	switch {
	case !r.To.IsValid() || !r.To.Addr().Is4() || r.To.Masked() != r.To:
		return fmt.Errorf("rules: not an IPv4 block, got %s; write it like 172.16.0.0/16", r.To)
	case r.Protocol == "icmp" && r.First >= 0 && r.First <= 255 && r.Last >= -1 && r.Last <= 255:
	case (r.Protocol == "tcp" || r.Protocol == "udp") && r.First >= 1 && r.First <= r.Last && r.Last <= 65535:
	default:
		return fmt.Errorf("rules: not ports or an ICMP type, got %s %d-%d; use tcp or udp with 1 to 65535, or icmp", r.Protocol, r.First, r.Last)
	}
	return nil
}

// accepts are nft's rules for what clients may begin, one for each block and protocol: user data ends at 16 KB.
func accepts(rules []Rule) []string {
	rules = slices.Clone(rules)
	slices.SortFunc(rules, func(x, y Rule) int {
		return cmp.Or(x.To.Addr().Compare(y.To.Addr()), cmp.Compare(x.To.Bits(), y.To.Bits()), cmp.Compare(x.Protocol, y.Protocol),
			cmp.Compare(x.First, y.First), cmp.Compare(x.Last, y.Last))
	})
	var out []string
	for len(rules) > 0 {
		n := 1
		for n < len(rules) && rules[n].To == rules[0].To && rules[n].Protocol == rules[0].Protocol {
			n++
		}
		same := rules[:n]
		rules = rules[n:]
		if same[0].Protocol == "icmp" {
			out = append(out, acceptICMP(same)...)
			continue
		}
		out = append(out, fmt.Sprintf("%s%s dport %s accept", destination(same[0].To), same[0].Protocol, portSet(same)))
	}
	return out
}

func destination(p netip.Prefix) string {
	if p.IsSingleIP() {
		return "ip daddr " + p.Addr().String() + " "
	}
	return "ip daddr " + p.String() + " "
}

// portSet joins sorted ranges: nft refuses a set of ranges that overlap.
func portSet(rules []Rule) string {
	var joined []Rule
	for _, r := range rules {
		if n := len(joined); n > 0 && r.First <= joined[n-1].Last+1 {
			joined[n-1].Last = max(joined[n-1].Last, r.Last)
			continue
		}
		joined = append(joined, r)
	}
	var out []string
	for _, r := range joined {
		s := strconv.Itoa(r.First)
		if r.Last > r.First {
			s += "-" + strconv.Itoa(r.Last)
		}
		out = append(out, s)
	}
	if len(out) == 1 {
		return out[0]
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

func acceptICMP(rules []Rule) []string {
	var out []string
	for _, r := range rules {
		code := ""
		if r.Last >= 0 {
			code = fmt.Sprintf(" icmp code %d", r.Last)
		}
		out = append(out, fmt.Sprintf("%sicmp type %d%s accept", destination(r.To), r.First, code))
	}
	return slices.Compact(out)
}
