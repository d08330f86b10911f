package main

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	} {
		r := typing(t, "", append([]string{"vpn", "drill", "--lab"}, test.args...)...)
		if r.Code != exitInput || !strings.Contains(r.Stderr, test.want) || r.Stdout != "" {
			t.Errorf("%v: exit status %d\n%s%s; want %q", test.args, r.Code, r.Stdout, r.Stderr, test.want)
		}
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
