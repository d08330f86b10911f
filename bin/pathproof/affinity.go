package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/affinityplan"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/report"
)

func newAffinity() *cobra.Command {
	c := &cobra.Command{
		Use:   "affinity",
		Short: "Availability Zone affinity: what it saves in a call chain",
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAffinityEstimate())
	return c
}

// estimateFlags are those of affinity estimate.
type estimateFlags struct {
	example, measured, output string
	print, json               bool
	samples                   int
	seed                      uint64
}

// most samples: more take minutes and say no more.
const maxEstimateSamples = 10_000_000

func newAffinityEstimate() *cobra.Command {
	f := &estimateFlags{}
	c := &cobra.Command{
		Use:   "estimate FILE",
		Short: "Say how often a request crosses zones, with affinity and without, and what that costs",
		Long: "Reads a call chain (affinity.schema.json, docs/AFFINITY-ESTIMATE.md) and goes through all ways of placing a request: crossings of zones,\n" +
			"p0 and p50, data between zones and its cost, with affinity and without, and what a zone's failure changes. It needs no network.",
		Example: "  pathproof affinity estimate --example document\n  pathproof affinity estimate --example orders --print > chain.yaml\n  pathproof affinity estimate chain.yaml --measured result.json",
		Args:    oneFile,
		RunE:    func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	c.Flags().StringVar(&f.example, "example", "", "estimate an example in place of a file: `NAME` is "+strings.Join(affinityplan.Examples(), " or "))
	c.Flags().BoolVar(&f.print, "print", false, "print the example's document, to begin with, and do not estimate it")
	c.Flags().StringVar(&f.measured, "measured", "", "probe result (`FILE` of probe run --output json) for pairs of zones that name a path of it")
	c.Flags().IntVar(&f.samples, "samples", 200_000, "requests to draw for tails")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of drawing; the same seed gives the same figures")
	c.Flags().BoolVar(&f.json, "json", false, "the same as --output json")
	c.Flags().StringVarP(&f.output, "output", "o", "text", "`FORMAT` on standard output: text or json")
	return c
}

func (f *estimateFlags) run(c *cobra.Command, args []string) error {
	if f.json {
		f.output = "json"
	}
	write, err := writerOf(f.output, affinityplan.WriteText, affinityplan.WriteJSON)
	if err := errors.Join(err, f.check(args)); err != nil {
		return &usageError{err}
	}
	if f.print {
		data, err := affinityplan.Example(f.example)
		if err != nil {
			return &usageError{fmt.Errorf("--example: %w", err)}
		}
		_, err = c.OutOrStdout().Write(data)
		return err
	}
	chain, err := f.chain(c.ErrOrStderr(), args)
	if err != nil {
		return err
	}
	return write(c.OutOrStdout(), affinityplan.New(chain, affinityplan.Options{Samples: f.samples, Seed: f.seed}))
}

func (f *estimateFlags) check(args []string) error {
	var errs []error
	if (len(args) == 1) == (f.example != "") {
		errs = append(errs, errors.New("a file or --example, got both or neither; give one of them"))
	}
	if f.print && f.example == "" {
		errs = append(errs, errors.New("--print: it prints an example, and none is named; add --example document"))
	}
	if f.samples < 1000 || f.samples > maxEstimateSamples {
		errs = append(errs, fmt.Errorf("--samples: out of range, got %d; use 1000 to %d", f.samples, maxEstimateSamples))
	}
	if f.seed == 0 {
		errs = append(errs, errors.New("--seed: out of range, got 0; use 1 or more"))
	}
	return errors.Join(errs...)
}

// chain reads the file or the example.
func (f *estimateFlags) chain(stderr io.Writer, args []string) (*affinityplan.Chain, error) {
	measured, err := f.result()
	if err != nil {
		return nil, &usageError{fmt.Errorf("--measured: %w", err)}
	}
	var doc *affinityplan.Document
	var list problem.List
	if f.example != "" {
		data, err := affinityplan.Example(f.example)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--example: %w", err)}
		}
		doc, list = config.ParseAffinity("example "+f.example, data)
	} else {
		doc, list = config.LoadAffinity(args[0])
	}
	var chain *affinityplan.Chain
	if doc.File != nil {
		var more problem.List
		chain, more = affinityplan.Build(doc, measured)
		list = append(list, more...)
		list.Sort()
	}
	for _, p := range list {
		fmt.Fprintln(stderr, p.Format(doc.Name, doc.Lines))
	}
	if list.Has(problem.Error) {
		fmt.Fprintf(stderr, "%s: %s\n", doc.Name, plural(list.Count(problem.Error), "error"))
		return nil, errInput
	}
	return chain, nil
}

func (f *estimateFlags) result() (*probe.Result, error) {
	if f.measured == "" {
		return nil, nil
	}
	data, err := os.ReadFile(f.measured)
	if err != nil {
		return nil, err
	}
	return report.Read(data)
}
