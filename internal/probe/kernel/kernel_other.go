//go:build !linux

package kernel

import (
	"syscall"
	"time"
)

// ReadHandshake returns ErrUnsupported: the figures of other systems are coarser than a program's own clock, or private.
func ReadHandshake(syscall.Conn) (Handshake, error) { return Handshake{}, ErrUnsupported }

// StampArrivals returns ErrUnsupported.
func StampArrivals(syscall.Conn) error { return ErrUnsupported }

// KeepStamping does nothing.
func KeepStamping() (release func()) { return func() {} }

// ReportErrors returns ErrUnsupported.
func ReportErrors(syscall.Conn) error { return ErrUnsupported }

// Receive reads like Read; the time is always zero.
func Receive(c Conn, p []byte) (n int, arrived time.Time, err error) {
	n, err = c.Read(p)
	return n, time.Time{}, err
}
