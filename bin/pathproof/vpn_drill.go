package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newVPNDrill() *cobra.Command {
	var live liveFlags
	var inLab labFlags
	var output string
	c := &cobra.Command{
		Use:   "drill [FILE]",
		Short: "Let a tunnel fail and measure what traffic feels",
		Long: liveHelp + "\n\n" + labHelp +
			"\n\nExit status: 0 within the target (with --lab: every scenario passed), 1 not, or refused or not carried out, 2 wrong input.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			if !inLab.on {
				return live.run(c, fileOf(args), output)
			}
			if len(args) > 0 {
				return &usageError{errors.New("the lab has a network of its own, so no file goes with --lab")}
			}
			return inLab.run(c, output)
		},
	}
	live.add(c)
	inLab.add(c)
	c.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT` on standard output: text or json")
	return c
}
