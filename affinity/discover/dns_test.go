package discover_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

var zones = []string{"apne2-az1", "apne2-az2", "apne2-az3"}

func seoul(t *testing.T) (*dnsServer, discover.DNSConfig) {
	server, resolver := newDNSServer(t)
	server.set("apne2-az1.foo.internal.", "10.0.1.9")
	server.set("apne2-az2.foo.internal.", "10.0.2.9")
	server.set("apne2-az3.foo.internal.", "10.0.3.9", "fd00::3")
	server.set("foo.internal.", "10.0.1.9", "10.0.2.9", "10.0.3.9")
	return server, discover.DNSConfig{Name: "foo.internal", Zones: zones, Port: 8080, Resolver: resolver}
}

func dnsSource(t *testing.T, config discover.DNSConfig) discover.Source {
	t.Helper()
	source, err := discover.DNS(config)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// ask returns an answer in short: zone=address..., then what is evacuated.
func ask(t *testing.T, source discover.Source) (string, []string) {
	t.Helper()
	answer, err := source.Discover(within(t, 2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range answer.Endpoints {
		out = append(out, strings.TrimPrefix(e.Zone, "apne2-")+"="+e.Addr)
	}
	return strings.Join(out, " ") + " -" + strings.Join(answer.Evacuated, " -"), answer.Doubts
}

const all = "az1=10.0.1.9:8080 az2=10.0.2.9:8080 az3=10.0.3.9:8080 -"

func TestDNS_FindsEachZoneAndWhatIsEvacuated(t *testing.T) {
	server, config := seoul(t)
	source := dnsSource(t, config)
	if got, doubts := ask(t, source); got != all || doubts != nil {
		t.Errorf("healthy: %s, doubts %v", got, doubts)
	}
	server.set("foo.internal.", "10.0.1.9", "10.0.3.9")
	if got, doubts := ask(t, source); got != all+"apne2-az2" || doubts != nil {
		t.Errorf("az2 shifted away: %s, doubts %v", got, doubts)
	}
	server.set("foo.internal.", "10.0.3.9")
	if got, _ := ask(t, source); got != all+"apne2-az1 -apne2-az2" {
		t.Errorf("two zones shifted away: %s", got)
	}
	server.set("foo.internal.", "10.0.1.9", "10.0.2.9", "10.0.3.9")
	if got, _ := ask(t, source); got != all {
		t.Errorf("shifted back: %s", got)
	}
}

func TestDNS_RegionalAnswersThatProveNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*dnsServer)
		doubt   string
	}{
		"no such name":        {func(s *dnsServer) { s.mu.Lock(); delete(s.records, "foo.internal."); s.mu.Unlock() }, "has no address"},
		"no address":          {func(s *dnsServer) { s.set("foo.internal.") }, "has no address"},
		"server failure":      {func(s *dnsServer) { s.fault([]string{"foo.internal."}, nil) }, "could not be looked up"},
		"another service":     {func(s *dnsServer) { s.set("foo.internal.", "192.0.2.1") }, "may not be the same service's name"},
		"one zone from start": {func(s *dnsServer) { s.set("foo.internal.", "10.0.1.9") }, "one zone at a time"},
	} {
		t.Run(name, func(t *testing.T) {
			server, config := seoul(t)
			tt.prepare(server)
			got, doubts := ask(t, dnsSource(t, config))
			if got != all || len(doubts) != 1 || !strings.Contains(doubts[0], tt.doubt) {
				t.Errorf("%s, doubts %v; want nobody evacuated and %q", got, doubts, tt.doubt)
			}
		})
	}
}

