package cfntest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Engine is CloudFormation in every account and Region. Its methods may be called at the same time.
type Engine struct {
	mu       sync.Mutex
	stacks   map[place]*stack
	byID     map[string]*stack // deleted ones too
	slots    map[string][]*instance
	failures []*Failure
	holds    []*hold
	lost     []string
	serial   int
	now      func() time.Time
}

// place is what tells stacks apart.
type place struct{ account, region, name string }

// New returns an engine without stacks.
func New() *Engine {
	return &Engine{stacks: map[place]*stack{}, byID: map[string]*stack{}, slots: map[string][]*instance{}, now: time.Now}
}

// stack is a stack with what it is made of.
type stack struct {
	place
	id             string
	status, reason string
	protected      bool
	tags           []tag
	template       *template // in force; nil before the first operation
	resources      map[string]*instance
	outputs        []output
	imports        []string // names of exports
	text           []byte   // the template of the last operation
	events         []Event  // the oldest first
	changeSets     map[string]*changeSet
	undone         *operation // one whose rollback failed or was not wanted
	created        time.Time
	updated        time.Time
}

type tag struct{ Key, Value string }

// output is an output as it is.
type output struct{ name, value, export string }

// instance is a physical resource. It may outlive its stack.
type instance struct {
	stack      *stack
	logicalID  string
	typ        string
	physical   string
	properties map[string]string // watched, with physical ids
	body       string            // everything, to tell whether it changes
	deletion   string            // policies
	replace    string
	slot       *cfn.Slot
	modified   time.Time
}

// StackError is an operation that CloudFormation refused, or that failed and was rolled back.
type StackError struct {
	Stack  string
	Status string // in which it left the stack; empty if it refused
	Reason string
}

func (e *StackError) Error() string {
	if e.Status == "" {
		return fmt.Sprintf("stack %s: %s", e.Stack, e.Reason)
	}
	return fmt.Sprintf("stack %s: %s: %s", e.Stack, e.Status, e.Reason)
}

// answer is what CloudFormation, or a service behind it, says when something does not work.
type answer string

func (a answer) Error() string { return string(a) }

func answerf(format string, args ...any) error { return answer(fmt.Sprintf(format, args...)) }

// Deploy creates or updates a planned stack and waits for the end. The error is a *StackError. A stack whose creation failed
// is deleted first, as the CDK CLI does.
func (e *Engine) Deploy(s *cfn.Stack) error {
	at := place{s.Account, s.Region, s.Name}
	if status, _ := e.Status(s.Region, s.Name); status == rollbackComplete || status == "ROLLBACK_FAILED" {
		if err := e.Delete(s); err != nil {
			return err
		}
	}
	o, err := e.begin(at, planned(s), nil)
	if err != nil || o == nil {
		return err
	}
	return o.run()
}

// Delete deletes a stack, of which only the name, Region and account matter, and waits for the end. Deleting what is not there
// succeeds. The error is a *StackError.
func (e *Engine) Delete(s *cfn.Stack) error {
	there := e.find(place{s.Account, s.Region, s.Name})
	if there == nil {
		return nil
	}
	o, err := e.beginDelete(there)
	if err != nil {
		return err
	}
	return o.run()
}

// Protect switches a stack's termination protection.
func (e *Engine) Protect(s *cfn.Stack, on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if there := e.stacks[place{s.Account, s.Region, s.Name}]; there != nil {
		there.protected = on
	}
}

// State returns the deployed stacks as cfn compares them, sorted by name. A stack whose creation was rolled back is not there.
func (e *Engine) State() []*cfn.Stack {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []*cfn.Stack
	for _, s := range e.sorted() {
		if s.template != nil {
			out = append(out, s.template.stack)
		}
	}
	return out
}

// Status returns a stack's status and the reason of it; empty if there is no such stack.
func (e *Engine) Status(region, name string) (status, reason string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sorted() {
		if s.name == name && s.region == region {
			return s.status, s.reason
		}
	}
	return "", ""
}

// Lost lists what resources lost because another one that was deleted later held the same: an association or a DNS option that
// changed hands in the wrong order. An operation that does this succeeds.
func (e *Engine) Lost() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.lost)
}

// Physical returns the id of a physical resource, empty if there is none: a replaced resource has another one.
func (e *Engine) Physical(stack, logicalID string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := e.instance("", stack, logicalID); i != nil {
		return i.physical
	}
	return ""
}

func (e *Engine) find(at place) *stack {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stacks[at]
}

// sorted lists the stacks by name and Region. The lock is held.
func (e *Engine) sorted() []*stack {
	return slices.SortedFunc(maps.Values(e.stacks), func(x, y *stack) int {
		return cmp.Or(strings.Compare(x.name, y.name), strings.Compare(x.region, y.region), strings.Compare(x.account, y.account))
	})
}

// instance finds a resource that a stack holds; a stack of the same name in the given Region comes first. The lock is held.
func (e *Engine) instance(region, stack, id string) *instance {
	var found *instance
	for at, s := range e.stacks {
		if at.name != stack || s.resources[id] == nil {
			continue
		}
		if at.region == region {
			return s.resources[id]
		}
		found = s.resources[id]
	}
	return found
}

// next is a number that nothing else has. The lock is held.
func (e *Engine) next() int {
	e.serial++
	return e.serial
}
