package discover_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsServer is a name server on loopback, UDP only. It answers A and AAAA for the names it has, NXDOMAIN for others.
type dnsServer struct {
	conn net.PacketConn

	mu      sync.Mutex
	records map[string][]netip.Addr // by absolute name
	broken  map[string]bool         // answered with SERVFAIL
	silent  map[string]bool         // never answered
	queries map[string]int
}

// newDNSServer starts a server and returns it with a resolver that asks nobody else.
func newDNSServer(t *testing.T) (*dnsServer, *net.Resolver) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dnsServer{conn: conn, records: map[string][]netip.Addr{}, broken: map[string]bool{}, silent: map[string]bool{}, queries: map[string]int{}}
	ended := make(chan struct{})
	go func() { defer close(ended); s.serve() }()
	t.Cleanup(func() { conn.Close(); <-ended })
	return s, &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (s *dnsServer) set(name string, list ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []netip.Addr
	for _, a := range list {
		out = append(out, netip.MustParseAddr(a))
	}
	s.records[name] = out
}

// fault makes names answer with SERVFAIL, or not at all; none heals all.
func (s *dnsServer) fault(broken, silent []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.broken)
	clear(s.silent)
	for _, n := range broken {
		s.broken[n] = true
	}
	for _, n := range silent {
		s.silent[n] = true
	}
}

func (s *dnsServer) serve() {
	packet := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		var query dnsmessage.Message
		if query.Unpack(packet[:n]) != nil || len(query.Questions) != 1 {
			continue
		}
		if reply, ok := s.reply(query); ok {
			if out, err := reply.Pack(); err == nil {
				s.conn.WriteTo(out, from) //nolint:errcheck // the asker may be gone
			}
		}
	}
}

func (s *dnsServer) reply(query dnsmessage.Message) (dnsmessage.Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := query.Questions[0]
	name := strings.ToLower(q.Name.String())
	s.queries[name]++
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: query.ID, Response: true, Authoritative: true}, Questions: query.Questions}
	list, has := s.records[name]
	switch {
	case s.silent[name]:
		return reply, false
	case s.broken[name]:
		reply.RCode = dnsmessage.RCodeServerFailure
	case !has:
		reply.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range list {
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60}
		switch {
		case reply.RCode != dnsmessage.RCodeSuccess:
		case q.Type == dnsmessage.TypeA && a.Is4():
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case q.Type == dnsmessage.TypeAAAA && a.Is6():
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return reply, true
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