// A failed look-up must not send traffic back into a zone that is being evacuated.
func TestDNS_AFailedLookUpKeepsWhatWasEvacuated(t *testing.T) {
	server, config := seoul(t)
	source := dnsSource(t, config)
	server.set("foo.internal.", "10.0.1.9", "10.0.3.9")
	ask(t, source)
	server.fault([]string{"foo.internal."}, nil)
	if got, doubts := ask(t, source); got != all+"apne2-az2" || len(doubts) != 1 {
		t.Errorf("%s, doubts %v", got, doubts)
	}
	server.fault(nil, nil)
	server.set("foo.internal.")
	if got, _ := ask(t, source); got != all {
		t.Errorf("an empty answer evacuates: %s", got)
	}
}

// A name that shows one zone after the other, as weighted routing does, shows others when it is asked again.
func TestDNS_ANameThatRotatesEvacuatesNobody(t *testing.T) {
	turn := 0
	rotating := resolverFunc(func(name string) ([]netip.Addr, error) {
		if id, ok := strings.CutSuffix(name, ".foo.internal."); ok {
			return []netip.Addr{netip.MustParseAddr("10.0." + id[len(id)-1:] + ".9")}, nil
		}
		turn++
		pair := [][]string{{"10.0.1.9", "10.0.2.9"}, {"10.0.2.9", "10.0.3.9"}, {"10.0.3.9", "10.0.1.9"}}[turn%3]
		return []netip.Addr{netip.MustParseAddr(pair[0]), netip.MustParseAddr(pair[1])}, nil
	})
	source := dnsSource(t, discover.DNSConfig{Name: "foo.internal", Zones: zones, Port: 8080, Resolver: rotating})
	for range 100 {
		if got, _ := ask(t, source); got != all {
			t.Fatalf("%s", got)
		}
	}
}

// A load balancer with partial client routing gives now the caller's zone, now all. The other zones must stay there to fail over to.
func TestDNS_ANameThatKeepsChangingEvacuatesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const every = 20 * time.Second
		begin := time.Now()
		all := []netip.Addr{netip.MustParseAddr("10.0.1.9"), netip.MustParseAddr("10.0.2.9"), netip.MustParseAddr("10.0.3.9")}
		steady := false
		partial := resolverFunc(func(name string) ([]netip.Addr, error) {
			if id, ok := strings.CutSuffix(name, ".foo.internal."); ok {
				return []netip.Addr{netip.MustParseAddr("10.0." + id[len(id)-1:] + ".9")}, nil
			}
			if steady || time.Since(begin)/every%4 != 0 {
				return all[:1], nil
			}
			return all, nil
		})
		source := dnsSource(t, discover.DNSConfig{Name: "foo.internal", Zones: zones, Port: 80, Resolver: partial})
		evacuated := func() int {
			answer, err := source.Discover(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(answer.Evacuated) > 0 {
				return 1
			}
			return 0
		}
		times := 0
		for range 720 { // an hour
			times += evacuated()
			time.Sleep(5 * time.Second)
		}
		if times > 3*12 {
			t.Errorf("zones were evacuated at %d of 720 looks; want the first three times only, 12 looks each", times)
		}
		steady = true // now it is a shift that stays
		time.Sleep(11 * time.Minute)
		evacuated()
		if evacuated() == 0 {
			t.Error("a shift is not believed although the name was quiet for ten minutes")
		}
	})
}

func TestDNS_AZoneThatCannotBeLookedUpKeepsItsAddresses(t *testing.T) {
	server, config := seoul(t)
	source := dnsSource(t, config)
	ask(t, source)
	server.fault([]string{"apne2-az2.foo.internal."}, nil)
	if got, doubts := ask(t, source); got != all || len(doubts) != 1 || !strings.Contains(doubts[0], "keeps the 1 addresses it had") {
		t.Errorf("server failure for az2: %s, doubts %v", got, doubts)
	}
	server.fault(nil, nil)
	server.set("apne2-az2.foo.internal.") // the record is gone, perhaps by mistake: the Regional name still has it
	if got, doubts := ask(t, source); got != all || len(doubts) != 1 || !strings.Contains(doubts[0], "the zone keeps 1") {
		t.Errorf("az2's own name alone has no address: %s, doubts %v", got, doubts)
	}
	server.set("foo.internal.", "10.0.1.9", "10.0.3.9") // the zone is gone
	if got, doubts := ask(t, source); got != "az1=10.0.1.9:8080 az3=10.0.3.9:8080 -" || len(doubts) != 1 {
		t.Errorf("az2 has no address: %s, doubts %v", got, doubts)
	}
	server.fault([]string{"apne2-az1.foo.internal.", "apne2-az2.foo.internal.", "apne2-az3.foo.internal."}, nil)
	if answer, err := source.Discover(within(t, 2*time.Second)); err == nil {
		t.Errorf("no look-up works: %v, and no error by which the answer would age", answer)
	}
}

