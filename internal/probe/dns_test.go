package probe_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/pathproof/pathproof/internal/probe"
)

// nameServer answers over UDP and TCP with what answer makes of a question.
func nameServer(t *testing.T, answer func(m *dnsmessage.Message, tcp bool)) netip.AddrPort {
	t.Helper()
	reply := func(query []byte, tcp bool) []byte {
		var m dnsmessage.Message
		if err := m.Unpack(query); err != nil {
			t.Error(err)
			return nil
		}
		m.Response = true
		answer(&m, tcp)
		b, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		return b
	}
	target := listen(t, func(c *net.TCPConn) {
		defer c.Close()
		size := make([]byte, 2)
		if _, err := io.ReadFull(c, size); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size))
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		b := reply(query, true)
		// in pieces, as a stream may
		framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
		_, _ = c.Write(framed[:1])
		_, _ = c.Write(framed[1:])
	})
	u, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(target))
	if err != nil {
		t.Skip("the port is taken for UDP: ", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 2000)
		for {
			n, peer, err := u.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			_, _ = u.WriteToUDPAddrPort([]byte("no answer at all"), peer) // must be ignored
			_, _ = u.WriteToUDPAddrPort(reply(b[:n], false), peer)
		}
	}()
	t.Cleanup(func() { u.Close(); <-done })
	return target
}

func addA(m *dnsmessage.Message, ip byte) {
	m.Answers = append(m.Answers, dnsmessage.Resource{
		Header: dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 1},
		Body:   &dnsmessage.AResource{A: [4]byte{10, 0, 0, ip}},
	})
}

func TestDNS_AnswerOverUDP(t *testing.T) {
	target := nameServer(t, func(m *dnsmessage.Message, _ bool) { addA(m, 7) })
	p := prepared(t, &probe.DNSProbe{
		Endpoint: endpoint(target), Name: "foo.internal", Within: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
	})
	o := p.Probe(within(t, time.Second), probe.Shot{})
	if !o.OK() || o.Phases.Wait < 1 || o.Phases.Connect != 0 || o.Phases.Total < o.Phases.Wait {
		t.Errorf("got %+v, %v", o, o.Failure)
	}
}

func TestDNS_AsksAgainOverTCPWhenCut(t *testing.T) {
	target := nameServer(t, func(m *dnsmessage.Message, tcp bool) {
		m.Truncated = !tcp
		if tcp {
			for i := range 200 {
				addA(m, byte(i))
			}
		}
	})
	p := prepared(t, &probe.DNSProbe{Endpoint: endpoint(target), Name: "many.internal."})
	o := p.Probe(within(t, time.Second), probe.Shot{})
	if !o.OK() || o.Phases.Connect < 1 || o.Phases.Wait < 1 {
		t.Errorf("got %+v, %v", o, o.Failure)
	}
}

func TestDNS_Failures(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(*dnsmessage.Message, bool)
		class  probe.Class
		op     string
	}{
		"no such name":       {func(m *dnsmessage.Message, _ bool) { m.RCode = dnsmessage.RCodeNameError }, probe.DNS, "resolve"},
		"server failure":     {func(m *dnsmessage.Message, _ bool) { m.RCode = dnsmessage.RCodeServerFailure }, probe.DNS, "resolve"},
		"address elsewhere":  {func(m *dnsmessage.Message, _ bool) { addA(m, 200) }, probe.Assertion, "body"},
		"no address":         {func(*dnsmessage.Message, bool) {}, probe.Assertion, "body"},
		"cut over TCP too":   {func(m *dnsmessage.Message, _ bool) { m.Truncated = true }, probe.Assertion, "receive"},
		"another's id":       {func(m *dnsmessage.Message, _ bool) { m.ID++ }, probe.Timeout, "wait"},
		"not a response":     {func(m *dnsmessage.Message, _ bool) { m.Response = false }, probe.Timeout, "wait"},
		"another's question": {func(m *dnsmessage.Message, _ bool) { m.Questions[0].Type = dnsmessage.TypeMX }, probe.Timeout, "wait"},
	} {
		t.Run(name, func(t *testing.T) {
			p := prepared(t, &probe.DNSProbe{
				Endpoint: endpoint(nameServer(t, test.answer)), Name: "foo.internal",
				Within: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/25")},
			})
			wantFailure(t, p.Probe(within(t, 200*time.Millisecond), probe.Shot{}), test.class, test.op)
		})
	}
}

func TestDNS_RefusesBadQuestions(t *testing.T) {
	for _, p := range []probe.DNSProbe{
		{Name: "foo.internal", Type: "HINFO"},
		{Name: fmt.Sprintf("%0300d", 1)},
	} {
		p.Endpoint = probe.Endpoint{Host: "127.0.0.1"}
		if err := p.Prepare(t.Context()); err == nil {
			t.Errorf("name %q, type %q is no error", p.Name, p.Type)
		}
	}
}
