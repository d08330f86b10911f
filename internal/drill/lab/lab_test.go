//go:build linux

package lab

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/gateway"
)

const target = 10 * time.Second

// quick are the cells that every run of the tests goes through; make drill goes through all. Guests are spread among the
// others, because two of them do not fit side by side.
func quick() []Cell {
	plain := func(d gateway.Device, scenarios ...string) (cells []Cell) {
		for _, s := range scenarios {
			cells = append(cells, Cell{s, Plain, d, target})
		}
		return cells
	}
	bird, frr := gateway.StrongSwanBIRD, gateway.StrongSwanFRR
	return slices.Concat(
		[]Cell{{"steady", UML, frr, target}}, plain(bird, "link-customer", "link-aws"),
		[]Cell{{"blackhole", UML, frr, target}}, plain(bird, "blackhole", "daemon-aws"),
		[]Cell{{"daemon-customer", UML, bird, target}}, plain(bird, "steady", "blackhole-out", "blackhole-in", "daemon-customer", "maintenance", "flap"),
		plain(frr, "link-customer", "blackhole", "flap"))
}

// needLab skips the test where cells cannot be carried out. In CI that is a failure: nobody would notice.
func needLab(t *testing.T, cells []Cell) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes a minute or two")
	}
	if err := Available(cells); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must be able to drill: %v", err)
		}
		t.Skipf("NOT TESTED, there is no lab here: %v", err)
	}
}

func TestLab(t *testing.T) {
	cells := quick()
	needLab(t, cells)
	again := drillAll(t, cells, true)
	if len(again) > 0 { // the machine may be less busy now
		drillAll(t, again, false)
	}
}

// drillAll runs cells and returns those that say nothing because the machine was too busy, if that is excused.
func drillAll(t *testing.T, cells []Cell, excused bool) (spoilt []Cell) {
	t.Helper()
	r, err := Run(t.Context(), Options{Cells: cells, Self: self(t)})
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := drill.WriteText(&table, r); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	for i := range r.Rows {
		row := &r.Rows[i]
		switch {
		case row.Verdict == drill.Pass:
		case excused && strings.Contains(strings.Join(row.Reasons, " "), "the measurement is spoilt"):
			spoilt = append(spoilt, cells[i])
		default:
			t.Errorf("%s: %s: %v", cells[i], row.Verdict, row.Reasons)
		}
	}
	return spoilt
}

// A run that is interrupted leaves no process, no namespace and no file behind.
func TestLab_InterruptedLeavesNothing(t *testing.T) {
	cells := []Cell{{"blackhole", Plain, gateway.StrongSwanBIRD, target}}
	needLab(t, cells)
	t.Setenv("TMPDIR", t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := Run(ctx, Options{Cells: cells, Self: self(t)})
		done <- err
	}()
	space, ok := "", false
	for range 600 {
		if space, ok = daemonsNamespace(t); ok {
			break
		}
		<-time.After(50 * time.Millisecond)
	}
	stop()
	err := <-done
	if !ok {
		t.Fatalf("no IKE daemon was started: %v", err)
	}
	if err == nil {
		t.Error("an interrupted run reports no error")
	}
	if left := processesIn(t, space); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
	if files, _ := os.ReadDir(os.Getenv("TMPDIR")); len(files) > 0 {
		t.Errorf("files are left: %v", files)
	}
}

// daemonsNamespace finds the process ids' namespace of a child of this process in which an IKE daemon runs.
func daemonsNamespace(t *testing.T) (string, bool) {
	t.Helper()
	own, _ := os.Readlink("/proc/self/ns/pid")
	for _, p := range processesIn(t, "") {
		status, _ := os.ReadFile(filepath.Join("/proc", p, "stat"))
		_, rest, _ := strings.Cut(string(status), ") ")
		fields := strings.Fields(rest)
		space, err := os.Readlink(filepath.Join("/proc", p, "ns/pid"))
		if err != nil || space == own || len(fields) < 2 || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		for _, q := range processesIn(t, space) {
			if name, _ := os.ReadFile(filepath.Join("/proc", q, "comm")); strings.HasPrefix(string(name), "charon") {
				return space, true
			}
		}
	}
	return "", false
}

// processesIn lists process ids, all or those in a namespace.
func processesIn(t *testing.T, space string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		if at, err := os.Readlink(filepath.Join("/proc", e.Name(), "ns/pid")); space == "" || err == nil && at == space {
			found = append(found, e.Name())
		}
	}
	return found
}
