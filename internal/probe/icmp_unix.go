//go:build linux || darwin

package probe

import (
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// dialICMP opens a socket for echo requests to one address: first the kind that needs no privileges, then the raw kind.
func dialICMP(to, source netip.Addr) (net.Conn, error) {
	if c, err := dialPingSocket(to, source); err == nil {
		return c, nil
	}
	return dialRawICMP(to, source)
}

func dialPingSocket(to, source netip.Addr) (net.Conn, error) {
	family, protocol := unix.AF_INET, unix.IPPROTO_ICMP
	if to.Is6() {
		family, protocol = unix.AF_INET6, unix.IPPROTO_ICMPV6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM, protocol)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "icmp")
	defer f.Close() // FileConn has a copy
	if source.IsValid() {
		if err := unix.Bind(fd, socketAddress(source)); err != nil {
			return nil, os.NewSyscallError("bind", err)
		}
	}
	if err := unix.Connect(fd, socketAddress(to)); err != nil {
		return nil, os.NewSyscallError("connect", err)
	}
	return net.FileConn(f)
}

func socketAddress(a netip.Addr) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4()}
	}
	zone := uint32(0)
	if i, err := net.InterfaceByName(a.Zone()); err == nil {
		zone = uint32(i.Index)
	}
	return &unix.SockaddrInet6{Addr: a.As16(), ZoneId: zone}
}