func TestDNS_WithoutZonesNamesTheRegionalNameIsUsed(t *testing.T) {
	server, config := seoul(t)
	for _, id := range zones {
		server.set(id + ".foo.internal.")
	}
	if got, doubts := ask(t, dnsSource(t, config)); got != "=10.0.1.9:8080 =10.0.2.9:8080 =10.0.3.9:8080 -" || len(doubts) != 4 {
		t.Errorf("%s, doubts %v", got, doubts)
	}
}

func TestDNS_AsksNoSearchDomainAndTheFamilyItIsTold(t *testing.T) {
	server, config := seoul(t)
	config.Network = "ip6"
	if got, _ := ask(t, dnsSource(t, config)); got != "az3=[fd00::3]:8080 -" {
		t.Errorf("IPv6: %s", got)
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	if len(server.queries) != 4 || server.queries["foo.internal."] != 1 {
		t.Errorf("asked for %v; want each name once, as it is", server.queries)
	}
}

func TestDNS_ASilentServerCostsTheTimeoutAndNoMore(t *testing.T) {
	server, config := seoul(t)
	server.fault(nil, []string{"foo.internal.", "apne2-az1.foo.internal."})
	begin := time.Now()
	answer, err := dnsSource(t, config).Discover(within(t, 200*time.Millisecond))
	if err != nil || len(answer.Endpoints) != 2 || time.Since(begin) > time.Second {
		t.Errorf("%v, %v after %v; want the two zones that answered, after 200 ms", answer, err, time.Since(begin))
	}
}

// The promise of the package: a zone that leaves the Regional answer is left within the record's TTL and 5 s.
func TestDNS_AZoneIsLeftWithinTTLAnd5s(t *testing.T) {
	const ttl = time.Minute
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			shifted := time.Now().Add(10*time.Minute + rand.N(2*ttl))
			source := dnsSource(t, discover.DNSConfig{Name: "foo.internal", Zones: zones, Port: 80, Resolver: cachingResolver(ttl, shifted)})
			left := make(chan time.Time, 1)
			c := newCache(t, discover.CacheConfig{Source: source})
			defer c.Close()
			c.Subscribe(func(a discover.Answer) {
				if slices.Equal(a.Evacuated, []string{"apne2-az2"}) {
					left <- time.Now()
				}
			})
			select {
			case at := <-left:
				if took := at.Sub(shifted); took < 0 || took > ttl+5*time.Second {
					t.Errorf("left %v after the record changed; want within %v", took, ttl+5*time.Second)
				}
			case <-time.After(time.Hour):
				t.Error("never left")
			}
		})
	}
}

// cachingResolver keeps answers for ttl, as the VPC's resolver does; az2 leaves the Regional name at shifted.
func cachingResolver(ttl time.Duration, shifted time.Time) discover.Resolver {
	var mu sync.Mutex
	var kept []netip.Addr
	var until time.Time
	return resolverFunc(func(name string) ([]netip.Addr, error) {
		time.Sleep(time.Millisecond)
		if id, ok := strings.CutSuffix(name, ".foo.internal."); ok {
			return []netip.Addr{netip.MustParseAddr("10.0." + id[len(id)-1:] + ".9")}, nil
		}
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); !now.Before(until) {
			kept, until = []netip.Addr{netip.MustParseAddr("10.0.1.9"), netip.MustParseAddr("10.0.3.9")}, now.Add(ttl)
			if now.Before(shifted) {
				kept = append(kept, netip.MustParseAddr("10.0.2.9"))
			}
		}
		return slices.Clone(kept), nil
	})
}

