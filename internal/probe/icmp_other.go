//go:build !linux && !darwin

package probe

import (
	"net"
	"net/netip"
)

// dialICMP opens the raw socket, the only kind that works everywhere.
func dialICMP(to, source netip.Addr) (net.Conn, error) {
	return dialRawICMP(to, source)
}
