package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// outputFlags say where a report goes.
type outputFlags struct {
	format  string
	files   []string
	samples bool
}

func (f *outputFlags) add(c *cobra.Command) {
	c.Flags().StringVarP(&f.format, "output", "o", string(report.Table), "`FORMAT` on standard output: table, json, ndjson, csv, junit, markdown or html")
	c.Flags().StringArrayVar(&f.files, "out", nil, "write the report to `FILE` too, in the format of its extension: .txt, .json, .ndjson, .csv, .xml (JUnit), .md or .html; repeatable")
	c.Flags().BoolVar(&f.samples, "samples", false, "keep the samples in JSON, as probe compare needs them")
	must(c.RegisterFlagCompletionFunc("output", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, format := range report.Formats() {
			names = append(names, string(format))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}))
}

// must is for errors that only a wrong program causes.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// check finds what is wrong with the flags before anything is measured.
func (f *outputFlags) check() error {
	if err := report.Write(io.Discard, report.Format(f.format), &probe.Result{}); err != nil {
		return fmt.Errorf("--%w", err)
	}
	for _, name := range f.files {
		if _, ok := report.FormatOf(name); !ok {
			return fmt.Errorf("--out: the extension says no format, got %q; use .txt, .json, .ndjson, .csv, .xml, .md or .html", name)
		}
		if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() { // before an hour of measuring, not after
			return fmt.Errorf("--out: no such folder, got %q for %s; make it first", filepath.Dir(name), name)
		}
	}
	return nil
}

// finish writes the report, and returns its exit status as an error.
func (f *outputFlags) finish(c *cobra.Command, r *probe.Result) error {
	if err := f.write(c, r); err != nil {
		return err
	}
	if r.ExitCode != report.ExitPass {
		return exitStatus(r.ExitCode)
	}
	return nil
}

// write writes the report everywhere. Files come first: what reads standard output may end before us.
func (f *outputFlags) write(c *cobra.Command, r *probe.Result) error {
	for _, name := range f.files {
		format, _ := report.FormatOf(name)
		var b bytes.Buffer
		if err := f.render(&b, format, r); err != nil {
			return err
		}
		if err := atomicfile.Write(filepath.Clean(name), b.Bytes()); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	return f.render(c.OutOrStdout(), report.Format(f.format), r)
}

func (f *outputFlags) render(w io.Writer, format report.Format, r *probe.Result) error {
	if format == report.JSON && !f.samples {
		r = report.WithoutSamples(r)
	}
	return report.Write(w, format, r)
}
