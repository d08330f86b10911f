package test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// recommendedFlags comes with the pinned CDK CLI: the flags that `cdk init` would write for a new app.
const recommendedFlags = "../node_modules/aws-cdk/lib/init-templates/.recommended-feature-flags.json"

// Every recommended flag is set to its recommended value, so that a new CDK CLI brings a failing test instead of a
// silent change of templates, and the CLI has nothing to say about flags.
func TestFlags_AreTheRecommendedOnes(t *testing.T) {
	recommended := map[string]any{}
	needTools(t)
	readJSON(t, recommendedFlags, &recommended)
	if len(recommended) < 80 {
		t.Fatalf("the CDK CLI recommends only %d flags; has its file moved?", len(recommended))
	}

	context := cdkConfig(t).Context
	for flag, want := range recommended {
		if got, ok := context[flag]; !ok {
			t.Errorf("cdk.json: context: missing %s; the CDK CLI recommends %v", flag, want)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("cdk.json: context: %s: the CDK CLI recommends %v, got %v", flag, want, got)
		}
	}
	for key := range context {
		if _, ok := recommended[key]; !ok && key != "cli-telemetry" {
			t.Errorf("cdk.json: context: %s is not a flag of the pinned CDK CLI; remove it", key)
		}
	}
}

// The design stands on these, whatever the CDK CLI recommends.
func TestFlags_TheDesignNeeds(t *testing.T) {
	config := cdkConfig(t)
	for key, want := range map[string]any{
		"@aws-cdk/core:defaultCrossStackReferences":     "weak", // strong ones bring Lambdas and lock two Regions together
		"@aws-cdk/core:validateAgainstDefaultRules":     true,   // an invalid template fails, not only warns
		"@aws-cdk/aws-iam:minimizePolicies":             true,   // snapshots stay short
		"@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": true,
		"cli-telemetry": false,
	} {
		if got := config.Context[key]; got != want {
			t.Errorf("cdk.json: context: %s: want %v, got %v", key, want, got)
		}
	}
	if config.Notices || config.VersionReporting {
		t.Error("cdk.json: notices and versionReporting have to be false: the first needs the network, the second a resource in every stack")
	}
	if config.App != "go run ./bin/synth" || config.Output != "cdk.out" {
		t.Errorf("cdk.json: want the app in bin/synth and its output in cdk.out, got %q and %q", config.App, config.Output)
	}
}

type cdkJSON struct {
	App              string         `json:"app"`
	Output           string         `json:"output"`
	Notices          bool           `json:"notices"`
	VersionReporting bool           `json:"versionReporting"`
	Context          map[string]any `json:"context"`
}

func cdkConfig(t *testing.T) cdkJSON {
	t.Helper()
	c := cdkJSON{Notices: true, VersionReporting: true} // the CDK CLI's defaults
	readJSON(t, "../cdk.json", &c)
	return c
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// needTools skips a test, loudly, where the pinned tools are not installed; in CI that is a failure.
func needTools(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(recommendedFlags); !os.IsNotExist(err) {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("node_modules is missing; run make tools")
	}
	t.Skip("NOT CHECKED: node_modules is missing; run make tools")
}
