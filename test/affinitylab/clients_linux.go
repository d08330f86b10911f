package affinitylab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// client is one way of calling the service.
type client struct {
	name     string
	every    time.Duration // between calls
	url      string
	post     bool
	http     []*http.Client // calls take turns: each stands for one process
	recorder *recorder
	attempts bool // it tells its attempts itself; else every call is one
	close    func() error
}

// clients makes the library's client and the two controls.
func clients(w *world, s Scenario, start time.Time) ([]*client, error) {
	lib, err := library(w, s, start)
	if err != nil || s.Alone {
		return []*client{lib}, err
	}
	return []*client{
		lib,
		control(w, start, "net/http, Regional name", serviceName, 12),
		control(w, start, "net/http, own zone's name", zoneIDs[0]+"."+serviceName, 4),
	}, nil
}

// library is the client under test, with defaults but for the attempt timeout.
func library(w *world, s Scenario, start time.Time) (*client, error) {
	source, err := sourceOf(w)
	if err != nil {
		return nil, err
	}
	r := &recorder{start: start}
	timeout := attemptTimeout
	switch {
	case s.AttemptTimeout > 0:
		timeout = s.AttemptTimeout
	case s.AttemptTimeout < 0:
		timeout = 0 // the default
	}
	service, err := affinity.New(affinity.Config{Name: serviceName, Source: source, Zone: zoneIDs[0], AttemptTimeout: timeout, Observer: &watcher{recorder: r}})
	if err != nil {
		return nil, err
	}
	return &client{
		name: "library", every: time.Second / time.Duration(s.perSecond()), post: s.Post, url: fmt.Sprintf("http://%s:%d/", serviceName, servicePort),
		http: []*http.Client{service.HTTPClient()}, recorder: r, attempts: true, close: service.Close,
	}, nil
}

// sourceOf finds the servers by DNS, or in Cloud Map where there is one.
func sourceOf(w *world) (discover.Source, error) {
	if w.registry != nil {
		return w.registry.source()
	}
	return discover.DNS(discover.DNSConfig{Name: serviceName, Zones: zoneIDs, Port: servicePort, Resolver: w.names.resolver()})
}

// control is net/http as it comes, with a resolver that asks the lab's DNS server.
func control(w *world, start time.Time, name, host string, processes int) *client {
	c := &client{name: name, every: 10 * time.Millisecond, url: fmt.Sprintf("http://%s:%d/", host, servicePort), recorder: &recorder{start: start}}
	for range processes {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.DialContext = (&net.Dialer{Resolver: w.names.resolver(), Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext
		c.http = append(c.http, &http.Client{Transport: t})
	}
	c.close = func() error {
		for _, h := range c.http {
			h.CloseIdleConnections()
		}
		return nil
	}
	return c
}

// call makes one call and records it.
func (c *client) call(ctx context.Context, n int, late time.Duration) {
	out := call{Begin: c.recorder.now(), Late: late}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	method := http.MethodGet
	if c.post {
		method = http.MethodPost
	}
	if c.attempts {
		out.ID = fmt.Sprintf("%s-%d", c.name, n)
	}
	zone, err := ask(ctx, c.http[n%len(c.http)], method, c.url, out.ID)
	out.End, out.Zone = c.recorder.now(), zone
	if err != nil {
		out.Failed, out.Cause, out.Error = true, causeOf(err), err.Error()
	}
	c.recorder.call(out)
	if !c.attempts {
		c.recorder.attempt(attempt{Zone: zone, Cross: zone != "" && zone != zoneIDs[0]})
	}
}

// ask fails if the answer is not 200, or not whole.
func ask(ctx context.Context, h *http.Client, method, url, id string) (zone string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return "", err
	}
	if id != "" {
		request.Header.Set(idHeader, id)
	}
	response, err := h.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end below
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return "", err
	}
	zone = response.Header.Get(zoneHeader)
	if response.StatusCode != http.StatusOK {
		return zone, statusError(response.StatusCode)
	}
	return zone, nil
}

type statusError int

func (e statusError) Error() string { return fmt.Sprintf("HTTP status %d", int(e)) }

// causeOf puts errors into few classes.
func causeOf(err error) string {
	var status statusError
	var dns *net.DNSError
	switch {
	case errors.Is(err, affinity.ErrShed):
		return "shed: " + affinity.ErrShed.Error()
	case errors.Is(err, affinity.ErrBudget):
		return affinity.ErrBudget.Error()
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &dns):
		return "name not resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "EOF"):
		return "connection ended"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, affinity.ErrAttemptTimeout):
		return "no answer in time"
	}
	return err.Error()
}

// watcher records the library's attempts. A recorder's clock is its own.
type watcher struct{ recorder *recorder }

var _ affinity.Observer = (*watcher)(nil)

// CallStart does nothing.
func (w *watcher) CallStart(ctx context.Context, _ affinity.Call) context.Context { return ctx }

// CallEnd does nothing.
func (w *watcher) CallEnd(context.Context, affinity.CallEnd) {}

// AttemptStart records an attempt.
func (w *watcher) AttemptStart(ctx context.Context, a affinity.Attempt) context.Context {
	w.recorder.attempt(attempt{Zone: a.Endpoint.Zone, Cross: a.CrossZone, Again: a.Number > 1 || a.Hedge})
	return ctx
}

// AttemptEnd does nothing.
func (w *watcher) AttemptEnd(context.Context, affinity.AttemptEnd) {}

// Event does nothing.
func (w *watcher) Event(context.Context, affinity.Event) {}
