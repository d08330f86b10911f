package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsUDPSize is the answer size offered over UDP (EDNS): what passes every path without fragments.
const dnsUDPSize = 1232

// DNSProbe asks one DNS server one question over UDP, and again over TCP if the answer was cut. Wait is the round trip
// of the question that was answered; total includes the first, cut one. The endpoint is the server; its default port
// is 53.
type DNSProbe struct {
	Endpoint
	Name string // the name asked for, complete; a dot at its end is added if missing
	Type string // A (default), AAAA, CNAME, MX, NS, PTR, SOA, SRV or TXT

	// Within, if not empty, is where every address in the answer has to lie; an answer without any does not pass.
	Within []netip.Prefix

	question dnsmessage.Question
}

var _ Prober = (*DNSProbe)(nil)

var dnsTypes = map[string]dnsmessage.Type{
	"": dnsmessage.TypeA, "A": dnsmessage.TypeA, "AAAA": dnsmessage.TypeAAAA, "CNAME": dnsmessage.TypeCNAME,
	"MX": dnsmessage.TypeMX, "NS": dnsmessage.TypeNS, "PTR": dnsmessage.TypePTR, "SOA": dnsmessage.TypeSOA,
	"SRV": dnsmessage.TypeSRV, "TXT": dnsmessage.TypeTXT,
}

// Kind returns KindDNS.
func (p *DNSProbe) Kind() Kind { return KindDNS }

// Prepare resolves the server and checks the question.
func (p *DNSProbe) Prepare(ctx context.Context) error {
	kind, ok := dnsTypes[strings.ToUpper(p.Type)]
	if !ok {
		return failed(Local, "prepare", fmt.Sprintf("unknown record type, got %q; use A, AAAA, CNAME, MX, NS, PTR, SOA, SRV or TXT", p.Type))
	}
	name, err := dnsmessage.NewName(strings.TrimSuffix(p.Name, ".") + ".")
	if err != nil {
		return failed(Local, "prepare", fmt.Sprintf("no domain name, got %q", p.Name))
	}
	p.question = dnsmessage.Question{Name: name, Type: kind, Class: dnsmessage.ClassINET}
	setDefault(&p.Port, 53)
	return p.Endpoint.Prepare(ctx)
}

// Probe asks once.
func (p *DNSProbe) Probe(ctx context.Context, shot Shot) Outcome {
	start := time.Now()
	o, cut := p.askUDP(ctx, shot)
	if cut {
		o = p.askTCP(ctx, shot)
	}
	o.Elapsed = MicrosOf(time.Since(start))
	if o.OK() {
		o.Phases.Total = o.Elapsed
	}
	return o
}

func (p *DNSProbe) askUDP(ctx context.Context, shot Shot) (o Outcome, cut bool) {
	c, err := dial(ctx, "udp", p.addrPort(), p.Source, shot.SourcePort)
	if err != nil {
		return Outcome{Failure: classified("connect", err)}, false
	}
	defer c.Close()
	o.Local = addrPortOf(c.LocalAddr())
	cut = p.ask(ctx, c, 0, make([]byte, dnsUDPSize), &o)
	return o, cut
}

func (p *DNSProbe) askTCP(ctx context.Context, shot Shot) Outcome {
	c, o := p.connect(ctx, shot, false)
	if c == nil {
		return o
	}
	defer c.Close()
	if p.ask(ctx, c, 2, make([]byte, 2+1<<16), &o) {
		o.Failure = failed(Assertion, "receive", "the answer is cut, over TCP too")
	}
	return o
}

// ask puts the question; over TCP, prefix 2 bytes before each message give its length. cut means: ask again over TCP.
func (p *DNSProbe) ask(ctx context.Context, c net.Conn, prefix int, buf []byte, o *Outcome) (cut bool) {
	id := uint16(rand.Uint32())
	query, err := p.query(id, prefix)
	if err != nil {
		o.Failure = &Failure{Class: Local, Op: "send", Detail: err.Error(), err: err}
		return false
	}
	got, fail := exchange(ctx, c, conversation{
		request: query,
		answer:  buf,
		length: func(read []byte) int {
			if len(read) < prefix {
				return prefix
			}
			return prefix + int(binary.BigEndian.Uint16(read))
		},
		accept: func(b []byte) bool { return p.answers(b[prefix:], id) },
	})
	o.Timing, o.Phases.Wait, o.Failure = got.timing, got.wait, fail
	if fail != nil {
		return false
	}
	cut, o.Failure = p.judge(buf[prefix:got.n])
	return cut
}

func (p *DNSProbe) query(id uint16, prefix int) ([]byte, error) {
	var edns dnsmessage.ResourceHeader
	if err := edns.SetEDNS0(dnsUDPSize, dnsmessage.RCodeSuccess, false); err != nil {
		return nil, err
	}
	m := dnsmessage.Message{
		Header:      dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions:   []dnsmessage.Question{p.question},
		Additionals: []dnsmessage.Resource{{Header: edns, Body: &dnsmessage.OPTResource{}}},
	}
	b, err := m.AppendPack(make([]byte, prefix, 512))
	if err == nil && prefix == 2 {
		binary.BigEndian.PutUint16(b, uint16(len(b)-prefix))
	}
	return b, err
}

// answers reports whether a message is the answer to our question; others are late ones, or forged.
func (p *DNSProbe) answers(b []byte, id uint16) bool {
	var parser dnsmessage.Parser
	h, err := parser.Start(b)
	if err != nil || !h.Response || h.ID != id {
		return false
	}
	q, err := parser.Question()
	return err == nil && q.Type == p.question.Type && q.Class == p.question.Class &&
		strings.EqualFold(q.Name.String(), p.question.Name.String())
}

// judge says whether an answer was cut, and what is wrong with it.
func (p *DNSProbe) judge(b []byte) (cut bool, fail *Failure) {
	var parser dnsmessage.Parser
	h, err := parser.Start(b)
	if err != nil {
		return false, classified("receive", err)
	}
	if h.Truncated {
		return true, nil
	}
	if h.RCode != dnsmessage.RCodeSuccess {
		return false, failed(DNS, "resolve", "the server answered "+strings.TrimPrefix(h.RCode.String(), "RCode"))
	}
	addrs, err := addresses(&parser)
	if err != nil {
		return false, &Failure{Class: Assertion, Op: "receive", Detail: err.Error(), err: err}
	}
	return false, p.within(addrs)
}

func (p *DNSProbe) within(addrs []netip.Addr) *Failure {
	if len(p.Within) == 0 {
		return nil
	}
	if len(addrs) == 0 {
		return failed(Assertion, "body", "the answer has no address")
	}
	for _, a := range addrs {
		if !slices.ContainsFunc(p.Within, func(in netip.Prefix) bool { return in.Contains(a) }) {
			return failed(Assertion, "body", fmt.Sprintf("address outside of %v, got %s", p.Within, a))
		}
	}
	return nil
}

// addresses returns the A and AAAA records of an answer.
func addresses(parser *dnsmessage.Parser) ([]netip.Addr, error) {
	if err := parser.SkipAllQuestions(); err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for {
		r, err := parser.Answer()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return addrs, nil
		}
		if err != nil {
			return nil, err
		}
		switch body := r.Body.(type) {
		case *dnsmessage.AResource:
			addrs = append(addrs, netip.AddrFrom4(body.A))
		case *dnsmessage.AAAAResource:
			addrs = append(addrs, netip.AddrFrom16(body.AAAA))
		}
	}
}
