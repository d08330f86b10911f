//go:build linux

package edgelab_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// result is one request of the load.
type result struct {
	at     time.Duration // when it was over, since the load began
	post   bool
	took   time.Duration
	failed string // "" if it was answered by 200
	cut    bool   // it failed because the connection, which had been used before, was closed without an answer
	again  int    // connections it took beyond the first: the client found a kept one closed, and sent it again
}

// load is a number of clients, each with one request after the other and a pause between them. Nothing is left out: a
// request that waits delays its client, and counts when it ends.
type load struct {
	url     string
	client  *http.Client
	clients int
	pause   time.Duration
	begin   time.Time

	mu      sync.Mutex
	results []result
}

// run sends until ctx ends. Every fourth client posts.
func (l *load) run(ctx context.Context) {
	l.begin = time.Now()
	var wg sync.WaitGroup
	for i := range l.clients {
		wg.Go(func() {
			for ctx.Err() == nil {
				r := l.send(i%4 == 3)
				l.mu.Lock()
				l.results = append(l.results, r)
				l.mu.Unlock()
				time.Sleep(l.pause)
			}
		})
	}
	wg.Wait()
}

// send sends one request. Requests in flight when the load ends are finished, not cut.
func (l *load) send(post bool) result {
	begin := time.Now()
	r := result{post: post, again: -1}
	var used bool
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { r.again++; used = c.Reused }})
	method, body := http.MethodGet, io.Reader(nil)
	if post {
		method, body = http.MethodPost, strings.NewReader(`{"like": true}`)
	}
	request, err := http.NewRequestWithContext(ctx, method, l.url, body)
	if err == nil {
		err = fetch(l.client, request)
	}
	r.at, r.took, r.again = time.Since(l.begin), time.Since(begin), max(0, r.again)
	if err != nil {
		r.failed, r.cut = err.Error(), used && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE))
	}
	return r
}

func fetch(client *http.Client, request *http.Request) error {
	answer, err := client.Do(request)
	if err != nil {
		return errors.Unwrap(err) // without the URL, so that equal failures read alike
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// tally is what happened to some of the requests.
type tally struct {
	answered, failed, posts, postsFailed, cut, again int
	slowest                                          time.Duration
	why                                              map[string]int
}

// between counts the requests that were over from one time to another.
func (l *load) between(from, to time.Duration) tally {
	t := tally{why: map[string]int{}}
	for _, r := range l.results {
		if r.at < from || r.at >= to {
			continue
		}
		t.answered++
		t.again += r.again
		t.slowest = max(t.slowest, r.took)
		if r.post {
			t.posts++
		}
		if r.failed != "" {
			t.failed++
			t.why[r.failed]++
			if r.post {
				t.postsFailed++
			}
			if r.post && r.cut {
				t.cut++
			}
		}
	}
	return t
}

func (t tally) String() string {
	s := fmt.Sprintf("%d of %d failed", t.failed, t.answered)
	if t.postsFailed > 0 {
		s += fmt.Sprintf(" (%d of %d POST)", t.postsFailed, t.posts)
	}
	for _, why := range slices.Sorted(maps.Keys(t.why)) {
		s += fmt.Sprintf(", %d %s", t.why[why], why)
	}
	return fmt.Sprintf("%s; slowest %d ms, sent again %d", s, t.slowest.Milliseconds(), t.again)
}
