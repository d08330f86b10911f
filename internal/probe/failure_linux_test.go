package probe_test

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pathproof/pathproof/internal/probe"
)

// deafListener is a listener whose queue holds one connection and is full: the kernel drops further SYNs.
func deafListener(t *testing.T) (target netip.AddrPort, drain func()) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	target = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(name.(*unix.SockaddrInet4).Port))
	c, err := net.Dial("tcp4", target.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return target, func() {
		if c, _, err := unix.Accept(fd); err == nil {
			unix.Close(c)
		}
	}
}

func TestTCP_Timeout(t *testing.T) {
	target, _ := deafListener(t)
	p := prepared(t, &probe.TCP{Endpoint: endpoint(target)})
	start := time.Now()
	wantFailure(t, p.Probe(within(t, 200*time.Millisecond), probe.Shot{}), probe.Timeout, "connect")
	if took := time.Since(start); took < 200*time.Millisecond {
		t.Errorf("gave up after %s", took)
	}
}

// A lost SYN is sent again after a second, and the connection works: no failure, but no latency either.
func TestTCP_LostSYNIsNoLatency(t *testing.T) {
	target, drain := deafListener(t)
	p := prepared(t, &probe.TCP{Endpoint: endpoint(target)})
	timer := time.AfterFunc(300*time.Millisecond, drain)
	defer timer.Stop()
	o := p.Probe(within(t, 10*time.Second), probe.Shot{})
	if !o.OK() {
		t.Fatal(o.Failure)
	}
	if o.SYNRetransmits < 1 || o.Phases.Connect != 0 || o.Elapsed < 900_000 {
		t.Errorf("got %d retransmits, connect %d us, elapsed %d us; want some, none, about a second",
			o.SYNRetransmits, o.Phases.Connect, o.Elapsed)
	}
}

func TestTCP_LocalWhenDescriptorsRunOut(t *testing.T) {
	p := prepared(t, &probe.TCP{Endpoint: endpoint(listen(t, func(c *net.TCPConn) { c.Close() }))})
	if o := p.Probe(within(t, time.Second), probe.Shot{}); !o.OK() {
		t.Fatal(o.Failure)
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(os.DevNull) // the next free descriptor
	if err != nil {
		t.Fatal(err)
	}
	next := uint64(f.Fd())
	f.Close()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: next, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	o := p.Probe(within(t, time.Second), probe.Shot{})
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, o, probe.Local, "connect")
	if o.Failure.Class.CountsAsLoss() {
		t.Error("a failure of this machine counts as loss")
	}
}
