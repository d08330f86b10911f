// Package lab makes a network on one machine whose true round-trip times are known, for tests: network namespaces joined
// by a relay that delays packets, drops those it is told to, and notes when each handshake passed.
//
// It works on Linux as root, with iproute2 and /dev/net/tun. Nothing of it outlives the process.
package lab
