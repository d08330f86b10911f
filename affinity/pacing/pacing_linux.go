package pacing

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// Supported says whether Set can work on this system.
const Supported = true

// soMaxPacingRate is SO_MAX_PACING_RATE of include/uapi/asm-generic/socket.h; the architectures that Go compiles for all have that number.
const soMaxPacingRate = 47

// Set limits a socket to rate bytes per second. Rates of 2^32 and more need Linux 4.20, and a 64-bit system.
func Set(fd uintptr, rate uint64) error {
	var option [8]byte
	size := int(unsafe.Sizeof(uintptr(0))) // the kernel reads an unsigned long, or 32 bits
	if size == 4 {
		if rate >= 1<<32-1 {
			return fmt.Errorf("a rate too large for a 32-bit system, got %d bytes per second", rate)
		}
		binary.NativeEndian.PutUint32(option[:], uint32(rate))
	} else {
		binary.NativeEndian.PutUint64(option[:], rate)
	}
	return os.NewSyscallError("setsockopt SO_MAX_PACING_RATE", syscall.SetsockoptString(int(fd), syscall.SOL_SOCKET, soMaxPacingRate, string(option[:size])))
}
