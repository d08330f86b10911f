package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/probeplan"
	"github.com/pathproof/pathproof/internal/report"
)

func newProbeRun() *cobra.Command {
	var flags runFlags
	var output outputFlags
	var vantage probe.Vantage
	seed, quiet := uint64(0), false
	c := &cobra.Command{
		Use:   "run FILE | [NAME=]URL...",
		Short: "Measure paths and report percentiles with intervals, losses, comparisons and objectives",
		Long: "run measures the paths of a probe document, or of URLs, interleaved in random order, and writes one report.\n\n" +
			"URLs: tcp://host:port, echo://host:port and udp://host:port (against probe serve), http://..., https://...,\n" +
			"dns://server/name?type=A, icmp://host. The document is described in docs/PROBE.md and probe.schema.json.\n\n" + probeStatuses,
		Example: "  pathproof probe run tcp://10.0.0.227:22 -n 100\n" +
			"  pathproof probe run direct=tcp://10.20.1.10:7007 vpn=tcp://10.30.1.10:7007 --compare direct,vpn --slo 'p50(connect) < 65ms'\n" +
			"  pathproof probe run paths.yaml --out report.html --out result.json --samples",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{fmt.Errorf("nothing to measure; give a document or a target like tcp://10.0.0.1:22, see %s --help", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			run, err := probeInput(c, args, &flags)
			if err != nil {
				return err
			}
			vantage.Kind = "client"
			run.Plan.Vantage, run.Plan.Seed = vantage, seed
			if !c.Flags().Changed("seed") {
				run.Plan.Seed = randomSeed()
			}
			r, err := measure(c, run, quiet)
			if err != nil {
				return err
			}
			return output.finish(c, r)
		},
	}
	flags.add(c)
	output.add(c)
	c.Flags().Uint64Var(&seed, "seed", 0, "seed of the schedule and of resampling (default: random, and in the report)")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress on standard error")
	c.Flags().StringVar(&vantage.Region, "region", "", "AWS Region that this machine is in, for the report")
	c.Flags().StringVar(&vantage.AZID, "az-id", "", "AZ `ID` that this machine is in, for the report")
	must(c.RegisterFlagCompletionFunc("compare", completePairs))
	return c
}

// measure runs the plan until it ends or the command is interrupted, and judges what there is then.
func measure(c *cobra.Command, run *probeplan.Run, quiet bool) (*probe.Result, error) {
	run.Plan.RunID, run.Plan.Tool = fmt.Sprintf("%016x", randomSeed()), tool()
	if !quiet {
		p := newProgress(c.ErrOrStderr(), run.Plan)
		folded := run.Plan.OnSample
		run.Plan.OnSample = func(path int, s *probe.Sample) {
			if folded != nil {
				folded(path, s)
			}
			p.sample(path, s)
		}
		defer p.start()()
	}
	r, err := probe.Run(c.Context(), run.Plan)
	if err != nil {
		return nil, err
	}
	if err := report.Judge(r, run.Judge); err != nil {
		return nil, err
	}
	return r, nil
}

// randomSeed returns a number that fits into JSON readers which know floating point only.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:]) >> 11
}

// tool is this program.
func tool() probe.Tool {
	t := probe.Tool{Version: "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		t.Version = strings.Trim(info.Main.Version, "()")
	}
	return t
}

// completePairs offers the names in a document: the first, and after a comma the second.
func completePairs(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	names := namesIn(args)
	first, _, second := strings.Cut(typed, ",")
	out := []string{"all"}
	for _, name := range names {
		switch {
		case !second:
			out = append(out, name+",")
		case name != first:
			out = append(out, first+","+name)
		}
	}
	if second {
		out = out[1:]
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// namesIn lists the paths of what stands on the command line so far.
func namesIn(args []string) []string {
	_, order, _ := readProbe(io.Discard, args) // what is wrong with it is said when it runs
	return order
}
