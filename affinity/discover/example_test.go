package discover_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/pathproof/pathproof/affinity/discover"
)

// Zonal shift has taken apne2-az2 out of the Regional name. The resolver stands in for net.DefaultResolver; leave it out.
func ExampleDNS() {
	records := map[string]string{
		"apne2-az1.foo.internal.": "10.0.1.9", "apne2-az2.foo.internal.": "10.0.2.9", "apne2-az3.foo.internal.": "10.0.3.9",
		"foo.internal.": "10.0.1.9 10.0.3.9",
	}
	resolver := resolverFunc(func(name string) (addrs []netip.Addr, err error) {
		for _, a := range strings.Fields(records[name]) {
			addrs = append(addrs, netip.MustParseAddr(a))
		}
		return addrs, nil
	})

	source, err := discover.DNS(discover.DNSConfig{
		Name: "foo.internal", Zones: []string{"apne2-az1", "apne2-az2", "apne2-az3"}, Port: 8080, Resolver: resolver,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cache, err := discover.NewCache(discover.CacheConfig{Source: source})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cache.Close()

	answer, err := cache.Discover(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range answer.Endpoints {
		fmt.Println(e.Zone, e.Addr)
	}
	fmt.Println("evacuated:", answer.Evacuated)
	// Output:
	// apne2-az1 10.0.1.9:8080
	// apne2-az2 10.0.2.9:8080
	// apne2-az3 10.0.3.9:8080
	// evacuated: [apne2-az2]
}
