// Package kernel reads what the operating system's kernel knows about a connection and a program cannot measure itself:
// the round trip of a TCP handshake, and the moment a packet arrived.
//
// A program that takes the time around connect measures its own scheduler too. The kernel's figures do not grow when
// the program is slow to wake up. Where the kernel gives none, functions return [ErrUnsupported] or a zero time, and
// callers fall back to their own clock and say so.
package kernel

import (
	"errors"
	"syscall"
	"time"
)

// ErrUnsupported means that this kernel, or this build, does not give the figure.
var ErrUnsupported = errors.New("the kernel does not tell")

// Handshake is what the kernel recorded while a TCP connection was set up.
type Handshake struct {
	// RTT is the time from the SYN that was answered to the answer. 0 means that the kernel took no sample, as when a SYN
	// was lost and TCP timestamps are off: it cannot know which of two SYNs was answered.
	RTT time.Duration

	// Retransmits counts SYNs sent again because no answer came in time.
	Retransmits int
}

// Conn is a connection whose socket can be reached, such as a *net.TCPConn.
type Conn interface {
	syscall.Conn
	Read(p []byte) (int, error)
}
