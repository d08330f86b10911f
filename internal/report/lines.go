package report

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
)

// writeNDJSON writes one object a line; "type" says what it is.
func writeNDJSON(w io.Writer, r *probe.Result) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	run := *r
	run.Paths, run.Comparisons, run.SLO, run.Reasons = nil, nil, nil, nil
	lines := []any{struct {
		Type string `json:"type"`
		probe.Result
	}{"run", run}}
	for i := range r.Paths {
		p := r.Paths[i]
		for j := range p.Samples {
			lines = append(lines, struct {
				Type string `json:"type"`
				Path string `json:"path"`
				*probe.Sample
			}{"sample", p.Name, &r.Paths[i].Samples[j]})
		}
		p.Samples = nil
		lines = append(lines, struct {
			Type string `json:"type"`
			probe.PathResult
		}{"path", p})
	}
	for _, c := range r.Comparisons {
		lines = append(lines, struct {
			Type string `json:"type"`
			probe.Comparison
		}{"comparison", c})
	}
	for _, o := range r.SLO {
		lines = append(lines, struct {
			Type string `json:"type"`
			probe.Objective
		}{"objective", o})
	}
	lines = append(lines, struct {
		Type     string        `json:"type"`
		Verdict  probe.Verdict `json:"verdict"`
		Reasons  []string      `json:"reasons,omitempty"`
		ExitCode int           `json:"exit_code"`
	}{"verdict", r.Verdict, r.Reasons, r.ExitCode})
	for _, line := range lines {
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

var csvHeader = []string{
	"path", "kind", "i", "scheduled_us", "lag_us", "counts", "warmup", "reprobe", "flow",
	"dns_us", "connect_us", "tls_us", "send_us", "wait_us", "receive_us", "total_us", "elapsed_us", "timing", "syn_retrans",
	"outcome", "detail", "local", "remote", "observed", "served_by",
}

// writeCSV writes a line for each sample. A phase that did not take place is empty.
func writeCSV(w io.Writer, r *probe.Result) error {
	c := csv.NewWriter(w)
	if err := c.Write(csvHeader); err != nil {
		return err
	}
	for i := range r.Paths {
		p := &r.Paths[i]
		for j := range p.Samples {
			if err := c.Write(csvLine(p, &p.Samples[j])); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

func csvLine(p *probe.PathResult, s *probe.Sample) []string {
	line := []string{
		harmless(p.Name), string(p.Kind), strconv.Itoa(s.Index), integer(s.Scheduled), integer(s.Lag),
		strconv.FormatBool(s.Counts()), strconv.FormatBool(s.Warmup), strconv.FormatBool(s.Reprobe), strconv.Itoa(s.Flow),
	}
	for _, phase := range probe.AllPhases() {
		cell := ""
		if t, ok := s.Phases.Get(phase); ok {
			cell = integer(t)
		}
		line = append(line, cell)
	}
	outcome, detail := "ok", ""
	if s.Failure != nil {
		outcome, detail = string(s.Failure.Class), s.Failure.Error()
	}
	return append(line, integer(s.Elapsed), string(s.Timing), strconv.Itoa(s.SYNRetransmits), outcome, harmless(detail),
		address(s.Local), address(s.Remote), address(s.Observed), harmless(s.ServedBy))
}

func integer(m probe.Micros) string { return strconv.FormatInt(int64(m), 10) }

func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// harmless keeps a spreadsheet from taking a text that came over the network for a formula.
func harmless(s string) string {
	s = clean(s)
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@") {
		return "'" + s
	}
	return s
}
