package deployed

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// A Region that the file has no more is found through the stored plan, one that no plan has only when it is named.
func TestRead_Orphans(t *testing.T) {
	w, deployed := reference(t)
	elsewhere := environment{own, "eu-west-1"}
	w.add(elsewhere, "reference-network-eu-west-1", []byte(`{"Resources": {"Marker": {"Type": "AWS::SSM::Parameter"}}}`)).protected = true
	plan := planOf(t, "../check/testdata/good/base.yaml")
	plan.Name = "reference" // another network's file under this name: nothing of the reference network is in it
	stacks := func(d change.Deployed) []string {
		var names []string
		for _, s := range d.Stacks {
			names = append(names, s.Name)
		}
		slices.Sort(names)
		return names
	}
	var want []string
	for _, s := range deployed.Stacks {
		want = append(want, s.Name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, stacks(mustRead(t, w, plan, Options{}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	d := mustRead(t, w, plan, Options{Regions: []string{"eu-west-1"}})
	if !slices.Contains(stacks(d), "reference-network-eu-west-1") {
		t.Error("the stack of the Region that was named is not there")
	}
	var out strings.Builder
	if err := change.Write(&out, change.Compare(d, plan, nil), false); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{
		"aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name reference-network-eu-west-1 --region eu-west-1",
		"aws cloudformation delete-stack --stack-name reference-network-eu-west-1 --region eu-west-1",
		"aws cloudformation wait stack-delete-complete --stack-name reference-network-eu-west-1 --region eu-west-1",
	} {
		if !strings.Contains(out.String(), "       "+command+"\n") {
			t.Errorf("not in the report: %s", command)
		}
	}
}

// The plan that is stored last does not have what was taken out, and whoever allows its loss names it as in the file.
func TestRead_OrphanKeepsItsName(t *testing.T) {
	w, _ := reference(t)
	now := planOf(t, "testdata/without-tokyo.yaml")
	for _, e := range []environment{seoul, tokyo, oregon} {
		w.store(t, e, now, "later", noon)
	}
	d := mustRead(t, w, now, Options{Regions: []string{"ap-northeast-1"}})
	r := change.Compare(d, now, []string{"network/tokyo/service"})
	var lost []string
	for _, x := range r.Resources {
		// The file has no ways in either, which is not what this is about.
		if x.Protected != "" && strings.HasPrefix(x.Name, "network/tokyo/") {
			lost = append(lost, x.Name)
			if !x.Allowed {
				t.Errorf("%s is not allowed to go", x.Name)
			}
		}
	}
	if diff := cmp.Diff([]string{"network/tokyo/service", "network/tokyo/service/NetworkserviceOpenVpntokyoAddressBDB7016C", "network/tokyo/service/NetworkserviceOpenVpntokyoSecret53B5E83C"}, lost); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A Region that the newest plan has left keeps its last plan; its stacks are being removed and nobody misses one.
func TestRead_RemovedRegionIsNoHalfDoneDeployment(t *testing.T) {
	w, before := reference(t)
	now := planOf(t, "testdata/without-tokyo.yaml")
	for _, e := range []environment{seoul, oregon} {
		w.store(t, e, now, "later", noon.AddDate(0, 0, 1))
	}
	for _, name := range []string{"reference-routes-ap-northeast-2", "reference-network-ap-northeast-2-vpn"} {
		delete(w.at(seoul).byName, name) // they changed, which is not what this is about
	}
	delete(w.at(tokyo).byName, "reference-ops-ap-northeast-1")
	delete(w.at(seoul).byName, "reference-ops-ap-northeast-2")
	delete(w.at(oregon).byName, "reference-accelerator-edge")
	d := mustRead(t, w, now, Options{})
	for _, p := range d.Problems {
		if strings.Contains(p.Message, "ap-northeast-1") || strings.Contains(p.Message, "differ") {
			t.Errorf("got %s", p.Message)
		}
	}
	if before.Stack("reference-ops-ap-northeast-1") == nil {
		t.Error("the stack that is deleted was never there")
	}
}

// Others' stacks do not count, unless they stand where a stack of the plan belongs and would be updated.
func TestRead_TagOrName(t *testing.T) {
	w, plan := reference(t)
	w.add(seoul, "others", []byte(`{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}`)).network = "another"
	w.add(seoul, "untagged", []byte(`{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}`)).network = ""
	w.at(seoul).byName["reference-network-ap-northeast-2-app"].network = ""
	d := mustRead(t, w, plan, Options{})
	if len(d.Stacks) != len(plan.Stacks) || d.Problems != nil {
		t.Errorf("got %d stacks and %v", len(d.Stacks), d.Problems)
	}
}

// A peering that is made anew between other Regions keeps the name of its stack.
func TestRead_StackOfThatNameElsewhere(t *testing.T) {
	w, plan := reference(t)
	w.add(oregon, "reference-peer-seoul-tokyo", w.at(tokyo).templates["reference-peer-seoul-tokyo"])
	w.at(oregon).byName["reference-peer-seoul-tokyo"].protected = true
	d := mustRead(t, w, plan, Options{})
	if d.Problems != nil {
		t.Errorf("got %v", found(d))
	}
	var out strings.Builder
	if err := change.Write(&out, change.Compare(d, plan, nil), false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  0 created, 0 replaced, 0 deleted, 1 in stacks that are to be deleted; ",
		"       aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name reference-peer-seoul-tokyo --region us-west-2  # account 111122223333\n",
		"       aws cloudformation delete-stack --stack-name reference-peer-seoul-tokyo --region us-west-2  # account 111122223333\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("not in the report: %q\n%s", want, out.String())
		}
	}
}

// A network that gets another account leaves its stacks in the old one, under names that the new ones have as well. They are
// found in the credentials' own account, and what they hold does not go unnoticed.
func TestRead_AccountChanges(t *testing.T) {
	const was, now = "222233334444", "999922223333"
	text, err := os.ReadFile("../check/testdata/good/accounts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	planIn := func(account string) *topology.Plan {
		r := check.Data("accounts.yaml", bytes.Replace(text, []byte("net: \"111122223333\""), []byte("net: \""+account+"\""), 1))
		if !r.OK() {
			t.Fatal(r.Problems)
		}
		return r.Plan
	}
	for _, old := range []string{own, was} { // only the plan that lies in the other account names the second
		before, after := planIn(old), planIn(now)
		w := &world{places: map[environment]*place{}}
		hub := before.NetworkStackName(before.Network("seoul/hub"))
		w.add(environment{old, "ap-northeast-2"}, hub, []byte(`{"Description": "x", "Resources": {"NetworkhubV": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}}}`)).network = "accounts"
		if old == was {
			w.store(t, environment{"444455556666", "ap-northeast-1"}, before, "before", noon)
		}
		d := mustRead(t, w, after, Options{})
		var refused []string
		for _, p := range change.Compare(d, after, nil).Problems {
			if p.Code == problem.Destroyed {
				refused = append(refused, p.Message)
			}
		}
		if want := "deleted with its stack " + hub + " (of ap-northeast-2, account " + old + ")"; len(refused) != 1 || !strings.Contains(refused[0], want) {
			t.Errorf("account %s: got %q, want %q", old, refused, want)
		}
	}
}

func TestRead_Accounts(t *testing.T) {
	w, plan := &world{places: map[environment]*place{}}, planOf(t, "../check/testdata/good/accounts.yaml")
	mustRead(t, w, plan, Options{Regions: []string{"eu-west-1"}})
	want := map[environment]string{}
	for _, at := range plan.Places() {
		account := at.AccountID
		if account == "" {
			account = own
		}
		want[environment{account, at.Region}], want[environment{own, at.Region}] = at.Region, at.Region
		extra := environment{account, "eu-west-1"}
		if want[extra] == "" {
			want[extra] = at.Region // the bootstrap of a Region in use: the one that is searched may have none
		}
	}
	if diff := cmp.Diff(want, w.entered, cmp.AllowUnexported(environment{})); diff != "" {
		t.Errorf("environments and the Regions of their roles (-want +got):\n%s", diff)
	}
	accounts := map[string]bool{}
	for e := range w.entered {
		accounts[e.account] = true
	}
	if len(accounts) < 2 {
		t.Errorf("the configuration has accounts %v: the test looks at nothing", slices.Collect(maps.Keys(accounts)))
	}
}

// What cannot be read is never taken for what is not there.
func TestRead_FailsWhenAnythingCannotBeRead(t *testing.T) {
	broken := errors.New("AccessDenied")
	for _, call := range []string{"stacks", "parameter /pathproof/reference/plan", "object s3://assets-ap-northeast-1/now.json", "template of reference-peer-seoul-tokyo"} {
		t.Run(call, func(t *testing.T) {
			w, plan := reference(t)
			w.at(tokyo).fail[call] = broken
			d, err := read(context.Background(), w, plan, Options{})
			if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "ap-northeast-1 of account 111122223333: ") || d.Stacks != nil || d.Plan != nil {
				t.Errorf("got %+v and error %v", d, err)
			}
		})
	}
	t.Run("credentials", func(t *testing.T) {
		w, plan := reference(t)
		w.broken = broken
		if _, err := read(context.Background(), w, plan, Options{}); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("every problem at once", func(t *testing.T) {
		w, plan := reference(t)
		for _, e := range []environment{seoul, tokyo, oregon} {
			w.at(e).fail["stacks"] = broken
		}
		_, err := read(context.Background(), w, plan, Options{})
		for _, e := range []environment{seoul, tokyo, oregon} {
			if err == nil || !strings.Contains(err.Error(), e.String()) {
				t.Errorf("%s is not in %v", e, err)
			}
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		w, plan := reference(t)
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(broken)
		if _, err := read(ctx, w, plan, Options{}); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		for e, p := range w.places {
			if len(p.calls) > 0 {
				t.Errorf("%s: %v", e, p.calls)
			}
		}
	})
	t.Run("a plan that is none", func(t *testing.T) {
		w, plan := reference(t)
		w.at(tokyo).objects[w.at(tokyo).plan] = []byte("{}")
		_, err := read(context.Background(), w, plan, Options{})
		if want := "ap-northeast-1 of account 111122223333: s3://assets-ap-northeast-1/now.json: not a plan, got JSON without format or stacks; give the output of pathproof plan --json"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("a template that is none", func(t *testing.T) {
		w, plan := reference(t)
		w.at(tokyo).templates["reference-peer-seoul-tokyo"] = []byte("Resources:\n  A: {}\n")
		_, err := read(context.Background(), w, plan, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "what is deployed cannot be compared: reference-peer-seoul-tokyo: not a CloudFormation template in JSON") {
			t.Errorf("got %v", err)
		}
	})
}
