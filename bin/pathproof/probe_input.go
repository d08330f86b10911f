package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probeplan"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/slo"
)

// probeInput makes a run of the command line: of one document, or of targets.
func probeInput(c *cobra.Command, args []string, flags *runFlags) (*probeplan.Run, error) {
	if err := goodObjectives(c.ErrOrStderr(), flags.slo); err != nil {
		return nil, err
	}
	doc, order, err := readProbe(c.ErrOrStderr(), args)
	if err != nil {
		return nil, err
	}
	if err := flags.apply(c, doc.File, order); err != nil {
		return nil, err
	}
	run, list := probeplan.Build(doc, order)
	printProblems(c.ErrOrStderr(), doc, list)
	if list.Has(problem.Error) {
		return nil, errInput
	}
	return run, nil
}

// goodObjectives parses objectives of the command line, which have no file to point into.
func goodObjectives(w io.Writer, texts []string) error {
	bad := false
	for _, text := range texts {
		var list slo.Problems
		if _, err := slo.Parse(text); errors.As(err, &list) {
			for _, p := range list {
				fmt.Fprintln(w, "pathproof: "+p.Format("--slo"))
			}
			bad = true
		}
	}
	if bad {
		return errInput
	}
	return nil
}

// readProbe reads what to measure, and in which order it was named.
func readProbe(w io.Writer, args []string) (*probeplan.Document, []string, error) {
	if len(args) == 1 && !probeplan.IsURL(args[0]) {
		doc, list := config.LoadProbe(args[0])
		printProblems(w, doc, list)
		if doc.File == nil || list.Has(problem.Error) {
			return nil, nil, errInput
		}
		var order []string
		for _, name := range slices.Sorted(maps.Keys(doc.File.Paths)) {
			order = append(order, string(name))
		}
		return doc, order, nil
	}
	return readTargets(args)
}

// readTargets reads targets; a document among them is refused, for it has a schedule of its own.
func readTargets(args []string) (*probeplan.Document, []string, error) {
	doc := &probeplan.Document{File: config.NewProbeFile()}
	var order []string
	var errs []error
	for _, arg := range args {
		if !probeplan.IsURL(arg) {
			errs = append(errs, fmt.Errorf("not a target, got %q; write it like tcp://10.0.0.1:22, or give one document alone", arg))
			continue
		}
		name, path, err := probeplan.ParseTarget(arg)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", arg, err))
			continue
		}
		if _, taken := doc.File.Paths[config.Name(name)]; taken {
			errs = append(errs, fmt.Errorf("%s: a second path of this name, got %q; name it, like other=%s", arg, name, arg))
			continue
		}
		doc.File.Paths[config.Name(name)] = path
		order = append(order, name)
	}
	return doc, order, errors.Join(errs...)
}

// printProblems prints all problems, those of a command line once each and in its words.
func printProblems(w io.Writer, doc *probeplan.Document, list problem.List) {
	seen := map[string]bool{}
	for _, p := range list {
		text := p.Format(doc.Name, doc.Lines)
		if doc.Name == "" {
			text = fmt.Sprintf("pathproof: %s: %s", flagOf(p.Path), p.Message)
			if p.Severity != problem.Error {
				text = fmt.Sprintf("pathproof: %s: %s: %s", p.Severity, flagOf(p.Path), p.Message)
			}
		}
		if !seen[text] {
			fmt.Fprintln(w, text)
		}
		seen[text] = true
	}
	if doc.Name != "" && len(list) > 0 {
		fmt.Fprintf(w, "%s: %s, %s\n", doc.Name, plural(list.Count(problem.Error), "error"), plural(list.Count(problem.Warning), "warning"))
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

var (
	pathKey = regexp.MustCompile(`^paths\[(.*)\](\.[a-zA-Z.]+)?$`)
	flagKey = map[string]string{
		"defaults.count": "--count", "defaults.duration": "--duration", "defaults.interval": "--interval", "defaults.timeout": "--timeout",
		"defaults.warmup": "--warmup", "defaults.inFlight": "--in-flight", "defaults.confidence": "--confidence", "policy.looks": "--looks",
		".sourcePorts": "--flows", ".tunnels": "--tunnels", ".source": "--source", ".waitFor": "--wait",
	}
)

// flagOf says for a key of a document what stands for it on the command line.
func flagOf(path string) string {
	if flag := flagKey[path]; flag != "" {
		return flag
	}
	if m := pathKey.FindStringSubmatch(path); m != nil {
		if flag := flagKey[m[2]]; flag != "" {
			return m[1] + ": " + flag
		}
		return m[1]
	}
	for key, flag := range map[string]string{"slo[": "--slo", "compare[": "--compare"} {
		if strings.HasPrefix(path, key) {
			return flag
		}
	}
	return path
}
