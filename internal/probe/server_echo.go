package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// serveTCP answers echo requests on each connection until its peer ends it, falls silent or asks too much.
func (s *Server) serveTCP(ctx context.Context) error {
	seats := make(chan struct{}, s.config.Connections)
	open := &connections{all: map[net.Conn]bool{}}
	defer context.AfterFunc(ctx, func() {
		_ = s.tcp.Close()
		open.expire()
	})()
	defer open.wg.Wait()
	for {
		select {
		case seats <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		c, err := s.tcp.AcceptTCP()
		if err != nil {
			<-seats
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			if !pause(ctx, 10*time.Millisecond) { // out of descriptors: some will be closed soon
				return nil
			}
			continue
		}
		open.add(c)
		open.wg.Go(func() {
			defer func() { <-seats }()
			defer open.remove(c)
			s.echoTCP(ctx, c)
		})
	}
}

func (s *Server) echoTCP(ctx context.Context, c *net.TCPConn) {
	peer, end := addrPortOf(c.RemoteAddr()), time.Now().Add(s.config.Life)
	var b [EchoSize]byte
	for {
		deadline := time.Now().Add(s.config.Deadline)
		if deadline.After(end) {
			deadline = end
		}
		_ = c.SetDeadline(deadline)
		if ctx.Err() != nil { // the deadline just set may have replaced the one that ends this connection
			return
		}
		if n, err := io.ReadFull(c, b[:]); err != nil {
			if n > 0 || !errors.Is(err, io.EOF) { // a peer that only connects has asked for nothing
				s.refused.Add(1)
			}
			return
		}
		if !s.allow(peer.Addr()) {
			if refuseEcho(b[:], peer) {
				_, _ = c.Write(b[:])
			}
			return
		}
		if !answerEcho(b[:], peer, s.where()) {
			s.refused.Add(1)
			return
		}
		if _, err := c.Write(b[:]); err != nil {
			return
		}
		s.answered.Add(1)
	}
}

// serveUDP answers datagrams that are echo requests; everything else is dropped.
func (s *Server) serveUDP(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { _ = s.udp.Close() })()
	b := make([]byte, EchoSize+1) // one byte more shows what is too long
	for {
		n, peer, err := s.udp.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil { // such as an ICMP error to an earlier answer
			if !pause(ctx, time.Millisecond) {
				return nil
			}
			continue
		}
		peer = unmapped(peer)
		if !s.allow(peer.Addr()) {
			if s.notices.allow(peer.Addr(), time.Now()) && refuseEcho(b[:n], peer) {
				_, _ = s.udp.WriteToUDPAddrPort(b[:n], peer)
			}
			continue
		}
		if !answerEcho(b[:n], peer, s.where()) {
			s.refused.Add(1)
			continue
		}
		if s.config.OnUDP != nil {
			s.config.OnUDP(peer)
		}
		if _, err := s.udp.WriteToUDPAddrPort(b[:n], peer); err == nil {
			s.answered.Add(1)
		}
	}
}

// connections are those that are open, so that the end of the server can end them.
type connections struct {
	wg      sync.WaitGroup
	mu      sync.Mutex // guards what follows
	all     map[net.Conn]bool
	expired bool
}

func (o *connections) add(c net.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all[c] = true
	if o.expired {
		_ = c.Close()
	}
}

func (o *connections) remove(c net.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.all, c)
	_ = c.Close()
}

// expire ends connections that wait for a request. One that is being answered goes on until its write deadline.
func (o *connections) expire() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.expired = true
	for c := range o.all {
		_ = c.SetReadDeadline(time.Unix(1, 0))
	}
}

// pause waits, and reports false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
