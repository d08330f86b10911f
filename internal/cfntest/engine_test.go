package cfntest

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/check"
)

const region = "ap-northeast-2"

// resources are "ID TYPE PROPERTY=VALUE ...".
func planOf(name string, resources ...string) *cfn.Stack {
	s := &cfn.Stack{Name: name, Region: region}
	for _, line := range resources {
		words := strings.Fields(line)
		r := &cfn.Resource{LogicalID: words[0], Type: "AWS::" + words[1], Properties: map[string]string{}}
		if strings.HasPrefix(words[1], "Custom::") {
			r.Type = words[1]
		}
		for _, w := range words[2:] {
			key, value, _ := strings.Cut(w, "=")
			switch key {
			case "keep":
				r.DeletionPolicy, r.UpdateReplacePolicy = value, "Retain"
			case "strong", "weak":
				r.Uses = append(r.Uses, cfn.Use{Of: strings.Trim(value, "{}"), Strong: key == "strong"})
			default:
				r.Properties[key] = value
				for _, ref := range refs(value) {
					if ref.stack != name && !strings.Contains(line, "weak="+value) {
						r.Uses = append(r.Uses, cfn.Use{Of: strings.Trim(value, "{}"), Strong: true})
					}
				}
			}
		}
		s.Resources = append(s.Resources, r)
	}
	slices.SortFunc(s.Resources, func(x, y *cfn.Resource) int { return strings.Compare(x.LogicalID, y.LogicalID) })
	return s
}

func exporting(s *cfn.Stack, of ...string) *cfn.Stack {
	for _, x := range of {
		s.Outputs = append(s.Outputs, &cfn.Output{Name: x, Export: s.Name + ":" + x, Value: "{" + s.Name + "/" + x + "}"})
	}
	return s
}

// history is what happened to a stack since the last call, as "STATUS ID".
type history struct {
	engine *Engine
	seen   map[string]int
}

func (h *history) of(stack string) []string {
	var out []string
	events := h.engine.Events(region, stack)
	for _, x := range events[h.seen[stack]:] {
		out = append(out, x.Status+" "+x.LogicalID)
	}
	h.seen[stack] = len(events)
	return out
}

func start(t *testing.T, stacks ...*cfn.Stack) (*Engine, *history) {
	t.Helper()
	e := New()
	h := &history{e, map[string]int{}}
	for _, s := range stacks {
		if err := e.Deploy(s); err != nil {
			t.Fatal(err)
		}
		h.of(s.Name)
	}
	return e, h
}

// wantError asserts what CloudFormation answers and in which status it leaves the stack.
func wantError(t *testing.T, err error, status, part string) {
	t.Helper()
	var s *StackError
	if !errors.As(err, &s) || s.Status != status || !strings.Contains(s.Reason, part) {
		t.Errorf("got %v, want %s with %q", err, status, part)
	}
}

func wantHistory(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func TestEngine_CreatesInOrderAndDeletesInReverse(t *testing.T) {
	s := planOf("net", "A EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.0/24", "Vpc EC2::VPC CidrBlock=10.0.0.0/16")
	e, h := New(), (*history)(nil)
	h = &history{e, map[string]int{}}
	if err := e.Deploy(s); err != nil {
		t.Fatal(err)
	}
	wantHistory(t, h.of("net"), "REVIEW_IN_PROGRESS net", "CREATE_IN_PROGRESS net", "CREATE_IN_PROGRESS Vpc", "CREATE_COMPLETE Vpc", "CREATE_IN_PROGRESS A", "CREATE_COMPLETE A", "CREATE_COMPLETE net")
	if err := e.Deploy(s); err != nil {
		t.Fatal(err)
	}
	wantHistory(t, h.of("net"))
	if err := e.Delete(s); err != nil {
		t.Fatal(err)
	}
	wantHistory(t, h.of("net"), "DELETE_IN_PROGRESS net", "DELETE_IN_PROGRESS A", "DELETE_COMPLETE A", "DELETE_IN_PROGRESS Vpc", "DELETE_COMPLETE Vpc", "DELETE_COMPLETE net")
	if status, _ := e.Status(region, "net"); status != "" || len(e.State()) > 0 {
		t.Errorf("it is still there: %s", status)
	}
}

// A create-only change replaces, and whatever holds the old id in a create-only property follows. The old ones go last.
func TestEngine_ReplacesByValue(t *testing.T) {
	before := planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "A EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.0/24", "Z EC2::EIP Domain=vpc")
	e, h := start(t, before)
	vpc := e.Physical("net", "Vpc")
	after := planOf("net", "Vpc EC2::VPC CidrBlock=10.1.0.0/16", "A EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.0/24", "Z EC2::EIP Domain=vpc")
	if err := e.Deploy(after); err != nil {
		t.Fatal(err)
	}
	wantHistory(t, h.of("net"), "UPDATE_IN_PROGRESS net", "UPDATE_IN_PROGRESS Vpc", "UPDATE_COMPLETE Vpc", "UPDATE_IN_PROGRESS A", "UPDATE_COMPLETE A",
		"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS net", "DELETE_IN_PROGRESS A", "DELETE_COMPLETE A", "DELETE_IN_PROGRESS Vpc", "DELETE_COMPLETE Vpc", "UPDATE_COMPLETE net")
	if e.Physical("net", "Vpc") == vpc {
		t.Error("the VPC has its old id")
	}
}

