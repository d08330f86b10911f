package probe

import (
	"math/rand/v2"
	"time"
)

// Jitter is by how much of itself a step of the schedule varies, either way, so that probes do not keep step with timers
// elsewhere, such as health checks.
const Jitter = 0.2

// schedule gives each of some paths n instants, as offsets. Each round has one probe of each path, in random order, so
// that what changes with time changes all paths alike. The instants depend on nothing that is measured.
func schedule(rng *rand.Rand, paths, n int, interval time.Duration) [][]time.Duration {
	instants := make([][]time.Duration, paths)
	order := make([]int, paths)
	for i := range order {
		order[i] = i
		instants[i] = make([]time.Duration, 0, n)
	}
	step := float64(interval) / float64(max(paths, 1))
	at := 0.0
	for range n {
		rng.Shuffle(paths, func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, path := range order {
			instants[path] = append(instants[path], time.Duration(at))
			at += step * (1 - Jitter + 2*Jitter*rng.Float64())
		}
	}
	return instants
}
