package change_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/problem"
)

const accounts = "../check/testdata/good/accounts.yaml"

// changed compares a configuration with itself, edited.
func changed(t *testing.T, file string, before, after edit, allow ...string) (*change.Report, string) {
	t.Helper()
	data := read(t, file)
	was, now := plan(t, "before.yaml", before.apply(t, data)).Plan, plan(t, "after.yaml", after.apply(t, data)).Plan
	r := change.Compare(change.Deployed{Plan: written(t, was, [2]string{})}, now, allow)
	var out bytes.Buffer
	if err := change.Write(&out, r, false); err != nil {
		t.Fatal(err)
	}
	return r, out.String()
}

func messages(r *change.Report, code problem.Code) []string {
	var out []string
	for _, p := range r.Problems {
		if p.Code == code {
			out = append(out, p.Message)
		}
	}
	return out
}

// Stacks keep their names when the account behind an alias is another one, and are other stacks: everything in the old ones goes.
func TestCompare_AnotherAccount(t *testing.T) {
	r, out := changed(t, accounts, nil, edit{{`net: "111122223333"`, `net: "999922223333"`}})
	lost := messages(r, problem.Destroyed)
	if want := "VPC network/seoul/hub would be deleted with its stack accounts-network-net-ap-northeast-2-hub (of ap-northeast-2, account 111122223333); "; len(lost) == 0 || !strings.HasPrefix(lost[0], want) {
		t.Errorf("got %q, want %q", lost, want)
	}
	if moved := messages(r, problem.ResourceMoved); moved != nil {
		t.Errorf("got %q", moved)
	}
	for _, want := range []string{
		"  ~ account net\n      was 111122223333\n      now 999922223333\n",
		"       aws cloudformation delete-stack --stack-name accounts-network-net-ap-northeast-2-hub --region ap-northeast-2  # account 111122223333\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("not in the report: %q\n%s", want, out)
		}
	}
	for _, x := range r.Resources {
		if x.Name == "network/seoul/hub" && x.Action == cfn.Replace {
			t.Error("the VPC is replaced in place, in an account that does not have it")
		}
	}
	if allowed, _ := changed(t, accounts, nil, edit{{`net: "111122223333"`, `net: "999922223333"`}}, "network/seoul/hub"); messages(allowed, problem.Destroyed) != nil {
		t.Errorf("still refused: %q", messages(allowed, problem.Destroyed))
	}
}

// A peering between other ends can have its stack in another Region under the old name.
func TestCompare_PeeringElsewhere(t *testing.T) {
	other := edit{{peered, "  seoul-tokyo: {between: [seoul/vpn, seoul/web], dns: both}\n"}, {peeringPath, ""}, {comparison, ""}, {peeringOpen, ""}}
	r, out := changed(t, reference, nil, other)
	if moved := messages(r, problem.ResourceMoved); moved != nil {
		t.Errorf("got %q", moved)
	}
	if want := "aws cloudformation delete-stack --stack-name reference-peer-seoul-tokyo --region ap-northeast-1"; !strings.Contains(out, want) {
		t.Errorf("not in the report: %s\n%s", want, out)
	}
	if len(r.Elsewhere) != 1 || r.Elsewhere[0].Stack != "reference-peer-seoul-tokyo" || r.Elsewhere[0].Region != "ap-northeast-1" {
		t.Errorf("got %+v", r.Elsewhere)
	}
	last := r.Steps[len(r.Steps)-1]
	if last.Action != change.Remove || !slices.Contains(last.Stacks, r.Elsewhere[0].Name) {
		t.Errorf("the last step is %+v", last)
	}
}

// What a file says is no move, however many stacks it touches.
func TestCompare_OrdinaryEditsAreNoMoves(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		edit edit
	}{
		"alerts elsewhere":  {reference, edit{{"alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}", "alerts: {home: tokyo}"}}},
		"account renamed":   {accounts, edit{{"accounts: {net:", "accounts: {core:"}, {"account: net}", "account: core}"}}},
		"region code":       {accounts, edit{{"tokyo: {region: ap-northeast-1", "tokyo: {region: us-west-2"}, {"zones: [apne1-az1]", "zones: [usw2-az1]"}}},
		"region of its own": {accounts, edit{{"tiers: [private/20], account: app}", "tiers: [private/20]}"}, {"  inside: {between: [seoul/own, tokyo/app]}\n", ""}, {`  near: {between: [seoul/hub, seoul/own], acceptRole: "arn:aws:iam::444455556666:role/accept-peering"}`, "  near: {between: [seoul/hub, seoul/own]}"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := changed(t, c.file, nil, c.edit)
			if moved := messages(r, problem.ResourceMoved); moved != nil {
				t.Errorf("got %q", moved)
			}
			if name != "alerts elsewhere" && messages(r, problem.Destroyed) == nil {
				t.Error("nothing is refused, although VPCs go")
			}
		})
	}
}
