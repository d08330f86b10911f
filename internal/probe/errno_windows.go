package probe

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// errnoClass sorts the system errors that say something about the path.
var errnoClass = map[syscall.Errno]Class{
	windows.WSAETIMEDOUT:    Timeout,
	windows.WSAECONNREFUSED: Refused,
	windows.WSAECONNRESET:   Reset,
	windows.WSAECONNABORTED: Reset,
	windows.WSAEHOSTUNREACH: Unreachable,
	windows.WSAENETUNREACH:  Unreachable,
}
