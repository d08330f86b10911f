package affinity_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// zones plays a service with one server in each of two zones.
func zones() (source discover.Source, first, second *httptest.Server) {
	serve := func(zone string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s from %s", r.Host, zone)
		}))
	}
	first, second = serve("apne2-az1"), serve("apne2-az2")
	source, err := discover.Static(
		discover.Endpoint{Addr: first.Listener.Addr().String(), Zone: "apne2-az1"},
		discover.Endpoint{Addr: second.Listener.Addr().String(), Zone: "apne2-az2"})
	if err != nil {
		panic(err)
	}
	return source, first, second
}

// Requests stay in the own zone, and go elsewhere when it fails: callers see an http.Client.
func Example() {
	source, first, second := zones()
	defer second.Close()

	service, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source})
	if err != nil {
		panic(err)
	}
	defer service.Close()
	client := service.HTTPClient()

	get := func() {
		response, err := client.Get("http://foo.internal/")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		fmt.Println(string(body))
	}
	get()
	first.Close() // the zone is lost
	get()
	// Output:
	// foo.internal from apne2-az1
	// foo.internal from apne2-az2
}

// Do is for protocols of one's own. Errors say whether another attempt is safe.
func ExampleService_Do() {
	source, _ := discover.Static(
		discover.Endpoint{Addr: "10.0.1.10:7000", Zone: "apne2-az1"},
		discover.Endpoint{Addr: "10.0.2.10:7000", Zone: "apne2-az2"})
	service, err := affinity.New(affinity.Config{Name: "ledger.internal", Zone: "apne2-az1", Source: source})
	if err != nil {
		panic(err)
	}
	defer service.Close()

	err = service.Do(context.Background(), func(_ context.Context, at discover.Endpoint) error {
		fmt.Println("trying", at.Zone)
		if at.Zone == "apne2-az1" {
			return affinity.NotSent(errors.New("connection refused")) // nothing was sent: safe whatever the call does
		}
		return affinity.Permanent(errors.New("no such account")) // an answer: nobody else would give another
	})
	var call *affinity.CallError
	if errors.As(err, &call) {
		for _, a := range call.Attempts {
			fmt.Printf("%d %s %v\n", a.Number, a.Endpoint.Zone, a.Err)
		}
	}
	// Output:
	// trying apne2-az1
	// trying apne2-az2
	// 1 apne2-az1 connection refused
	// 2 apne2-az2 no such account
}

// Pick is the low-level way: the caller makes the attempt and says how it went.
func ExampleService_Pick() {
	source, _ := discover.Static(discover.Endpoint{Addr: "10.0.1.10:7000", Zone: "apne2-az1"})
	service, err := affinity.New(affinity.Config{Name: "ledger.internal", Zone: "apne2-az1", Source: source})
	if err != nil {
		panic(err)
	}
	defer service.Close()

	ctx := context.Background()
	if err := service.Admit(ctx); err != nil {
		panic(err) // refused locally
	}
	p, err := service.Pick(ctx, affinity.PickOptions{Replayable: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Endpoint().Addr, p.CrossZone())
	p.Done(affinity.Success)
	service.Settle(true)
	// Output: 10.0.1.10:7000 false
}

// Everything that is wrong with a configuration is said at once.
func ExampleNew() {
	_, err := affinity.New(affinity.Config{Name: "foo.internal:80", Hedge: affinity.Hedge{After: 1}})
	fmt.Println(err)
	// Output:
	// a service's name is a host without scheme and port, got Name "foo.internal:80"; give its DNS name, such as foo.internal
	// a service without discovery, got no Source; give one, such as a discover.Static
	// a wait for hedges that are off, got Hedge.After 1ns; set Hedge.On or leave After out
}
