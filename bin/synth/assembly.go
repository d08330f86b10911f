package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/jsonfile"
	"github.com/pathproof/pathproof/internal/lambdabuild"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/validate"
	"github.com/pathproof/pathproof/stacks"
)

// outDir is the cloud assembly of a run without the CDK CLI.
const outDir = "cdk.out"

// writeAssembly writes the cloud assembly and returns its folder. Under the CDK CLI that is the folder the CLI asks for;
// otherwise the assembly is written beside cdk.out and takes its place only when it is complete.
func writeAssembly(ctx context.Context, plan *topology.Plan) (string, error) {
	built := make(chan error, 1)
	go func() { built <- buildPrograms(ctx) }() // while Node.js starts
	dir := os.Getenv("CDK_OUTDIR")
	byCLI := dir != ""
	if !byCLI {
		dir = outDir + ".new"
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
	}
	flags, err := featureFlags()
	if err != nil {
		return "", errors.Join(err, <-built)
	}
	allowed, err := validate.AllowList()
	if err != nil {
		return "", errors.Join(err, <-built)
	}
	planFile, err := writePlan(plan)
	if err != nil {
		return "", errors.Join(err, <-built)
	}
	err = cdkx.Catch("synthesize "+plan.Name, func() {
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: &dir, Context: &flags, AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)})
		if err := <-built; err != nil {
			panic(err)
		}
		stacks.Build(app, plan, stacks.Options{ResourcesLambda: lambdaDir, ProbeLambda: probeDir, Program: filepath.Join(programDir, lambdabuild.Bootstrap), WebhookLambda: webhookDir, Plan: planFile, Acknowledge: allowed})
		app.Synth(nil)
	})
	switch {
	case byCLI:
		return dir, err
	case err != nil:
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return outDir, replace(outDir, dir)
}

// buildPrograms compiles what is deployed side by side, also where the plan needs none of it: a compile error is not to wait for
// the day that somebody adds probe to the file. Machines run the same Linux on arm64 as the functions.
func buildPrograms(ctx context.Context) error {
	programs := map[string]string{"./bin/resources-lambda": lambdaDir, "./bin/probe-lambda": probeDir, "./bin/webhook-lambda": webhookDir, "./bin/pathproof": programDir}
	built := make(chan error, len(programs))
	for program, dir := range programs {
		go func() {
			_, err := lambdabuild.Build(ctx, ".", program, dir)
			built <- err
		}()
	}
	var errs []error
	for range programs {
		errs = append(errs, <-built)
	}
	return errors.Join(errs...)
}

// planDir is where the plan that goes into the assembly is written.
const planDir = ".build/plan"

// writePlan writes the plan to a file that the network's name tells, so that two networks do not share it.
func writePlan(plan *topology.Plan) (string, error) {
	text, err := plan.Encode()
	if err != nil {
		return "", err
	}
	file := filepath.Join(planDir, plan.Name+".json")
	return file, atomicfile.Write(file, text)
}

// featureFlags returns the context of cdk.json. The CDK CLI passes it on by itself; then there is nothing to add.
func featureFlags() (map[string]any, error) {
	if os.Getenv("CDK_CONTEXT_JSON") != "" {
		return map[string]any{}, nil
	}
	b, err := os.ReadFile("cdk.json")
	if err != nil {
		return nil, fmt.Errorf("%w; run synth in the folder that holds cdk.json", err)
	}
	var c struct{ Context map[string]any }
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("cdk.json: %w", err)
	}
	if c.Context == nil {
		c.Context = map[string]any{}
	}
	c.Context["aws:cdk:disable-stack-trace"] = true // traces hold paths of this machine, and cost time
	return c.Context, nil
}

// replace puts the new folder in the old one's place, which is moved aside first: at no moment is a half-deleted assembly
// there to be deployed. The old one goes as a whole: CDK would keep files of removed stacks and an earlier validation
// report.
func replace(old, now string) error {
	aside := old + ".old"
	if err := os.RemoveAll(aside); err != nil {
		return err
	}
	if err := os.Rename(old, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(now, old); err != nil {
		return err
	}
	return os.RemoveAll(aside)
}

// stackInfo is what the table says about one stack.
type stackInfo struct {
	name, region, template string
	resources              int
}

// readStacks reads the finished assembly: its manifest and the templates.
func readStacks(dir string) ([]stackInfo, error) {
	var manifest struct {
		Artifacts map[string]struct {
			Type        string
			Environment string
			Properties  struct{ TemplateFile, StackName string }
		}
	}
	if err := jsonfile.Read(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return nil, err
	}
	var out []stackInfo
	for id, a := range manifest.Artifacts {
		if a.Type != "aws:cloudformation:stack" {
			continue
		}
		file := filepath.Join(dir, a.Properties.TemplateFile)
		var template struct{ Resources map[string]json.RawMessage }
		if err := jsonfile.Read(file, &template); err != nil {
			return nil, err
		}
		name := cmp.Or(a.Properties.StackName, id) // left out where it is the artifact's id
		out = append(out, stackInfo{name: name, region: filepath.Base(a.Environment), template: file, resources: len(template.Resources)})
	}
	return out, nil
}
