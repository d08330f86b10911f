//go:build linux

package kernel_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe/kernel"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pair is a connection over loopback.
func pair(t *testing.T) (client, server *net.TCPConn) {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(t, err)
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	check(t, err)
	server, err = l.AcceptTCP()
	check(t, err)
	client = c.(*net.TCPConn)
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func TestReadHandshake(t *testing.T) {
	start := time.Now()
	client, _ := pair(t)
	took := time.Since(start)
	h, err := kernel.ReadHandshake(client)
	check(t, err)
	if h.RTT <= 0 || h.RTT > took || h.Retransmits != 0 {
		t.Errorf("got %+v of a handshake within %s", h, took)
	}
	client.Close()
	if _, err := kernel.ReadHandshake(client); err == nil {
		t.Error("a closed connection is no error")
	}
}

func TestReceive_Stream(t *testing.T) {
	client, server := pair(t)
	check(t, kernel.StampArrivals(client))
	defer kernel.KeepStamping()()
	b := make([]byte, 10)
	for try := 0; ; try++ { // the kernel begins to stamp a moment after it is asked
		before := time.Now()
		_, err := server.Write([]byte("hello"))
		check(t, err)
		n, arrived, err := kernel.Receive(client, b)
		check(t, err)
		if arrived.IsZero() && try < 10_000 {
			continue
		}
		if string(b[:n]) != "hello" || arrived.Before(before.Round(0)) || arrived.After(time.Now()) {
			t.Errorf("got %q, arrived at %s, sent at %s", b[:n], arrived, before)
		}
		break
	}
	check(t, client.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
	if _, _, err := kernel.Receive(client, b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("at the deadline: got %v", err)
	}
	check(t, client.SetReadDeadline(time.Time{}))
	server.Close()
	if _, _, err := kernel.Receive(client, b); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: got %v", err)
	}
}

// An empty datagram is not the end of anything.
func TestReceive_Datagram(t *testing.T) {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(t, err)
	defer server.Close()
	c, err := net.Dial("udp4", server.LocalAddr().String())
	check(t, err)
	defer c.Close()
	client := c.(*net.UDPConn)
	b := make([]byte, 10)
	for _, text := range []string{"hello", ""} {
		_, err = server.WriteToUDP([]byte(text), client.LocalAddr().(*net.UDPAddr))
		check(t, err)
		n, arrived, err := kernel.Receive(client, b)
		if err != nil || string(b[:n]) != text || !arrived.IsZero() {
			t.Errorf("%q: got %q at %s, %v; nobody asked for stamps", text, b[:n], arrived, err)
		}
	}
}
