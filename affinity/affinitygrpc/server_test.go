package affinitygrpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/affinitygrpc"
	"github.com/pathproof/pathproof/affinity/discover"
)

// Methods of the test's service. Get may be carried out twice, Put may not; Feed is a stream of words until the server is told to end.
const (
	get  = "/pathproof.test.Echo/Get"
	put  = "/pathproof.test.Echo/Put"
	feed = "/pathproof.test.Echo/Feed"
)

// server is a real gRPC server on loopback, in one zone. It answers with its address.
type server struct {
	t    testing.TB
	addr string
	zone string

	calls, open atomic.Int64 // calls carried out; connections
	fail        atomic.Pointer[error]
	delay       atomic.Int64
	seen        atomic.Pointer[metadata.MD]

	mu   sync.Mutex
	grpc *grpc.Server
	done chan struct{}
}

func newServer(t testing.TB, zone string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, addr: l.Addr().String(), zone: zone}
	s.serve(l)
	t.Cleanup(s.stop)
	return s
}

func (s *server) endpoint() discover.Endpoint {
	return discover.Endpoint{Addr: s.addr, Zone: s.zone, ID: "i-" + s.addr}
}

// stop kills the server with all its connections.
func (s *server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grpc != nil {
		s.grpc.Stop()
		<-s.done
		s.grpc = nil
	}
}

// start has a stopped server listen at the same address.
func (s *server) start() {
	s.t.Helper()
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.serve(l)
}

func (s *server) serve(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grpc, s.done = grpc.NewServer(), make(chan struct{})
	s.grpc.RegisterService(&desc, s)
	go func(g *grpc.Server, done chan struct{}) {
		defer close(done)
		_ = g.Serve(&countingListener{l, s}) // ends with stop
	}(s.grpc, s.done)
}

type countingListener struct {
	net.Listener
	s *server
}

func (l *countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.s.open.Add(1)
	return &countedConn{Conn: c, s: l.s}, nil
}

type countedConn struct {
	net.Conn
	s    *server
	once sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.s.open.Add(-1) })
	return c.Conn.Close()
}

func (s *server) unary(ctx context.Context, decode func(any) error) (any, error) {
	in := new(wrapperspb.StringValue)
	if err := decode(in); err != nil {
		return nil, err
	}
	s.calls.Add(1)
	md, _ := metadata.FromIncomingContext(ctx)
	s.seen.Store(&md)
	if err := grpc.SetHeader(ctx, metadata.Pairs("server", s.addr)); err != nil {
		return nil, err
	}
	select {
	case <-time.After(time.Duration(s.delay.Load())):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := s.fail.Load(); err != nil {
		return nil, *err
	}
	return wrapperspb.String(s.addr), nil
}

func (s *server) failWith(err error) {
	if err == nil {
		s.fail.Store(nil)
		return
	}
	s.fail.Store(&err)
}

// feed answers each word with its address.
func (s *server) feed(stream grpc.ServerStream) error {
	s.calls.Add(1)
	for {
		in := new(wrapperspb.StringValue)
		if err := stream.RecvMsg(in); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(wrapperspb.String(s.addr)); err != nil {
			return err
		}
	}
}

var desc = grpc.ServiceDesc{
	ServiceName: "pathproof.test.Echo",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{
		{MethodName: "Get", Handler: unaryHandler},
		{MethodName: "Put", Handler: unaryHandler},
	},
	Streams: []grpc.StreamDesc{{StreamName: "Feed", ServerStreams: true, ClientStreams: true,
		Handler: func(s any, stream grpc.ServerStream) error { return s.(*server).feed(stream) }}},
}

func unaryHandler(s any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	return s.(*server).unary(ctx, decode)
}

// source is discovery that tests change.
type source struct {
	mu     sync.Mutex
	answer discover.Answer
	err    error
}

func (s *source) set(a discover.Answer, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer, s.err = a, err
}

func (s *source) Discover(context.Context) (discover.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answer.Normalize(), s.err
}

func sourceOf(servers ...*server) *source {
	s := &source{}
	for _, x := range servers {
		s.answer.Endpoints = append(s.answer.Endpoints, x.endpoint())
	}
	return s
}

// client is a gRPC client of a service whose own zone is apne2-az1.
type client struct {
	*grpc.ClientConn
	service *affinity.Service
	cache   *discover.Cache
}

func newClient(t *testing.T, from discover.Source, config affinity.Config, opts ...grpc.DialOption) *client {
	t.Helper()
	cache, err := discover.NewCache(discover.CacheConfig{Source: from, Every: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if config.AttemptTimeout == 0 {
		config.AttemptTimeout = 5 * time.Second // on machines that are busy
	}
	if config.Slow == (affinity.Slow{}) {
		config.Slow.Factor = -1 // a busy machine is slow for reasons of its own
	}
	config.Name, config.Zone, config.Source = "echo.internal", "apne2-az1", cache
	service, err := affinity.New(config)
	if err != nil {
		t.Fatal(err)
	}
	opts = append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)
	options := affinitygrpc.Options{Idempotent: func(method string) bool { return method == get }}
	cc, err := affinitygrpc.NewClient(service, options, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cc.Close(); service.Close(); cache.Close() })
	return &client{cc, service, cache}
}

// call returns the address of the server that answered.
func (c *client) call(ctx context.Context, method string, opts ...grpc.CallOption) (string, error) {
	out := new(wrapperspb.StringValue)
	err := c.Invoke(ctx, method, wrapperspb.String("hello"), out, opts...)
	return out.GetValue(), err
}

func (c *client) mustCall(t *testing.T, method string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	addr, err := c.call(ctx, method)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// eventually waits for something that happens in another goroutine.
func eventually(t *testing.T, within time.Duration, what string, is func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	for !is() {
		if time.Since(begin) > within {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(begin)
}
