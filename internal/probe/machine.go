package probe

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// machineUse is what the operating system counts about this process since it started.
type machineUse struct {
	throttled time.Duration
	preempted int64
}

func readMachineUse() machineUse {
	return machineUse{throttled: readThrottled(os.DirFS("/")), preempted: preempted()}
}

func (m machineUse) minus(before machineUse) machineUse {
	return machineUse{throttled: m.throttled - before.throttled, preempted: m.preempted - before.preempted}
}

// readThrottled returns how long the CPU quota of this process's control group has stopped it, or 0 if it has none or
// the system does not tell. root is the file system.
func readThrottled(root fs.FS) time.Duration {
	own, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(own)) {
		// hierarchy-ID:controllers:path; version 2 has the id 0 and no controllers
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		switch {
		case parts[0] == "0" && parts[1] == "":
			if t, ok := throttledOf(root, parts[2], "throttled_usec", time.Microsecond,
				"sys/fs/cgroup", "sys/fs/cgroup/unified"); ok {
				return t
			}
		case isCPUController(parts[1]):
			if t, ok := throttledOf(root, parts[2], "throttled_time", time.Nanosecond,
				"sys/fs/cgroup/cpu", "sys/fs/cgroup/"+parts[1]); ok {
				return t
			}
		}
	}
	return 0
}

func isCPUController(list string) bool {
	for c := range strings.SplitSeq(list, ",") {
		if c == "cpu" {
			return true
		}
	}
	return false
}

// throttledOf looks for a counter in cpu.stat of a group. In a container the group may be mounted as the root.
func throttledOf(root fs.FS, group, key string, unit time.Duration, mounts ...string) (time.Duration, bool) {
	for _, mount := range mounts {
		for _, dir := range []string{path.Join(mount, group), mount} {
			stat, err := fs.ReadFile(root, path.Join(dir, "cpu.stat"))
			if err != nil {
				continue
			}
			if n, ok := counter(stat, key); ok {
				return time.Duration(n) * unit, true
			}
		}
	}
	return 0, false
}

func counter(stat []byte, key string) (int64, bool) {
	for lines := bufio.NewScanner(bytes.NewReader(stat)); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), " "); name == key {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
