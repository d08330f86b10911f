package test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/stacks"
)

// account is an AWS account played by internal/cfntest, and a folder of somebody who works with it: a configuration, the
// assembly that it makes, the real CDK CLI and the pathproof program.
type account struct {
	*cfntest.Server // nil for a real account
	t               *testing.T
	dir             string
	lambda, probe   string // the folders with the functions behind custom resources and of the probe
	assembly        string
}

func newAccount(t *testing.T) *account {
	t.Helper()
	if testing.Short() {
		t.Skip("left out by -short: it starts the CDK CLI many times")
	}
	needTools(t)
	server, err := cfntest.Serve(cfntest.New())
	if err != nil {
		t.Fatal(err)
	}
	a := &account{Server: server, t: t, dir: t.TempDir(), lambda: standIns.ResourcesLambda, probe: standIns.ProbeLambda}
	t.Cleanup(func() {
		if unknown := server.Unknown(); unknown != nil {
			t.Errorf("the scripted API was asked for what it does not speak: %v", unknown)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// write makes a text the configuration, and synthesizes it.
func (a *account) write(text string) {
	a.t.Helper()
	file := filepath.Join(a.dir, "pathproof.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
	r := check.File(file)
	if !r.OK() {
		a.t.Fatalf("%+v", r.Problems)
	}
	plan, err := r.Plan.Encode()
	if err != nil {
		a.t.Fatal(err)
	}
	planFile := filepath.Join(a.dir, "plan.json")
	if err := os.WriteFile(planFile, plan, 0o644); err != nil {
		a.t.Fatal(err)
	}
	app := cdktest.NewApp(a.t)
	stacks.Build(app.App, r.Plan, stacks.Options{ResourcesLambda: a.lambda, ProbeLambda: a.probe, WebhookLambda: standIns.WebhookLambda, Program: standIns.Program, Plan: planFile})
	app.App.Synth(nil)
	a.assembly = app.Dir
}

// deployed makes a text the configuration and deploys it without the CDK CLI.
func (a *account) deployed(text string) {
	a.t.Helper()
	a.write(text)
	if err := a.Load(a.assembly); err != nil {
		a.t.Fatal(err)
	}
}

// environment of programs: nothing of the machine's but the PATH, and no other way out than the scripted API. For a real account
// it is that of the test.
func (a *account) environment() []string {
	tools := []string{"PATH=" + a.path("../node_modules/.bin") + ":/usr/bin:/bin", "NODE_COMPILE_CACHE=" + a.path("../.build/test/node-cache"), "CI=true", "NO_COLOR=1",
		"CDK_DISABLE_CLI_TELEMETRY=true", "CDK_DISABLE_VERSION_CHECK=1"}
	if a.Server == nil {
		return append(os.Environ(), tools...)
	}
	return append(tools, "HOME="+a.dir, "AWS_ENDPOINT_URL="+a.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=3")
}

func (a *account) path(name string) string {
	a.t.Helper()
	out, err := filepath.Abs(name)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// command prepares a program in the folder. It is killed when the test has been waiting for too long.
func (a *account) command(name string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	patience := 2 * time.Minute
	if a.Server == nil {
		patience = time.Hour
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience) // not the test's: cleaning up takes commands, too
	a.t.Cleanup(cancel)
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = a.dir, a.environment()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	return c, &out
}

func (a *account) cdkCommand(args ...string) (*exec.Cmd, *bytes.Buffer) {
	args = append(args, "--app", a.assembly)
	if args[0] == "deploy" && !slices.Contains(args, "--require-approval") { // the printed commands have it
		args = append(args, "--require-approval", "never")
	}
	return a.command(a.path("../node_modules/.bin/cdk"), args...)
}

// cdk runs the CDK CLI and returns what it printed.
func (a *account) cdk(args ...string) (string, error) {
	a.t.Helper()
	c, out := a.cdkCommand(args...)

	err := c.Run()
	return out.String(), err
}

// mustCDK runs the CDK CLI, which has to succeed.
func (a *account) mustCDK(args ...string) string {
	a.t.Helper()
	out, err := a.cdk(args...)
	if err != nil {
		a.t.Fatalf("cdk %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// pathproofProgram compiles the program once, into a folder that git ignores.
var pathproofProgram = sync.OnceValues(func() (string, error) {
	build := exec.Command("go", "build", "-buildvcs=false", "-o", ".build/test/pathproof", "./bin/pathproof")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return filepath.Abs("../.build/test/pathproof")
})

// pathproof runs the program in the folder and returns what it printed on both, and its exit status.
func (a *account) pathproof(args ...string) (string, int) {
	a.t.Helper()
	binary, err := pathproofProgram()
	if err != nil {
		a.t.Fatal(err)
	}
	c, out := a.command(binary, args...)
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		a.t.Fatal(err)
	}
	return out.String(), c.ProcessState.ExitCode()
}

// diff runs pathproof diff and asserts which codes it reports.
func (a *account) diff(status int, codes []string, args ...string) string {
	a.t.Helper()
	out, got := a.pathproof(append([]string{"diff"}, args...)...)
	if got != status {
		a.t.Errorf("pathproof diff: status %d, want %d", got, status)
	}
	for _, code := range codes {
		if !strings.Contains(out, " "+code+" ") {
			a.t.Errorf("pathproof diff does not report %s", code)
		}
	}
	if a.t.Failed() {
		a.t.Fatalf("pathproof diff:\n%s", out)
	}
	return out
}

// settled asserts that nothing is left to do.
func (a *account) settled() {
	a.t.Helper()
	out, status := a.pathproof("diff")
	if status != 0 || !strings.Contains(out, ": the network does not change\n") || !strings.Contains(out, "  0 created, 0 replaced, 0 deleted; ") ||
		strings.Contains(out, "NET") || strings.Contains(out, "order of deployment") {
		a.t.Errorf("something is left to do (status %d):\n%s", status, out)
	}
	if a.Server == nil {
		return
	}
	if lost := a.Engine.Lost(); lost != nil {
		a.t.Errorf("lost: %v", lost)
	}
}

// steps runs exactly the commands that a report prints, in that order. Each has to succeed.
func (a *account) steps(report string) {
	a.t.Helper()
	_, order, found := strings.Cut(report, "\norder of deployment\n")
	if !found {
		a.t.Fatalf("no order of deployment in\n%s", report)
	}
	for line := range strings.Lines(order) {
		command, ok := strings.CutPrefix(line, "       ")
		words := strings.Fields(command)
		switch {
		case !ok || words[0] == "because": // a heading, or a reason
		case len(words) > 2 && words[0] == "npx" && words[1] == "cdk":
			a.mustCDK(words[2:]...)
		case len(words) > 2 && words[0] == "aws" && words[1] == "cloudformation":
			if err := a.aws(words[2:]); err != nil {
				a.t.Fatalf("%s: %v", strings.TrimSpace(line), err)
			}
		default:
			a.t.Fatalf("not understood: %q", line)
		}
	}
}

// aws makes the call that a command of the AWS CLI makes.
func (a *account) aws(words []string) error {
	value := func(flag string) *string {
		if i := slices.Index(words, flag); i >= 0 && i+1 < len(words) {
			return &words[i+1]
		}
		a.t.Fatalf("no %s in %v", flag, words)
		return nil
	}
	client, ctx, name := a.cloudFormation(*value("--region")), context.Background(), value("--stack-name")
	switch {
	case words[0] == "delete-stack":
		_, err := client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: name})
		return err
	case words[0] == "update-termination-protection" && words[1] == "--no-enable-termination-protection":
		_, err := client.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: name, EnableTerminationProtection: sdk.Bool(false)})
		return err
	case words[0] == "wait" && words[1] == "stack-delete-complete":
		return cloudformation.NewStackDeleteCompleteWaiter(client).Wait(ctx, &cloudformation.DescribeStacksInput{StackName: name}, 15*time.Minute)
	}
	a.t.Fatalf("not understood: aws cloudformation %v", words)
	return nil
}

// cloudFormation is a client of the account's CloudFormation.
func (a *account) cloudFormation(region string) *cloudformation.Client {
	a.t.Helper()
	if a.Server != nil {
		return cloudformation.New(cloudformation.Options{BaseEndpoint: &a.URL, Region: region, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	}
	cfg, err := awsconfig.LoadDefaultConfig(context.Background(), awsconfig.WithRegion(region))
	if err != nil {
		a.t.Fatal(err)
	}
	return cloudformation.NewFromConfig(cfg)
}
