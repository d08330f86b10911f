package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/diagram"
	"github.com/pathproof/pathproof/internal/topology"
)

// formats are the values of diagram --format.
var formats = map[string]func(*topology.Plan, diagram.Options) string{"svg": diagram.SVG, "mermaid": diagram.Mermaid}

func newDiagram() *cobra.Command {
	var format, paths, output string
	c := &cobra.Command{
		Use:   "diagram [FILE]",
		Short: "Draw the network as SVG or Mermaid: Regions, networks, segments, VPN, peerings, paths",
		Long: "diagram draws the network of FILE (default pathproof.yaml). Every path is listed with its route; up to eight, or those of\n" +
			"--paths, are drawn through the picture too. docs/DIAGRAM.md says how to read it.\n" +
			"Exit status: 0 drawn, 2 the configuration or the command line is wrong, 1 anything else.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			draw := formats[format]
			if draw == nil {
				return &usageError{fmt.Errorf("unknown format, got %q; use svg or mermaid", format)}
			}
			r := check.File(fileOf(args))
			if err := r.Print(c.ErrOrStderr()); err != nil {
				return err
			}
			if !r.OK() {
				return errInput
			}
			o, err := diagram.Choose(r.Plan, paths)
			if err != nil {
				return &usageError{fmt.Errorf("--paths: %w", err)}
			}
			if output != "" {
				return writeOutput(output, draw(r.Plan, o))
			}
			_, err = io.WriteString(c.OutOrStdout(), draw(r.Plan, o))
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "svg", "svg or mermaid")
	c.Flags().StringVar(&paths, "paths", "", "paths to draw and list: NAME,... or all or none (default: list all, draw up to eight)")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write (default: standard output)")
	return c
}
