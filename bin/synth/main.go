// Command synth is the CDK app: it checks pathproof.yaml, then writes CloudFormation templates. cdk.json runs it for
// `cdk deploy` and `cdk diff`; `make synth` runs it with --verify, which also validates the finished templates.
//
// It is the only place that turns CDK's panics into an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	_ "github.com/pathproof/pathproof/internal/cdkenv" // before CDK starts Node.js
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/lambdabuild"
	"github.com/pathproof/pathproof/internal/validate"
)

// Exit statuses, as those of bin/pathproof.
const (
	exitOK    = 0
	exitOther = 1
	exitInput = 2
)

// lambdaDir is where the compiled Lambda function of custom resources is kept between runs.
const lambdaDir = ".build/resources"

// probeDir and webhookDir are the same for the function that measures and for the one that posts alarms.
const (
	probeDir   = ".build/probe"
	webhookDir = ".build/webhook"
)

// programDir is the same for the pathproof command, which answers probes at servers.
const programDir = ".build/program"

func main() {
	code := run(os.Args[1:], os.Stdout, os.Stderr)
	cdkx.Close()
	os.Exit(code)
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("synth", flag.ContinueOnError)
	flags.SetOutput(stderr)
	config := flags.String("config", "pathproof.yaml", "the `file` that describes the network")
	verify := flags.Bool("verify", false, "validate the templates and print what was made")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitInput
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "synth: no arguments, got %q; use --config FILE\n", flags.Args())
		return exitInput
	}
	start := time.Now()
	result := check.File(*config)
	if err := result.Print(stderr); err != nil {
		return exitOther
	}
	if !result.OK() {
		return exitInput
	}
	rep := &report{result: result, checked: time.Since(start)}
	if err := synthesize(context.Background(), rep, *verify, newProgress(stderr)); err != nil {
		fmt.Fprintf(stderr, "synth: %v\n", err)
		return exitOther
	}
	if !*verify {
		return exitOK
	}
	rep.total = time.Since(start)
	if err := rep.write(stdout); err != nil {
		fmt.Fprintf(stderr, "synth: %v\n", err)
		return exitOther
	}
	if !rep.valid() {
		return exitOther
	}
	return exitOK
}

// synthesize builds the Lambda function beside the app, defines every stack, writes the assembly and validates it.
func synthesize(ctx context.Context, rep *report, verify bool, progress *progress) error {
	start := time.Now()
	defer progress.done()
	progress.step("synthesizing" + firstTime())
	out, err := writeAssembly(ctx, rep.result.Plan)
	if err != nil {
		return err
	}
	if rep.stacks, err = readStacks(out); err != nil {
		return err
	}
	rep.synthesized = time.Since(start)
	if !verify {
		return nil
	}
	progress.step("validating")
	start = time.Now()
	rep.checks, err = validate.Run(ctx, out, rep.templates())
	rep.validated = time.Since(start)
	return err
}

// firstTime says why the first run takes long.
func firstTime() string {
	if _, err := os.Stat(filepath.Join(lambdaDir, lambdabuild.Bootstrap)); err == nil {
		return ""
	}
	return " and compiling the Lambda function of custom resources (once, about a minute)"
}

// progress tells a person at a terminal what takes its time; elsewhere it is silent.
type progress struct{ w io.Writer }

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok {
		return &progress{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &progress{}
	}
	return &progress{w}
}

func (p *progress) step(what string) {
	if p.w != nil {
		fmt.Fprintf(p.w, "\r\033[K%s ...", what)
	}
}

func (p *progress) done() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
