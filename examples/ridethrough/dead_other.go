//go:build !linux

package ridethrough

import (
	"syscall"
	"time"
)

// userTimeout does nothing: the option is Linux's. Time limits of attempts and keepalives hold everywhere.
func userTimeout(time.Duration) func(network, address string, c syscall.RawConn) error { return nil }
