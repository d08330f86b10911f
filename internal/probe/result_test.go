package probe

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestResult_RoundTrip(t *testing.T) {
	low, high, ratio, p50 := 0.03, 5.45, 0.87, Micros(62150)
	ip, local := netip.MustParseAddr("10.20.1.10"), netip.MustParseAddrPort("10.10.1.7:40001")
	want := Result{
		Schema: Schema, RunID: "r", Tool: Tool{"0.1.0", "go1.26"}, Started: time.Date(2026, 11, 21, 19, 40, 0, 0, time.UTC),
		Duration: 6_200_000, Interrupted: true, Verdict: Pass, Reasons: []string{"why"}, ExitCode: 2,
		Vantage:  Vantage{"lambda", "us-east-1", "use1-az4", "subnet-0a", local.Addr(), true},
		Settings: Settings{1 << 63, 50_000, 3_000_000, 4, 2, 3},
		Env:      Env{"linux/arm64", 2, TimingKernel, Percentiles{1, 2, 3}, Percentiles{4, 5, 6}, 7, 8, Degraded, []string{"note"}},
		Paths: []PathResult{{
			Name: "peering", Kind: KindTCP, Target: Target{"t.example", 7007, ip, 120}, Timing: TimingKernel, Expect: ExpectNever,
			Vantage: &Vantage{"lambda", "us-east-1", "use1-az4", "subnet-0a", local.Addr(), true},
			Env:     &Env{"linux/arm64", 2, TimingKernel, Percentiles{1, 2, 3}, Percentiles{4, 5, 6}, 7, 8, Degraded, []string{"note"}},
			Failure: &Failure{Class: DNS, Op: "resolve", Detail: "no such host"}, Ready: &Readiness{true, 5, 3},
			Sent: 100, OK: 99, Errors: map[Class]int{Timeout: 1}, Invalid: 2, Limited: 4, Unsent: 3, SYNRetrans: 2, Warmup: 3,
			FailPct: 1, FailCI95Pct: &Interval{&low, &high},
			Phases: map[Phase]PhaseStats{PhaseConnect: {
				TimingKernel, 97, 98, 61900, 62300, 64100, &p50, &p50, &p50,
				[]Quantile{{Q: 0.99, V: &p50, CI95: &Interval{&low, nil}, NeedsN: 299, AtLeast: &p50}, {Q: 0.5, Resolved: true}},
			}},
			Histogram: &Histogram{PhaseConnect, "log", []Micros{1, 2, 3}, []int{4, 5}},
			Flows:     &FlowTable{Observed, []Flow{{40001, []netip.AddrPort{local}, 7, 6, 3, 1, &p50}}, "reading", 1, 2},
			ServedBy:  []Served{{"use1-az4", 97, 62150, 62200}},
			Denial:    &Denial{ExpectNever, true, ProofSilence, 1, 2, 3, 4, "reading"},
			Samples: []Sample{{
				Index: 1, Scheduled: 2, Lag: 3, Warmup: true, Reprobe: true, Flow: 4,
				Outcome: Outcome{
					Phases{1, 2, 3, 4, 5, 6, 7}, 8, TimingUserspace, 1, 2, local, local, local, "use1-az4",
					&Failure{Class: Reset, Op: "wait", Detail: "connection reset by peer"},
				},
			}},
		}},
		Comparisons: []Comparison{{
			"peering", "vpn", PhaseConnect, "interleaved", &p50, &Interval{&low, &high}, 250, &ratio, &Interval{&low, &high}, 1e-12,
			[]Shift{{0.99, &p50, &Interval{&low, nil}, 368}}, true, "faster", "reason",
		}},
		SLO: []Objective{{"p50(connect) < 65ms", "peering", &p50, &low, &Interval{nil, &high}, Pass, "error", "reason"}},
	}
	if path := firstZero(reflect.ValueOf(want), "result"); path != "" {
		t.Fatalf("the test does not fill in %s", path)
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	options := cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.IgnoreUnexported(Failure{})}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{
		`"schema":"pathproof/probe-result/v1"`, `"duration_us":6200000`, `"ci95":[0.03,null]`, `"fail_ci95_pct":[0.03,5.45]`,
		`"source_ip":"10.10.1.7"`, `"phases":{"dns":1,"connect":2,`, `"failure":{"class":"dns","op":"resolve","detail":"no such host"}`,
	} {
		if !strings.Contains(string(b), text) {
			t.Errorf("no %s in\n%s", text, b)
		}
	}
}

// firstZero names a field of our own types that has its zero value everywhere it is looked for.
func firstZero(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return firstZero(v.Elem(), path)
	case reflect.Slice:
		if v.Len() > 0 {
			return firstZero(v.Index(0), path+"[0]")
		}
	case reflect.Struct:
		if v.Type().PkgPath() != reflect.TypeFor[Result]().PkgPath() || v.Type() == reflect.TypeFor[Interval]() {
			return ""
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "Resolved" {
				continue
			}
			if v.Field(i).IsZero() {
				return path + "." + f.Name
			}
			if zero := firstZero(v.Field(i), path+"."+f.Name); zero != "" {
				return zero
			}
		}
	}
	return ""
}

// Most samples have few fields; what does not apply must not fill documents.
func TestResult_LeavesOutWhatDoesNotApply(t *testing.T) {
	b, err := json.Marshal(Sample{Index: 5, Scheduled: 1, Outcome: Outcome{Phases: Phases{Connect: 62150}, Elapsed: 62390, Timing: TimingKernel}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"i":5,"sched_us":1,"lag_us":0,"phases":{"connect":62150},"elapsed_us":62390,"timing":"kernel"}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestMicros(t *testing.T) {
	for d, want := range map[time.Duration]Micros{
		0: 1, 100: 1, 1499: 1, 1500: 2, time.Millisecond: 1000, -time.Second: 1,
	} {
		if got := MicrosOf(d); got != want {
			t.Errorf("%s: got %d, want %d", d, got, want)
		}
	}
	if got := Micros(1500).Duration(); got != 1500*time.Microsecond {
		t.Errorf("got %s", got)
	}
}
