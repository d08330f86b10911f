package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/drill/lab"
	"github.com/pathproof/pathproof/internal/gateway"
	"github.com/pathproof/pathproof/internal/problem"
)

// labFlags are those of vpn drill that go with --lab.
type labFlags struct {
	on                        bool
	scenarios, tiers, devices []string
	failovers                 []time.Duration
	all                       bool
	keep, json                string
	parallel                  int
}

const labHelp = "With --lab it needs no AWS account: real daemons play both ends of two tunnels on this machine (Linux, root; docs/DRILL.md). The customer's end is\n" +
	"exactly what gateway render writes, BIRD and strongSwan play AWS's end. Without more flags it goes through all scenarios with BIRD, failover: 10s."

func (f *labFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "lab", false, "drill in a lab on this machine")
	c.Flags().StringSliceVar(&f.scenarios, "scenario", nil, "only these `SCENARIOS` of the lab: "+strings.Join(lab.Scenarios(), ", ")+" (default: all)")
	c.Flags().StringSliceVar(&f.tiers, "tier", []string{string(lab.Plain)}, "`TIERS` of the lab: plain (ESP in user space) or uml (user-mode Linux with ESP in its kernel)")
	c.Flags().StringSliceVar(&f.devices, "device", []string{string(gateway.StrongSwanBIRD)}, "customer gateways (`DEVICES`) of the lab: strongswan-bird or strongswan-frr")
	c.Flags().DurationSliceVar(&f.failovers, "failover", []time.Duration{10 * time.Second}, "failover `TARGETS` of the lab, from which its timers follow")
	c.Flags().BoolVar(&f.all, "all", false, "everything the lab has: all scenarios, tiers and gateways, failover 10s and 30s")
	c.Flags().IntVar(&f.parallel, "parallel", 4, "how many `CELLS` of the lab run at once; one with user-mode Linux counts three")
	c.Flags().StringVar(&f.json, "json", "", "`FILE` to write the lab's report into as JSON, beside what is printed")
	c.Flags().StringVar(&f.keep, "keep", "", "`FOLDER` to leave the lab's logs in (default: they are deleted)")
}

// cells multiplies the flags.
func (f *labFlags) cells() ([]lab.Cell, error) {
	if f.all {
		f.scenarios, f.failovers = nil, []time.Duration{10 * time.Second, 30 * time.Second}
		f.tiers, f.devices = texts(lab.Tiers()), texts(lab.Devices())
	}
	if len(f.scenarios) == 0 {
		f.scenarios = lab.Scenarios()
	}
	err := errors.Join(
		known("--scenario", f.scenarios, lab.Scenarios()),
		known("--tier", f.tiers, texts(lab.Tiers())),
		known("--device", f.devices, texts(lab.Devices())))
	for _, target := range f.failovers {
		if target < time.Second {
			err = errors.Join(err, fmt.Errorf("--failover: out of range, got %s; use 1s or more", target))
		}
	}
	var cells []lab.Cell
	for _, tier := range f.tiers {
		for _, target := range f.failovers {
			for _, device := range f.devices {
				for _, scenario := range f.scenarios {
					cells = append(cells, lab.Cell{Scenario: scenario, Tier: lab.Tier(tier), Device: gateway.Device(device), Failover: target})
				}
			}
		}
	}
	return cells, err
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func known(flag string, got, want []string) error {
	var errs []error
	for _, name := range got {
		if !slices.Contains(want, name) {
			errs = append(errs, fmt.Errorf("%s: not one of the lab's, got %q; %s", flag, name, problem.OneOf(name, want)))
		}
	}
	return errors.Join(errs...)
}

// run drills and prints the report, row by row on the way.
func (f *labFlags) run(c *cobra.Command, output string) error {
	write, err := writerOf(output, drill.WriteText, drill.WriteJSON)
	if err != nil {
		return err
	}
	cells, err := f.cells()
	if err != nil {
		return &usageError{err}
	}
	if f.json != "" {
		if err := atomicfile.Writable(f.json); err != nil {
			return &usageError{fmt.Errorf("--json: %w; give a file that can be written", err)}
		}
	}
	if err := lab.Available(cells); err != nil {
		return fmt.Errorf("there is no lab on this machine: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	done := 0
	r, err := lab.Run(c.Context(), lab.Options{Cells: cells, Self: []string{self, "vpn", labCell}, Keep: f.keep, Parallel: f.parallel, Done: func(row *drill.Row) {
		done++
		fmt.Fprintf(c.ErrOrStderr(), "%d/%d  %s %s %s %s: silent for %s, %s\n", done, len(cells), row.Scenario, row.Tier, row.Gateway, row.Target.Duration(), row.Silence, row.Verdict)
	}})
	return f.report(c.OutOrStdout(), write, r, err)
}

// report prints what there is, also after an interruption, and after that writes it as JSON: what took so long to measure is seen
// even if the file cannot be written any more.
func (f *labFlags) report(out io.Writer, write func(io.Writer, *drill.Report) error, r *drill.Report, err error) error {
	if r == nil {
		return err
	}
	errs := []error{err, write(out, r)}
	if f.json != "" {
		var b bytes.Buffer
		err := drill.WriteJSON(&b, r)
		if err == nil {
			err = atomicfile.Write(f.json, b.Bytes())
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("--json: %w", err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if !r.OK() {
		return exitStatus(exitOther)
	}
	return nil
}

// labCell is the command that the lab runs itself with.
const labCell = "lab-cell"

func newVPNLabCell() *cobra.Command {
	return &cobra.Command{
		Use:    labCell,
		Short:  "Run one cell of the lab; only vpn drill --lab starts it",
		Hidden: true,
		Args:   cobra.ArbitraryArgs,
		RunE:   func(c *cobra.Command, args []string) error { return lab.Main(c.Context(), args) },
	}
}
