package deployed

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/topology"
)

var (
	seoul  = environment{own, "ap-northeast-2"}
	tokyo  = environment{own, "ap-northeast-1"}
	oregon = environment{own, "us-west-2"}
)

func mustRead(t *testing.T, w *world, plan *topology.Plan, opts Options) change.Deployed {
	t.Helper()
	d, err := read(context.Background(), w, plan, opts)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// found are the codes and messages of problems.
func found(d change.Deployed) []string {
	var out []string
	for _, p := range d.Problems {
		out = append(out, strings.TrimSpace(string(p.Code)+" "+p.Path)+": "+p.Message)
	}
	return out
}

// Templates hold more than plans: functions, their roles and logs. None of that may look like a change.
func TestRead_WhatIsDeployedAsPlannedDoesNotChange(t *testing.T) {
	w, plan := reference(t)
	d := mustRead(t, w, plan, Options{})
	if got := found(d); got != nil {
		t.Errorf("problems: %q", got)
	}
	r := change.Compare(d, plan, nil)
	if len(r.Differences)+len(r.Resources)+len(r.Problems) > 0 || len(r.Steps) != 1 {
		t.Errorf("got %+v", r)
	}
	if want := "account 111122223333 in ap-northeast-1, ap-northeast-2, us-west-2"; d.Source != want {
		t.Errorf("source: got %q, want %q", d.Source, want)
	}
	i := slices.IndexFunc(d.Stacks, func(s *cfn.Stack) bool { return s.Name == "reference-peer-web-edge" })
	if got := d.Stacks[i].Resources[0].Name; got != "peering/web-edge" {
		t.Errorf("the connection is called %q", got)
	}
	objects := 0
	for _, p := range w.places {
		for _, call := range p.calls {
			if strings.HasPrefix(call, "object ") {
				objects++
			}
		}
	}
	if objects != 1 {
		t.Errorf("one plan in three Regions was read %d times", objects)
	}
}

func TestRead_NothingDeployed(t *testing.T) {
	w, plan := &world{places: map[environment]*place{}}, planOf(t, "../../pathproof.yaml")
	d := mustRead(t, w, plan, Options{})
	if d.Stacks == nil || len(d.Stacks) > 0 || d.Plan.Name != "reference" || len(d.Plan.Stacks) > 0 || d.Problems != nil {
		t.Errorf("got %+v", d)
	}
	r := change.Compare(d, plan, nil)
	for _, x := range r.Resources {
		if x.Action != cfn.Create {
			t.Errorf("%s: %s", x.Name, x.Action)
		}
	}
	if !r.Nothing || len(r.Resources) < 100 || len(r.Problems) > 0 {
		t.Errorf("got %d resources, nothing %t, problems %v", len(r.Resources), r.Nothing, r.Problems)
	}
}

func TestRead_States(t *testing.T) {
	const name = "reference-network-ap-northeast-2-app"
	for _, tt := range []struct {
		status, reason string
		protected      bool
		want           string // empty: no problem
	}{
		{status: "CREATE_COMPLETE"}, {status: "UPDATE_COMPLETE"}, {status: "UPDATE_ROLLBACK_COMPLETE"}, {status: "IMPORT_COMPLETE"}, {status: "IMPORT_ROLLBACK_COMPLETE"},
		{status: "UPDATE_ROLLBACK_FAILED", reason: "The following resource(s) failed to update: [Vpc]. ",
			want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state UPDATE_ROLLBACK_FAILED (The following resource(s) failed to update: [Vpc]): its update failed and so did going back; " +
				"correct what its events show (aws cloudformation describe-stack-events --stack-name reference-network-ap-northeast-2-app --region ap-northeast-2), then run npx cdk rollback reference-network-ap-northeast-2-app and deploy again"},
		{status: "UPDATE_FAILED", want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state UPDATE_FAILED: its update failed and was not rolled back; " +
			"correct what its events show, then run npx cdk rollback reference-network-ap-northeast-2-app and deploy again"},
		{status: "CREATE_FAILED", want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state CREATE_FAILED: its creation failed and was not rolled back; " +
			"correct what its events show, then run npx cdk rollback reference-network-ap-northeast-2-app, which leaves nothing of it, and deploy again"},
		{status: "ROLLBACK_FAILED", want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state ROLLBACK_FAILED: its creation failed and so did deleting what was created; " +
			"correct what its events show, delete it (aws cloudformation delete-stack --stack-name reference-network-ap-northeast-2-app --region ap-northeast-2) and deploy again"},
		{status: "DELETE_FAILED", want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state DELETE_FAILED: deleting it failed; " +
			"remove what its events show to be in use and delete it again: aws cloudformation delete-stack --stack-name reference-network-ap-northeast-2-app --region ap-northeast-2"},
		{status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: an operation is under way; wait for its end and run this again"},
		{status: "SOMETHING_NEW", want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state SOMETHING_NEW: this version of pathproof does not know the state; " +
			"look at its events (aws cloudformation describe-stack-events --stack-name reference-network-ap-northeast-2-app --region ap-northeast-2)"},
		// cdk deploy takes care of these two, unless it may not delete the stack.
		{status: "ROLLBACK_COMPLETE", want: "NET908 networks[seoul/app]: stack reference-network-ap-northeast-2-app holds nothing, got state ROLLBACK_COMPLETE: its creation failed; correct the cause and deploy again, and cdk deploy makes it anew"},
		{status: "REVIEW_IN_PROGRESS", want: "NET908 networks[seoul/app]: stack reference-network-ap-northeast-2-app holds nothing, got state REVIEW_IN_PROGRESS: a deployment stopped before it began with it; deploy again"},
		{status: "ROLLBACK_COMPLETE", protected: true, want: "NET907 networks[seoul/app]: stack reference-network-ap-northeast-2-app cannot be updated, got state ROLLBACK_COMPLETE: its creation failed and nothing of it is left, and termination protection keeps cdk deploy from making it anew; " +
			"switch that off: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name reference-network-ap-northeast-2-app --region ap-northeast-2"},
	} {
		t.Run(tt.status, func(t *testing.T) {
			w, plan := reference(t)
			s := w.at(seoul).byName[name]
			s.status, s.reason, s.protected = tt.status, tt.reason, tt.protected
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			d := mustRead(t, w, plan, Options{})
			holdsNothing := strings.Contains(tt.want, "holds nothing") || tt.protected
			if holdsNothing { // what imports from it cannot be there as planned either
				want = append(want, "NET908: these stacks hold other resources than the plan of the last complete deployment says: reference-routes-ap-northeast-2; "+
					"a deployment stopped half way, or something else deployed them, so deploy again. Resources are compared with the templates")
			}
			if diff := cmp.Diff(want, found(d)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if d.Protected[name] != tt.protected {
				t.Errorf("protected: got %t", d.Protected[name])
			}
			i := slices.IndexFunc(d.Stacks, func(s *cfn.Stack) bool { return s.Name == name })
			if (len(d.Stacks[i].Resources) == 0) != holdsNothing {
				t.Errorf("it has %d resources", len(d.Stacks[i].Resources))
			}
		})
	}
}

// TestRead_HalfDone is about deployments that stopped, and about what somebody did by hand.
func TestRead_HalfDone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*testing.T, *world, *topology.Plan)
		want   []string
	}{
		{"an earlier plan in one Region", func(t *testing.T, w *world, plan *topology.Plan) {
			w.store(t, oregon, plan, "before", noon.Add(-time.Hour))
		}, []string{"NET908: the stored plans differ: the one of ap-northeast-2 is the newest (2026-11-30T12:00:00Z), an earlier one is in us-west-2; a deployment stopped half way, so deploy again. The network is compared with the newest plan, resources with the templates"}},
		{"no plan in one Region", func(_ *testing.T, w *world, _ *topology.Plan) { w.at(tokyo).plan = "" },
			[]string{"NET908: the stored plans differ: the one of us-west-2 is the newest (2026-11-30T12:00:00Z), none is in ap-northeast-1; a deployment stopped half way, so deploy again. The network is compared with the newest plan, resources with the templates"}},
		{"a stack with another resource", func(_ *testing.T, w *world, _ *topology.Plan) {
			p := w.at(seoul)
			p.templates["reference-routes-ap-northeast-2"] = []byte(`{"Resources": {"Marker": {"Type": "AWS::SSM::Parameter"}}}`)
		}, []string{"NET908: these stacks hold other resources than the plan of the last complete deployment says: reference-routes-ap-northeast-2; a deployment stopped half way, or something else deployed them, so deploy again. Resources are compared with the templates"}},
		{"a property that decides", func(_ *testing.T, w *world, _ *topology.Plan) {
			p, name := w.at(seoul), "reference-network-ap-northeast-2-web"
			p.templates[name] = []byte(strings.ReplaceAll(string(p.templates[name]), "172.30.0.0/24", "172.30.8.0/24"))
		}, []string{"NET908: these stacks hold other resources than the plan of the last complete deployment says: reference-network-ap-northeast-2-web; a deployment stopped half way, or something else deployed them, so deploy again. Resources are compared with the templates"}},
		{"a stack is gone", func(_ *testing.T, w *world, _ *topology.Plan) { delete(w.at(oregon).byName, "reference-ops-us-west-2") },
			[]string{"NET908: the plan of the last complete deployment has stacks that are gone: reference-ops-us-west-2; somebody deleted them, so deploy again if that was not meant",
				"NET909: stack reference-ops-ap-northeast-2 holds a value that stack reference-ops-us-west-2 in us-west-2 has no more (output AlertsTopic), so what it leads to is not there; deploy again: cdk deploy --exclusively reference-ops-ap-northeast-2"}},
		{"the plan is gone everywhere", func(_ *testing.T, w *world, _ *topology.Plan) {
			for _, p := range w.places {
				p.objects = nil
			}
		}, []string{"NET908: the plan of the last deployment is gone, got nothing at s3://assets-us-west-2/now.json; deploy again, which stores it anew. Until then the network is compared with an empty one, resources with the templates"}},
		{"the plan is gone in one Region", func(_ *testing.T, w *world, _ *topology.Plan) { w.at(tokyo).objects = nil }, nil},
		{"the first deployment stopped", func(_ *testing.T, w *world, _ *topology.Plan) {
			for _, p := range w.places {
				p.plan = ""
			}
			w.at(tokyo).order, w.at(oregon).order = nil, nil
			w.at(seoul).order = []string{"reference-network-ap-northeast-2"}
		}, []string{"NET908: there are stacks and no stored plan, so the first deployment stopped half way: reference-network-ap-northeast-2; deploy again. The network is compared with an empty one, resources with the templates"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, plan := reference(t)
			tt.change(t, w, plan)
			if diff := cmp.Diff(tt.want, found(mustRead(t, w, plan, Options{}))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
