package status

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteJSON writes a report for programs, indented, with a line feed at its end.
func WriteJSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes a report for people.
func WriteText(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "network %s at %s: %s\n", r.Network, clock(&r.At), r.Verdict)
	for i := range r.Sites {
		r.Sites[i].write(&b)
	}
	if r.Gateway != nil {
		r.Gateway.write(&b, r.Sites)
	}
	if len(r.Problems) > 0 {
		b.WriteString("\ncould not be read:\n")
		for _, p := range r.Problems {
			fmt.Fprintf(&b, "  %s\n", p)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Site) write(b *strings.Builder) {
	routing := "static routes"
	if !s.Static {
		routing = fmt.Sprintf("BGP, %d announced by the file", len(s.Contract))
	}
	if s.Failover > 0 {
		routing += ", failover " + seconds(s.Failover)
	}
	fmt.Fprintf(b, "\nsite %s in %s (%s): %s\n", s.Name, s.Place, routing, s.Verdict)
	s.table(b)
	for i := range s.Connections {
		s.Connections[i].write(b)
	}
}

func (s *Site) table(b *strings.Builder) {
	if !slices.ContainsFunc(s.Connections, func(c Connection) bool { return len(c.Tunnels) > 0 }) {
		return
	}
	rows := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "  tunnel\toutside\tinside\tstatus\tsince\troutes\tmaintenance\tnegotiated\tverdict")
	for i := range s.Connections {
		c := &s.Connections[i]
		for j := range c.Tunnels {
			t := &c.Tunnels[j]
			fmt.Fprintf(rows, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, or(t.Outside), t.Inside, or(t.Status), clock(t.LastChange), t.routes(s), t.Maintenance, t.suites(), t.Verdict)
		}
	}
	_ = rows.Flush() // a builder does not fail
}

func (c *Connection) write(b *strings.Builder) {
	if c.ID == "" {
		fmt.Fprintf(b, "  %s: %s\n", c.Name, c.Verdict)
		return
	}
	fmt.Fprintf(b, "  %s is %s, %s: %s\n", c.Name, c.ID, c.State, c.Verdict)
	for _, why := range c.Reasons {
		fmt.Fprintf(b, "    %s\n", why)
	}
	for i := range c.Tunnels {
		t := &c.Tunnels[i]
		for _, why := range t.Reasons {
			fmt.Fprintf(b, "    %s %s: %s\n", t.Name, t.Verdict, why)
		}
		for _, note := range t.Notes {
			fmt.Fprintf(b, "    %s note: %s\n", t.Name, note)
		}
	}
}

func (g *Gateway) write(b *strings.Builder, sites []Site) {
	fmt.Fprintf(b, "\ncustomer gateway (%s), timers as negotiated:\n", g.Software)
	rows := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "  neighbor\ttunnel\tstate\thold\tkeepalive\taccepted")
	for _, n := range g.Neighbors {
		hold, keepalive := "-", "-"
		if n.State == "Established" {
			hold, keepalive = seconds(n.Hold), seconds(n.Keepalive)
		}
		fmt.Fprintf(rows, "  %s\t%s\t%s\t%s\t%s\t%d\n", n.Address, or(n.Tunnel), n.State, hold, keepalive, n.Accepted)
	}
	_ = rows.Flush()
	for i := range sites {
		if sites[i].Arithmetic != "" {
			fmt.Fprintf(b, "  the file, site %s: %s\n", sites[i].Name, sites[i].Arithmetic)
		}
		for _, d := range sites[i].Directions {
			fmt.Fprintf(b, "    %s\n", d)
		}
	}
}

// routes is how many routes AWS accepts, of how many.
func (t *Tunnel) routes(s *Site) string {
	switch {
	case t.Status == "":
		return "-"
	case s.Static:
		return strconv.Itoa(t.AcceptedRoutes)
	}
	return fmt.Sprintf("%d/%d", t.AcceptedRoutes, len(s.Contract))
}

// String returns a cell of the table.
func (m *Maintenance) String() string {
	switch {
	case m == nil:
		return "?"
	case m.Pending && m.AutoAppliedAfter != nil:
		return "pending, by itself after " + m.AutoAppliedAfter.Format(time.DateOnly)
	case m.Pending:
		return "pending"
	case m.LastApplied != nil:
		return "none, last " + m.LastApplied.Format(time.DateOnly)
	}
	return "none"
}

// suites is what was negotiated; nothing while the tunnel is down.
func (t *Tunnel) suites() string {
	n := t.Negotiated
	switch {
	case n == nil && t.Status != "UP":
		return "-"
	case n == nil:
		return "?"
	}
	one, two := suite(n.Phase1Encryption, n.Phase1Integrity, n.Phase1DHGroup), suite(n.Phase2Encryption, n.Phase2Integrity, n.Phase2DHGroup)
	switch {
	case one == "" && two == "":
		return or(n.IKEVersion)
	case one == two:
		return n.IKEVersion + " " + one
	}
	return n.IKEVersion + " " + or(one) + ", ESP " + or(two)
}

func suite(encryption, integrity string, group int) string {
	var parts []string
	for _, p := range []string{encryption, integrity} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if group > 0 {
		parts = append(parts, "DH"+strconv.Itoa(group))
	}
	return strings.Join(parts, "/")
}

func or(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', -1, 64) + " s" }
