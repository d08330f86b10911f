package replacement

import (
	"errors"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
)

// report judges what the flows felt since the replacement was asked for.
func (r *running) report(recordings []*drill.Recording, limit time.Duration) *drill.Report {
	s := r.subject
	out := &drill.Report{Where: drill.Live, AWSEnd: fmt.Sprintf("AWS replaces tunnel %s (%s, outside %s) of %s in %s", s.Label(), s.Tunnel.Inside, s.Tunnel.Outside, s.Connection.ID, s.Connection.Place)}
	out.Notes = append(out.Notes, s.Notes...)
	if limit == 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("site %s declares no failover, so there is nothing to judge silences by", s.Site.Name))
	}
	out.Notes = append(out.Notes, "two paths: until EC2 said that the tunnel is up again, to "+r.o.Poll.String()+"; what its own machines do before is not visible")
	for i, rec := range recordings {
		out.Rows = append(out.Rows, r.row(r.targets[i].Name, rec, limit))
	}
	return out
}

func (r *running) row(target string, rec *drill.Recording, limit time.Duration) drill.Row {
	from := r.called.Sub(rec.Start)
	row := drill.Row{Scenario: fmt.Sprintf("replace %s, %s", r.subject.Label(), target), Fault: "ReplaceVpnTunnel " + r.subject.Connection.ID + " " + r.subject.Tunnel.Outside.String(), Side: drill.AWS, Target: drill.Span(limit)}
	row.Measured(rec.Between(from, 1<<62), rec.Lag)
	if !r.back.IsZero() {
		row.TwoPaths = drill.SpanOf(r.back.Sub(r.called))
	}
	if row.Sent == 0 {
		row.Break(errors.New("nothing was sent after the request"))
		return row
	}
	row.Judge(r.problems...)
	switch err := unfit(rec); {
	case err != nil && row.Verdict == drill.Fail && len(r.problems) == 0:
		row.Break(err) // the silence may be the measuring machine's
	case err != nil:
		row.Reasons = append(row.Reasons, err.Error())
	case rec.Skipped > 0:
		row.Reasons = append(row.Reasons, fmt.Sprintf("%d probes were too late to be sent: silences may look longer than they were", rec.Skipped))
	}
	return row
}
