// Package pacing has the kernel spread out what a connection sends, so that bursts do not overrun queues on the way.
//
// It sets SO_MAX_PACING_RATE, which Linux has: TCP then paces by itself, whatever the queueing discipline of the interface.
package pacing

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrUnsupported is the cause of errors where the kernel has no pacing.
var ErrUnsupported = errors.New("pacing needs Linux")

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
