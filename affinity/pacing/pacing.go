// Package pacing has the kernel spread out what a connection sends, so that bursts do not overrun queues on the way.
//
// It sets SO_MAX_PACING_RATE, which Linux has: TCP then paces by itself, whatever the queueing discipline of the interface.
package pacing

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// ErrUnsupported is the cause of errors where the kernel has no pacing.
var ErrUnsupported = errors.New("pacing needs Linux")

// SetConn limits a connection that is made already, also inside of TLS. It fails for one that is no socket's.
func SetConn(conn net.Conn, rate uint64) error {
	for {
		inner, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = inner.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return fmt.Errorf("the connection cannot be paced, got a %T, which gives no access to its socket", conn)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	return Control(rate)("", conn.RemoteAddr().String(), raw)
}

// Control returns a function for net.Dialer.Control or net.ListenConfig.Control that limits each connection to rate bytes per second.
// A rate of 0 sets nothing.
func Control(rate uint64) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, c syscall.RawConn) error {
		if rate == 0 {
			return nil
		}
		var failed error
		if err := c.Control(func(fd uintptr) { failed = Set(fd, rate) }); err != nil {
			failed = err
		}
		if failed != nil {
			return fmt.Errorf("pacing %s to %d bytes per second: %w", address, rate, failed)
		}
		return nil
	}
}
