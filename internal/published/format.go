package published

import (
	"slices"
	"strconv"
	"time"
)

// find returns the row of a run. The rows are constants of this package: a missing one is a mistake in it.
func find(rows []Row, path, method string, run int) Row {
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Path == path && r.Method == method && r.Run == run })
	return rows[i]
}

// only returns the rows that are wanted.
func only(rows []Row, wanted func(Row) bool) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !wanted(r) })
}

// pairsOf returns all pairs of rows that belong together, in order.
func pairsOf(rows []Row, together func(a, b Row) bool) (pairs [][2]Row) {
	for i, a := range rows {
		for _, b := range rows[i+1:] {
			if together(a, b) {
				pairs = append(pairs, [2]Row{a, b})
			}
		}
	}
	return pairs
}

// atLeast prints the gap between two ranges that do not touch.
func atLeast(a, b Row) string {
	return ms(max(b.Min-a.Max-cut(a), a.Min-b.Max-cut(b)), 0) + " ms between any two probes"
}

// ms prints milliseconds.
func ms(d time.Duration, decimals int) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', decimals, 64)
}

func r3(d time.Duration) string { return ms(d, 3) }

// print prints a figure as the article does.
func (r Row) print(d time.Duration) string {
	if r.Resolution == time.Millisecond {
		return ms(d, 0)
	}
	return ms(d, 3)
}

func (r Row) whole(d time.Duration) int { return int(d / time.Millisecond) }

// sum adds the minimum and the maximum to the sum of the other samples.
func (r Row) sum(others int) int { return others + r.whole(r.Min) + r.whole(r.Max) }
