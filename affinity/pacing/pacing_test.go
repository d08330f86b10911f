//go:build linux

package pacing_test

import (
	"encoding/binary"
	"io"
	"math"
	"net"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/pathproof/pathproof/affinity/pacing"
)

// The kernel tells which rate it keeps.
func TestControl_SetsTheRate(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, rate := range []uint64{0, 1, 125_000, 12_500_000_000} { // 100 Gbit/s is over 2^32
		d := net.Dialer{Control: pacing.Control(rate)}
		conn, err := d.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		want := rate
		if rate == 0 {
			want = math.MaxUint64
		}
		if got := rateOf(t, conn.(*net.TCPConn)); got != want {
			t.Errorf("the kernel keeps %d bytes per second; want %d", got, want)
		}
	}
}

func rateOf(t *testing.T, c *net.TCPConn) (rate uint64) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var option [8]byte
	size := uint32(len(option))
	_ = raw.Control(func(fd uintptr) {
		if _, _, e := syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, syscall.SOL_SOCKET, 47,
			uintptr(unsafe.Pointer(&option)), uintptr(unsafe.Pointer(&size)), 0); e != 0 {
			t.Fatal(e)
		}
	})
	return binary.NativeEndian.Uint64(option[:])
}

// And it does keep it: 2 MB at 4 MB/s take nearly half a second, where loopback needs a millisecond. The first 300 kB are one burst.
func TestControl_Paces(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const bytes, rate = 2_000_000, 4_000_000
	done := make(chan time.Duration)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		began := time.Now()
		_, _ = io.CopyN(io.Discard, conn, bytes)
		done <- time.Since(began)
	}()
	d := net.Dialer{Control: pacing.Control(rate)}
	conn, err := d.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(make([]byte, bytes)); err != nil {
		t.Fatal(err)
	}
	if took := <-done; took < 150*time.Millisecond {
		t.Errorf("%d bytes took %v; want nearly 500 ms", bytes, took)
	}
}
