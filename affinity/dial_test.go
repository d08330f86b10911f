package affinity_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/pathproof/pathproof/affinity"
)

func TestDial_ConnectsElsewhereWhenRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	there := refused(t, second)
	there.Addr = l.Addr().String()
	s := service(t, nil, refused(t, own), there)
	conn, err := s.DialContext(context.Background(), "tcp", "foo.internal:80")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if conn.RemoteAddr().String() != there.Addr {
		t.Errorf("connected to %v", conn.RemoteAddr())
	}
	if _, err := s.DialContext(context.Background(), "udp", ""); !errors.As(err, new(net.UnknownNetworkError)) {
		t.Errorf("udp got %v", err)
	}
	l.Close()
	_, err = s.DialContext(context.Background(), "tcp", "")
	if call := (*affinity.CallError)(nil); !errors.As(err, &call) || !errors.As(err, new(*affinity.DialError)) {
		t.Errorf("got %v; want a CallError of DialErrors", err)
	}
}
