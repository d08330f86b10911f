package validate

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// cfnLint runs cfn-lint when it is on PATH. Each template is linted for the Region it goes to.
func cfnLint(ctx context.Context, templates []Template, allowed map[string]string) (Verdict, error) {
	v := Verdict{Name: "cfn-lint"}
	path, err := exec.LookPath("cfn-lint")
	if err != nil {
		v.Summary = "not installed"
		return v, nil
	}
	version, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return v, fmt.Errorf("cfn-lint is installed but does not start: %w", err)
	}
	v.Ran = true
	v.Summary = strings.TrimSpace(strings.TrimPrefix(string(version), "cfn-lint "))
	// W3005, a dependency that a reference implies already, is how CDK writes templates.
	ignored := append([]string{"W3005"}, slices.Sorted(maps.Keys(allowed))...)
	byRegion := map[string][]string{}
	for _, t := range templates {
		byRegion[t.Region] = append(byRegion[t.Region], t.File)
	}
	for _, region := range slices.Sorted(maps.Keys(byRegion)) {
		slices.Sort(byRegion[region])
		args := append([]string{"--regions", region, "--format", "parseable", "--ignore-checks", strings.Join(ignored, ","), "--"}, byRegion[region]...)
		if err := v.lint(exec.CommandContext(ctx, path, args...)); err != nil {
			return v, err
		}
	}
	return v, nil
}

// lint adds the findings of one run. cfn-lint's exit status has a bit each for errors (2), warnings (4) and informational
// findings (8); with any other it did not lint.
func (v *Verdict) lint(c *exec.Cmd) error {
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	status := 0
	if err != nil {
		status = exitCode(err)
	}
	if status < 0 || status&^(2|4|8) != 0 {
		return fmt.Errorf("cfn-lint: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		v.Findings = append(v.Findings, line)
		if isError(line) {
			v.Errors++
		} else {
			v.Warnings++
		}
	}
	return nil
}

// isError reads a finding: file:line:column:line:column:rule:message. A line of another form counts as an error.
func isError(finding string) bool {
	fields := strings.SplitN(finding, ":", 7)
	return len(fields) < 7 || !strings.HasPrefix(fields[5], "W") && !strings.HasPrefix(fields[5], "I")
}
