package zonal

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// One probe in 500 takes 3 ms by accident, in each of three zones that are alike. Alarms that compare the slowest of 30 must not go off by that
// more often than once in a week or two, or nobody heeds them. They are evaluated as CloudWatch does, each minute, over periods that end then.
func TestSlow_SeldomByAccident(t *testing.T) {
	const (
		days, zones, probes = 28, 3, 30
		every, period       = 5, 7 // minutes; those of the reference network
	)
	random := rand.New(rand.NewPCG(1, 2))
	var runs [zones][][]float64 // milliseconds
	for z := range runs {
		for range days * 24 * 60 / every {
			run := make([]float64, probes)
			for i := range run {
				if run[i] = 0.35 + random.Float64()/10; random.IntN(500) == 0 {
					run[i] = 3
				}
			}
			runs[z] = append(runs[z], run)
		}
	}
	type window struct{ zone, from int }
	known := map[window]float64{}
	p99 := func(z, from int) float64 { // of the period that begins at this minute
		if v, ok := known[window{z, from}]; ok {
			return v
		}
		var all []float64
		for r := (from + every - 1) / every; r*every < from+period && r < len(runs[z]); r++ {
			all = append(all, runs[z][r]...)
		}
		slices.Sort(all)
		known[window{z, from}] = all[int(math.Ceil(0.99*float64(len(all))))-1]
		return known[window{z, from}]
	}
	alarms, on := 0, [zones]bool{}
	for at := slowInRow * period; at < days*24*60; at++ {
		bad := [zones]int{}
		for k := range slowInRow {
			var v [zones]float64
			for z := range v {
				v[z] = p99(z, at-(k+1)*period)
			}
			for z := range v {
				others := 0.0
				for i, x := range v {
					if i != z {
						others = max(others, x)
					}
				}
				if v[z]/(others+float64(slowMargin)/float64(time.Millisecond)) >= slowFactor {
					bad[z]++
				}
			}
		}
		for z := range bad {
			if now := bad[z] == slowInRow; now != on[z] {
				if on[z] = now; now {
					alarms++
				}
			}
		}
	}
	t.Logf("%d false alarms of %d zones in %d days", alarms, zones, days)
	if alarms > days/7 {
		t.Error("too many")
	}
}
