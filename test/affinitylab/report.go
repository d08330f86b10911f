package affinitylab

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pathproof/pathproof/internal/textgrid"
)

// Report is what a drill found.
type Report struct {
	Kernel string   `json:"kernel"`
	CPUs   int      `json:"cpus"`
	Go     string   `json:"go"`
	Notes  []string `json:"notes"`
	Rows   []Row    `json:"rows"`
}

// WriteJSON writes a report for programs.
func WriteJSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes a report for people.
func WriteText(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "affinity drill: Linux %s, %d CPUs, %s\n", r.Kernel, r.CPUs, r.Go)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", note)
	}
	b.WriteString("\n")
	grid := [][]string{{"scenario", "client", "failed in 10 s", "after 2 s", "silence", "p50 ms", "p99 ms", "cross-zone %", "attempts/call", "retries", "leave", "back", "verdict"}}
	for i := range r.Rows {
		grid = append(grid, r.Rows[i].cells()...)
	}
	textgrid.Write(&b, grid)
	b.WriteString("\n")
	for i := range r.Rows {
		row := &r.Rows[i]
		fmt.Fprintf(&b, "%s: %s%s\n", row.Scenario, row.Fault, restsOn(row.Rests))
		for _, reason := range row.Reasons {
			fmt.Fprintf(&b, "  %s: %s\n", row.Verdict, reason)
		}
		for k := range row.Clients {
			c := &row.Clients[k]
			for _, cause := range mostFrequent(c.Causes) {
				fmt.Fprintf(&b, "  %s: %d x %s\n", c.Client, c.Causes[cause], cause)
				if k == 0 {
					fmt.Fprintf(&b, "    %s\n", c.Examples[cause])
				}
			}
			if k == 0 && c.Twice+c.Unknown == 0 && c.Post {
				fmt.Fprintf(&b, "  %s: no call reached servers twice, by their own logs\n", c.Client)
			}
			if k == 0 && row.Scenario == "overload" {
				fmt.Fprintf(&b, "  %s: %.0f calls/s were served during the fault, of %.0f that the servers carry\n", c.Client, c.Served, float64(4*overloadPerServer))
			}
		}
	}
	b.WriteString(legend)
	_, err := io.WriteString(w, b.String())
	return err
}

const legend = `
failed in 10 s: share of the calls of the fault's first 10 s. after 2 s: failed calls that began 2 s after the fault or later. silence:
longest time without a success. p50, p99, cross-zone: before the fault, during it, after the repair. attempts/call: the most in any 10 s.
retries: during the fault. leave: from the fault until the zone had less than 5 % of attempts for good. back: from the repair until the
own zone had 95 % of them for good. A control makes one attempt per call; its zone is the one that answered.
`

func restsOn(s string) string {
	if s == "" {
		return ""
	}
	return "; rests on " + s
}

func (r *Row) cells() [][]string {
	var out [][]string
	for i := range r.Clients {
		m := &r.Clients[i]
		name, verdict := "", ""
		if i == 0 {
			name, verdict = r.Scenario, string(r.Verdict)
		}
		three := func(f func(p *Part) float64, format string) string {
			say := func(p *Part) string {
				if p.Calls == p.Failed {
					return "-" // nothing succeeded
				}
				return fmt.Sprintf(format, f(p))
			}
			return say(&m.Before) + " → " + say(&m.During) + " → " + say(&m.After)
		}
		out = append(out, []string{
			name, m.Client, fmt.Sprintf("%.2f %%", 100*m.FailedFirst10), fmt.Sprint(m.FailedAfter2s), fmt.Sprintf("%.2f s", float64(m.LongestSilence)),
			three(func(p *Part) float64 { return p.P50 }, "%.1f"), three(func(p *Part) float64 { return p.P99 }, "%.0f"),
			fmt.Sprintf("%.1f → %.1f → %.1f", 100*m.Before.Cross, 100*m.During.Cross, 100*m.After.Cross), fmt.Sprintf("%.3f", m.Amplification), fmt.Sprint(m.Retries),
			spanText(m.Leave), spanText(m.Back), verdict,
		})
	}
	if len(r.Clients) == 0 {
		out = append(out, []string{r.Scenario, "-", "", "", "", "", "", "", "", "", "", "", string(r.Verdict)})
	}
	return out
}
