package pathprooftest_test

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/pathprooftest"
)

func keeps(t *testing.T, a app, allow ...string) []string {
	t.Helper()
	return said(t, func(t testing.TB) { pathprooftest.KeepsProtected(t, a.synth(t), "snapshots", allow...) })
}

func TestKeepsProtected_Holds(t *testing.T) {
	snapshots(t, newApp())
	for name, now := range map[string]app{
		"no change":               newApp(),
		"an update in place":      newApp().with(t, "net", `"EnableDnsSupport": true`, `"EnableDnsSupport": false`),
		"what nobody holds on to": newApp().with(t, "net", `"CidrBlock": "172.16.0.0/20"`, `"CidrBlock": "172.16.16.0/20"`),
	} {
		t.Run(name, func(t *testing.T) { want(t, keeps(t, now)) })
	}
}

func TestKeepsProtected_Fails(t *testing.T) {
	snapshots(t, newApp())
	for name, c := range map[string]struct {
		now  app
		want []string
	}{
		"a replaced VPC": {newApp().with(t, "net", "172.16.0.0/16", "172.17.0.0/16"), []string{
			`error: VPC net/Vpc would be replaced, CidrBlock "172.16.0.0/16" -> "172.17.0.0/16"; take that back, or allow it: KeepsProtected(..., "net/Vpc")`}},
		"a VPC that may be replaced": {newApp().with(t, "net", `"EnableDnsSupport": true`, `"InstanceTenancy": "dedicated"`), []string{
			`error: VPC net/Vpc may be replaced, depending on what AWS finds, InstanceTenancy none -> "dedicated"; take that back, or allow it: KeepsProtected(..., "net/Vpc")`}},
		"a deleted VPC": {newApp().with(t, "net", `"Vpc": {"Type"`, `"Network": {"Type"`), []string{
			`error: VPC net/Vpc would be deleted; put it back, or allow it: KeepsProtected(..., "net/Vpc")`}},
		"a key that stays behind": {newApp().with(t, "net", `"Key": {"Type"`, `"Key2": {"Type"`), []string{
			`error: key net/Key would be left behind in the account, outside its stack; put it back, or allow it: KeepsProtected(..., "net/Key")`}},
		"what only the template retains": {newApp().with(t, "app", `"LogGroupName": "/app"`, `"LogGroupName": "/other"`), []string{
			`error: retained AWS::Logs::LogGroup app/Logs would be replaced, LogGroupName "/app" -> "/other"; take that back, or allow it: KeepsProtected(..., "app/Logs")`}},
		"a stack that is gone": {newApp().without("net"), []string{
			`error: key net/Key would be left behind in the account when its stack is deleted, which the app does not have any more; put it back, or allow it: KeepsProtected(..., "net/Key")`,
			`error: VPC net/Vpc would be deleted with its stack, which the app does not have any more; put it back, or allow it: KeepsProtected(..., "net/Vpc")`}},
	} {
		t.Run(name, func(t *testing.T) { want(t, keeps(t, c.now), c.want...) })
	}
}

// A replacement reaches other stacks through exports, and through outputs that they look up.
func TestKeepsProtected_FollowsReplacementsBetweenStacks(t *testing.T) {
	for name, vpc := range map[string]string{
		"exported":  `{"Fn::ImportValue": "net:Vpc"}`,
		"looked up": `{"Fn::GetStackOutput": {"StackName": "net", "OutputName": "VpcId", "Region": "ap-northeast-2"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp().with(t, "app", `"DeletionPolicy": "Retain", "Properties": {"LogGroupName": "/app"}`,
				`"Properties": {}}, "Table": {"Type": "AWS::EC2::RouteTable", "UpdateReplacePolicy": "Retain", "Properties": {"VpcId": `+vpc+`}`)
			snapshots(t, a)
			want(t, keeps(t, a.with(t, "net", "172.16.0.0/16", "172.17.0.0/16"), "net/Vpc"),
				`error: retained AWS::EC2::RouteTable app/Table would be replaced and the old one left behind in the account, VpcId follows net/Vpc; take that back, or allow it: KeepsProtected(..., "app/Table")`)
		})
	}
}

func TestKeepsProtected_Allows(t *testing.T) {
	snapshots(t, newApp())
	now := newApp().with(t, "net", "172.16.0.0/16", "172.17.0.0/16")
	want(t, keeps(t, now, "net/Vpc"))
	want(t, keeps(t, now, "net"))
	want(t, keeps(t, newApp(), "net/Vpc"), `log: nothing is lost that "net/Vpc" would allow; take it out`)
}

func TestKeepsProtected_FailsWithoutSnapshots(t *testing.T) {
	t.Chdir(t.TempDir())
	want(t, keeps(t, newApp()), "error: no snapshots in snapshots to compare with; write them with Snapshot, by go test -run '^TestNetwork$' -update")
}

// The flag does not wave a loss through: whichever comes first, the snapshots stay as they are.
func TestKeepsProtected_KeepsSnapshotsFromBeingRewritten(t *testing.T) {
	snapshots(t, newApp())
	now := newApp().with(t, "net", "172.16.0.0/16", "172.17.0.0/16")
	test := func(allow ...string) func(testing.TB) {
		return func(t testing.TB) {
			assembly := now.synth(t)
			pathprooftest.Snapshot(t, assembly, "snapshots")
			pathprooftest.KeepsProtected(t, assembly, "snapshots", allow...)
		}
	}
	got := updated(t, test())
	if len(got) != 2 || !strings.HasPrefix(got[0], "error: VPC net/Vpc would be replaced") || got[1] != "log: snapshots is not rewritten, because the test has failed" {
		t.Errorf("got %q", got)
	}
	want(t, saidBySnapshot(t, newApp()))
	want(t, updated(t, test("net/Vpc")))
	want(t, saidBySnapshot(t, now))
}