// A slot that passes from one resource to another within a stack is still held when its new holder is created. Everything goes
// back, and the next attempt finds the stack as it was.
func TestEngine_SlotIsHeldOnce(t *testing.T) {
	before := planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "A EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.0/24")
	e, h := start(t, before)
	err := e.Deploy(planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "B EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.128/25"))
	wantError(t, err, "UPDATE_ROLLBACK_COMPLETE", "failed to create: [B]")
	wantHistory(t, h.of("net"), "UPDATE_IN_PROGRESS net", "CREATE_IN_PROGRESS B", "CREATE_FAILED B", "UPDATE_ROLLBACK_IN_PROGRESS net", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS net", "UPDATE_ROLLBACK_COMPLETE net")
	for _, step := range []*cfn.Stack{planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16"), planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "B EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.128/25")} {
		if err := e.Deploy(step); err != nil {
			t.Error(err)
		}
	}
}

// A type that CloudFormation deletes first may be replaced while it holds its slot.
func TestEngine_DeletesFirstWhatTheSchemaSays(t *testing.T) {
	const typ = "AWS::EC2::TransitGatewayRoute"
	if !cfn.DeletesFirst(typ) {
		t.Fatalf("%s is not deleted first any more; take another type", typ)
	}
	route := "R EC2::TransitGatewayRoute TransitGatewayRouteTableId=rtb DestinationCidrBlock=10.0.0.0/8 TransitGatewayAttachmentId="
	e, _ := start(t, planOf("net", route+"one"))
	old := e.Physical("net", "R")
	if err := e.Deploy(planOf("net", route+"two")); err != nil || e.Physical("net", "R") == old {
		t.Errorf("error %v, id %s", err, e.Physical("net", "R"))
	}
}

func TestEngine_ExportsInUseStay(t *testing.T) {
	producer := func(resources ...string) *cfn.Stack { return planOf("net", resources...) }
	vpc, zone := "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "T EC2::RouteTable VpcId={net/Vpc}"
	consumer := planOf("routes", "R EC2::Route RouteTableId={net/T} DestinationCidrBlock=10.9.0.0/16")
	e, h := start(t, exporting(producer(vpc, zone), "Vpc", "T"), consumer)
	for _, tt := range []struct {
		name  string
		after *cfn.Stack
		want  string
	}{
		{"without the resource", exporting(producer(vpc), "Vpc"), "Export net:T cannot be deleted as it is in use by routes"},
		{"without the export", exporting(producer(vpc, zone), "Vpc"), "Export net:T cannot be deleted as it is in use by routes"},
		{"replaced", exporting(producer("Vpc EC2::VPC CidrBlock=10.8.0.0/16", zone), "Vpc", "T"), "Export net:T cannot be updated as it is in use by routes"},
	} {
		wantError(t, e.Deploy(tt.after), "UPDATE_ROLLBACK_COMPLETE", tt.want)
	}
	h.of("net")
	wantError(t, e.Delete(producer()), "UPDATE_ROLLBACK_COMPLETE", "Export net:T cannot be deleted as it is in use by routes")
	wantHistory(t, h.of("net"), "DELETE_IN_PROGRESS net", "UPDATE_ROLLBACK_COMPLETE net")
	if err := e.Deploy(exporting(producer(vpc, zone), "T")); err != nil {
		t.Errorf("an export that nobody imports: %v", err)
	}
	if err := errors.Join(e.Delete(consumer), e.Delete(producer())); err != nil {
		t.Error(err)
	}
	wantError(t, e.Deploy(consumer), "", "No export named net/T found.")
	if status, _ := e.Status(region, "routes"); status != "" {
		t.Errorf("the refused stack has status %s", status)
	}
}

