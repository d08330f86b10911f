package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/report"
)

// probeStatuses are documented in docs/PROBE.md. They differ from check's: a probe that finds a path too slow is no wrong
// input.
const probeStatuses = "Exit status: 0 everything holds (warnings allowed), 1 an objective or expectation is not met, 2 inconclusive with --strict,\n" +
	"3 wrong command line, document or output file, 4 no path could be measured, 5 this machine is not fit to measure or lacks a\n" +
	"privilege, 130 interrupted (the partial report is still written)."

func newProbe() *cobra.Command {
	c := &cobra.Command{
		Use:   "probe",
		Short: "Measure paths, compare them and judge them by objectives",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("unknown command, got %q; run %s --help", args[0], c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newProbeRun(), newProbeCompare(), newProbeServe(), newProbeDoctor())
	return c
}

// isProbe reports whether a command is probe or one of its own.
func isProbe(c *cobra.Command) bool {
	for ; c != nil; c = c.Parent() {
		if c.Name() == "probe" {
			return true
		}
	}
	return false
}

// probeError reports an error that has not been reported, and returns its status.
func probeError(stderr io.Writer, err error) int {
	if !errors.Is(err, errInput) {
		fmt.Fprintf(stderr, "pathproof: %v\n", err)
	}
	return report.ExitUsage
}
