// Package peakmem reads how much memory a running process has held at most, for tests and benchmarks. It asks Linux for the
// process itself: what the operating system reports of a finished child counts the parent's memory in, which the child
// shares until it starts its own program.
package peakmem

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Of returns the peak of a running process in bytes; zero if it cannot be read, as on systems other than Linux.
func Of(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return kib * 1024
		}
	}
	return 0
}

// Tree returns the sum of the peaks of a running process and of those that it started.
func Tree(pid int) int64 {
	sum := Of(pid)
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return sum
	}
	for _, t := range threads {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, t.Name()))
		if err != nil {
			continue
		}
		for _, c := range strings.Fields(string(children)) {
			if child, err := strconv.Atoi(c); err == nil {
				sum += Tree(child)
			}
		}
	}
	return sum
}
