package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// comparisonFlags are those of the commands that compare with what is deployed.
type comparisonFlags struct {
	against string
	allow   []string
	regions []string
	profile string
}

func (f *comparisonFlags) add(c *cobra.Command, against string) {
	c.Flags().StringVar(&f.against, "against", against, "what to compare with: `PLAN`, a file of plan --json or a configuration, or \"deployed\" (needs AWS credentials)")
	c.Flags().StringSliceVar(&f.allow, "allow-destroy", nil, "`NAME` of what may be deleted or replaced although others would miss it, such as network/seoul/app; repeatable")
	c.Flags().StringSliceVar(&f.regions, "regions", nil, "more `REGIONS`, by code, in which to look for stacks of the network that nothing names any more")
	c.Flags().StringVar(&f.profile, "profile", "", "the `PROFILE` of AWS credentials; without it AWS_PROFILE and the other ways of the AWS CLI count")
}

// compare adds what the change means to the problems of a good configuration.
func (f *comparisonFlags) compare(c *cobra.Command, r *check.Result) (*change.Report, error) {
	deployed, err := f.load(c, r.Plan)
	if err != nil {
		return nil, err
	}
	report := change.Compare(deployed, r.Plan, f.allow)
	if r.File != defaultFile {
		report.Config = r.File
	}
	report.Profile = f.profile
	if err := f.knownNames(report); err != nil {
		return nil, err
	}
	r.Append(report.Problems)
	return report, nil
}

// load reads what to compare with.
func (f *comparisonFlags) load(c *cobra.Command, now *topology.Plan) (change.Deployed, error) {
	if f.against == "deployed" {
		return f.deployedState(c, now)
	}
	d, err := f.stored(c)
	if err == nil && d.Plan.Name != now.Name {
		err = &usageError{fmt.Errorf("--against %s: the plan of network %q, got a configuration of %q; compare plans of one network. If it was renamed: with another name everything is made anew beside what is there, so take that back, or deploy it and then destroy the old one",
			f.against, d.Plan.Name, now.Name)}
	}
	return d, err
}

// stored reads a plan from a file.
func (f *comparisonFlags) stored(c *cobra.Command) (change.Deployed, error) {
	switch filepath.Ext(f.against) {
	case ".yaml", ".yml":
		r := check.File(f.against)
		if err := r.Print(c.ErrOrStderr()); err != nil {
			return change.Deployed{}, err
		}
		if !r.OK() {
			return change.Deployed{}, errInput
		}
		return change.Deployed{Plan: r.Plan}, nil
	}
	text, err := os.ReadFile(f.against)
	if err != nil {
		return change.Deployed{}, &usageError{fmt.Errorf("--against: %w; give a file or \"deployed\"", err)}
	}
	plan, err := topology.ReadPlan(text)
	if err != nil {
		return change.Deployed{}, &usageError{fmt.Errorf("--against %s: %w", f.against, err)}
	}
	return change.Deployed{Plan: plan}, nil
}

// knownNames refuses a name that would allow nothing: a mistyped one must not pass for a decision.
func (f *comparisonFlags) knownNames(report *change.Report) error {
	could := report.Destroyable()
	for _, name := range f.allow {
		if !slices.ContainsFunc(could, func(x string) bool { return change.Names(name, x) }) {
			remedy := "leave it out"
			if len(could) > 0 {
				remedy = problem.OneOf(name, could)
			}
			return &usageError{fmt.Errorf("--allow-destroy: nothing of that name would be deleted or replaced, got %q; %s", name, remedy)}
		}
	}
	return nil
}

func newDiff() *cobra.Command {
	flags, asJSON, color := comparisonFlags{}, false, "auto"
	c := &cobra.Command{
		Use:   "diff [FILE]",
		Short: "Say what a change means: for the network, for CloudFormation, and in which order to deploy it",
		Long: "diff compares FILE (default pathproof.yaml) with what is deployed, or with another plan. It prints what changes for routes, addresses,\n" +
			"attachments, paths, capacity and what is billed, which resources CloudFormation would replace or delete and because of what, and the order\n" +
			"of deployment where plain cdk deploy would fail.\n" +
			"Exit status: 0 the change can be deployed, 2 it is refused (docs/ERRORS.md, NET9nn) or the input is wrong.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains([]string{"auto", "always", "never"}, color) {
				return &usageError{fmt.Errorf("--color: unknown value, got %q; use auto, always or never", color)}
			}
			r := check.File(fileOf(args))
			if !r.OK() {
				if err := r.Print(c.ErrOrStderr()); err != nil {
					return err
				}
				return errInput
			}
			report, err := flags.compare(c, r)
			if err != nil {
				return err
			}
			if err := r.Print(c.ErrOrStderr()); err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				err = e.Encode(report)
			} else {
				err = change.Write(c.OutOrStdout(), report, colored(c, color))
			}
			if err == nil && !r.OK() {
				err = errInput
			}
			return err
		},
	}
	flags.add(c, "deployed")
	c.Flags().BoolVar(&asJSON, "json", false, "print the change as JSON")
	c.Flags().StringVar(&color, "color", color, "`WHEN` to color: auto, always or never")
	return c
}

// colored reports whether to color: at a terminal, unless NO_COLOR is set (no-color.org).
func colored(c *cobra.Command, when string) bool {
	if when != "auto" {
		return when == "always"
	}
	f, ok := c.OutOrStdout().(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
