package drill

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/golden"
)

func labReport() *Report {
	exposed, lost := 3, 2
	rows := []Row{
		{Scenario: "blackhole", Fault: "tunnel 1 loses everything", Side: Path, Tier: "plain", Gateway: "strongswan-bird", Hold: Span(9 * time.Second),
			Target: Span(10 * time.Second), Exposed: &exposed, CustomerRoute: SpanOf(7400 * ms), AWSRoute: SpanOf(6420 * ms), TwoPaths: SpanOf(1380 * ms),
			Expected: &Range{Span(6 * time.Second), Span(9700 * ms), "hold 9s, keepalive 3s"}},
		{Scenario: "blackhole", Fault: "tunnel 1 loses everything", Side: Path, Tier: "uml", Gateway: "strongswan-frr", Hold: Span(30 * time.Second), Target: Span(5 * time.Second), Exposed: &exposed},
		{Scenario: "link-aws", Fault: "tunnel 1's interface goes down", Side: AWS, Tier: "uml", Gateway: "strongswan-frr", Target: Span(30 * time.Second)},
	}
	flows := []Flow{
		{Port: 20000, Sent: 100, Received: 98, Lost: 2, Silence: Span(7420 * ms), SilenceAt: Span(3 * time.Second), Forward: 1, Return: 2, LostForward: &lost},
		{Port: 20001, Sent: 100, Received: 100, Silence: Span(103 * ms), Forward: 2, Return: 2},
	}
	for i := range rows[:2] {
		rows[i].Measured(flows, 4*ms)
		rows[i].Judge()
	}
	rows[2].Break(errors.New("the tunnels did not come up"))
	return &Report{
		Where: Lab, AWSEnd: "strongSwan and BIRD play AWS's end", Notes: []string{"what holds here need not hold at AWS"},
		Environments: []Environment{{Tier: "plain", Kernel: "6.1.0", CPUs: 2, Software: []Version{{"BIRD", "2.0.12"}}, Notes: []string{"ESP by a program"}}},
		Rows:         rows,
	}
}

func TestReport_Text(t *testing.T) {
	var b strings.Builder
	if err := WriteText(&b, labReport()); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/lab.txt", b.String())
}

// Columns of a lab mean nothing in a live drill.
func TestReport_TextOfALiveDrill(t *testing.T) {
	row := Row{Scenario: "replace", Fault: "AWS replaced tunnel 1", Side: AWS, Target: Span(30 * time.Second)}
	row.Measured([]Flow{{Port: 20000, Sent: 600, Received: 590, Lost: 10, Silence: Span(1100 * ms)}}, ms)
	row.Judge()
	var b strings.Builder
	if err := WriteText(&b, &Report{Where: Live, AWSEnd: "AWS", Rows: []Row{row}}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/live.txt", b.String())
}

func TestReport_JSONComesBack(t *testing.T) {
	r := labReport()
	var b strings.Builder
	if err := WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/lab.json", b.String())
	var back Report
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, &back); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
}

func TestRow_Judge(t *testing.T) {
	tests := []struct {
		name     string
		row      Row
		problems []string
		want     Verdict
	}{
		{"nothing asked", Row{Silence: Span(time.Hour)}, nil, Pass},
		{"under the target", Row{Silence: Span(9 * time.Second), Target: Span(10 * time.Second)}, nil, Pass},
		{"beyond the target, as the plan says", Row{Silence: Span(11 * time.Second), Target: Span(10 * time.Second), Beyond: true, Expected: &Range{High: Span(12 * time.Second)}}, nil, Over},
		{"within it after all", Row{Silence: Span(9 * time.Second), Target: Span(10 * time.Second), Beyond: true, Expected: &Range{High: Span(12 * time.Second)}}, nil, Pass},
		{"and beyond what the plan says", Row{Silence: Span(13 * time.Second), Target: Span(10 * time.Second), Beyond: true, Expected: &Range{High: Span(12 * time.Second)}}, nil, Fail},
		{"the target itself is too late", Row{Silence: Span(10 * time.Second), Target: Span(10 * time.Second)}, nil, Fail},
		{"sooner than the arithmetic says", Row{Silence: Span(time.Second), Expected: &Range{Low: Span(2 * time.Second), High: Span(3 * time.Second)}}, nil, Fail},
		{"as the arithmetic says", Row{Silence: Span(2 * time.Second), Expected: &Range{Low: Span(2 * time.Second), High: Span(3 * time.Second)}}, nil, Pass},
		{"something else is wrong", Row{}, []string{"not repaired"}, Fail},
	}
	for _, test := range tests {
		if test.row.Judge(test.problems...); test.row.Verdict != test.want || (len(test.row.Reasons) > 0) != (test.want != Pass) {
			t.Errorf("%s: got %s %v, want %s", test.name, test.row.Verdict, test.row.Reasons, test.want)
		}
	}
}

func TestReport_OK(t *testing.T) {
	if (&Report{}).OK() {
		t.Error("a report without rows is no success")
	}
	for verdict, want := range map[Verdict]bool{Pass: true, Fail: false, Broken: false} {
		r := Report{Rows: []Row{{Verdict: Pass}, {Verdict: verdict}}}
		if r.OK() != want {
			t.Errorf("with a row that is %s: OK is %t", verdict, r.OK())
		}
	}
}
