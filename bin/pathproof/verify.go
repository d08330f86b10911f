package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/topology"
)

const verifyStatuses = "Exit status: 0 nothing failed (what is inconclusive or nobody measures allowed), 1 a path failed or a stack holds a value of\n" +
	"another Region that is out of date (NET909), 2 with --strict: anything\n" +
	"but a pass of every path, 3 wrong configuration or command line, 4 a path was to be measured and could not be, 6 AWS did not answer."

// caller invokes functions. The SDK's client is one.
type caller interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// settings finds credentials and settings the way the AWS CLI does.
func settings(ctx context.Context, profile, region string) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{config.WithRegion(region)}
	if profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return cfg, fmt.Errorf("AWS settings: %w; correct the profile or the shared configuration", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return cfg, errors.New("no AWS credentials; log in, or name a profile by --profile or AWS_PROFILE")
	}
	return cfg, nil
}

// connect reaches Lambda.
func connect(ctx context.Context, profile, region string) (caller, error) {
	cfg, err := settings(ctx, profile, region)
	if err != nil {
		return nil, err
	}
	// A run takes minutes, and a second invocation would measure a second time.
	return lambda.NewFromConfig(cfg, func(o *lambda.Options) { o.Retryer = aws.NopRetryer{} }), nil
}

// deployedProblems says what is wrong with what is deployed of a plan.
type deployedProblems func(ctx context.Context, profile string, plan *topology.Plan) (problem.List, error)

type verifyFlags struct {
	profile, runID, submit string
	paths                  []string
	strict                 bool
	timeout                time.Duration
	output                 outputFlags
}

func newVerify(connect func(ctx context.Context, profile, region string) (caller, error), deployed deployedProblems) *cobra.Command {
	var f verifyFlags
	c := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Have the deployed network measured by its gate, and report",
		Long: "verify asks the gate that FILE (default pathproof.yaml) deployed to measure every path now, from inside the network, and\n" +
			"prints its report. It takes a minute or two and needs lambda:InvokeFunction on NAME-gate. Then it looks whether a deployed stack\n" +
			"still holds a value of another Region that is replaced by now, which needs the right to read the stacks.\n\n" + verifyStatuses,
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, fileOf(args), connect, deployed) },
	}
	c.Flags().StringVar(&f.profile, "profile", "", "`PROFILE` of the AWS configuration")
	c.Flags().StringVar(&f.runID, "run-id", "", "`ID` of a run: one that is stored already is reported, not measured again (default: a new one)")
	c.Flags().StringVar(&f.submit, "submit", "", "measure nothing: hand in a `RESULT` of probe run (JSON with --samples), whose paths start at clients of FILE")
	c.Flags().StringSliceVar(&f.paths, "paths", nil, "measure only these `PATHS`, separated by commas")
	c.Flags().BoolVar(&f.strict, "strict", false, "exit with 2 unless every path passes")
	c.Flags().DurationVar(&f.timeout, "timeout", 15*time.Minute, "give up after this long")
	f.output.add(c)
	return c
}

func (f *verifyFlags) run(c *cobra.Command, file string, connect func(context.Context, string, string) (caller, error), deployed deployedProblems) error {
	plan, err := f.plan(c, file)
	if err != nil {
		if !errors.Is(err, errInput) {
			fmt.Fprintf(c.ErrOrStderr(), "pathproof: %v\n", err)
		}
		return exitStatus(report.ExitUsage)
	}
	event, err := f.event()
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "pathproof: %v\n", err)
		return exitStatus(report.ExitUsage)
	}
	r, err := f.invoke(c, plan.Measurement, event, connect)
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "pathproof: %v\n", err)
		return exitStatus(report.ExitAWS)
	}
	if err := f.print(c, r); err != nil {
		return err
	}
	stale := f.stale(c, plan, deployed)
	if status := f.status(r, stale); status != 0 {
		return exitStatus(status)
	}
	return nil
}

// stale writes which stacks hold a value of another Region that is out of date, and reports whether there are any. Without the
// right to look it says so: what the gate measured stands on its own.
func (f *verifyFlags) stale(c *cobra.Command, plan *topology.Plan, deployed deployedProblems) bool {
	found, err := deployed(c.Context(), f.profile, plan)
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "note: whether stacks hold values of other Regions that are out of date was NOT looked at: %v\n", err)
		return false
	}
	any := false
	for _, p := range found {
		if p.Code == problem.StaleValue {
			fmt.Fprintf(c.ErrOrStderr(), "%s %s\n", p.Code, p.Message)
			any = true
		}
	}
	return any
}

