package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// fewDescriptors is below what a run with many probes under way needs: two for each, and some for the program.
const fewDescriptors = 1024

// systemFindings looks at limits and clocks.
func systemFindings() []finding {
	return []finding{descriptors(), quota(readText("/sys/fs/cgroup/cpu.max")),
		clocksource(readText("/sys/devices/system/clocksource/clocksource0/current_clocksource")), synchronized(), ports(readText("/proc/sys/net/ipv4/ip_local_port_range"))}
}

func readText(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

func descriptors() finding {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return finding{"descriptors", isWeak, "limit unknown: " + err.Error(), ""}
	}
	f := finding{Name: "descriptors", Status: isOK, Found: fmt.Sprintf("%d may be open at once", limit.Cur)}
	if limit.Cur < fewDescriptors {
		f.Status, f.ToDo = isWeak, "raise the limit (ulimit -n), or keep paths times --in-flight well below it"
	}
	return f
}

// quota reads cpu.max of a control group: "max 100000", or microseconds in a period of so many.
func quota(text string) finding {
	var allowed, period float64
	if n, _ := fmt.Sscanf(text, "%g %g", &allowed, &period); n != 2 || period == 0 {
		return finding{"CPU quota", isOK, "none", ""}
	}
	f := finding{Name: "CPU quota", Status: isOK, Found: fmt.Sprintf("%.2f processors", allowed/period)}
	if allowed < period {
		f.Status, f.ToDo = isWeak, "allow at least one processor; times by the kernel stay right, others grow by tens of milliseconds when it is used up"
	}
	return f
}

func clocksource(name string) finding {
	switch name {
	case "":
		return finding{"clock", isWeak, "source unknown", ""}
	case "hpet", "acpi_pm", "jiffies":
		return finding{"clock", isWeak, name + ", which takes a microsecond or more to read", "have the machine use tsc, kvm-clock or arch_sys_counter"}
	}
	return finding{"clock", isOK, name, ""}
}

// synchronized says whether the wall clock is set by somebody. Latencies do not depend on it.
func synchronized() finding {
	var t unix.Timex
	if _, err := unix.Adjtimex(&t); err != nil {
		return finding{"wall clock", isWeak, "unknown whether it is synchronized: " + err.Error(), ""}
	}
	if t.Status&unix.STA_UNSYNC != 0 {
		return finding{"wall clock", isWeak, "not synchronized", "run chrony or systemd-timesyncd if times of day in reports are to be compared; latencies do not depend on it"}
	}
	return finding{"wall clock", isOK, fmt.Sprintf("synchronized, off by at most %d ms", t.Maxerror/1000), ""}
}

func ports(text string) finding {
	var first, last int
	if n, _ := fmt.Sscanf(text, "%d %d", &first, &last); n != 2 {
		return finding{"source ports", isWeak, "range unknown", ""}
	}
	f := finding{Name: "source ports", Status: isOK, Found: fmt.Sprintf("%d to %d are given out; --flows takes 20000 to 29999", first, last)}
	if first < 30000 {
		f.Status, f.ToDo = isWeak, "start net.ipv4.ip_local_port_range at 32768, or a port that --flows wants may be taken"
	}
	return f
}
