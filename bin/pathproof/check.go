package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/planview"
)

func newCheck() *cobra.Command {
	flags, asJSON := comparisonFlags{}, false
	c := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Prove or refute the configuration offline: addresses, routes, VPN capacity, every declared path",
		Long: "check reads FILE (default pathproof.yaml) and reports every problem in one run, with its place and a code of docs/ERRORS.md.\n" +
			"Exit status: 0 nothing wrong (warnings and notes allowed), 2 errors.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			r := check.File(fileOf(args))
			if flags.against != "" && r.OK() {
				if _, err := flags.compare(c, r); err != nil {
					return err
				}
			}
			if asJSON {
				if err := r.JSON(c.OutOrStdout()); err != nil {
					return err
				}
			} else if err := r.Print(c.ErrOrStderr()); err != nil {
				return err
			}
			if !r.OK() {
				return errInput
			}
			if asJSON {
				return nil
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", r.File, r.Verdict())
			return err
		},
	}
	flags.add(c, "")
	c.Flags().BoolVar(&asJSON, "json", false, "print the problems as JSON on standard output")
	return c
}

func newPlan() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "plan [FILE]",
		Short: "Print the resolved network: subnets, routes, VPN capacity, every path hop by hop, stacks, billed items",
		Args:  oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			r := check.File(fileOf(args))
			if err := r.Print(c.ErrOrStderr()); err != nil {
				return err
			}
			if !r.OK() {
				return errInput
			}
			if !asJSON {
				return planview.Write(c.OutOrStdout(), r.Plan)
			}
			text, err := r.Plan.Encode()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the plan as JSON")
	return c
}
