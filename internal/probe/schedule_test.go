package probe

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestSchedule(t *testing.T) {
	const paths, n, interval = 4, 1000, 100 * time.Millisecond
	instants := schedule(rand.New(rand.NewPCG(1, 2)), paths, n, interval)
	first := make([]int, paths)
	for round := range n {
		earliest := 0
		for p := range instants {
			if instants[p][round] < instants[earliest][round] {
				earliest = p
			}
			if round == 0 {
				continue
			}
			for q := range instants { // a round is over before the next begins
				if instants[p][round] <= instants[q][round-1] {
					t.Fatalf("round %d of path %d is not after round %d of path %d", round, p, round-1, q)
				}
			}
		}
		first[earliest]++
	}
	for p, times := range first { // 250 expected, 14 is one standard deviation
		if times < 180 || times > 320 {
			t.Errorf("path %d came first in %d of %d rounds", p, times, n)
		}
	}
	if end, want := instants[0][n-1], n*interval; end < want*98/100 || end > want*102/100 {
		t.Errorf("%d rounds take %s, want about %s", n, end, want)
	}
}