func TestEngine_FailedCreation(t *testing.T) {
	s := planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "A EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.0/24", "0Key KMS::Key keep=RetainExceptOnCreate")
	e, _ := start(t)
	e.Fail(Failure{Stack: "net", LogicalID: "A", Action: Create, Reason: "no room", Times: 1})
	wantError(t, e.Deploy(s), "ROLLBACK_COMPLETE", "failed to create: [A]")
	h := &history{e, map[string]int{}}
	got := h.of("net")
	wantHistory(t, got[len(got)-6:], "ROLLBACK_IN_PROGRESS net", "DELETE_IN_PROGRESS Vpc", "DELETE_COMPLETE Vpc", "DELETE_IN_PROGRESS 0Key", "DELETE_COMPLETE 0Key", "ROLLBACK_COMPLETE net")
	if len(e.State()) > 0 {
		t.Error("something is deployed")
	}
	if err := e.Deploy(s); err != nil { // it is deleted and made anew
		t.Error(err)
	}
}

func TestEngine_FailedUpdateAndRollback(t *testing.T) {
	before := planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "C EC2::CustomerGateway IpAddress=192.0.2.1 BgpAsn=65000")
	after := planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "B EC2::EIP Domain=vpc", "C EC2::CustomerGateway IpAddress=192.0.2.2 BgpAsn=65000", "D EC2::EIP Domain=vpc")
	e, h := start(t, before)
	old := e.Physical("net", "C")
	e.Fail(Failure{Stack: "net", LogicalID: "D", Action: Create, Reason: "quota"})
	e.Fail(Failure{Stack: "net", LogicalID: "C", Action: Update, Rollback: true, Reason: "not now", Times: 1})
	wantError(t, e.Deploy(after), "UPDATE_ROLLBACK_FAILED", "failed to update: [C]")
	wantError(t, e.Deploy(before), "", "is in UPDATE_ROLLBACK_FAILED state and can not be updated")
	h.of("net")
	if err := e.Continue(region, "net"); err != nil {
		t.Fatal(err)
	}
	wantHistory(t, h.of("net"), "UPDATE_ROLLBACK_IN_PROGRESS net", "UPDATE_IN_PROGRESS C", "UPDATE_COMPLETE C", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS net",
		"DELETE_IN_PROGRESS C", "DELETE_COMPLETE C", "DELETE_IN_PROGRESS B", "DELETE_COMPLETE B", "UPDATE_ROLLBACK_COMPLETE net")
	if e.Physical("net", "C") != old || e.Physical("net", "B") != "" {
		t.Errorf("it is not what it was: %s, %q", e.Physical("net", "C"), e.Physical("net", "B"))
	}
	e.Heal()
	if err := e.Deploy(after); err != nil {
		t.Error(err)
	}
}

func TestEngine_DeletionThatFails(t *testing.T) {
	s := planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "C EC2::EIP Domain=vpc", "K KMS::Key keep=RetainExceptOnCreate")
	e, h := start(t, s)
	e.Fail(Failure{Stack: "net", LogicalID: "Vpc", Action: Delete, Reason: "DependencyViolation", Times: 1})
	wantError(t, e.Delete(s), "DELETE_FAILED", "failed to delete: [Vpc]")
	wantHistory(t, h.of("net"), "DELETE_IN_PROGRESS net", "DELETE_IN_PROGRESS Vpc", "DELETE_FAILED Vpc", "DELETE_SKIPPED K", "DELETE_IN_PROGRESS C", "DELETE_COMPLETE C", "DELETE_FAILED net")
	if err := e.Delete(s); err != nil {
		t.Error(err)
	}
	e.Protect(s, true)
	if err := e.Deploy(s); err != nil {
		t.Fatal(err)
	}
	e.Protect(s, true)
	wantError(t, e.Delete(s), "", "Stack [net] cannot be deleted while TerminationProtection is enabled")
}

