package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// verdict is what one validator says about the templates.
type verdict struct {
	name     string
	ran      bool
	errors   int
	warnings int
	summary  string
	findings []string
}

// validate runs the CloudFormation rules and, where it is installed, cfn-lint, side by side.
func validate(ctx context.Context, dir string, stacks []stackInfo) ([]verdict, error) {
	lint := make(chan verdict, 1)
	go func() { lint <- cfnLint(ctx, stacks) }()
	rules, err := cloudFormationRules(ctx, dir)
	return []verdict{rules, <-lint}, err
}

// cloudFormationRules runs the rules engine that CDK bundles, in strict mode.
func cloudFormationRules(ctx context.Context, dir string) (verdict, error) {
	v := verdict{name: "CloudFormation rules", ran: true}
	c := exec.CommandContext(ctx, "node", "tools/validate.mjs", "--json", dir, allowFile)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return v, fmt.Errorf("validate templates: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	var r struct {
		Templates, Resources, Errors, Warnings int
		Findings                               []struct{ Severity, Rule, Stack, Resource, Path, Message string }
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return v, fmt.Errorf("validate templates: read the result: %w", err)
	}
	v.errors, v.warnings = r.Errors, r.Warnings
	v.summary = fmt.Sprintf("%d templates, %d resources", r.Templates, r.Resources)
	for _, f := range r.Findings {
		v.findings = append(v.findings, fmt.Sprintf("%s %s %s/%s %s: %s", f.Severity, f.Rule, f.Stack, f.Resource, f.Path, f.Message))
	}
	return v, nil
}

// cfnLint runs cfn-lint when it is on PATH. Each template is linted for the Region it goes to.
func cfnLint(ctx context.Context, stacks []stackInfo) verdict {
	v := verdict{name: "cfn-lint"}
	path, err := exec.LookPath("cfn-lint")
	if err != nil {
		v.summary = "not installed"
		return v
	}
	version, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		v.summary = "does not start"
		return v
	}
	v.ran = true
	v.summary = strings.TrimSpace(strings.TrimPrefix(string(version), "cfn-lint "))
	ignores := []string{"W3005"} // a dependency that a reference implies already; CDK ignores it too
	if allowed, err := allowList(); err == nil {
		ignores = append(ignores, slices.Sorted(maps.Keys(allowed))...)
	}
	byRegion := map[string][]string{}
	for _, s := range stacks {
		byRegion[s.region] = append(byRegion[s.region], s.template)
	}
	for region, files := range byRegion {
		slices.Sort(files)
		args := append([]string{"--regions", region, "--format", "parseable", "--ignore-checks", strings.Join(ignores, ","), "--"}, files...)
		out, _ := exec.CommandContext(ctx, path, args...).Output() // findings set the exit status; they are read below
		for line := range strings.Lines(string(out)) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			v.findings = append(v.findings, line)
			if strings.Contains(line, ":E") {
				v.errors++
			} else {
				v.warnings++
			}
		}
	}
	slices.Sort(v.findings)
	return v
}
