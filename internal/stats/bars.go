package stats

import (
	"math"
	"sort"
)

// Bars is a histogram for display with logarithmic edges: Counts[i] times lie in [Edges[i], Edges[i+1]), the last bar
// includes its upper edge. Edges has one element more than Counts; both are empty when nothing was measured.
type Bars struct {
	Edges  []Latency
	Counts []int
}

// newBars makes at most rows bars from sorted times; fewer when the times are too close for that many distinct edges.
func newBars(sorted []Latency, rows int) Bars {
	if len(sorted) == 0 || rows < 1 {
		return Bars{}
	}
	low, high := sorted[0], sorted[len(sorted)-1]
	b := Bars{Edges: []Latency{low}}
	ratio := float64(max(high, 1)) / float64(max(low, 1))
	for i := 1; i < rows; i++ {
		edge := Latency(math.Round(float64(max(low, 1)) * math.Pow(ratio, float64(i)/float64(rows))))
		if edge > b.Edges[len(b.Edges)-1] && edge < high {
			b.Edges = append(b.Edges, edge)
		}
	}
	b.Edges = append(b.Edges, high)
	below := 0
	for _, edge := range b.Edges[1 : len(b.Edges)-1] {
		n := sort.Search(len(sorted), func(i int) bool { return sorted[i] >= edge })
		b.Counts = append(b.Counts, n-below)
		below = n
	}
	b.Counts = append(b.Counts, len(sorted)-below)
	return b
}
