package affinity_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// Endpoints come and go, zones are evacuated and return, and the service is closed while calls run: no call fails before Close, each fails
// with ErrClosed after it, and nothing stays behind.
func TestChurn(t *testing.T) {
	var servers []*server
	for _, z := range []string{own, own, second, second, third, third} {
		servers = append(servers, serve(t, z, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	}
	before := runtime.NumGoroutine() // the servers' included, which have one more for each connection
	source := discover.Func(func(context.Context) (a discover.Answer, err error) {
		for i, s := range servers {
			if i%2 == 0 || rand.IntN(2) == 0 {
				a.Endpoints = append(a.Endpoints, s.endpoint())
			}
		}
		if rand.IntN(2) == 0 {
			a.Evacuated = []string{[]string{own, second, third}[rand.IntN(3)]}
		}
		return a.Normalize(), nil
	})
	cache, err := discover.NewCache(discover.CacheConfig{Source: source, Every: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	s, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: own, Source: cache})
	if err != nil {
		t.Fatal(err)
	}
	var closing atomic.Bool
	var running sync.WaitGroup
	client := s.HTTPClient()
	for range 20 {
		running.Go(func() {
			for {
				was := closing.Load()
				resp, err := client.Post("http://foo.internal/", "text/plain", strings.NewReader("x"))
				switch {
				case err == nil:
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				case !closing.Load() && !was:
					t.Errorf("before Close: %v", err)
					return
				case errors.Is(err, affinity.ErrClosed):
					return
				default:
					t.Errorf("after Close: %v", err)
					return
				}
			}
		})
	}
	time.Sleep(time.Second)
	closing.Store(true)
	s.Close()
	running.Wait()
	cache.Close()
	deadline := time.Now().Add(3 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines, before %d:\n%s", n, before, buf[:runtime.Stack(buf, true)])
	}
	for _, z := range s.Stats().Zones {
		for _, e := range z.Endpoints {
			if e.InFlight != 0 {
				t.Errorf("%s: %d calls are under way", e.Addr, e.InFlight)
			}
		}
	}
}
