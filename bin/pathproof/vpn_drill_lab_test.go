package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/drill/lab"
	"github.com/pathproof/pathproof/internal/gateway"
)

func TestVPNDrillLab_Cells(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no lab on this system")
	}
	f := labFlags{scenarios: []string{"steady", "flap"}, tiers: []string{"plain", "uml"}, devices: []string{"strongswan-frr"}, failovers: []time.Duration{10 * time.Second}}
	got, err := f.cells()
	if err != nil {
		t.Fatal(err)
	}
	cell := func(scenario string, tier lab.Tier) lab.Cell {
		return lab.Cell{Scenario: scenario, Tier: tier, Device: gateway.StrongSwanFRR, Failover: 10 * time.Second}
	}
	want := []lab.Cell{cell("steady", lab.Plain), cell("flap", lab.Plain), cell("steady", lab.UML), cell("flap", lab.UML)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.all = true
	if got, err = f.cells(); err != nil || len(got) != 2*2*2*len(lab.Scenarios()) {
		t.Errorf("--all: %d cells, %v", len(got), err)
	}
}

func TestVPNDrillLab_WrongInput(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--scenario", "blackhol"}, `--scenario: not one of the lab's, got "blackhol"; did you mean blackhole?`},
		{[]string{"--tier", "vm", "--device", "fortigate"}, `--device: not one of the lab's, got "fortigate"`},
		{[]string{"--failover", "10ms"}, "--failover: out of range, got 10ms; use 1s or more"},
		{[]string{"-o", "xml"}, "xml"},
		{[]string{"my.yaml"}, "no file goes with --lab"},
		{[]string{"--tunnel", "fw1/1", "--dry-run"}, "--dry-run: it is for a drill against AWS, and --lab is given; leave one of them out\n--tunnel: it is for a drill against AWS"},
	} {
		r := typing(t, "", append([]string{"vpn", "drill", "--lab"}, test.args...)...)
		if r.Code != exitInput || !strings.Contains(r.Stderr, test.want) || r.Stdout != "" {
			t.Errorf("%v: exit status %d\n%s%s; want %q", test.args, r.Code, r.Stdout, r.Stderr, test.want)
		}
	}
}

// Nothing is measured for a file that cannot be written.
func TestVPNDrillLab_JSONFileIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, "file", "report.json")} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // no lab starts, whatever happens
		var stdout, stderr bytes.Buffer
		code := run(ctx, []string{"vpn", "drill", "--lab", "--scenario", "steady", "--json", path}, &stdout, &stderr)
		if code != exitInput || !strings.HasPrefix(stderr.String(), "pathproof: --json: ") || stdout.Len() > 0 {
			t.Errorf("%s: exit status %d\n%s%s", path, code, stdout.String(), stderr.String())
		}
	}
	if got, err := os.ReadDir(dir); err != nil || len(got) != 1 {
		t.Errorf("left behind: %v, %v", got, err)
	}
}

// What was measured is printed whatever happens to the file, and after an interruption.
func TestVPNDrillLab_ReportsWhatThereIs(t *testing.T) {
	measured := &drill.Report{Where: drill.Lab, Rows: []drill.Row{{Scenario: "steady", Verdict: drill.Pass}}}
	for name, tt := range map[string]struct {
		json string
		err  error
		want string
	}{
		"good":                    {filepath.Join(t.TempDir(), "r.json"), nil, "<nil>"},
		"the file cannot be made": {t.TempDir(), nil, "--json: "},
		"interrupted":             {filepath.Join(t.TempDir(), "r.json"), context.Canceled, "context canceled"},
	} {
		var out bytes.Buffer
		f := labFlags{json: tt.json}
		err := f.report(&out, drill.WriteText, measured, tt.err)
		if got := fmt.Sprint(err); !strings.HasPrefix(got, tt.want) || !strings.Contains(out.String(), "steady") {
			t.Errorf("%s: got %v\n%s", name, err, out.String())
		}
		if data, _ := os.ReadFile(tt.json); strings.HasSuffix(tt.json, ".json") && !strings.Contains(string(data), `"steady"`) {
			t.Errorf("%s: the file holds %q", name, data)
		}
	}
	if err := new(labFlags).report(io.Discard, drill.WriteText, nil, errors.New("no lab")); fmt.Sprint(err) != "no lab" {
		t.Errorf("without a report: got %v", err)
	}
}

// Every flag is of one kind of drill, of the other it is an error: before anything is asked of AWS, and before a lab starts.
func TestVPNDrill_FlagsOfTheOtherKind(t *testing.T) {
	cloud, args := drillCloud(t)
	values := map[string]string{"yes": "", "dry-run": "", "apply-maintenance": "", "all": "", "flows": "4", "failover": "10s", "parallel": "2",
		"interval": "1s", "before": "1s", "after": "1s", "limit": "1s", "poll": "1s"}
	inLab, live := 0, 0
	newVPNDrill().Flags().VisitAll(func(f *pflag.Flag) {
		value, ok := values[f.Name]
		given := []string{"--" + f.Name, value}
		if !ok {
			given[1] = "x"
		}
		if value == "" && ok {
			given = given[:1]
		}
		var r result
		switch {
		case f.Name == "lab" || f.Name == "output":
			return
		case strings.Contains(" all device failover json keep parallel scenario tier ", " "+f.Name+" "):
			inLab++
			r = typing(t, idOf(cloud)+"\n", append(slices.Concat(args, given), "--yes")...)
		default:
			live++
			r = typing(t, "", append([]string{"vpn", "drill", "--lab", "--scenario", "nothing"}, given...)...)
		}
		if r.Code != exitInput || r.Stdout != "" || !strings.HasPrefix(r.Stderr, "pathproof: --"+f.Name+": it is for ") || replaced(cloud) > 0 {
			t.Errorf("--%s: exit status %d, %d replaced\n%s%s", f.Name, r.Code, replaced(cloud), r.Stdout, r.Stderr)
		}
	})
	if calls := cloud.Calls(); inLab != 8 || live < 14 || len(calls) > 0 {
		t.Errorf("%d flags of the lab, %d of the live drill; AWS was asked %v", inLab, live, calls)
	}
}

// The command that the lab runs itself with does nothing where the lab has not started it, and help does not show it.
func TestVPNLabCell(t *testing.T) {
	if r := typing(t, "", "vpn", labCell, t.TempDir()); r.Code != exitOther || r.Stdout != "" {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if r := typing(t, "", "vpn", "--help"); strings.Contains(r.Stdout, labCell) {
		t.Errorf("help shows it:\n%s", r.Stdout)
	}
}
