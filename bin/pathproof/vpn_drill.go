package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newVPNDrill() *cobra.Command {
	var f labFlags
	var output string
	c := &cobra.Command{
		Use:   "drill",
		Short: "Let a tunnel fail and measure what traffic feels",
		Long:  labHelp + "\nExit status: 0 every scenario passed, 1 one did not or could not be carried out, 2 wrong input.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("no argument is expected, got %q; run %s --help", args[0], c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if !f.on {
				return &usageError{errors.New("where to drill is not said; use --lab")}
			}
			return f.run(c, output)
		},
	}
	f.add(c)
	c.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT` on standard output: text or json")
	return c
}
