package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/probe"
)

// part is a phase in a waterfall; from and to are shares of the whole.
type part struct {
	phase    probe.Phase
	median   probe.Micros
	from, to float64
}

// waterfallOf puts the medians of a path's phases one after the other. Their sum is not the median of the total.
func waterfallOf(p *probe.PathResult) []part {
	var parts []part
	sum := probe.Micros(0)
	for _, phase := range phases(p) {
		if phase == probe.PhaseTotal {
			continue
		}
		median := medianOf(p.Phases[phase])
		parts = append(parts, part{phase: phase, median: median, from: float64(sum), to: float64(sum + median)})
		sum += median
	}
	for i := range parts {
		parts[i].from /= float64(max(sum, 1))
		parts[i].to /= float64(max(sum, 1))
	}
	return parts
}

// medianOf is the median of all probes, or the average of the answered ones where half were lost.
func medianOf(s probe.PhaseStats) probe.Micros {
	for _, q := range s.Quantiles {
		if q.Q == 0.5 && q.V != nil {
			return *q.V
		}
	}
	return s.Avg
}

// matrix is who answered whom, by zone.
type matrix struct {
	Columns []string
	Rows    []matrixRow
}

type matrixRow struct {
	From, Path string
	Cells      []string
}

// matrixOf is empty if nobody said who answered.
func matrixOf(r *probe.Result) matrix {
	var m matrix
	for i := range r.Paths {
		for _, s := range r.Paths[i].ServedBy {
			if !slices.Contains(m.Columns, clean(s.By)) {
				m.Columns = append(m.Columns, clean(s.By))
			}
		}
	}
	slices.Sort(m.Columns)
	for i := range r.Paths {
		p := &r.Paths[i]
		if len(p.ServedBy) == 0 {
			continue
		}
		v := vantageOf(r, p)
		row := matrixRow{From: clean(cmp.Or(v.AZID, v.Region, v.Kind, "here")), Path: clean(p.Name), Cells: make([]string, len(m.Columns))}
		for _, s := range p.ServedBy {
			row.Cells[slices.Index(m.Columns, clean(s.By))] = fmt.Sprintf("%s / %s (%d)", ms(s.P50), ms(s.P90), s.N)
		}
		for i := range row.Cells {
			row.Cells[i] = cmp.Or(row.Cells[i], "-")
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
