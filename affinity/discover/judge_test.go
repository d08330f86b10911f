package discover

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func addrs(list ...string) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, s := range list {
		out[i] = netip.MustParseAddr(s)
	}
	return out
}

// three is a service with one fixed address in each of three zones.
var three = []Endpoint{
	{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, {Addr: "10.0.2.9:80", Zone: "apne2-az2"}, {Addr: "10.0.3.9:80", Zone: "apne2-az3"},
}

func TestJudge(t *testing.T) {
	many := slices.Clone(three)
	two := three[:2]
	for _, tt := range []struct {
		name      string
		endpoints []Endpoint
		regional  []netip.Addr
		trust     RegionalTrust
		several   bool
		missing   []string
		doubt     string
	}{
		{name: "every zone is there", endpoints: three, regional: addrs("10.0.1.9", "10.0.2.9", "10.0.3.9")},
		{name: "one zone is shifted away", endpoints: three, regional: addrs("10.0.1.9", "10.0.3.9"), missing: []string{"apne2-az2"}},
		{name: "one is left, and there were several", endpoints: three, regional: addrs("10.0.3.9"), several: true,
			missing: []string{"apne2-az1", "apne2-az2"}},
		{name: "one is left of a name never seen with several", endpoints: three, regional: addrs("10.0.3.9"), doubt: "one zone at a time, now apne2-az3"},
		{name: "one of two, never seen with both", endpoints: two, regional: addrs("10.0.1.9"), doubt: "one zone at a time"},
		{name: "one of two, said to be complete", endpoints: two, regional: addrs("10.0.1.9"), trust: RegionalComplete, missing: []string{"apne2-az2"}},
		{name: "no address", endpoints: three, regional: nil, several: true, trust: RegionalComplete, doubt: "has no address;"},
		{name: "another service's addresses", endpoints: three, regional: addrs("10.9.9.9"), several: true, trust: RegionalComplete, doubt: "may not be the same"},
		{name: "eight addresses may be a random part", endpoints: three, trust: RegionalComplete, several: true,
			regional: addrs("10.0.1.9", "10.0.2.9", "10.0.2.1", "10.0.2.2", "10.0.2.3", "10.0.2.4", "10.0.2.5", "10.0.2.6"), doubt: "8 addresses, which may not be all"},
		{name: "four of each family are complete", endpoints: three, regional: addrs("10.0.1.9", "10.0.2.9", "10.0.2.1", "10.0.2.2",
			"fd00::1", "fd00::2", "fd00::3", "fd00::4"), missing: []string{"apne2-az3"}},
		{name: "seven with an address of each zone", endpoints: append(many, Endpoint{Addr: "10.0.3.10:80", Zone: "apne2-az3"}),
			regional: addrs("10.0.1.9", "10.0.2.9", "10.0.3.10")},
		{name: "endpoints without zone or address say nothing", regional: addrs("10.0.1.9", "10.0.2.9"),
			endpoints: append(slices.Clone(two), Endpoint{Addr: "10.7.7.7:80"}, Endpoint{Addr: "host.internal:80", Zone: "apne2-az4"})},
		{name: "IPv6 is compared as an address", endpoints: []Endpoint{{Addr: "[fd00:0::1]:80", Zone: "apne2-az1"}}, regional: addrs("fd00::1")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := judge(tt.endpoints, tt.regional, tt.trust, tt.several)
			if !slices.Equal(got.missing, tt.missing) {
				t.Errorf("missing %v; want %v", got.missing, tt.missing)
			}
			if tt.doubt == "" && got.doubt != "" || !strings.Contains(got.doubt, tt.doubt) {
				t.Errorf("doubt %q; want %q", got.doubt, tt.doubt)
			}
		})
	}
}
