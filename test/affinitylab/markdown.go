package affinitylab

import (
	"errors"
	"fmt"
	"strings"
)

// Marks of the place in a page that Insert fills.
const (
	tableBegin = "<!-- affinity drill: begin (written by make affinity-drill ARGS=-table) -->\n"
	tableEnd   = "<!-- affinity drill: end -->"
)

// Insert puts a report's tables into a page.
func Insert(page string, r *Report) (string, error) {
	before, rest, ok := strings.Cut(page, tableBegin)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return "", errors.New("the page has no place for the drill's tables")
	}
	return before + tableBegin + Markdown(r) + tableEnd + after, nil
}

// Markdown is a report for a page: what the library's callers felt, and beside it how many calls of the controls failed.
func Markdown(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nLinux %s, %d CPUs, %s. ", r.Kernel, r.CPUs, r.Go)
	for _, note := range r.Notes {
		b.WriteString(strings.ToUpper(note[:1]) + note[1:] + ". ")
	}
	b.WriteString("\n\n| Scenario | Failed in 10 s | net/http, Regional | net/http, own zone | p50, ms | p99, ms | Cross-zone, % | Attempts per call | Left | Back | Verdict |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for i := range r.Rows {
		b.WriteString(r.Rows[i].markdown())
	}
	b.WriteString("\n| Scenario | What is done |\n| --- | --- |\n")
	for i := range r.Rows {
		fmt.Fprintf(&b, "| %s | %s%s%s |\n", r.Rows[i].Scenario, r.Rows[i].Fault, restsOn(r.Rows[i].Rests), because(r.Rows[i].Reasons))
	}
	b.WriteString("\n")
	return b.String()
}

func because(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return ". **" + strings.Join(reasons, "; ") + "**"
}

func (r *Row) markdown() string {
	if len(r.Clients) == 0 {
		return fmt.Sprintf("| %s | | | | | | | | | | %s |\n", r.Scenario, r.Verdict)
	}
	cells := r.cells()[0]
	controls := []string{"", ""}
	for i := 1; i < len(r.Clients); i++ {
		controls[i-1] = fmt.Sprintf("%.1f %%", 100*r.Clients[i].FailedFirst10)
	}
	m := &r.Clients[0]
	return fmt.Sprintf("| %s | %.2f %% | %s | %s | %s | %s | %s | %.3f | %s | %s | %s |\n", r.Scenario, 100*m.FailedFirst10, controls[0], controls[1],
		cells[5], cells[6], cells[7], m.Amplification, spanText(m.Leave), spanText(m.Back), r.Verdict)
}
