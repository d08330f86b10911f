package affinity_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/pathproof/pathproof/affinity"
)

// PacingRate holds for every connection of the service, whatever makes it.
func TestPacingRate_HoldsForEveryConnection(t *testing.T) {
	srv := newCounted(t, false, func(http.ResponseWriter, *http.Request) {})
	plain := serve(t, own, func(http.ResponseWriter, *http.Request) {})
	const rate = 12_345_678
	paced := func(c *affinity.Config) { c.PacingRate = rate }
	tlsDial := srv.base.Clone()
	tlsDial.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return (&tls.Dialer{Config: srv.base.TLSClientConfig}).DialContext(ctx, network, addr)
	}
	overPlain := service(t, paced, plain.endpoint())
	e := plain.endpoint()
	e.Addr = srv.Listener.Addr().String()
	overTLS := service(t, paced, e)
	for name, test := range map[string]struct {
		rt  http.RoundTripper
		url string
	}{
		"the default transport":       {overPlain.Transport(nil), "http://foo.internal/"},
		"a copy of the default one":   {overPlain.Transport(http.DefaultTransport.(*http.Transport).Clone()), "http://foo.internal/"},
		"one without a dial function": {overPlain.Transport(&http.Transport{}), "http://foo.internal/"},
		"one that dials TLS":          {overTLS.Transport(tlsDial), "https://foo.internal/"},
	} {
		t.Run(name, func(t *testing.T) {
			req := getOf(t, test.url)
			var got uint64
			trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { got = pacingOf(t, i.Conn) }}
			resp, err := test.rt.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got != rate {
				t.Errorf("the kernel keeps %d bytes per second; want %d", got, rate)
			}
		})
	}
	conn, err := overPlain.DialContext(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := pacingOf(t, conn); got != rate {
		t.Errorf("DialContext: the kernel keeps %d bytes per second; want %d", got, rate)
	}
}

// A connection that cannot be paced is refused: it would overrun what the rate protects.
func TestPacingRate_ConnectionsThatCannotBePaced(t *testing.T) {
	plain := serve(t, own, func(http.ResponseWriter, *http.Request) {})
	s := service(t, func(c *affinity.Config) { c.PacingRate = 1 << 20 }, plain.endpoint())
	base := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		c, _ := net.Pipe()
		return c, nil
	}}
	if _, err := s.Transport(base).RoundTrip(getOf(t, "http://foo.internal/")); err == nil || !strings.Contains(err.Error(), "cannot be paced") {
		t.Errorf("got %v", err)
	}
}

func pacingOf(t *testing.T, c net.Conn) (rate uint64) {
	t.Helper()
	if inner, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = inner.NetConn()
	}
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var option [8]byte
	size := uint32(len(option))
	_ = raw.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, syscall.SOL_SOCKET, 47, uintptr(unsafe.Pointer(&option)), uintptr(unsafe.Pointer(&size)), 0)
	})
	return binary.NativeEndian.Uint64(option[:])
}
