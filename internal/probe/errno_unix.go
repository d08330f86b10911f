//go:build !windows

package probe

import "syscall"

// errnoClass sorts the system errors that say something about the path.
var errnoClass = map[syscall.Errno]Class{
	syscall.ETIMEDOUT:    Timeout,
	syscall.ECONNREFUSED: Refused,
	syscall.ECONNRESET:   Reset,
	syscall.ECONNABORTED: Reset,
	syscall.EPIPE:        Reset,
	syscall.EHOSTUNREACH: Unreachable,
	syscall.ENETUNREACH:  Unreachable,
	syscall.ENOPROTOOPT:  Unreachable, // ICMP "protocol unreachable"
	syscall.EMSGSIZE:     Unreachable, // ICMP "fragmentation needed" on a socket that must not fragment
}
