package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pathproof/pathproof/internal/probe"
)

// event is a line of metrics, checked against the specification.
type event map[string]any

func events(t *testing.T, text string) []event {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	f, err := os.Open("testdata/emf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	document, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("emf.json", document); err != nil {
		t.Fatal(err)
	}
	schema := compiler.MustCompile("emf.json")
	var out []event
	for line := range strings.Lines(text) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%v\nin %.300s", err, line)
		}
		if len(line) > 256<<10 {
			t.Errorf("an event of %d bytes", len(line))
		}
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		e.checkReferences(t)
		out = append(out, e)
	}
	return out
}

// checkReferences: a name that the root does not hold makes CloudWatch drop the event.
func (e event) checkReferences(t *testing.T) {
	t.Helper()
	for _, d := range e["_aws"].(map[string]any)["CloudWatchMetrics"].([]any) {
		directive := d.(map[string]any)
		for _, set := range directive["Dimensions"].([]any) {
			for _, name := range set.([]any) {
				if s, ok := e[name.(string)].(string); !ok || s == "" {
					t.Errorf("dimension %s is %v", name, e[name.(string)])
				}
			}
		}
		for _, m := range directive["Metrics"].([]any) {
			if _, ok := e[m.(map[string]any)["Name"].(string)]; !ok {
				t.Errorf("metric %v has no value", m)
			}
		}
	}
}

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func written(t *testing.T, c *Config, r *Report) []event {
	t.Helper()
	var b bytes.Buffer
	r.RunID = "run-1"
	if err := WriteMetrics(&b, c, r, noon); err != nil {
		t.Fatal(err)
	}
	return events(t, b.String())
}

func ofPath(all []event, path string) (out []event) {
	for _, e := range all {
		if e["Path"] == path {
			out = append(out, e)
		}
	}
	return out
}

func TestWriteMetrics(t *testing.T) {
	c := loaded(t, twoVantages())
	f := wellFound(c)
	f[0].Ready = map[string]probe.Readiness{"idc": {OK: true, Waited: 42_000_000, Tries: 5}}
	all := written(t, c, c.Judge(f))
	if e := all[0]; e["PathsPassed"] != 4.0 || e["PathsFailed"] != 0.0 || e["PathsNotMeasured"] != 0.0 || e["Network"] != "reference" || e["Path"] != nil {
		t.Errorf("of the run: %v", e)
	}
	idc := ofPath(all, "idc")
	if len(idc) != 1 || len(idc[0]["ConnectRtt"].([]any)) != 100 {
		t.Fatalf("idc: %v", idc)
	}
	if e := idc[0]; e["SourceAzId"] != "apne2-az1" || e["TargetAzId"] != NoZone || e["SloPass"] != 1.0 || e["FailurePercent"] != 0.0 || e["ReadyWait"] != 42e6 || e["Wait"] != nil {
		t.Errorf("idc: %v", e)
	}
	if e := ofPath(all, "peering")[0]; e["TargetAzId"] != "apne1-az4" || len(e["ConnectRtt"].([]any)) != 99 || e["FailurePercent"] != 1.0 {
		t.Errorf("peering: %v", e)
	}
	if e := ofPath(all, "isolated"); len(e) != 1 || e[0]["SloPass"] != 1.0 || e[0]["FailurePercent"] != nil {
		t.Errorf("isolated: %v", e)
	}
	if e := append(ofPath(all, "home"), ofPath(all, "paper")...); len(e) != 0 {
		t.Errorf("nobody measured these: %v", e)
	}
}

// No event may have more than 100 values, and no value may be lost or written twice.
func TestWriteMetrics_Chunks(t *testing.T) {
	for _, n := range []int{1, 2, 99, 100, 101, 200, 250} {
		c := twoVantages()
		c.Paths, c.Comparisons, c.Run.Count = c.Paths[:1], nil, n
		c.Paths[0].SLO = ""
		c = loaded(t, c)
		p := found(c.Path("idc"), n, 0, 5*ms)
		sum := 0.0
		for i := range p.Samples {
			p.Samples[i].Phases.Wait = probe.Micros(100_000 + i)
			sum += float64(p.Samples[i].Phases.Wait)
		}
		all := ofPath(written(t, c, c.Judge([]Finding{finding(c, "seoul/app/apne2-az1", p)})), "idc")
		if want := (n + 99) / 100; len(all) != want {
			t.Errorf("n=%d: %d events, want %d", n, len(all), want)
		}
		got, values, passes := 0.0, 0, 0
		for _, e := range all {
			if e["SloPass"] != nil {
				passes++
			}
			switch v := e["Wait"].(type) {
			case float64:
				got, values = got+v, values+1
			case []any:
				for _, x := range v {
					got, values = got+x.(float64), values+1
				}
			}
		}
		if got != sum || values != n || passes != 1 {
			t.Errorf("n=%d: %d values that add up to %v, want %v; SloPass %d times", n, values, got, sum, passes)
		}
	}
}

func TestWriteMetrics_Verdicts(t *testing.T) {
	c := loaded(t, twoVantages())
	f := wellFound(c)
	f[0] = finding(c, "seoul/app/apne2-az1", found(c.Path("idc"), 100, 100, 0), found(c.Path("peering"), 100, 0, 34*ms))
	f[0].Result.Vantage.AZID = "" // unknown is not wrong
	f[1].Result, f[1].State.Error = nil, "gone"
	all := written(t, c, c.Judge(f))
	if e := all[0]; e["PathsFailed"] != 1.0 || e["PathsNotMeasured"] != 2.0 || e["PathsUnproven"] != 2.0 || e["PathsPassed"] != 1.0 {
		t.Errorf("of the run: %v", e)
	}
	if e := ofPath(all, "idc")[0]; e["SloPass"] != 0.0 || e["FailurePercent"] != 100.0 || e["ConnectRtt"] != nil {
		t.Errorf("idc: %v", e)
	}
	if e := ofPath(all, "back"); len(e) != 0 {
		t.Errorf("not measured, yet has metrics: %v", e)
	}
}

// Counts of some paths would pass for those of all.
func TestWriteMetrics_Partial(t *testing.T) {
	c := loaded(t, twoVantages())
	r := c.Judge(wellFound(c))
	r.Partial = true
	all := written(t, c, r)
	if len(ofPath(all, "idc")) != 1 || all[0]["PathsPassed"] != nil {
		t.Errorf("got %v", all)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestWriteMetrics_SaysWhenItCannot(t *testing.T) {
	c := loaded(t, twoVantages())
	if err := WriteMetrics(fullDisk{}, c, c.Judge(wellFound(c)), noon); err == nil || err.Error() != "metrics: no space" {
		t.Errorf("got %v", err)
	}
}
