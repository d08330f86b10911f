// Package cdktest runs CDK apps inside go test: one Node.js kernel per test binary, many apps in it, templates read
// natively from the output folder (reading and matching a template in Go takes microseconds, CDK's own assertions
// milliseconds and a panic). CDK for Go is not safe for parallel tests.
package cdktest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	_ "github.com/pathproof/pathproof/internal/cdkenv" // the pinned Node.js, and no built-in validation
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/pathprooftest"
)

// Run is the body of TestMain.
func Run(m *testing.M) int {
	code := m.Run()
	cdkx.Close()
	return code
}

// App is a CDK app whose output goes to a temporary folder.
type App struct {
	App awscdk.App
	Dir string // the output folder

	synthesized bool
	templates   map[string]*Template
}

// NewApp returns an app with the feature flags of the module's cdk.json, so that templates are those of `make synth`.
func NewApp(t testing.TB) *App {
	t.Helper()
	dir := t.TempDir()
	return &App{Dir: dir, templates: map[string]*Template{}, App: awscdk.NewApp(&awscdk.AppProps{
		Context: pathprooftest.Context(t), Outdir: &dir, AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)})}
}

// Stack adds a stack of a Region, in the account of the credentials that deploy it.
func (a *App) Stack(id, region string) awscdk.Stack {
	return awscdk.NewStack(a.App, &id, &awscdk.StackProps{Env: &awscdk.Environment{Region: &region}})
}

// Template synthesizes the app once and returns the template of a stack.
func (a *App) Template(t testing.TB, stack string) *Template {
	t.Helper()
	if !a.synthesized {
		a.App.Synth(nil)
		a.synthesized = true
	}
	if a.templates[stack] == nil {
		a.templates[stack] = ReadTemplate(t, filepath.Join(a.Dir, stack+".template.json"))
	}
	return a.templates[stack]
}

// WantPanic fails the test unless fn panics with an error or text that contains every part.
func WantPanic(t testing.TB, fn func(), parts ...string) {
	t.Helper()
	err := cdkx.Catch("test", fn)
	if err == nil {
		t.Errorf("no panic, want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("panic without %q:\n%v", part, err)
		}
	}
}
