package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// cloudFormationRules runs the rules engine that CDK bundles, in strict mode.
func cloudFormationRules(ctx context.Context, dir string) (Verdict, error) {
	v := Verdict{Name: "CloudFormation rules", Ran: true}
	c := exec.CommandContext(ctx, "node", "tools/validate.mjs", "--json", dir, AllowFile)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil && exitCode(err) != 1 { // 1: it ran and found errors
		return v, fmt.Errorf("validate templates: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	var r struct {
		Templates, Resources, Errors, Warnings int
		Findings                               []struct{ Severity, Rule, Stack, Resource, Path, Message string }
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return v, fmt.Errorf("validate templates: read the result: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	v.Errors, v.Warnings = r.Errors, r.Warnings
	v.Summary = fmt.Sprintf("%d templates, %d resources", r.Templates, r.Resources)
	for _, f := range r.Findings {
		v.Findings = append(v.Findings, fmt.Sprintf("%s %s %s/%s %s: %s", f.Severity, f.Rule, f.Stack, f.Resource, f.Path, f.Message))
	}
	return v, nil
}

// exitCode returns a program's exit status, or -1 if it did not run to its end.
func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}
