// Command pathproof checks and explains a network described in pathproof.yaml, and measures paths. It needs no Node.js, and
// an AWS account only to read what is deployed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	exitOK    = 0
	exitOther = 1 // anything that is not the input's fault
	exitInput = 2 // the configuration or the command line is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errInput says that the input is wrong and that the problems are printed already.
var errInput = errors.New("the configuration has errors")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return runRoot(ctx, newRoot(stdout, stderr), args, stderr)
}

// runRoot runs the program and returns its exit status.
func runRoot(ctx context.Context, root *cobra.Command, args []string, stderr io.Writer) int {
	root.SetArgs(args)
	return finish(ctx, root, stderr)
}

// finish runs a command and turns its error into an exit status.
func finish(ctx context.Context, root *cobra.Command, stderr io.Writer) int {
	c, err := root.ExecuteContextC(ctx)
	var usage *usageError
	var status exitStatus
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case isProbe(c):
		return probeError(stderr, err)
	case errors.Is(err, errInput):
		return exitInput
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "pathproof: %v\n", err)
		return exitInput
	}
	fmt.Fprintf(stderr, "pathproof: %v\n", err)
	return exitOther
}

// exitStatus is an error that has been reported already, or is none.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is a wrong command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "pathproof",
		Short:         "Describe an AWS network in one file, prove every path, deploy it with CDK",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("unknown command, got %q; run pathproof --help", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; run %s --help", err, c.CommandPath())}
	})
	root.AddCommand(newCheck(), newPlan(), newDiff(), newDiagram(), newVerify(connect, problemsOfDeployed), newProbe(), newCompare(), newGateway(), newVPN(), newClientProfile(openAWS), newImage(), newAffinity())
	return root
}

// oneFile accepts at most one file name.
func oneFile(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{fmt.Errorf("one file at most, got %d; run %s --help", len(args), c.CommandPath())}
	}
	return nil
}

// defaultFile is what commands read when none is named. The CDK app reads the same.
const defaultFile = "pathproof.yaml"

// fileOf returns the file named on the command line, or the usual one.
func fileOf(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	return defaultFile
}
