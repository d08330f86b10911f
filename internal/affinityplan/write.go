package affinityplan

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/textgrid"
)

// WriteJSON writes an estimate for programs, indented.
func WriteJSON(w io.Writer, e *Estimate) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(e)
}

// WriteText writes an estimate for people.
func WriteText(w io.Writer, e *Estimate) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d zones, %s messages per request, %s\n\n", e.Name, len(e.Zones), number(e.Messages), e.ways())
	writeCases(&b, e)
	writeCrossings(&b, e)
	writeTails(&b, e)
	writeCalls(&b, e)
	writeLoad(&b, e)
	writeFailures(&b, e)
	for _, note := range e.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (e *Estimate) ways() string {
	say := func(s *Scenario) string {
		if s.Exact {
			return fmt.Sprintf("%d", s.Placements)
		}
		return fmt.Sprintf("%d drawn", s.Placements)
	}
	return fmt.Sprintf("placements: %s without affinity, %s with it", say(&e.Without), say(&e.With))
}

func writeCases(b *strings.Builder, e *Estimate) {
	grid := [][]string{{"", "without affinity", "with affinity", "saved"}}
	row := func(name string, unit func(float64) string, without, with float64) {
		grid = append(grid, []string{name, unit(without), unit(with), saved(without, with)})
	}
	w, a := &e.Without, &e.With
	grid = append(grid, []string{"worst case"})
	row("  crossings", number, float64(w.Worst.Crossings), float64(a.Worst.Crossings))
	row("  network p0", milliseconds, w.Worst.NetworkP0, a.Worst.NetworkP0)
	row("  network p50", milliseconds, w.Worst.NetworkP50, a.Worst.NetworkP50)
	row("  total p0", milliseconds, w.Worst.TotalP0, a.Worst.TotalP0)
	row("  total p50", milliseconds, w.Worst.TotalP50, a.Worst.TotalP50)
	row("  bytes between zones", size, w.Worst.Bytes, a.Worst.Bytes)
	row("  cost per million", e.money, w.Worst.Cost, a.Worst.Cost)
	grid = append(grid, []string{"  probability", percent(w.Worst.Probability), percent(a.Worst.Probability)}, []string{"average"})
	grid = append(grid, []string{"  crossings", w.Expected.crossings(), a.Expected.crossings(), saved(w.Expected.Crossings, a.Expected.Crossings)})
	row("  network p0", milliseconds, w.Expected.NetworkP0, a.Expected.NetworkP0)
	row("  network p50", milliseconds, w.Expected.NetworkP50, a.Expected.NetworkP50)
	row("  total p0", milliseconds, w.Expected.TotalP0, a.Expected.TotalP0)
	row("  total p50", milliseconds, w.Expected.TotalP50, a.Expected.TotalP50)
	row("  bytes between zones", size, w.Expected.Bytes, a.Expected.Bytes)
	row("  cost per million", e.money, w.Expected.Cost, a.Expected.Cost)
	if e.Price.RequestsPerSecond > 0 {
		row(fmt.Sprintf("  cost of 730 h at %s/s", number(e.Price.RequestsPerSecond)), e.money, w.Expected.CostMonth, a.Expected.CostMonth)
	}
	textgrid.Write(b, grid)
	for _, s := range []struct {
		name string
		at   map[string]string
	}{{"without", w.Worst.Zones}, {"with", a.Worst.Zones}} {
		var at []string
		for _, name := range slices.Sorted(maps.Keys(s.at)) {
			at = append(at, name+" "+s.at[name])
		}
		fmt.Fprintf(b, "a worst case %s: %s\n", s.name, strings.Join(at, ", "))
	}
}

func (a *Average) crossings() string {
	if a.CrossingsCI > 0 {
		return fmt.Sprintf("%.3f ± %.3f", a.Crossings, a.CrossingsCI)
	}
	return number(a.Crossings)
}

func writeCrossings(b *strings.Builder, e *Estimate) {
	without, with := map[int]float64{}, map[int]float64{}
	for _, s := range e.Without.Crossings {
		without[s.Crossings] = s.Probability
	}
	for _, s := range e.With.Crossings {
		with[s.Crossings] = s.Probability
	}
	all := map[int]bool{}
	for k := range without {
		all[k] = true
	}
	for k := range with {
		all[k] = true
	}
	grid := [][]string{{"crossings of a request", "without affinity", "with affinity"}}
	for _, r := range ranges(slices.Sorted(maps.Keys(all))) {
		w, a := 0.0, 0.0
		for k := r[0]; k <= r[1]; k++ {
			w, a = w+without[k], a+with[k]
		}
		name := strconv.Itoa(r[0])
		if r[1] > r[0] {
			name += " to " + strconv.Itoa(r[1])
		}
		grid = append(grid, []string{name, percent(w), percent(a)})
	}
	b.WriteString("\n")
	textgrid.Write(b, grid)
}

// mostRows is how many numbers of crossings are shown one by one.
const mostRows = 20