// Two holders of a slot that is taken over, one of which is deleted later: the other one is left with nothing.
func TestEngine_NotesWhatIsLost(t *testing.T) {
	dns := "Custom::PathproofVpcPeeringDns VpcPeeringConnectionId=pcx Side=Requester"
	e, _ := start(t, planOf("a", "D "+dns), planOf("b"))
	if err := e.Deploy(planOf("b", "D "+dns)); err != nil {
		t.Fatal(err)
	}
	if err := e.Delete(planOf("a")); err != nil {
		t.Fatal(err)
	}
	if got := e.Lost(); len(got) != 1 || !strings.HasPrefix(got[0], "b/D lost ") {
		t.Errorf("got %q", got)
	}
}

// A create-only value of another Region is not known in advance: any update of its stack plans the resource anew.
func TestEngine_ReplacesWhatHoldsAWeakValue(t *testing.T) {
	producer := planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16")
	peer := func(more ...string) *cfn.Stack {
		return planOf("peer", append(more, "P EC2::VPCPeeringConnection VpcId=vpc-1 PeerVpcId={net/Vpc} weak={net/Vpc}")...)
	}
	e, _ := start(t, producer, peer())
	id := e.Physical("peer", "P")
	if err := e.Deploy(peer()); err != nil || e.Physical("peer", "P") != id {
		t.Errorf("nothing changed, and it has id %s instead of %s (%v)", e.Physical("peer", "P"), id, err)
	}
	wantError(t, e.Deploy(peer("X EC2::EIP Domain=vpc")), "UPDATE_ROLLBACK_COMPLETE", "failed to update: [P]") // in its own way
}

func TestEngine_Holds(t *testing.T) {
	e, _ := start(t)
	reached, release := e.Hold("net", "A")
	done := make(chan error)
	go func() {
		done <- e.Deploy(planOf("net", "Vpc EC2::VPC CidrBlock=10.0.0.0/16", "A EC2::Subnet VpcId={net/Vpc} CidrBlock=10.0.0.0/24"))
	}()
	<-reached
	if status, _ := e.Status(region, "net"); status != "CREATE_IN_PROGRESS" || e.Physical("net", "Vpc") == "" {
		t.Errorf("got %s, VPC %q", status, e.Physical("net", "Vpc"))
	}
	wantError(t, e.Delete(planOf("net")), "", "can not be deleted")
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestEngine_ReferenceNetwork deploys the whole reference network as planned, again, and takes it apart.
func TestEngine_ReferenceNetwork(t *testing.T) {
	r := check.File("../../pathproof.yaml")
	stacks := change.StacksOf(r.Plan)
	e := New()
	ids := func() map[string]string {
		out := map[string]string{}
		for _, s := range stacks {
			for _, x := range s.Resources {
				out[s.Name+"/"+x.LogicalID] = e.Physical(s.Name, x.LogicalID)
			}
		}
		return out
	}
	for round := range 2 {
		was := ids()
		for _, s := range stacks {
			if err := e.Deploy(s); err != nil {
				t.Fatal(err)
			}
		}
		if round == 1 && !maps.Equal(was, ids()) {
			t.Error("the second deployment changed something")
		}
	}
	if e.Physical(stacks[0].Name, stacks[0].Resources[0].LogicalID) == "" || len(e.Lost()) > 0 {
		t.Errorf("lost: %v", e.Lost())
	}
	wantError(t, e.Delete(stacks[1]), "CREATE_COMPLETE", "cannot be deleted as it is in use by reference-")
	for _, s := range slices.Backward(stacks) {
		if err := e.Delete(s); err != nil {
			t.Error(err)
		}
	}
	if len(e.State()) > 0 {
		t.Error("something is left")
	}
}
