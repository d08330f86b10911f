package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdax"
)

// cloudFormation answers a custom resource, whatever happens. The gate measures; it makes nothing, so a Delete has nothing
// to do.
func (a *assignment) cloudFormation(ctx context.Context) error {
	req := *a.event.CloudFormation
	a.log = a.log.With("request", req)
	out := lambdax.Outcome{PhysicalID: physicalID(req)}
	switch req.RequestType {
	case lambdax.RequestDelete:
	case lambdax.RequestCreate, lambdax.RequestUpdate:
		out.Data, out.Err = a.deployed(ctx, req)
	default:
		out.Err = fmt.Errorf("RequestType: unknown value, got %.60q; only CloudFormation may invoke this function so", req.RequestType)
	}
	a.log.Info("answer", "failed", out.Err != nil)
	return a.answers.Send(ctx, req, fitting(req, out))
}

// physicalID is the same for the life of the resource: another one would be taken for a replacement.
func physicalID(req lambdax.Request) string {
	if req.PhysicalResourceID != "" {
		return req.PhysicalResourceID
	}
	stack := req.StackID
	if parts := strings.Split(stack, "/"); len(parts) == 3 { // arn:...:stack/name/id
		stack = parts[1]
	}
	return lambdax.Cut("pathproof-gate-"+stack+"-"+req.LogicalResourceID, 900)
}

// deployed measures after a Create or an Update. The error is set only where the deployment is to fail. It never panics.
func (a *assignment) deployed(ctx context.Context, req lambdax.Request) (attributes map[string]string, err error) {
	defer func() {
		if p := recover(); p != nil {
			attributes, err = a.attributes(a.nothing(a.panicked(p))), nil
		}
	}()
	state := a.stackState(ctx, req.StackID)
	if goingBack(state) {
		a.log.Info("not measured: the stack is going back", "state", state)
		return a.attributes(&gate.Report{RunID: a.event.RunID, Verdict: gate.NotMeasured, Summary: "notMeasured: the stack is in " + state}), nil
	}
	var properties struct{ RunKey string }
	_ = json.Unmarshal(req.ResourceProperties, &properties) // what cannot be read is no key
	a.runKey = properties.RunKey
	o := a.guarded(ctx, true)
	return a.attributes(o.report), a.toFail(ctx, req, o)
}

// toFail is why a deployment has to fail: a path that lies wholly in this stack failed, the configuration wants that to
// count, and the stack is surely not going back. Where the state is not known, the gate only reports.
func (a *assignment) toFail(ctx context.Context, req lambdax.Request, o outcome) error {
	if config := a.config.Load(); config == nil || config.Policy.OnDeploy != gate.ActFail {
		return nil
	}
	failed := o.report.FailedInStack()
	if len(failed) == 0 {
		return nil
	}
	if state := a.stackState(ctx, req.StackID); state == "" || goingBack(state) { // asked again: it may have changed while we measured
		a.log.Warn("paths failed, and the stack may be going back: reported only", "paths", failed, "state", state)
		return nil
	}
	return fmt.Errorf("paths of this stack failed: %s\n%s", strings.Join(failed, ", "), o.report.Lines())
}

// stackState asks CloudFormation for a stack's status; "" if it does not tell.
func (a *assignment) stackState(ctx context.Context, stackID string) string {
	ctx, cancel := context.WithTimeout(ctx, a.pace.status)
	defer cancel()
	c, err := a.connect(ctx)
	if err != nil {
		return ""
	}
	out, err := c.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(stackID)})
	if err != nil || len(out.Stacks) != 1 {
		if err != nil {
			a.log.Warn("stack state unknown", "error", brief(err))
		}
		return ""
	}
	return string(out.Stacks[0].StackStatus)
}

// goingBack reports whether a stack with this status undoes a deployment or is being deleted.
func goingBack(status string) bool {
	return strings.Contains(status, "ROLLBACK") || strings.HasPrefix(status, "DELETE")
}

// attributes are what Fn::GetAtt finds. All are always there: one that is missing would fail the stack that reads it.
func (a *assignment) attributes(r *gate.Report) map[string]string {
	return map[string]string{
		"Verdict": string(r.Verdict), "Summary": lambdax.Cut(r.Summary, 700), "RunId": r.RunID, "RunKey": r.RunKey,
		"Report": r.Stored, "Paths": r.Lines(),
	}
}

// fitting shortens the attributes that may be long until CloudFormation can read the answer: one that is too long would be a
// failure.
func fitting(req lambdax.Request, out lambdax.Outcome) lambdax.Outcome {
	for _, name := range []string{"Paths", "Summary", "Report"} {
		for n := len(out.Data[name]) / 2; n > 0 && out.Err == nil && !lambdax.Fits(req, out); n /= 2 {
			out.Data[name] = lambdax.Cut(out.Data[name], n)
		}
	}
	return out
}