type resolverFunc func(name string) ([]netip.Addr, error)

func (f resolverFunc) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	return f(name)
}

// Endpoints from elsewhere, such as Cloud Map, are judged by the Regional name as well.
func TestNewRegional_JudgesAnotherSourcesEndpoints(t *testing.T) {
	server, resolver := newDNSServer(t)
	server.set("foo.internal.", "10.0.1.9", "10.0.3.9")
	static, err := discover.Static(
		discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"},
		discover.Endpoint{Addr: "10.0.3.9:80", Zone: "apne2-az3"})
	if err != nil {
		t.Fatal(err)
	}
	for trust, want := range map[discover.RegionalTrust][]string{discover.RegionalAuto: {"apne2-az2"}, discover.RegionalIgnored: nil} {
		source, err := discover.NewRegional(discover.RegionalConfig{Source: static, Name: "foo.internal", Resolver: resolver, Trust: trust})
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := source.Discover(t.Context()); err != nil || !slices.Equal(answer.Evacuated, want) || len(answer.Endpoints) != 3 {
			t.Errorf("trust %v: %v, %v", trust, answer, err)
		}
	}
}

func TestSources_SayEverythingThatIsWrong(t *testing.T) {
	_, dnsErr := discover.DNS(discover.DNSConfig{Name: "foo internal", Zones: []string{"ap-northeast-2a", "apne2-az1", "apne2-az1"}, Network: "tcp"})
	_, noZones := discover.DNS(discover.DNSConfig{Name: "foo.internal", Port: 70000})
	_, staticErr := discover.Static(discover.Endpoint{Addr: "10.0.0.1", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.0.1:80", Zone: "ap-northeast-2a"})
	_, none := discover.Static()
	_, regionalErr := discover.NewRegional(discover.RegionalConfig{Network: "udp"})
	for _, tt := range []struct {
		err   error
		wants []string
	}{
		{dnsErr, []string{`got "foo internal"`, `got "ap-northeast-2a"; names mean different zones`, "given twice", "got 0; give one from 1", `got "tcp"`}},
		{noZones, []string{"needs zones, got none", "got 70000"}},
		{staticErr, []string{`endpoint 0: not an address, got "10.0.0.1"; give host:port`, "endpoint 1: a zone name"}},
		{none, []string{"no endpoint"}},
		{regionalErr, []string{"got no source", `not a DNS name, got ""`, `got "udp"`}},
	} {
		for _, want := range tt.wants {
			if tt.err == nil || !strings.Contains(tt.err.Error(), want) {
				t.Errorf("error does not say %q: %v", want, tt.err)
			}
		}
	}
}

func TestStatic_OrdersItsAnswer(t *testing.T) {
	source, err := discover.Static(discover.Endpoint{Addr: "b:1", Zone: "apne2-az2"}, discover.Endpoint{Addr: "b:1", Zone: "apne2-az1"},
		discover.Endpoint{Addr: "a:1", Zone: "apne2-az2"}, discover.Endpoint{Addr: "a:1", Zone: "apne2-az2", ID: "i-1"})
	if err != nil {
		t.Fatal(err)
	}
	if got, doubts := ask(t, source); got != "az1=b:1 az2=a:1 az2=b:1 -" || doubts != nil {
		t.Error(got)
	}
	answer, _ := source.Discover(t.Context())
	if got := answer.Zones(); !slices.Equal(got, zones[:2]) {
		t.Errorf("zones %v", got)
	}
}

var _ discover.Resolver = net.DefaultResolver
