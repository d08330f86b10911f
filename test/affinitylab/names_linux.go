package affinitylab

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// fault of the DNS server.
type dnsFault int

const (
	dnsWell dnsFault = iota
	dnsServFail
	dnsSilent
)

// names is a DNS server as a client in a VPC meets it: the zone's data, behind a resolver that keeps an answer for its TTL. Records
// of one name come in random order, as Route 53 answers.
type names struct {
	conn net.PacketConn

	mu    sync.Mutex
	fault dnsFault
	data  map[string][]netip.Addr // what is true, by absolute name
	kept  map[string]kept         // what the resolver still believes
}

type kept struct {
	addrs []netip.Addr
	until time.Time
}

// serveNames starts the server at an address with a port.
func serveNames(addr string) (*names, error) {
	conn, err := net.ListenPacket("udp4", addr)
	if err != nil {
		return nil, err
	}
	n := newNames()
	n.conn = conn
	go n.serve()
	return n, nil
}

func newNames() *names { return &names{data: map[string][]netip.Addr{}, kept: map[string]kept{}} }

// resolver asks this server and nobody else.
func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp4", n.conn.LocalAddr().String())
	}}
}

func (n *names) set(name string, addrs []netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.data[name+"."] = addrs
}

func (n *names) damage(f dnsFault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = f
}

func (n *names) serve() {
	packet := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(packet)
		if err != nil {
			return // closed
		}
		var query dnsmessage.Message
		if query.Unpack(packet[:size]) != nil || len(query.Questions) != 1 {
			continue
		}
		if reply, ok := n.reply(query); ok {
			if out, err := reply.Pack(); err == nil {
				n.conn.WriteTo(out, from) //nolint:errcheck // the asker may be gone
			}
		}
	}
}

func (n *names) reply(query dnsmessage.Message) (dnsmessage.Message, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	q := query.Questions[0]
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true}, Questions: query.Questions}
	switch n.fault {
	case dnsSilent:
		return reply, false
	case dnsServFail:
		reply.RCode = dnsmessage.RCodeServerFailure
		return reply, true
	}
	addrs, left, ok := n.look(strings.ToLower(q.Name.String()))
	if !ok {
		reply.RCode = dnsmessage.RCodeNameError
		return reply, true
	}
	if q.Type != dnsmessage.TypeA {
		return reply, true
	}
	for _, i := range rand.Perm(len(addrs)) {
		reply.Answers = append(reply.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: uint32(left.Seconds())},
			Body:   &dnsmessage.AResource{A: addrs[i].As4()},
		})
	}
	return reply, true
}

// look answers from what is kept, and asks for the truth when that has expired.
func (n *names) look(name string) ([]netip.Addr, time.Duration, bool) {
	now := time.Now()
	if k, ok := n.kept[name]; ok && now.Before(k.until) {
		return k.addrs, k.until.Sub(now), true
	}
	addrs, ok := n.data[name]
	if ok {
		n.kept[name] = kept{addrs, now.Add(TTL)}
	}
	return addrs, TTL, ok
}
