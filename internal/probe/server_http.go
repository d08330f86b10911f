package probe

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Whoami is the answer to GET /whoami. The headers X-Region, X-AZ-ID and X-Instance say the same as the first three.
type Whoami struct {
	Region   string         `json:"region,omitempty"`
	AZID     string         `json:"az_id,omitempty"`
	Instance string         `json:"instance,omitempty"`
	Peer     netip.AddrPort `json:"peer"` // the other end of the connection: the client, or a proxy before this server
}

func (s *Server) serveHTTP(ctx context.Context) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.config.Deadline,
		ReadTimeout:       s.config.Deadline,
		WriteTimeout:      s.config.Deadline,
		IdleTimeout:       s.config.Deadline,
		MaxHeaderBytes:    8 << 10,
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Grace)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(&seatedListener{Listener: s.web, seats: make(chan struct{}, s.config.Connections), closed: make(chan struct{})})
	if !stop() {
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// ServeHTTP answers /whoami, and nothing else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	if !s.allow(peer.Addr()) {
		http.Error(w, "too many requests", http.StatusTooManyRequests)
		return
	}
	if r.URL.Path != "/whoami" || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		s.refused.Add(1)
		http.Error(w, "there is only GET /whoami", http.StatusNotFound)
		return
	}
	h := w.Header()
	setHeader(h, "X-Region", s.config.Region)
	setHeader(h, "X-AZ-ID", s.config.AZID)
	setHeader(h, "X-Instance", s.config.Instance)
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	s.answered.Add(1)
	_ = json.NewEncoder(w).Encode(Whoami{s.config.Region, s.config.AZID, s.config.Instance, unmapped(peer)})
}

func setHeader(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// seatedListener accepts while there are free seats.
type seatedListener struct {
	net.Listener
	seats  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (l *seatedListener) Accept() (net.Conn, error) {
	select {
	case l.seats <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.seats
		return nil, err
	}
	return &seatedConn{Conn: c, free: sync.OnceFunc(func() { <-l.seats })}, nil
}

func (l *seatedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type seatedConn struct {
	net.Conn
	free func()
}

func (c *seatedConn) Close() error {
	defer c.free()
	return c.Conn.Close()
}
