package test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/cfntest"
)

// These tests run the real CDK CLI and the real pathproof program against CloudFormation as internal/cfntest plays it. What
// they prove of AWS is what that package documents.

// edgeStack is the stack of a network that routes and a peering of other stacks need.
const edgeStack = "reference-network-us-west-2-edge"

// resource finds the logical id of the first resource of a type in a stack of the assembly.
func (a *account) resource(stack, typ string) string {
	a.t.Helper()
	template := cdktest.ReadTemplate(a.t, filepath.Join(a.assembly, stack+".template.json"))
	ids := slices.Sorted(maps.Keys(template.Resources))
	i := slices.IndexFunc(ids, func(id string) bool { return template.Resources[id].Type == typ })
	if i < 0 {
		a.t.Fatalf("no %s in %s", typ, stack)
	}
	return ids[i]
}

func (a *account) wantStatus(region, stack, want string) {
	a.t.Helper()
	if got, reason := a.Engine.Status(region, stack); got != want {
		a.t.Errorf("%s: status %q (%s), want %q", stack, got, reason, want)
	}
}

// TestDeploy_First: nothing is there, and a resource cannot be created. That rolls its own stack back and stops what depends on it;
// the next deployment goes on there, and one more has nothing to do.
func TestDeploy_First(t *testing.T) {
	a := newAccount(t)
	a.write(string(readFile(t, "../internal/change/testdata/network.yaml")))
	if out := a.diff(0, nil); !strings.Contains(out, "reference: nothing is deployed, so everything is created\n") {
		t.Errorf("pathproof diff:\n%s", out)
	}
	a.Engine.Fail(cfntest.Failure{Stack: edgeStack, LogicalID: a.resource(edgeStack, "AWS::EC2::InternetGateway"), Action: cfntest.Create,
		Reason: "The maximum number of internet gateways has been reached."})
	out, err := a.cdk("deploy", "--all")
	if err == nil || !strings.Contains(out, "The maximum number of internet gateways has been reached.") {
		t.Fatalf("got %v\n%s", err, out)
	}
	a.wantStatus(oregon, edgeStack, "ROLLBACK_COMPLETE")
	a.wantStatus(oregon, "reference-network-us-west-2", "CREATE_COMPLETE")
	a.wantStatus(oregon, "reference-routes-us-west-2", "")
	report, status := a.pathproof("check", "--against", "deployed") // as make deploy does
	if status != 0 || strings.Count(report, "NET908") != 2 || !strings.Contains(report, "stack "+edgeStack+" holds nothing, got state ROLLBACK_COMPLETE") {
		t.Errorf("status %d\n%s", status, report)
	}
	a.Engine.Heal()
	a.mustCDK("deploy", "--all", "--concurrency", "4")
	a.settled()
	if out := a.mustCDK("deploy", "--all", "--concurrency", "4"); strings.Count(out, "(no changes)") != 17 {
		t.Errorf("another deployment does something:\n%s", out)
	}
}

// A rollback that fails leaves a stack that nothing can update. It is reported before anything is deployed, and the command that
// the report names brings it back.
func TestDeploy_FailedRollbackIsReported(t *testing.T) {
	reference := string(readFile(t, "../internal/change/testdata/network.yaml"))
	a := newAccount(t)
	a.deployed(reference)
	a.write(replaceAll(t, reference, "ip: 203.0.113.10, asn: 65010", "ip: 203.0.113.11, asn: 65010", "      failover: 30s\n", "      failover: 30s\n      logs: {retention: 30d}\n"))
	const stack = "reference-network-ap-northeast-2"
	connection, log := a.resource(stack, "AWS::EC2::VPNConnection"), "SiteidcActivityLogFBF82D07"
	a.Engine.Fail(cfntest.Failure{Stack: stack, LogicalID: connection, Action: cfntest.Update, Reason: "VPN connections are being modified"})
	a.Engine.Fail(cfntest.Failure{Stack: stack, LogicalID: log, Action: cfntest.Update, Rollback: true, Reason: "OperationAbortedException", Times: 1})
	if out, err := a.cdk("deploy", "--all"); err == nil {
		t.Fatalf("the deployment succeeds:\n%s", out)
	}
	a.wantStatus(seoul, stack, "UPDATE_ROLLBACK_FAILED")
	a.Engine.Heal()
	report, status := a.pathproof("check", "--against", "deployed")
	if status != 2 || !strings.Contains(report, "error NET907 stack "+stack+" cannot be updated, got state UPDATE_ROLLBACK_FAILED (The following resource(s) failed to update: ["+log+"])") {
		t.Errorf("status %d\n%s", status, report)
	}
	_, command, _ := strings.Cut(report, "then run npx cdk ")
	command, _, _ = strings.Cut(command, " and deploy again")
	a.mustCDK(strings.Fields(command)...)
	a.wantStatus(seoul, stack, "UPDATE_ROLLBACK_COMPLETE")
	a.mustCDK("deploy", "--all", "--concurrency", "4")
	a.settled()
}

