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

// accepts are nft's rules for what clients may begin. Blocks of which the same is said share one: user data ends at 16 KB.
func accepts(rules []Rule) []string {
	rules = slices.Clone(rules)
	slices.SortFunc(rules, func(x, y Rule) int {
		return cmp.Or(x.To.Addr().Compare(y.To.Addr()), cmp.Compare(x.To.Bits(), y.To.Bits()), cmp.Compare(x.Protocol, y.Protocol),
			cmp.Compare(x.First, y.First), cmp.Compare(x.Last, y.Last))
	})
	blocks := map[string][]netip.Prefix{} // by what they accept
	var order []string
	add := func(to netip.Prefix, what string) {
		if len(blocks[what]) == 0 {
			order = append(order, what)
		}
		// A block within another one has the same said of it, and nft refuses a set of blocks that overlap.
		if !slices.ContainsFunc(blocks[what], func(p netip.Prefix) bool { return p.Contains(to.Addr()) && p.Bits() <= to.Bits() }) {
			blocks[what] = append(blocks[what], to)
		}
	}
	for len(rules) > 0 {
		n := 1
		for n < len(rules) && rules[n].To == rules[0].To && rules[n].Protocol == rules[0].Protocol {
			n++
		}
		same := rules[:n]
		rules = rules[n:]
		if same[0].Protocol != "icmp" {
			add(same[0].To, same[0].Protocol+" dport "+portSet(same))
			continue
		}
		for _, r := range same {
			add(r.To, r.icmp())
		}
	}
	var out []string
	for _, what := range order {
		out = append(out, "ip daddr "+destinations(blocks[what])+" "+what+" accept")
	}
	return out
}

// destinations are blocks, none within another, as nft writes them.
func destinations(blocks []netip.Prefix) string {
	var list []string
	for _, p := range blocks {
		if p.IsSingleIP() {
			list = append(list, p.Addr().String())
			continue
		}
		list = append(list, p.String())
	}
	return set(list)
}

func set(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "{ " + strings.Join(list, ", ") + " }"
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
	return set(out)
}

func (r Rule) icmp() string {
	code := ""
	if r.Last >= 0 {
		code = fmt.Sprintf(" icmp code %d", r.Last)
	}
	return fmt.Sprintf("icmp type %d%s", r.First, code)
}