// ranges are the numbers themselves, or ten ranges of the same size where they are many.
func ranges(sorted []int) [][2]int {
	var out [][2]int
	if len(sorted) <= mostRows {
		for _, k := range sorted {
			out = append(out, [2]int{k, k})
		}
		return out
	}
	low, high := sorted[0], sorted[len(sorted)-1]
	width := (high - low + 10) / 10
	for ; low <= high; low += width {
		out = append(out, [2]int{low, min(low+width-1, high)})
	}
	return out
}

func writeTails(b *strings.Builder, e *Estimate) {
	if e.With.Tails == nil || e.Without.Tails == nil {
		return
	}
	grid := [][]string{{"total time of a request", "without affinity", "bounds", "with affinity", "bounds"}}
	for i := range e.With.Tails.Quantiles {
		w, a := e.Without.Tails.Quantiles[i], e.With.Tails.Quantiles[i]
		grid = append(grid, []string{fmt.Sprintf("p%g", w.Percentile), milliseconds(w.Value), w.bounds(), milliseconds(a.Value), a.bounds()})
	}
	b.WriteString("\n")
	textgrid.Write(b, grid)
	fmt.Fprintf(b, "drawn from %d requests (seed %d). A request had a time beyond the highest declared percentile: %s without affinity, %s with it; upper bounds allow for it\n",
		e.With.Tails.Samples, e.Seed, percent(e.Without.Tails.Beyond), percent(e.With.Tails.Beyond))
}

func (r *TailRow) bounds() string {
	if r.AtMost == nil {
		return fmt.Sprintf("%.2f or more", r.AtLeast)
	}
	return fmt.Sprintf("%.2f to %.2f", r.AtLeast, *r.AtMost)
}

func writeCalls(b *strings.Builder, e *Estimate) {
	grid := [][]string{{"call", "times", "crossings without", "with", "bytes without", "with"}}
	for i := range e.With.Calls {
		w, a := e.Without.Calls[i], e.With.Calls[i]
		grid = append(grid, []string{a.Call, number(a.Times), number(w.Crossings), number(a.Crossings), size(w.Bytes), size(a.Bytes)})
	}
	b.WriteString("\n")
	textgrid.Write(b, grid)
}

func writeLoad(b *strings.Builder, e *Estimate) {
	grid := [][]string{{"share of requests"}}
	for _, zone := range e.Zones {
		grid[0] = append(grid[0], zone, "with")
	}
	for i := range e.With.Load {
		row := []string{e.With.Load[i].Service}
		for z := range e.Zones {
			row = append(row, percent(e.Without.Load[i].Share[z]), percent(e.With.Load[i].Share[z]))
		}
		grid = append(grid, row)
	}
	b.WriteString("\n")
	textgrid.Write(b, grid)
}

func writeFailures(b *strings.Builder, e *Estimate) {
	grid := [][]string{{"when a zone fails, with affinity", "callers there", "crossings", "worst", "total p50", "bytes between zones", "busiest then"}}
	for i := range e.Failures {
		f := &e.Failures[i]
		grid = append(grid, f.Stays.cells(f.Zone, "stay"))
		if f.Gone != nil {
			grid = append(grid, f.Gone.cells(f.Zone, "gone"))
		}
	}
	b.WriteString("\n")
	textgrid.Write(b, grid)
	b.WriteString("\n")
}

func (a *AfterFailure) cells(zone, callers string) []string {
	if len(a.Unavailable) > 0 {
		return []string{zone, callers, "the chain is down: no other zone has " + strings.Join(a.Unavailable, ", ")}
	}
	busiest := fmt.Sprintf("%s in %s: %s, %.2f times as much", a.Busiest.Service, a.Busiest.Zone, percent(a.Busiest.Share), a.Busiest.Factor)
	if len(a.Crowded) > 0 {
		busiest += "; no longer apart: " + strings.Join(a.Crowded, ", ")
	}
	return []string{zone, callers, a.Expected.crossings(), strconv.Itoa(a.Worst), milliseconds(a.Expected.TotalP50), size(a.Expected.Bytes), busiest}
}

// saved is how much less the second is, in percent of the first.
func saved(without, with float64) string {
	switch {
	case without == 0:
		return "-"
	case with > without:
		return fmt.Sprintf("%.1f %% more", 100*(with/without-1))
	}
	return fmt.Sprintf("%.1f %%", 100*(1-with/without))
}

func (e *Estimate) money(v float64) string { return fmt.Sprintf("%.2f %s", v, e.Price.Currency) }

func number(v float64) string { return strconv.FormatFloat(round(v, 3), 'f', -1, 64) }

func milliseconds(v float64) string { return strconv.FormatFloat(round(v, 3), 'f', -1, 64) + " ms" }

func percent(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) }

func size(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.2f MB", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.2f KB", v/1e3)
	}
	return fmt.Sprintf("%.0f B", v)
}

func round(v float64, digits int) float64 {
	out, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', digits, 64), 64)
	if err != nil {
		return v
	}
	return out
}
