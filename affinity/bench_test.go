//go:build unix

package affinity_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// The happy path, beside failsafe-go composed the same way and beside plain net/http. docs/adr/0070 has the figures.
//
//	go test ./affinity -run '^$' -bench . -benchmem

// cpu reports the processor's time an operation took, user's and kernel's, which other work on the machine disturbs less than the clock.
func cpu(b *testing.B) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// sixEndpoints are two in each of three zones.
func sixEndpoints() []discover.Endpoint {
	return newCluster(2).answer.Endpoints
}

func benchService(b *testing.B, limit time.Duration, endpoints ...discover.Endpoint) *affinity.Service {
	b.Helper()
	source, err := discover.Static(endpoints...)
	if err != nil {
		b.Fatal(err)
	}
	s, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: own, Source: source, AttemptTimeout: limit})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if _, err := s.Pick(context.Background(), affinity.PickOptions{}); err != nil { // waits for discovery
		b.Fatal(err)
	}
	return s
}

// peer is the same choice with failsafe-go's breakers: a zone's, and one for each of its endpoints, by failure rate over 2 s.
type peer[R any] struct {
	zone      circuitbreaker.CircuitBreaker[R]
	endpoints []circuitbreaker.CircuitBreaker[R]
}

func newPeer[R any](endpoints int) *peer[R] {
	build := func() circuitbreaker.CircuitBreaker[R] {
		return circuitbreaker.NewBuilder[R]().WithFailureRateThreshold(0.5, 10, 2*time.Second).WithDelay(time.Second).WithSuccessThreshold(3).Build()
	}
	p := &peer[R]{zone: build()}
	for range endpoints {
		p.endpoints = append(p.endpoints, build())
	}
	return p
}

func (p *peer[R]) choose() circuitbreaker.CircuitBreaker[R] {
	return p.endpoints[rand.IntN(len(p.endpoints))]
}

// executors are built once for each endpoint, which is the fastest way to compose them.
func (p *peer[R]) executors(limit time.Duration) (all []failsafe.Executor[R]) {
	retries := retrypolicy.NewBuilder[R]().WithMaxRetries(2).WithBackoff(10*time.Millisecond, time.Second).WithBudget(budget.New()).Build()
	for _, e := range p.endpoints {
		policies := []failsafe.Policy[R]{retries, p.zone, e}
		if limit > 0 {
			policies = append(policies, timeout.New[R](limit))
		}
		all = append(all, failsafe.With(policies...))
	}
	return all
}

// peerTransport is the shortest RoundTripper that runs an executor; failsafe-go's own does more.
type peerTransport struct {
	base *http.Transport
	ex   failsafe.Executor[*http.Response]
}

func (t peerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.ex.GetWithExecution(func(e failsafe.Execution[*http.Response]) (*http.Response, error) {
		return t.base.RoundTrip(req.WithContext(e.Context()))
	})
}

func BenchmarkPick(b *testing.B) {
	ctx := context.Background()
	pick := func(b *testing.B, s *affinity.Service) {
		p, err := s.Pick(ctx, affinity.PickOptions{Replayable: true})
		if err != nil {
			b.Error(err)
		}
		p.Done(affinity.Success)
	}
	peered := func(p *peer[any]) {
		e := p.choose()
		if p.zone.TryAcquirePermit() && e.TryAcquirePermit() {
			e.RecordSuccess()
			p.zone.RecordSuccess()
		}
	}
	b.Run("affinity", func(b *testing.B) {
		s := benchService(b, 0, sixEndpoints()...)
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			pick(b, s)
		}
	})
	b.Run("failsafe", func(b *testing.B) {
		p := newPeer[any](2)
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			peered(p)
		}
	})
	b.Run("affinity-parallel", func(b *testing.B) {
		s := benchService(b, 0, sixEndpoints()...)
		b.ReportAllocs()
		defer cpu(b)()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				pick(b, s)
			}
		})
	})
	b.Run("failsafe-parallel", func(b *testing.B) {
		p := newPeer[any](2)
		b.ReportAllocs()
		defer cpu(b)()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				peered(p)
			}
		})
	})
}

// A whole call: retries and their budget, breakers, with and without a time limit for the attempt.
func BenchmarkDo(b *testing.B) {
	for name, limit := range map[string]time.Duration{"": -1, "-limit": time.Second} {
		b.Run("affinity"+name, func(b *testing.B) {
			s := benchService(b, limit, sixEndpoints()...)
			ctx := context.Background()
			fn := func(context.Context, discover.Endpoint) error { return nil }
			b.ReportAllocs()
			defer cpu(b)()
			for b.Loop() {
				if err := s.Do(ctx, fn); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("failsafe"+name, func(b *testing.B) {
			all := newPeer[any](2).executors(limit)
			fn := func() error { return nil }
			b.ReportAllocs()
			defer cpu(b)()
			for b.Loop() {
				if err := all[rand.IntN(len(all))].Run(fn); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A request over loopback. The difference to plain is what counts: the rest is net/http and the kernel.
func BenchmarkHTTP(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	defer srv.Close()
	addr := srv.Listener.Addr().String()
	get := func(b *testing.B, client *http.Client, url string) {
		req, _ := http.NewRequest("GET", url, nil)
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			resp, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	b.Run("plain", func(b *testing.B) {
		get(b, &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}, srv.URL)
	})
	for name, limit := range map[string]time.Duration{"": -1, "-limit": time.Second} {
		b.Run("affinity"+name, func(b *testing.B) {
			s := benchService(b, limit, discover.Endpoint{Addr: addr, Zone: own})
			get(b, s.HTTPClient(), "http://foo.internal/")
		})
		b.Run("failsafe"+name, func(b *testing.B) {
			ex := newPeer[*http.Response](1).executors(limit)[0]
			get(b, &http.Client{Transport: peerTransport{http.DefaultTransport.(*http.Transport).Clone(), ex}}, srv.URL)
		})
	}
}
