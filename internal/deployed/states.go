package deployed

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
)

// The states in which a stack can be updated (AWS CloudFormation User Guide, "Stack status codes").
var updatable = []string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}

// The states of a stack that has no resources. cdk deploy takes care of both: it deletes a stack whose creation was rolled
// back before it creates it anew, and goes on with one that was only reviewed.
const (
	rolledBack = "ROLLBACK_COMPLETE"
	reviewed   = "REVIEW_IN_PROGRESS"
)

// empty reports whether a stack holds nothing, whatever its template says.
func (s *stack) empty() bool { return s.status == rolledBack || s.status == reviewed }

func (s *stack) inProgress() bool {
	return strings.HasSuffix(s.status, "_IN_PROGRESS") && s.status != reviewed
}

// stuck says what to do about a stack in a state in which CloudFormation refuses updates. The meaning of the states is that of
// the AWS CloudFormation User Guide, "Stack status codes" and "Continue rolling back an update".
var stuck = map[string]func(*stack) string{
	"CREATE_FAILED": func(s *stack) string {
		return "its creation failed and was not rolled back; correct what its events show, then run " + s.rollback() + ", which leaves nothing of it, and deploy again"
	},
	"ROLLBACK_FAILED": func(s *stack) string {
		return "its creation failed and so did deleting what was created; correct what its events show, delete it (" + s.command("delete-stack") + ") and deploy again"
	},
	"UPDATE_FAILED": func(s *stack) string {
		return "its update failed and was not rolled back; correct what its events show, then run " + s.rollback() + " and deploy again"
	},
	"UPDATE_ROLLBACK_FAILED": func(s *stack) string {
		return "its update failed and so did going back; correct what its events show (" + s.command("describe-stack-events") + "), then run " + s.rollback() + " and deploy again"
	},
	"DELETE_FAILED": func(s *stack) string {
		return "deleting it failed; remove what its events show to be in use and delete it again: " + s.command("delete-stack")
	},
	"IMPORT_ROLLBACK_FAILED": func(s *stack) string {
		return "an import failed and so did going back; correct what its events show and run " + s.command("continue-update-rollback")
	},
}

// states reports stacks that are not in a state to be updated.
func (f *findings) states(stacks []*stack) {
	for _, s := range stacks {
		if slices.Contains(updatable, s.status) {
			continue
		}
		f.known[s.name] = true
		switch {
		case f.plan.Stack(s.name) == nil:
			f.orphan(s)
		case s.empty():
			f.blank(s)
		default:
			f.addf(problem.StackState, s, "stack %s cannot be updated, got state %s%s: %s", s.name, s.status, s.because(), s.remedy())
		}
	}
}

// statesElsewhere reports the states of stacks that are only to be deleted since the plan has their names elsewhere.
func (f *findings) statesElsewhere() {
	for _, s := range f.elsewhere {
		if !slices.Contains(updatable, s.status) {
			f.orphan(s)
		}
	}
}

// remedy is what to do about a state that cannot be updated.
func (s *stack) remedy() string {
	if say := stuck[s.status]; say != nil {
		return say(s)
	}
	if s.inProgress() {
		return "an operation is under way; wait for its end and run this again"
	}
	return "this version of pathproof does not know the state; look at its events (" + s.command("describe-stack-events") + ")"
}

// blank reports a stack that is there and holds nothing. Only termination protection keeps cdk deploy from making it anew.
func (f *findings) blank(s *stack) {
	switch {
	case s.status == rolledBack && s.protected:
		f.addf(problem.StackState, s, "stack %s cannot be updated, got state %s%s: its creation failed and nothing of it is left, and termination protection keeps cdk deploy from making it anew; switch that off: %s", s.name, s.status,
			s.because(), s.command("update-termination-protection", "--no-enable-termination-protection"))
	case s.status == rolledBack:
		f.addf(problem.PlanStale, s, "stack %s holds nothing, got state %s%s: its creation failed; correct the cause and deploy again, and cdk deploy makes it anew", s.name, s.status, s.because())
	default:
		f.addf(problem.PlanStale, s, "stack %s holds nothing, got state %s: a deployment stopped before it began with it; deploy again", s.name, s.status)
	}
}

// orphan reports the state of a stack that is only to be deleted, if that matters for deleting it.
func (f *findings) orphan(s *stack) {
	switch {
	case s.inProgress():
		f.addf(problem.StackState, nil, "stack %s cannot be deleted, got state %s: %s", s.name, s.status, s.remedy())
	case s.status == "DELETE_FAILED":
		f.addf(problem.StackOrphaned, nil, "stack %s is not in the configuration any more, got state %s%s: %s", s.name, s.status, s.because(), s.remedy())
	}
}

// because is the reason that CloudFormation gives for a state, if any.
func (s *stack) because() string {
	if s.reason == "" || s.inProgress() { // "User Initiated"
		return ""
	}
	return " (" + strings.TrimRight(s.reason, ". ") + ")"
}
