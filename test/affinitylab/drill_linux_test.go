package affinitylab

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	all      = flag.Bool("all", false, "go through all scenarios, not only the fast part")
	only     = flag.String("scenario", "", "only these scenarios, separated by commas")
	jsonFile = flag.String("report", "", "file to write the report into, as JSON")
	table    = flag.Bool("table", false, "write the tables into docs/AFFINITY.md")
	parallel = flag.Int("parallel", 4, "cells at a time")
)

// TestDrill lets zones fail and holds the library to its targets. The controls have to show that the faults are faults.
func TestDrill(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes more than a minute")
	}
	if err := Available(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("there is no lab here: %v", err)
		}
		t.Skipf("there is no lab here: %v", err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var cells []Cell
	for _, s := range Scenarios() {
		if *only == "" && (*all || s.Fast) || *only != "" && strings.Contains(","+*only+",", ","+s.Name+",") {
			cells = append(cells, s.cell())
		}
	}
	began := time.Now()
	report := Run(t.Context(), Options{Cells: cells, Parallel: *parallel, Self: []string{exe, cellArgument}, Done: func(r Row) {
		t.Logf("%3.0f s  %s: %s", time.Since(began).Seconds(), r.Scenario, r.Verdict)
	}})
	var text bytes.Buffer
	if err := WriteText(&text, report); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", text.String())
	if *jsonFile != "" {
		writeReport(t, report)
	}
	if *table {
		writeTable(t, report)
	}
	for i := range report.Rows {
		row := &report.Rows[i]
		if row.Verdict == Skipped {
			t.Logf("NOT TESTED, %s: %s", row.Scenario, strings.Join(row.Reasons, "; "))
			continue
		}
		if row.Verdict != Pass {
			t.Errorf("%s: %s: %s", row.Scenario, row.Verdict, strings.Join(row.Reasons, "; "))
		}
		checkControls(t, row)
	}
}

func writeReport(t *testing.T, report *Report) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, report); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(*jsonFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*jsonFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeTable(t *testing.T, report *Report) {
	t.Helper()
	page, err := os.ReadFile(docPage)
	if err != nil {
		t.Fatal(err)
	}
	text, err := Insert(string(page), report)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(docPage, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const docPage = "../../docs/AFFINITY.md"

// checkControls asks that callers without the library felt the fault: a fault that nobody feels proves nothing.
func checkControls(t *testing.T, row *Row) {
	t.Helper()
	if len(row.Clients) != 3 {
		return
	}
	regional, pinned := row.Clients[1], row.Clients[2]
	switch row.Scenario {
	case "kill", "blackhole", "freeze", "errors", "discovery-and-kill", "two-zones", "cloudmap-kill", "cloudmap-down":
		// What is silent answers after the repair: calls of the last 2 s may still succeed.
		if pinned.FailedFirst10 < 0.75 {
			t.Errorf("%s: only %.1f %% of the pinned client's calls failed", row.Scenario, 100*pinned.FailedFirst10)
		}
	case "slow":
		if pinned.During.P50 < 5*pinned.Before.P50 {
			t.Errorf("slow: the pinned client's p50 went from %.1f to %.1f ms", pinned.Before.P50, pinned.During.P50)
		}
	case "total":
		if regional.FailedFirst10 < 0.9 {
			t.Errorf("total: only %.1f %% of the Regional client's calls failed", 100*regional.FailedFirst10)
		}
	}
	if regional.Before.Failed+pinned.Before.Failed > 0 {
		t.Errorf("%s: controls failed before the fault", row.Scenario)
	}
}
