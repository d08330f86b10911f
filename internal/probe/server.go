package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// ServerConfig says what a Server answers, and to whom how much. Zero values are the defaults given here.
type ServerConfig struct {
	// TCP, UDP and HTTP are addresses to listen on, such as ":7007". Empty: not served. Only TCP is fit for the public
	// internet: the sender of a UDP packet can be forged, so a UDP server can be made to send to someone else (never more
	// than it got).
	TCP, UDP, HTTP string

	// Region, AZID and Instance say where the server runs. Echo answers hold AZID, or else Instance, cut at 34 bytes.
	Region, AZID, Instance string

	// Rate and Burst limit each source (an IPv4 address or an IPv6 /64), over all protocols: requests a second (200), and
	// how many at once (400). Excess is answered as such: over TCP once for each connection, over UDP up to the same rate
	// again and then not at all, over HTTP with status 429.
	Rate, Burst float64

	// Sources is how many sources are told apart (65,536, some 10 MB, and as much again where UDP is served); later ones share one limit.
	Sources int

	// Connections is how many TCP and HTTP connections may be open at once (1,024 of each). More wait in the kernel's
	// queue.
	Connections int

	// Deadline is how long a connection may take for a request to arrive in full (5s), and then for each further one.
	Deadline time.Duration

	// Life is how long one connection may be open (60s).
	Life time.Duration

	// OnUDP, if set, learns of each UDP echo request that is ours, before it is answered. It is called from one goroutine.
	OnUDP func(peer netip.AddrPort)

	// Grace is how long Serve waits at its end for HTTP requests being answered (2s).
	Grace time.Duration
}

func (c ServerConfig) withDefaults() ServerConfig {
	setDefault(&c.Rate, 200)
	setDefault(&c.Burst, 400)
	setDefault(&c.Sources, 1<<16)
	setDefault(&c.Connections, 1024)
	setDefault(&c.Deadline, 5*time.Second)
	setDefault(&c.Life, time.Minute)
	setDefault(&c.Grace, 2*time.Second)
	return c
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// ServerStats counts what a server did since it started.
type ServerStats struct {
	Answered int64 // requests answered
	Limited  int64 // requests not answered with an echo because the source sent too many
	Refused  int64 // requests dropped because they were none of ours, or did not arrive in time
}

// Server answers probes: it says back what it got and whom it saw.
type Server struct {
	config  ServerConfig
	limiter *limiter
	notices *limiter // of UDP answers that say no more than that there are too many requests
	tcp     *net.TCPListener
	udp     *net.UDPConn
	web     net.Listener

	answered, limited, refused atomic.Int64
}

// Listen opens the server's sockets. It answers nothing before Serve, and has to be closed by Serve or Close.
func Listen(config ServerConfig) (*Server, error) {
	c := config.withDefaults()
	s := &Server{config: c, limiter: newLimiter(c.Rate, c.Burst, c.Sources), notices: newLimiter(c.Rate, c.Burst, c.Sources)}
	if c.TCP == "" && c.UDP == "" && c.HTTP == "" {
		return nil, errors.New("serve: nothing to serve; give an address for TCP, UDP or HTTP")
	}
	if err := s.listen(); err != nil {
		return nil, errors.Join(fmt.Errorf("serve: %w", err), s.Close())
	}
	return s, nil
}

func (s *Server) listen() error {
	if s.config.TCP != "" {
		l, err := net.Listen("tcp", s.config.TCP)
		if err != nil {
			return err
		}
		s.tcp = l.(*net.TCPListener)
	}
	if s.config.UDP != "" {
		c, err := net.ListenPacket("udp", s.config.UDP)
		if err != nil {
			return err
		}
		s.udp = c.(*net.UDPConn)
	}
	if s.config.HTTP != "" {
		l, err := net.Listen("tcp", s.config.HTTP)
		if err != nil {
			return err
		}
		s.web = l
	}
	return nil
}

// TCPAddr returns the address of TCP echo, or the zero value.
func (s *Server) TCPAddr() netip.AddrPort {
	if s.tcp == nil {
		return netip.AddrPort{}
	}
	return addrPortOf(s.tcp.Addr())
}

// UDPAddr returns the address of UDP echo, or the zero value.
func (s *Server) UDPAddr() netip.AddrPort {
	if s.udp == nil {
		return netip.AddrPort{}
	}
	return addrPortOf(s.udp.LocalAddr())
}

// HTTPAddr returns the address of HTTP, or the zero value.
func (s *Server) HTTPAddr() netip.AddrPort {
	if s.web == nil {
		return netip.AddrPort{}
	}
	return addrPortOf(s.web.Addr())
}

// Stats returns the counters so far.
func (s *Server) Stats() ServerStats {
	return ServerStats{Answered: s.answered.Load(), Limited: s.limited.Load(), Refused: s.refused.Load()}
}

// Close closes the sockets of a server that is not to be served, or no longer.
func (s *Server) Close() error {
	var errs []error
	if s.tcp != nil {
		errs = append(errs, s.tcp.Close())
	}
	if s.udp != nil {
		errs = append(errs, s.udp.Close())
	}
	if s.web != nil {
		errs = append(errs, s.web.Close())
	}
	return errors.Join(errs...)
}

// Serve answers until ctx is done, then closes the sockets and returns nil once all connections have ended: those
// that wait for a request at once, others when they are answered. It returns an error if a socket fails before that. A Server serves once.
func (s *Server) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	run := func(serve func(context.Context) error) {
		wg.Go(func() {
			if err := serve(ctx); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("serve: %w", err))
			}
		})
	}
	if s.tcp != nil {
		run(s.serveTCP)
	}
	if s.udp != nil {
		run(s.serveUDP)
	}
	if s.web != nil {
		run(s.serveHTTP)
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, ctx.Err()) {
		return err
	}
	return nil
}

// allow counts a request of a source against its limit.
func (s *Server) allow(peer netip.Addr) bool {
	if s.limiter.allow(peer, time.Now()) {
		return true
	}
	s.limited.Add(1)
	return false
}

// where is what echo answers say about the place.
func (s *Server) where() string {
	if s.config.AZID != "" {
		return s.config.AZID
	}
	return s.config.Instance
}

var _ http.Handler = (*Server)(nil)
