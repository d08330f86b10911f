// Package validate runs validators over finished CloudFormation templates: the rules engine that CDK bundles, and cfn-lint
// where it is installed. It starts them as programs and needs no CDK itself.
package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
)

// AllowFile lists the rules that do not fit, each with its reason. It is relative to the module's folder.
const AllowFile = "tools/validation-allow.json"

// Template is a template with the Region it goes to.
type Template struct {
	File, Region string
}

// Verdict is what one validator says about the templates.
type Verdict struct {
	Name     string
	Ran      bool
	Errors   int
	Warnings int
	Summary  string // what it looked at, or why it did not run
	Findings []string
}

// String is the verdict in a line.
func (v Verdict) String() string {
	if !v.Ran {
		return v.Name + ": " + v.Summary
	}
	return fmt.Sprintf("%s: %d errors, %d warnings (%s)", v.Name, v.Errors, v.Warnings, v.Summary)
}

// Run runs all validators over the cloud assembly in dir, side by side. A validator that cannot finish is an error: its
// silence would look like a pass.
func Run(ctx context.Context, dir string, templates []Template) ([]Verdict, error) {
	allowed, err := AllowList()
	if err != nil {
		return nil, err
	}
	type result struct {
		verdict Verdict
		err     error
	}
	lint := make(chan result, 1)
	go func() {
		v, err := cfnLint(ctx, templates, allowed)
		lint <- result{v, err}
	}()
	rules, err := cloudFormationRules(ctx, dir)
	linted := <-lint
	if err == nil {
		err = linted.err
	}
	return []Verdict{rules, linted.verdict}, err
}

// AllowList reads the rules that do not fit, with their reasons.
func AllowList() (map[string]string, error) {
	b, err := os.ReadFile(AllowFile)
	if err != nil {
		return nil, err
	}
	list := map[string]string{}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", AllowFile, err)
	}
	return list, nil
}
