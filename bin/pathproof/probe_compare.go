package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/stats"
)

func newProbeCompare() *cobra.Command {
	var output outputFlags
	var o report.RegressionOptions
	margin, phase := "", ""
	c := &cobra.Command{
		Use:   "compare OLD.json NEW.json",
		Short: "Compare two results path by path: has anything become slower, or lost more?",
		Long: "compare reads two results that probe run --output json --samples wrote. It refuses results of different vantages, targets,\n" +
			"expectations or clocks unless --force is given. It fails for a path that is slower or loses more, is not answered any more,\n" +
			"is missing in the new result, or works although it must not. The runs were not interleaved, so whatever changed in between looks like a difference of\n" +
			"the path; to compare two paths, measure them in one run.\n\n" + probeStatuses,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return &usageError{fmt.Errorf("two results are expected, got %d; run %s --help", len(args), c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			if margin != "" {
				var m config.Margin
				if err := m.UnmarshalText([]byte(margin)); err != nil {
					return fmt.Errorf("--margin: %w", err)
				}
				o.Margin = &stats.Margin{Abs: m.Abs, Rel: m.Rel}
			}
			if o.Phase = probe.Phase(phase); phase != "" && !slices.Contains(probe.AllPhases(), o.Phase) {
				return fmt.Errorf("--phase: unknown value, got %q; use %s", phase, strings.Join(config.ProbePhase("").Values(), ", "))
			}
			r, err := regression(args[0], args[1], o)
			if err != nil {
				return err
			}
			return output.finish(c, r)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	output.add(c)
	c.Flags().StringVar(&margin, "margin", "", "difference that does not matter, like 0.25ms,2% (the default)")
	c.Flags().StringVar(&phase, "phase", "", "`PHASE` to compare (default: connect for tcp, else wait)")
	c.Flags().Float64Var(&o.Confidence, "confidence", 0.95, "confidence of each comparison")
	c.Flags().BoolVar(&o.Strict, "strict", false, "exit with status 2 if the verdict is inconclusive")
	c.Flags().BoolVar(&o.Force, "force", false, "compare what was not measured alike")
	return c
}

func regression(before, after string, o report.RegressionOptions) (*probe.Result, error) {
	a, err := readResult(before)
	if err != nil {
		return nil, err
	}
	b, err := readResult(after)
	if err != nil {
		return nil, err
	}
	return report.Regression(a, b, o)
}

// maxResult is above what the largest run writes: ten paths of 100,000 samples.
const maxResult = 1 << 30

func readResult(name string) (*probe.Result, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // opened for reading: nothing is lost
	data, err := io.ReadAll(io.LimitReader(f, maxResult))
	if err != nil {
		return nil, err
	}
	r, err := report.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}
