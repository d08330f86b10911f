package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"
)

// EchoSize is the size in bytes of an echo request and of its answer, over TCP and UDP. The request is as long as the
// answer so that the server never sends more than it got: it is useless for amplifying an attack.
//
// Request: "PPq1", nonce (8), zeros. Answer: "PPa1", nonce (8), the client's address as the server saw it (16, IPv4
// mapped) and port (2), then the name of where the server runs, padded with zeros. To a source that asks too much the
// answer begins with "PPl1" in place of "PPa1".
const EchoSize = 64

const (
	echoNonceAt = 4
	echoAddrAt  = 12
	echoPortAt  = 28
	echoZoneAt  = 30
)

var (
	echoRequest = [4]byte{'P', 'P', 'q', '1'}
	echoAnswer  = [4]byte{'P', 'P', 'a', '1'}
	echoLimited = [4]byte{'P', 'P', 'l', '1'}
)

// NewEchoRequest makes a request of EchoSize bytes, for measurements that send by a scheme of their own.
func NewEchoRequest(nonce uint64) []byte {
	b := make([]byte, EchoSize)
	copy(b, echoRequest[:])
	binary.BigEndian.PutUint64(b[echoNonceAt:], nonce)
	return b
}

// answerEcho turns a request into its answer, in place. ok is false if it is no request.
func answerEcho(b []byte, peer netip.AddrPort, zone string) (ok bool) {
	if len(b) != EchoSize || !bytes.Equal(b[:4], echoRequest[:]) {
		return false
	}
	copy(b, echoAnswer[:])
	clear(b[echoAddrAt:])
	addr := peer.Addr().As16()
	copy(b[echoAddrAt:], addr[:])
	binary.BigEndian.PutUint16(b[echoPortAt:], peer.Port())
	copy(b[echoZoneAt:], zone)
	return true
}

// refuseEcho turns a request into the answer that it is one too many, in place. ok is false if it is no request.
func refuseEcho(b []byte, peer netip.AddrPort) (ok bool) {
	if !answerEcho(b, peer, "") {
		return false
	}
	copy(b, echoLimited[:])
	return true
}

// isLimited reports whether an answer says that the request with this nonce was one too many.
func isLimited(b []byte, nonce uint64) bool {
	return len(b) == EchoSize && bytes.Equal(b[:4], echoLimited[:]) && binary.BigEndian.Uint64(b[echoNonceAt:]) == nonce
}

// readEcho takes an answer apart. ok is false if it does not answer nonce.
func readEcho(b []byte, nonce uint64) (observed netip.AddrPort, zone string, ok bool) {
	if len(b) != EchoSize || !bytes.Equal(b[:4], echoAnswer[:]) || binary.BigEndian.Uint64(b[echoNonceAt:]) != nonce {
		return netip.AddrPort{}, "", false
	}
	addr := netip.AddrFrom16([16]byte(b[echoAddrAt:echoPortAt])).Unmap()
	observed = netip.AddrPortFrom(addr, binary.BigEndian.Uint16(b[echoPortAt:]))
	return observed, string(bytes.TrimRight(b[echoZoneAt:], "\x00")), true
}

// EchoNonce returns the nonce that an answer carries; limited says that the server refused because there were too many
// requests. ok is false if it is no answer.
func EchoNonce(answer []byte) (nonce uint64, limited, ok bool) {
	if len(answer) != EchoSize {
		return 0, false, false
	}
	limited = bytes.Equal(answer[:4], echoLimited[:])
	return binary.BigEndian.Uint64(answer[echoNonceAt:]), limited, limited || bytes.Equal(answer[:4], echoAnswer[:])
}

// TCPEcho connects to our server, sends a nonce and waits for it. Connect is as for TCP; wait is the round trip of the
// payload, which passes through whatever ends TCP on the way.
type TCPEcho struct{ Endpoint }

// UDPEcho sends a nonce to our server and waits for it. There is no second try: a lost packet is a lost probe.
type UDPEcho struct{ Endpoint }

var _, _ Prober = (*TCPEcho)(nil), (*UDPEcho)(nil)

// Kind returns KindTCPEcho.
func (p *TCPEcho) Kind() Kind { return KindTCPEcho }

// Kind returns KindUDPEcho.
func (p *UDPEcho) Kind() Kind { return KindUDPEcho }

// Probe connects, exchanges one nonce and ends the connection.
func (p *TCPEcho) Probe(ctx context.Context, shot Shot) Outcome {
	start := time.Now()
	c, o := p.connect(ctx, shot, false)
	if c == nil {
		return o
	}
	defer c.Close()
	exchangeEcho(ctx, c, &o)
	o.Elapsed = MicrosOf(time.Since(start))
	if o.OK() {
		o.Phases.Total = o.Elapsed
	}
	return o
}

// Probe sends one datagram and waits for its answer.
func (p *UDPEcho) Probe(ctx context.Context, shot Shot) Outcome {
	c, err := dial(ctx, "udp", p.addrPort(), p.Source, shot.SourcePort)
	if err != nil {
		return Outcome{Failure: classified("connect", err)}
	}
	defer c.Close()
	o := Outcome{Local: addrPortOf(c.LocalAddr())}
	start := time.Now()
	exchangeEcho(ctx, c, &o)
	o.Elapsed = MicrosOf(time.Since(start))
	return o
}

func exchangeEcho(ctx context.Context, c net.Conn, o *Outcome) {
	nonce := rand.Uint64()
	var answer [EchoSize]byte
	got, err := exchange(ctx, c, conversation{
		request: NewEchoRequest(nonce),
		answer:  answer[:],
		length:  func([]byte) int { return EchoSize },
		accept: func(b []byte) bool {
			_, _, ok := readEcho(b, nonce)
			return ok || isLimited(b, nonce)
		},
	})
	o.Timing = got.timing
	if err != nil {
		o.Failure = err
		return
	}
	if isLimited(answer[:], nonce) {
		o.Failure = failed(Limited, "wait", "the server answers only so many requests a second of one source; probe less often, or raise its --rate and --burst")
		return
	}
	o.Phases.Wait = got.wait
	o.Observed, o.ServedBy, _ = readEcho(answer[:], nonce)
}
