package kernel

import (
	"fmt"
	"io"
	"math"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ReadHandshake asks for the handshake of a TCP connection (TCP_INFO). Call it once, after connect and before any
// payload: afterwards the kernel's figure is a moving average over later packets.
func ReadHandshake(c syscall.Conn) (Handshake, error) {
	rc, err := c.SyscallConn()
	if err != nil {
		return Handshake{}, err
	}
	var info *unix.TCPInfo
	var optErr error
	if err := rc.Control(func(fd uintptr) {
		info, optErr = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); err != nil {
		return Handshake{}, err
	}
	if optErr != nil {
		return Handshake{}, fmt.Errorf("%w: TCP_INFO: %w", ErrUnsupported, optErr)
	}
	h := Handshake{Retransmits: int(info.Total_retrans)}
	if info.Min_rtt != math.MaxUint32 { // MaxUint32: no round trip measured yet
		h.RTT = time.Duration(info.Rtt) * time.Microsecond
	}
	return h, nil
}

// StampArrivals asks the kernel to note the time at which packets of this socket arrive (SO_TIMESTAMPNS), for Receive.
func StampArrivals(c syscall.Conn) error {
	return setOption(c, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) })
}

// KeepStamping makes the kernel stamp arrivals until release is called. It does so while any socket asks for stamps, but
// begins and stops behind the program's back: sockets that live for one probe each would find some of them missing.
func KeepStamping() (release func()) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return func() {}
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	return func() { _ = unix.Close(fd) }
}

// ReportErrors asks the kernel to hand every ICMP error to a datagram socket (IP_RECVERR), also those that may pass, such
// as "host unreachable". Without it they look like silence.
func ReportErrors(c syscall.Conn) error {
	return setOption(c, func(fd int) error {
		family, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err == nil && family == unix.AF_INET6 {
			return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1)
		}
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVERR, 1)
	})
}

func setOption(c syscall.Conn, set func(fd int) error) error {
	rc, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var optErr error
	if err := rc.Control(func(fd uintptr) { optErr = set(int(fd)) }); err != nil {
		return err
	}
	if optErr != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, optErr)
	}
	return nil
}

// Receive reads from a connected socket like Read, and also returns when the kernel got the last of what was read, by
// the wall clock. The time is zero if StampArrivals was not called or the kernel gave none. Read deadlines apply.
func Receive(c Conn, p []byte) (n int, arrived time.Time, err error) {
	rc, err := c.SyscallConn()
	if err != nil {
		return 0, time.Time{}, err
	}
	var oob [64]byte // one timespec needs 32 bytes
	var oobn int
	var readErr error
	err = rc.Read(func(fd uintptr) bool {
		for {
			n, oobn, _, _, readErr = unix.Recvmsg(int(fd), p, oob[:], 0)
			if readErr != unix.EINTR {
				return readErr != unix.EAGAIN
			}
		}
	})
	if err == nil {
		err = readErr
	}
	if err != nil {
		return 0, time.Time{}, err
	}
	if n == 0 && len(p) > 0 && isStream(rc) {
		return 0, time.Time{}, io.EOF
	}
	return n, stamp(oob[:oobn]), nil
}

// stamp finds the arrival time among control messages.
func stamp(oob []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return time.Time{}
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS &&
			len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			ts := (*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			if ts.Sec == 0 && ts.Nsec == 0 {
				return time.Time{}
			}
			return time.Unix(ts.Unix())
		}
	}
	return time.Time{}
}

func isStream(rc syscall.RawConn) bool {
	kind := 0
	_ = rc.Control(func(fd uintptr) { kind, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TYPE) })
	return kind == unix.SOCK_STREAM
}
