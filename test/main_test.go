// Package test holds every test that starts Node.js: one binary, one kernel. Its tests cannot run in parallel.
package test

import (
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdktest"
	_ "github.com/pathproof/pathproof/internal/golden" // the flag -update
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/stacks"
)

func TestMain(m *testing.M) { os.Exit(cdktest.Run(m)) }

const (
	seoul  = "ap-northeast-2"
	tokyo  = "ap-northeast-1"
	oregon = "us-west-2"
)

var prefix = netip.MustParsePrefix

// standIns are what bin/synth compiles and writes before it synthesizes.
var standIns = stacks.Options{ResourcesLambda: "testdata/bootstrap-lambda", ProbeLambda: "testdata/bootstrap-lambda", WebhookLambda: "testdata/bootstrap-lambda", Program: "testdata/program", Plan: "testdata/plan.json"}

// newProvider defines the provider of a stack's custom resources, once, from a stand-in for the compiled Lambda.
func newProvider(stack awscdk.Stack) *customresource.Provider {
	if there := stack.Node().TryFindChild(new(naming.ResourcesLambda)); there != nil {
		return there.(*customresource.Provider)
	}
	return customresource.NewProvider(stack, naming.ResourcesLambda, &customresource.ProviderProps{Code: "testdata/bootstrap-lambda"})
}

// logical returns the logical id of a construct path written with slashes.
func logical(path string) string { return naming.LogicalID(strings.Split(path, "/")...) }
