//go:build !linux

package pacing

import (
	"fmt"
	"runtime"
)

// Supported says whether Set can work on this system.
const Supported = false

// Set returns an error: only Linux has SO_MAX_PACING_RATE.
func Set(uintptr, uint64) error {
	return fmt.Errorf("%w, got %s", ErrUnsupported, runtime.GOOS)
}