// The CDK CLI is killed, or its credentials expire, while CloudFormation is at work. What runs goes on, a report says so, and the next
// deployment does the rest.
func TestDeploy_InterruptedDeploymentConverges(t *testing.T) {
	a := newAccount(t)
	a.write(string(readFile(t, "../internal/change/testdata/network.yaml")))
	reached, release := a.Engine.Hold(edgeStack, a.resource(edgeStack, "AWS::EC2::InternetGateway"))
	c, out := a.cdkCommand("deploy", "--all")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-reached
	a.wantStatus(oregon, edgeStack, "CREATE_IN_PROGRESS")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil {
		t.Fatalf("the killed CLI ended well:\n%s", out)
	}
	report, status := a.pathproof("check", "--against", "deployed")
	if status != 2 || !strings.Contains(report, "stack "+edgeStack+" cannot be updated, got state CREATE_IN_PROGRESS: an operation is under way; wait for its end and run this again") {
		t.Errorf("status %d\n%s", status, report)
	}
	release()
	a.settle(oregon, edgeStack, "CREATE_COMPLETE")

	a.Break(cfntest.Fault{Operation: "ExecuteChangeSet", Region: tokyo, Code: "ExpiredToken", Message: "The security token included in the request is expired"})
	if out, err := a.cdk("deploy", "--all"); err == nil {
		t.Fatalf("the deployment succeeds with expired credentials:\n%s", out)
	}
	a.Repair()
	a.wantStatus(tokyo, "reference-peer-seoul-tokyo", "REVIEW_IN_PROGRESS")
	report, status = a.pathproof("check", "--against", "deployed")
	if status != 0 || !strings.Contains(report, "stack reference-peer-seoul-tokyo holds nothing, got state REVIEW_IN_PROGRESS") {
		t.Errorf("status %d\n%s", status, report)
	}
	a.mustCDK("deploy", "--all", "--concurrency", "4")
	a.settled()
}

// settle waits until CloudFormation is done with a stack.
func (a *account) settle(region, stack, want string) {
	a.t.Helper()
	for range 500 {
		if status, _ := a.Engine.Status(region, stack); !strings.HasSuffix(status, "_IN_PROGRESS") {
			break
		}
		time.Sleep(10 * time.Millisecond) // another goroutine of this process is at it
	}
	a.wantStatus(region, stack, want)
}

// TestDeploy_SwitchOfPeeringModes: a slot changes hands between resources, which plain deployment cannot do. The two deployments
// that the report names can.
func TestDeploy_SwitchOfPeeringModes(t *testing.T) {
	after, without, before := switchFiles(t)
	a := newAccount(t)
	a.deployed(before)
	a.write(after)
	report := a.diff(2, []string{"NET903"})
	want := "  1. deploy this file without peering/tgw\n  2. deploy this file\n"
	if !strings.Contains(report, want) {
		t.Fatalf("no recipe in\n%s", report)
	}
	if out, err := a.cdk("deploy", "--all"); err == nil || !strings.Contains(out, "already exists") {
		t.Fatalf("plain deployment: %v\n%s", err, out)
	}
	a.write(without)
	a.steps(a.diff(0, []string{"NET904"}))
	a.write(after)
	a.diff(0, nil)
	a.mustCDK("deploy", "--all", "--concurrency", "4")
	a.settled()
}

// A protected network refuses to go until the configuration says that it may.
func TestDeploy_ProtectedNetworkTakesTwoSteps(t *testing.T) {
	reference := string(readFile(t, "../internal/change/testdata/network.yaml"))
	protected := replaceAll(t, reference, "protect: false", "protect: true")
	a := newAccount(t)
	a.deployed(protected)
	out, err := a.cdk("destroy", "--all", "--force")
	if err == nil || !strings.Contains(out, "cannot be deleted while TerminationProtection is enabled") {
		t.Fatalf("destroy: %v\n%s", err, out)
	}
	a.wantStatus(seoul, "reference-network-ap-northeast-2-app", "CREATE_COMPLETE")

	// A network is taken out of a protected file: its stack is left behind, still protected.
	cut := part(t, reference, "  oregon/service:", "  oregon/edge:")
	edit := append(lines(t, reference, "  oregon-target: {", "  isolated: {", "  - {from: oregon/service"), cut, "")
	a.deployed(replaceAll(t, protected, edit...))
	report := a.diff(0, []string{"NET904"}, "--allow-destroy", "network/oregon/service")
	if !strings.Contains(report, "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name reference-network-us-west-2-service") {
		t.Errorf("the report does not switch the protection off:\n%s", report)
	}
	a.steps(report)
	a.settled()

	a.write(replaceAll(t, reference, edit...))
	a.mustCDK("deploy", "--all", "--concurrency", "4")
	a.mustCDK("destroy", "--all", "--force", "--concurrency", "4")
	if left := a.Engine.State(); len(left) > 0 {
		t.Errorf("%d stacks are left", len(left))
	}
}

