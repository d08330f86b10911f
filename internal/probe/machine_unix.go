//go:build unix

package probe

import "golang.org/x/sys/unix"

// preempted counts how often the system took the processor from this process although it could have gone on.
func preempted() int64 {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return int64(use.Nivcsw)
}
