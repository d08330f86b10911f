package affinity_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/retry"
	"github.com/pathproof/pathproof/affinity/zone"
)

// A program as it runs in AWS: it finds out its zone, finds the service by DNS, and makes requests with a time limit. Outside of this
// example Resolver and Getenv are left out, and Port is the load balancer's.
func Example_dns() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s %s", r.Method, r.URL.Path) }))
	defer server.Close()
	port := server.Listener.Addr().(*net.TCPAddr).Port

	found, err := zone.Detect(context.Background(), zone.Config{Getenv: func(string) string { return "apne2-az1" }})
	if err != nil {
		log.Print(err) // found.ID is empty then, and calls are spread over all zones
	}
	source, err := discover.DNS(discover.DNSConfig{
		Name: "foo.internal", Zones: []string{"apne2-az1", "apne2-az2", "apne2-az4"}, Port: port, Resolver: names{},
	})
	if err != nil {
		log.Fatal(err)
	}
	service, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: found.ID, Source: source})
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close() // one service for as long as the program runs, shared by all goroutines
	client := service.HTTPClient()

	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second) // of the whole call, retries included
	defer cancel()
	get, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://foo.internal/things/7", nil)
	// PUT is repeated only where the program says that it may be.
	put, _ := http.NewRequestWithContext(retry.WithIdempotent(ctx), http.MethodPut, "http://foo.internal/things/7", strings.NewReader("new"))
	for _, request := range []*http.Request{get, put} {
		response, err := client.Do(request)
		if err != nil {
			log.Print(err)
			continue
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close() // or the endpoint seems busy for ever
		fmt.Println(response.StatusCode, string(body))
	}
	for _, z := range service.Stats().Zones {
		fmt.Println(z.Zone, z.Own, z.Breaker)
	}
	// Output:
	// 200 GET /things/7
	// 200 PUT /things/7
	// apne2-az1 true closed
	// apne2-az2 false closed
	// apne2-az4 false closed
}

// names is a resolver by which each zone's name is an address of this machine.
type names struct{}

func (names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	all := map[string]string{"apne2-az1.foo.internal.": "127.0.0.1", "apne2-az2.foo.internal.": "127.0.0.2", "apne2-az4.foo.internal.": "127.0.0.3"}
	if a, ok := all[host]; ok {
		return []netip.Addr{netip.MustParseAddr(a)}, nil
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")}, nil
}
