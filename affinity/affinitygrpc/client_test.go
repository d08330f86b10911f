package affinitygrpc_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/affinitygrpc"
	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/retry"
)

func TestClient_StaysInTheOwnZone(t *testing.T) {
	own, own2, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	c := newClient(t, sourceOf(own, own2, other), affinity.Config{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 100 {
				if _, err := c.call(t.Context(), get); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if own.calls.Load() < 500 || own2.calls.Load() < 500 || other.calls.Load() != 0 || other.open.Load() != 0 {
		t.Errorf("own zone %d and %d calls, other zone %d calls and %d connections; want all in the own zone, evenly",
			own.calls.Load(), own2.calls.Load(), other.calls.Load(), other.open.Load())
	}
	if s := c.service.Stats(); s.CrossZone != 0 || s.Calls != 2000 || s.Attempts != 2000 {
		t.Errorf("%+v", s)
	}
}

// load calls as fast as one caller can, until told to end, and counts.
func load(t *testing.T, c *client) (stop func() (calls, failed int64, last error)) {
	var n, bad atomic.Int64
	var last atomic.Pointer[error]
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				bounded, done := context.WithTimeout(t.Context(), 5*time.Second)
				_, err := c.call(bounded, get)
				done()
				n.Add(1)
				if err != nil {
					bad.Add(1)
					last.Store(&err)
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	return func() (int64, int64, error) {
		cancel()
		all.Wait()
		if e := last.Load(); e != nil {
			return n.Load(), bad.Load(), *e
		}
		return n.Load(), bad.Load(), nil
	}
}

func TestClient_SurvivesTheLossOfItsZone(t *testing.T) {
	own, own2, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	observer := &observer{}
	c := newClient(t, sourceOf(own, own2, other), affinity.Config{Observer: observer})
	stop := load(t, c)
	eventually(t, 10*time.Second, "200 calls", func() bool { return own.calls.Load()+own2.calls.Load() > 200 })
	own.stop()
	own2.stop()
	took := eventually(t, 10*time.Second, "100 calls in the other zone", func() bool { return other.calls.Load() > 100 })
	time.Sleep(1500 * time.Millisecond) // trials are due every second
	calls, failed, last := stop()
	if n := observer.trials.Load(); n != 0 {
		t.Errorf("%d trials of endpoints whose connections were known to be down", n)
	}
	if failed > calls/100 {
		t.Errorf("%d of %d calls failed, the last with %v; want 1 %% at most", failed, calls, last)
	}
	t.Logf("the other zone had 100 calls after %v; %d of %d calls failed", took, failed, calls)

	own.start()
	own2.start()
	stop = load(t, c)
	took = eventually(t, 20*time.Second, "the own zone has all calls again", func() bool {
		was := other.calls.Load()
		time.Sleep(200 * time.Millisecond)
		return other.calls.Load() == was && own.calls.Load()+own2.calls.Load() > 0
	})
	calls, failed, last = stop()
	if failed > calls/100 || took > 10*time.Second {
		t.Errorf("recovered after %v; %d of %d calls failed, the last with %v", took, failed, calls, last)
	}
	t.Logf("all calls were back after %v", took)
}

func TestClient_RepeatsOnlyWhatMayBeRepeated(t *testing.T) {
	for _, tt := range []struct {
		method string
		ctx    func(context.Context) context.Context
		calls  int64
	}{
		{get, func(ctx context.Context) context.Context { return ctx }, 2},
		{put, func(ctx context.Context) context.Context { return ctx }, 1},
		{put, retry.WithIdempotent, 2},
	} {
		own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
		own.failWith(status.Error(codes.Unavailable, "overloaded"))
		other.failWith(status.Error(codes.Unavailable, "overloaded as well"))
		c := newClient(t, sourceOf(own, other), affinity.Config{Retry: affinity.Retry{MaxAttempts: 2}})
		_, err := c.call(tt.ctx(t.Context()), tt.method)
		if n := own.calls.Load() + other.calls.Load(); n != tt.calls {
			t.Errorf("%s reached servers %d times; want %d", tt.method, n, tt.calls)
		}
		var failed *affinity.CallError
		if status.Code(err) != codes.Unavailable || !errors.As(err, &failed) || len(failed.Attempts) != int(tt.calls) {
			t.Errorf("%s: %v", tt.method, err)
		}
		for _, want := range []string{"calling echo.internal failed: attempt 1 in apne2-az1 at " + own.addr, "overloaded"} {
			if !strings.Contains(status.Convert(err).Message(), want) {
				t.Errorf("the status does not say %q: %v", want, err)
			}
		}
	}
}

// A connection that cannot be made never carried anything: whatever the method, another endpoint is tried.
func TestClient_TriesElsewhereWhatWasNeverSent(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	own.stop()
	c := newClient(t, sourceOf(own, other), affinity.Config{})
	for range 5 {
		if got := c.mustCall(t, put); got != other.addr {
			t.Errorf("answered by %s; want %s", got, other.addr)
		}
	}
	if n := other.calls.Load(); n != 5 {
		t.Errorf("5 calls reached the other zone %d times", n)
	}
}

func TestClient_AnAnswerIsNoFailure(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	c := newClient(t, sourceOf(own, other), affinity.Config{})
	withDetails, err := status.New(codes.NotFound, "no such order").WithDetails(wrapperspb.String("order 7"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*status.Status{withDetails, status.New(codes.ResourceExhausted, "slow down"), status.New(codes.Canceled, "by the server")} {
		own.failWith(s.Err())
		for range 30 {
			_, err := c.call(t.Context(), get)
			got := status.Convert(err)
			if got.Code() != s.Code() || got.Message() != s.Message() || len(got.Details()) != len(s.Details()) {
				t.Fatalf("got %v, details %v; want %v as the server sent it", err, got.Details(), s)
			}
		}
	}
	if s := c.service.Stats(); other.calls.Load() != 0 || s.Failures != 0 || s.Retries != 0 {
		t.Errorf("other zone %d calls, %+v", other.calls.Load(), s)
	}
}

func TestClient_AMessageThatCannotBeWrittenIsNobodysFault(t *testing.T) {
	own := newServer(t, "apne2-az1")
	c := newClient(t, sourceOf(own), affinity.Config{})
	c.mustCall(t, get)
	for range 20 {
		if err := c.Invoke(t.Context(), get, "not a message", new(wrapperspb.StringValue)); status.Code(err) != codes.Internal {
			t.Fatalf("%v", err)
		}
	}
	if s := c.service.Stats(); s.Failures != 0 || s.Retries != 0 {
		t.Errorf("%+v", s)
	}
}

func TestClient_WaitsForReadyOnlyWhereAsked(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	own.stop()
	other.stop()
	c := newClient(t, sourceOf(own, other), affinity.Config{})
	if _, err := c.call(t.Context(), get); status.Code(err) != codes.Unavailable {
		t.Errorf("without waiting: %v", err)
	}
	short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := c.call(short, get, grpc.WaitForReady(true)); status.Code(err) != codes.DeadlineExceeded || time.Since(begin) < 400*time.Millisecond {
		t.Errorf("waiting 500 ms: %v after %v", err, time.Since(begin))
	}
	type result struct {
		addr string
		err  error
	}
	results := make(chan result)
	long, cancel2 := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel2()
	for _, method := range []string{get, put} {
		go func() {
			addr, err := c.call(long, method, grpc.WaitForReady(true))
			results <- result{addr, err}
		}()
	}
	select {
	case r := <-results:
		t.Fatalf("ended while nothing was up: %+v", r)
	case <-time.After(300 * time.Millisecond):
	}
	other.start()
	for range 2 {
		if r := <-results; r.err != nil || r.addr != other.addr {
			t.Errorf("%+v", r)
		}
	}
	if n := other.calls.Load(); n != 2 {
		t.Errorf("two calls were carried out %d times", n)
	}
}

func TestClient_DeadlinesAndCancellation(t *testing.T) {
	own := newServer(t, "apne2-az1")
	own.delay.Store(int64(time.Minute))
	c := newClient(t, sourceOf(own), affinity.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := c.call(ctx, put); status.Code(err) != codes.DeadlineExceeded || time.Since(begin) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := c.call(ctx, put); status.Code(err) != codes.Canceled {
		t.Errorf("canceled: %v", err)
	}
}

func TestClient_AnAttemptsTimeLimitLeadsElsewhere(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	own.delay.Store(int64(time.Minute))
	c := newClient(t, sourceOf(own, other), affinity.Config{AttemptTimeout: 100 * time.Millisecond})
	begin := time.Now()
	if got := c.mustCall(t, get); got != other.addr || time.Since(begin) > 3*time.Second {
		t.Errorf("answered by %s after %v", got, time.Since(begin))
	}
	_, err := c.call(t.Context(), put)
	if err != nil && (status.Code(err) != codes.Unavailable || !errors.Is(err, affinity.ErrAttemptTimeout)) {
		t.Errorf("what may not be repeated: %v", err)
	}
}

func TestClient_FollowsDiscovery(t *testing.T) {
	own, other, third := newServer(t, "apne2-az1"), newServer(t, "apne2-az2"), newServer(t, "apne2-az3")
	from := sourceOf(own, other)
	c := newClient(t, from, affinity.Config{})
	c.mustCall(t, get)
	evacuated := sourceOf(own, other).answer
	evacuated.Evacuated = []string{"apne2-az1"}
	from.set(evacuated, nil)
	eventually(t, 5*time.Second, "the evacuated zone is left", func() bool { return c.mustCall(t, get) == other.addr })
	from.set(sourceOf(third).answer, nil)
	eventually(t, 5*time.Second, "the only zone is used", func() bool { return c.mustCall(t, get) == third.addr })
	eventually(t, 5*time.Second, "connections to what is gone are closed", func() bool { return own.open.Load() == 0 && other.open.Load() == 0 })
	from.set(discover.Answer{}, errors.New("down"))
	for range 50 {
		if got := c.mustCall(t, get); got != third.addr {
			t.Errorf("answered by %s", got)
		}
	}
}

func TestClient_SaysWhatKeepsDiscoveryFromAnswering(t *testing.T) {
	from := &source{err: errors.New("no such namespace")}
	cache, err := discover.NewCache(discover.CacheConfig{Source: from, FirstWait: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	service, err := affinity.New(affinity.Config{Name: "echo.internal", Zone: "apne2-az1", Source: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	cc, err := affinitygrpc.NewClient(service, affinitygrpc.Options{}, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer cc.Close()
	for _, call := range []func() error{
		func() error { return cc.Invoke(t.Context(), get, wrapperspb.String(""), new(wrapperspb.StringValue)) },
		func() error { _, err := cc.NewStream(t.Context(), &desc.Streams[0], feed); return err },
	} {
		if err := call(); status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "no such namespace") {
			t.Errorf("%v", err)
		}
	}
}

func TestClient_RefusesAnothersName(t *testing.T) {
	own := newServer(t, "apne2-az1")
	c := newClient(t, sourceOf(own), affinity.Config{})
	cc, err := grpc.NewClient("affinity:///bar.internal", append(affinitygrpc.DialOptions(c.service, affinitygrpc.Options{}),
		grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err == nil {
		defer cc.Close()
		_, err = cc.NewStream(t.Context(), &desc.Streams[0], feed)
	}
	if err == nil || !strings.Contains(err.Error(), `another service's name, got "bar.internal"; dial affinity:///echo.internal`) {
		t.Errorf("%v", err)
	}
}

// Attempts that race write into replies of their own.
func TestClient_HedgedAttemptsDoNotMixAnswers(t *testing.T) {
	slow, quick := newServer(t, "apne2-az1"), newServer(t, "apne2-az1")
	slow.delay.Store(int64(20 * time.Millisecond))
	c := newClient(t, sourceOf(slow, quick), affinity.Config{Hedge: affinity.Hedge{On: true, After: 2 * time.Millisecond}, Slow: affinity.Slow{Factor: -1}})
	hedged := 0
	for range 100 {
		var header metadata.MD
		addr, err := c.call(t.Context(), get, grpc.Header(&header))
		if err != nil {
			t.Fatal(err)
		}
		if got := header.Get("server"); len(got) != 1 || got[0] != addr {
			t.Fatalf("the answer is from %s and the header from %v", addr, got)
		}
	}
	if hedged = int(c.service.Stats().Hedges); hedged == 0 {
		t.Error("nothing was hedged")
	}
	before := slow.calls.Load() + quick.calls.Load()
	for range 20 {
		if _, err := c.call(t.Context(), put); err != nil {
			t.Fatal(err)
		}
	}
	if n := slow.calls.Load() + quick.calls.Load() - before; n != 20 {
		t.Errorf("20 calls that may not be repeated were carried out %d times", n)
	}
}

// observer counts, and sends a header.
type observer struct{ attempts, trials atomic.Int64 }

func (o *observer) CallStart(ctx context.Context, _ affinity.Call) context.Context { return ctx }
func (o *observer) CallEnd(context.Context, affinity.CallEnd)                      {}
func (o *observer) AttemptStart(ctx context.Context, a affinity.Attempt) context.Context {
	o.attempts.Add(1)
	if a.Trial {
		o.trials.Add(1)
	}
	return ctx
}
func (o *observer) AttemptEnd(context.Context, affinity.AttemptEnd) {}
func (o *observer) Event(context.Context, affinity.Event)           {}
func (o *observer) InjectHeaders(_ context.Context, h http.Header)  { h.Set("Traceparent", "00-1-2-01") }

func TestClient_SendsAnObserversHeaders(t *testing.T) {
	own := newServer(t, "apne2-az1")
	observer := &observer{}
	c := newClient(t, sourceOf(own), affinity.Config{Observer: observer})
	c.mustCall(t, get)
	if got := own.seen.Load().Get("traceparent"); len(got) != 1 || got[0] != "00-1-2-01" || observer.attempts.Load() != 1 {
		t.Errorf("traceparent %v, %d attempts observed", got, observer.attempts.Load())
	}
}

func TestClient_LeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("a client's life", func(t *testing.T) {
		own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
		c := newClient(t, sourceOf(own, other), affinity.Config{})
		for range 10 {
			c.mustCall(t, get)
		}
		own.stop()
		c.mustCall(t, get)
	})
	eventually(t, 10*time.Second, "goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
}

// Without the interceptor the balancer alone chooses, and counts by gRPC's codes.
func TestBalancer_AloneChoosesAndCounts(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	c := newClient(t, sourceOf(own, other), affinity.Config{})
	options := affinitygrpc.DialOptions(c.service, affinitygrpc.Options{})
	bare, err := grpc.NewClient(affinitygrpc.Target(c.service), append(options[:4:4], grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	call := func() (string, error) {
		out := new(wrapperspb.StringValue)
		err := bare.Invoke(t.Context(), get, wrapperspb.String(""), out)
		return out.GetValue(), err
	}
	for range 100 {
		if got, err := call(); err != nil || got != own.addr {
			t.Fatalf("%s, %v", got, err)
		}
	}
	own.failWith(status.Error(codes.Internal, "broken"))
	failed := 0
	for range 100 {
		if _, err := call(); err != nil {
			failed++
		}
	}
	if failed < 5 || failed > 20 || other.calls.Load() < 80 {
		t.Errorf("%d of 100 calls failed, %d went to the other zone; want the breaker to open after 5 to 20", failed, other.calls.Load())
	}
	own.failWith(nil)
	bare.Close()
}