// plan checks everything that can be checked before the gate is asked.
func (f *verifyFlags) plan(c *cobra.Command, file string) (*topology.Plan, error) {
	if err := f.output.check(); err != nil {
		return nil, err
	}
	r := check.File(file)
	if err := r.Print(c.ErrOrStderr()); err != nil {
		return nil, err
	}
	if !r.OK() {
		return nil, errInput
	}
	if r.Plan.Measurement == nil {
		return nil, fmt.Errorf("%s: the file has no probe section, so nothing is deployed that could measure; add probe: {} and deploy", file)
	}
	return r.Plan, nil
}

// event is what the gate is asked.
func (f *verifyFlags) event() (*gate.Direct, error) {
	id := f.runID
	if id == "" {
		id = fmt.Sprintf("cli-%016x", randomSeed())
	}
	if f.submit == "" {
		return &gate.Direct{Pathproof: gate.Verify, RunID: id, Paths: f.paths, Samples: true}, nil
	}
	if len(f.paths) > 0 {
		return nil, errors.New("--paths and --submit: a result says itself which paths it is about; leave --paths out")
	}
	text, err := os.ReadFile(f.submit)
	if err != nil {
		return nil, fmt.Errorf("--submit: %w", err)
	}
	r, err := report.Read(text)
	if err != nil {
		return nil, fmt.Errorf("--submit %s: %w", f.submit, err)
	}
	packed, err := gate.PackResult(r)
	if err != nil {
		return nil, err
	}
	return &gate.Direct{Pathproof: gate.Submit, RunID: id, Result: packed}, nil
}

func (f *verifyFlags) invoke(c *cobra.Command, m *topology.Measurement, event *gate.Direct, connect func(context.Context, string, string) (caller, error)) (*gate.Report, error) {
	ctx, cancel := context.WithTimeout(c.Context(), f.timeout)
	defer cancel()
	client, err := connect(ctx, f.profile, m.Home.Region)
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c.ErrOrStderr(), "asking %s in %s, run %s ...\n", m.Function, m.Home, event.RunID)
	out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &m.Function, Payload: payload})
	if err != nil {
		return nil, invokeError(m, event.RunID, err)
	}
	if out.FunctionError != nil {
		var failed struct{ ErrorMessage string }
		_ = json.Unmarshal(out.Payload, &failed)
		return nil, fmt.Errorf("%s: %s: %.500q; its log group in %s says more", m.Function, *out.FunctionError, failed.ErrorMessage, m.Home)
	}
	r := &gate.Report{}
	if err := json.Unmarshal(out.Payload, r); err != nil || r.Schema != gate.ReportSchema {
		return nil, fmt.Errorf("%s: no report of form %s, got %.80q; deploy the version of pathproof that you run", m.Function, gate.ReportSchema, out.Payload)
	}
	return r, nil
}

// invokeError says what to do about the usual causes.
func invokeError(m *topology.Measurement, id string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "ResourceNotFoundException":
			return fmt.Errorf("no function %s in %s; deploy the network, or use the credentials of its account", m.Function, m.Home)
		case "AccessDeniedException":
			return fmt.Errorf("%s: %s; allow lambda:InvokeFunction on it", m.Function, api.ErrorMessage())
		}
		return fmt.Errorf("%s: %s: %s", m.Function, api.ErrorCode(), api.ErrorMessage())
	}
	return fmt.Errorf("%s: %w; it may still be measuring: --run-id %s fetches what it stores", m.Function, err, id)
}

// print writes the verdicts on all paths, also on those that nobody measures, and the report of what was measured.
func (f *verifyFlags) print(c *cobra.Command, r *gate.Report) error {
	if f.output.format == string(report.Table) {
		fmt.Fprintf(c.OutOrStdout(), "%s\n%s\n\n", r.Summary, r.Lines())
	} else {
		fmt.Fprintf(c.ErrOrStderr(), "%s\n%s\n", r.Summary, r.Lines())
	}
	for _, note := range r.Notes {
		fmt.Fprintf(c.ErrOrStderr(), "note: %s\n", note)
	}
	if r.Stored != "" {
		fmt.Fprintf(c.ErrOrStderr(), "stored as %s\n", r.Stored)
	}
	if r.Result == nil {
		return nil
	}
	r.Result.ExitCode = f.status(r, false)
	return f.output.write(c, r.Result)
}

func (f *verifyFlags) status(r *gate.Report, stale bool) int {
	status := r.ExitCode()
	switch {
	case stale:
		return report.ExitFail
	case status == report.ExitPass && f.strict && r.Verdict != gate.Pass:
		return report.ExitInconclusive
	}
	return status
}
