package drill

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/textgrid"
)

// WriteJSON writes a report for programs, indented, with a line feed at its end.
func WriteJSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes a report for people.
func WriteText(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s drill: %s\n", r.Where, r.AWSEnd)
	for i := range r.Environments {
		b.WriteString(r.Environments[i].line())
		for _, note := range r.Environments[i].Notes {
			fmt.Fprintf(&b, "    %s\n", note)
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", note)
	}
	b.WriteString("\n")
	grid := [][]string{{"scenario", "tier", "gateway", "hold", "silence", "target", "expected", "hit/exposed/flows", "lost/sent", "customer", "aws", "two paths", "lag", "verdict"}}
	for i := range r.Rows {
		grid = append(grid, r.Rows[i].cells())
	}
	textgrid.Write(&b, dropEmpty(grid))
	writeReasons(&b, r.Rows)
	b.WriteString(legend)
	_, err := io.WriteString(w, b.String())
	return err
}

const legend = `
silence: the longest time that any flow got no answer. hit: flows that lost a probe; exposed: flows that the failed tunnel carried.
customer, aws: from the fault until the kernel's route on that side changed. two paths: from the repair, or without one from the
fault, until both sides' routes had both tunnels again. lag: the latest probe, what the measuring machine may have added.
`

func (e *Environment) line() string {
	var parts []string
	if e.Tier != "" {
		parts = append(parts, "tier "+e.Tier)
	}
	if e.Kernel != "" {
		parts = append(parts, "Linux "+e.Kernel)
	}
	if e.CPUs > 0 {
		parts = append(parts, fmt.Sprintf("%d CPUs", e.CPUs))
	}
	for _, v := range e.Software {
		parts = append(parts, v.Name+" "+v.Version)
	}
	return "  " + strings.Join(parts, ", ") + "\n"
}

func (r *Row) cells() []string {
	expected := ""
	if r.Expected != nil {
		expected = r.Expected.String()
	}
	exposed := "?"
	if r.Exposed != nil {
		exposed = strconv.Itoa(*r.Exposed)
	}
	target := ""
	if r.Beyond {
		target = "beyond " + strconv.FormatFloat(r.Target.Duration().Seconds(), 'f', -1, 64) + " s"
	} else if r.Target > 0 {
		target = "< " + strconv.FormatFloat(r.Target.Duration().Seconds(), 'f', -1, 64) + " s"
	}
	hold := ""
	if r.Hold > 0 {
		hold = strconv.FormatFloat(r.Hold.Duration().Seconds(), 'f', -1, 64) + " s"
	}
	return []string{
		r.Scenario, r.Tier, r.Gateway, hold, r.Silence.String(), target, expected,
		fmt.Sprintf("%d/%s/%d", r.Hit, exposed, r.Flows), fmt.Sprintf("%d/%d", r.Lost, r.Sent),
		spanText(r.CustomerRoute), spanText(r.AWSRoute), spanText(r.TwoPaths), fmt.Sprintf("%d ms", r.Lag.Duration().Milliseconds()), string(r.Verdict),
	}
}

func spanText(s *Span) string {
	if s == nil {
		return "-"
	}
	return s.String()
}

// dropEmpty leaves out columns that say nothing in any row, such as the tier of a live drill.
func dropEmpty(grid [][]string) [][]string {
	out := make([][]string, len(grid))
	for column := range grid[0] {
		said := false
		for _, row := range grid[1:] {
			said = said || row[column] != ""
		}
		if !said {
			continue
		}
		for i, row := range grid {
			out[i] = append(out[i], row[column])
		}
	}
	return out
}

// writeReasons explains the rows that have something to say.
func writeReasons(b *strings.Builder, rows []Row) {
	for i := range rows {
		r := &rows[i]
		for _, reason := range r.Reasons {
			fmt.Fprintf(b, "%s: %s: %s\n", strings.Join(strings.Fields(r.Scenario+" "+r.Tier+" "+r.Gateway+" "+holdName(r)), " "), r.Verdict, reason)
		}
	}
}

func holdName(r *Row) string {
	if r.Hold == 0 {
		return ""
	}
	return fmt.Sprintf("hold %s", r.Hold.Duration())
}