// What pathproof diff finds that no deployment told it: a stack in a Region that nothing names, one that somebody deleted, a
// plan that is gone.
func TestDeploy_WhatWasDoneByHand(t *testing.T) {
	reference := string(readFile(t, "../internal/change/testdata/network.yaml"))
	a := newAccount(t)
	a.deployed(replaceAll(t, reference, "  oregon: {region: us-west-2}\n", "  oregon: {region: us-west-2}\n  spare: {region: eu-west-1}\n"))
	a.deployed(reference)
	a.settled()
	report := a.diff(0, []string{"NET904"}, "--regions", "eu-west-1")
	a.steps(report)
	if report := a.diff(0, nil, "--regions", "eu-west-1"); strings.Contains(report, "NET904") {
		t.Errorf("it is still there:\n%s", report)
	}
	if err := a.Engine.Delete(&cfn.Stack{Name: "reference-ops-us-west-2", Region: oregon, Account: cfntest.Account}); err != nil {
		t.Fatal(err)
	}
	if report := a.diff(0, []string{"NET908"}); !strings.Contains(report, "stacks that are gone: reference-ops-us-west-2;") || !strings.Contains(report, "none is in us-west-2") {
		t.Errorf("got\n%s", report)
	}
	a.DeleteObjects()
	if report := a.diff(0, []string{"NET908"}); !strings.Contains(report, "the plan of the last deployment is gone, got nothing at s3://cdk-hnb659fds-assets-123456789012-ap-northeast-2/") {
		t.Errorf("got\n%s", report)
	}
}

// What cannot be read ends the program with status 1 and the permission that is missing. Throttling is waited out.
func TestDeploy_ReadingFailsLoudly(t *testing.T) {
	a := newAccount(t)
	a.deployed(string(readFile(t, "../internal/change/testdata/network.yaml")))
	for _, tt := range []struct {
		fault cfntest.Fault
		want  string
	}{
		{cfntest.Fault{Operation: "DescribeStacks", Region: tokyo, Status: 403, Code: "AccessDenied", Message: "User: test is not authorized"},
			`pathproof: ap-northeast-1 of account 123456789012: cloudformation DescribeStacks failed, got "AccessDenied: User: test is not authorized"; allow cloudformation:DescribeStacks and cloudformation:ListStacks`},
		{cfntest.Fault{Operation: "GetParameter", Region: tokyo, Code: "AccessDeniedException", Message: "no"},
			`pathproof: ap-northeast-1 of account 123456789012: parameter /pathproof/reference/plan: ssm GetParameter failed, got "AccessDeniedException: no"; allow ssm:GetParameter`},
		{cfntest.Fault{Operation: "GetObject", Status: 403, Code: "AccessDenied", Message: "Access Denied"}, `s3 GetObject failed, got "AccessDenied: Access Denied"; allow s3:GetObject, s3:ListBucket and, for its key, kms:Decrypt`},
		{cfntest.Fault{Operation: "GetTemplate", Status: 403, Code: "AccessDenied", Message: "no", Times: 1}, `cloudformation GetTemplate failed, got "AccessDenied: no"; allow cloudformation:GetTemplate`},
		{cfntest.Fault{Operation: "GetCallerIdentity", Status: 403, Code: "ExpiredToken", Message: "The security token included in the request is expired"},
			`pathproof: sts GetCallerIdentity failed, got "ExpiredToken: The security token included in the request is expired"; log in again, and enable the Region in the account if it is one of those that have to be`},
		{cfntest.Fault{Operation: "GetTemplate", Region: tokyo, Cut: true}, "cloudformation GetTemplate failed, got \"EOF\"; "},
		{cfntest.Fault{Operation: "DescribeStacks", Region: oregon, Code: "Throttling", Message: "Rate exceeded", Times: 2}, ""},
	} {
		a.Break(tt.fault)
		out, status := a.pathproof("diff")
		a.Repair()
		switch {
		case tt.want == "" && status != 0:
			t.Errorf("%+v: status %d\n%s", tt.fault, status, out)
		case tt.want != "" && (status != 1 || !strings.Contains(out, tt.want) || strings.Contains(out, "resources")):
			t.Errorf("%+v: status %d, want %q in\n%s", tt.fault, status, tt.want, out)
		}
	}
}
