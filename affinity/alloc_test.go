package affinity_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// Choosing a zone and an endpoint, their breakers and all accounting allocate nothing; a request allocates one object more than net/http's.
func TestAllocations(t *testing.T) {
	srv := serve(t, own, func(http.ResponseWriter, *http.Request) {})
	s := service(t, func(c *affinity.Config) { c.AttemptTimeout = -1 }, srv.endpoint())
	ctx := context.Background()
	pick := testing.AllocsPerRun(1000, func() {
		p, err := s.Pick(ctx, affinity.PickOptions{Replayable: true})
		if err != nil {
			t.Fatal(err)
		}
		p.Done(affinity.Success)
	})
	if pick != 0 {
		t.Errorf("Pick and Done allocate %v times; want none", pick)
	}
	do := testing.AllocsPerRun(1000, func() {
		_ = s.Do(ctx, func(context.Context, discover.Endpoint) error { return nil })
	})
	if do > 2 {
		t.Errorf("Do allocates %v times; want at most 2", do)
	}
	plain := requests(t, &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}, srv.URL)
	ours := requests(t, s.HTTPClient(), "http://foo.internal/")
	if ours > plain+2 { // averages are rounded down
		t.Errorf("a request allocates %v times, %v without the library; want one more", ours, plain)
	}
}

// requests is the least of five averages: the server, which is in the same process, and connections being made add to the others.
func requests(t *testing.T, client *http.Client, url string) (least float64) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		n := testing.AllocsPerRun(200, func() {
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		})
		if i == 0 || n < least {
			least = n
		}
	}
	return least
}
