package probe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"
)

// ICMP sends echo requests ("ping"), one packet with no second try. Wait is the round trip, and its end is the kernel's
// receive time where the kernel gives it. There are no ports in ICMP, so all probes take one of several parallel paths.
//
// It needs a socket that most systems reserve: Prepare says what to do where there is none. AWS Lambda has no ICMP.
type ICMP struct {
	Endpoint // without Port

	// Getenv reads the environment, to recognize AWS Lambda. Default: os.Getenv.
	Getenv func(string) string

	sequence atomic.Uint32
}

var _ Prober = (*ICMP)(nil)

// icmpPayload is what follows the header of 8 bytes: a random number to recognize our packet by.
const icmpPayload = 16

// Kind returns KindICMP.
func (p *ICMP) Kind() Kind { return KindICMP }

// Prepare resolves the name and tries to open a socket.
func (p *ICMP) Prepare(ctx context.Context) error {
	getenv := p.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		return failed(Local, "prepare", "there is no ICMP in AWS Lambda; measure with tcp, or from an instance or client")
	}
	if err := p.Endpoint.Prepare(ctx); err != nil {
		return err
	}
	c, err := dialICMP(p.Target().IP, p.Source)
	if err != nil {
		return noICMP(routed(err, netip.AddrPortFrom(p.Target().IP, 0), p.Source))
	}
	return c.Close()
}

// noICMP says what to do about an ICMP socket that could not be opened.
func noICMP(err error) *Failure {
	f := classified("connect", err)
	if f.Class == Local && !isType[*Failure](err) {
		f.Op = "prepare"
		f.Detail = fmt.Sprintf("no ICMP socket: %s; run as root or with CAP_NET_RAW, "+
			"or have the group of this process in the sysctl net.ipv4.ping_group_range", f.Detail)
	}
	return f
}

// Probe sends one echo request and waits for its reply.
func (p *ICMP) Probe(ctx context.Context, _ Shot) Outcome {
	to := p.Target().IP
	c, err := dialICMP(to, p.Source)
	if err != nil {
		return Outcome{Failure: noICMP(routed(err, netip.AddrPortFrom(to, 0), p.Source))}
	}
	defer c.Close()
	request := newPing(to.Is4(), uint16(p.sequence.Add(1)))
	var o Outcome
	start := time.Now()
	got, fail := exchange(ctx, c, conversation{
		request: request,
		answer:  make([]byte, 1500),
		accept:  func(b []byte) bool { return answersPing(b, request) },
	})
	o.Elapsed = MicrosOf(time.Since(start))
	o.Timing, o.Phases.Wait, o.Failure = got.timing, got.wait, fail
	return o
}

// Types of ICMP messages (RFC 792, RFC 4443).
const (
	ping4, pong4 = 8, 0
	ping6, pong6 = 128, 129
)

// newPing returns an echo request. A socket without privileges puts its own identifier in and, as for all ICMPv6, the
// checksum.
func newPing(v4 bool, sequence uint16) []byte {
	b := make([]byte, 8+icmpPayload)
	b[0] = ping6
	if v4 {
		b[0] = ping4
	}
	_, _ = rand.Read(b[8:])
	copy(b[4:6], b[8:10]) // the identifier
	binary.BigEndian.PutUint16(b[6:], sequence)
	binary.BigEndian.PutUint16(b[2:], internetChecksum(b))
	return b
}

// answersPing reports whether a packet is the reply to our request. Raw sockets give an IPv4 header before it, and so do
// macOS's others; the first byte of a reply is 0 or 129, that of a header never.
func answersPing(b, request []byte) bool {
	if len(b) >= 20 && b[0]>>4 == 4 && len(b) >= int(b[0]&15)*4 {
		b = b[int(b[0]&15)*4:]
	}
	want := byte(pong6)
	if request[0] == ping4 {
		want = pong4
	}
	return len(b) == len(request) && b[0] == want && string(b[6:]) == string(request[6:])
}

// internetChecksum is RFC 1071's, over a message whose checksum field is 0 and whose length is even.
func internetChecksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// dialRawICMP opens the socket that needs CAP_NET_RAW.
func dialRawICMP(to, source netip.Addr) (net.Conn, error) {
	network := "ip4:icmp"
	if to.Is6() {
		network = "ip6:ipv6-icmp"
	}
	var local *net.IPAddr
	if source.IsValid() {
		local = &net.IPAddr{IP: source.AsSlice()}
	}
	return net.DialIP(network, local, &net.IPAddr{IP: to.AsSlice(), Zone: to.Zone()})
}
