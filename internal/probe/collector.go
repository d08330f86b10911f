package probe

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync"
)

// collectorRoom is how much memory may grow before the garbage collector has to run all the same.
const collectorRoom = 48 << 20

// quiet counts runs in this process that sample just now: the collector's settings belong to the whole process.
var quiet struct {
	sync.Mutex
	runs    int
	percent int
	limit   int64
}

// quietCollector stops the garbage collector, whose marking competes with probes for the processor, until the function
// that it returns is called. A limit on memory keeps it from stopping for good.
func quietCollector() (restore func()) {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.runs++; quiet.runs == 1 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		quiet.limit = debug.SetMemoryLimit(-1)
		debug.SetMemoryLimit(min(quiet.limit, saturated(m.Sys-m.HeapReleased)+collectorRoom))
		quiet.percent = debug.SetGCPercent(-1)
	}
	return func() {
		quiet.Lock()
		defer quiet.Unlock()
		if quiet.runs--; quiet.runs == 0 {
			debug.SetGCPercent(quiet.percent)
			debug.SetMemoryLimit(quiet.limit)
		}
	}
}

func saturated(n uint64) int64 { return int64(min(n, math.MaxInt64-collectorRoom)) }
