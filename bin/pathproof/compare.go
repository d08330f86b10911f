package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/published"
)

func newCompare() *cobra.Command {
	from2019 := false
	c := &cobra.Command{
		Use:   "compare --published",
		Short: "Say what the latency figures of the 2019 article can and cannot support",
		Long: "compare --published reads the minimum, maximum and average figures of \"Reducing Seoul-Tokyo latency, a failure story\" (2019)\n" +
			"again, and works out what any samples with these figures could tell apart. To compare results of your own, see\n" +
			"pathproof probe run --compare and pathproof probe compare.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("no argument is expected, got %q; to compare results, run pathproof probe compare OLD NEW", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if !from2019 {
				return &usageError{fmt.Errorf("nothing to compare; give --published, or run pathproof probe compare OLD NEW")}
			}
			return published.WriteAnalysis(c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&from2019, "published", false, "the published figures of 2019")
	return c
}
