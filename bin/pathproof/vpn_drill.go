package main

import (
	"github.com/spf13/cobra"
)

func newVPNDrill() *cobra.Command {
	var live liveFlags
	var output string
	c := &cobra.Command{
		Use:   "drill [FILE]",
		Short: "Let a tunnel fail and measure what traffic feels",
		Long:  liveHelp + "\nExit status: 0 within the target, 1 not, or refused or not carried out, 2 wrong input.",
		Args:  oneFile,
		RunE:  func(c *cobra.Command, args []string) error { return live.run(c, fileOf(args), output) },
	}
	live.add(c)
	c.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT` on standard output: text or json")
	return c
}
