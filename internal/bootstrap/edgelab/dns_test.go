//go:build linux

package edgelab_test

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

// resolverAddress is where every VPC has its DNS server.
const resolverAddress = "169.254.169.253"

// originTTL is what Route 53 gives load balancers' records, in seconds; proxies must not wait for it.
const originTTL = 60

// mood is how the DNS server answers.
type mood int

const (
	willing   mood = iota
	silent         // no answer
	servfail       // an answer that says it could not find out
	nxdomain       // an answer that says there is no such name
	empty          // an answer without addresses
	shuffling      // as willing, in another order each time
)

// nameServer answers for one name.
type nameServer struct {
	name string
	conn net.PacketConn

	mu        sync.Mutex
	mood      mood
	addresses []netip.Addr
	asked     int
}

// newNameServer answers in a namespace, at the address that every VPC has.
func newNameServer(t *testing.T, ns *lab.Namespace, name string) *nameServer {
	t.Helper()
	s := &nameServer{name: name}
	if err := ns.IP("address add " + resolverAddress + "/32 dev lo"); err != nil {
		t.Fatal(err)
	}
	err := ns.Do(func() (err error) {
		s.conn, err = net.ListenPacket("udp4", resolverAddress+":53")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); s.serve() }()
	t.Cleanup(func() { _ = s.conn.Close(); <-done })
	return s
}

// say changes what the server answers from now on.
func (s *nameServer) say(m mood, addresses ...netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mood = m
	if len(addresses) > 0 {
		s.addresses = addresses
	}
}

func (s *nameServer) serve() {
	b := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(b)
		if err != nil {
			return
		}
		if answer := s.answer(b[:n]); answer != nil {
			_, _ = s.conn.WriteTo(answer, from)
		}
	}
}

func (s *nameServer) answer(question []byte) []byte {
	var p dnsmessage.Parser
	h, err := p.Start(question)
	if err != nil {
		return nil
	}
	q, err := p.Question()
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := strings.EqualFold(q.Name.String(), s.name+".")
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: h.ID, Response: true, RecursionDesired: h.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q},
	}
	if ours && q.Type == dnsmessage.TypeA {
		s.asked++
	}
	switch {
	case s.mood == silent:
		return nil
	case s.mood == servfail:
		m.RCode = dnsmessage.RCodeServerFailure
	case s.mood == nxdomain || !ours:
		m.RCode = dnsmessage.RCodeNameError
	case s.mood == empty || q.Type != dnsmessage.TypeA:
	default:
		for i := range s.addresses {
			a := s.addresses[i]
			if s.mood == shuffling {
				a = s.addresses[(i+s.asked)%len(s.addresses)]
			}
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: originTTL},
				Body:   &dnsmessage.AResource{A: a.As4()},
			})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}
