package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newVPNDrill() *cobra.Command {
	var live liveFlags
	var inLab labFlags
	var output string
	c := &cobra.Command{
		Use:   "drill [FILE]",
		Short: "Let a tunnel fail and measure what traffic feels",
		Long: liveHelp + "\n\n" + labHelp +
			"\n\nFlags of the one do not go with the other. Exit status: 0 within the target (with --lab: every scenario passed), 1 not, or refused or not\n" +
			"carried out, 2 wrong input.",
		Args: oneFile,
	}
	live.add(c)
	ofLive := flagNames(c)
	inLab.add(c)
	ofEither := flagNames(c)
	c.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT` on standard output: text or json")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := strayFlags(c, ofLive, ofEither, inLab.on); err != nil {
			return &usageError{err}
		}
		if !inLab.on {
			return live.run(c, fileOf(args), output)
		}
		if len(args) > 0 {
			return &usageError{errors.New("the lab has a network of its own, so no file goes with --lab")}
		}
		return inLab.run(c, output)
	}
	return c
}

// flagNames are those of the flags that a command has so far.
func flagNames(c *cobra.Command) map[string]bool {
	names := map[string]bool{}
	c.Flags().VisitAll(func(f *pflag.Flag) { names[f.Name] = true })
	return names
}

// strayFlags refuses flags of the other kind of drill: who gives them means that kind, and one of the two replaces a tunnel.
func strayFlags(c *cobra.Command, ofLive, ofEither map[string]bool, inLab bool) error {
	var errs []error
	c.Flags().Visit(func(f *pflag.Flag) { // in the order of their names
		switch {
		case f.Name == "lab" || !ofEither[f.Name] || ofLive[f.Name] != inLab:
		case inLab:
			errs = append(errs, fmt.Errorf("--%s: it is for a drill against AWS, and --lab is given; leave one of them out", f.Name))
		default:
			errs = append(errs, fmt.Errorf("--%s: it is for the lab, and without --lab the drill replaces a tunnel in AWS; add --lab, or leave it out", f.Name))
		}
	})
	return errors.Join(errs...)
}
