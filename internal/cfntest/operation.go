package cfntest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Statuses that the code asks for.
const (
	reviewInProgress = "REVIEW_IN_PROGRESS"
	deleteComplete   = "DELETE_COMPLETE"
	rollbackComplete = "ROLLBACK_COMPLETE"
)

// The statuses from which a stack can be updated; the last one only goes on after a failure that was not rolled back.
var updatable = []string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED"}

// operation is one creation, update or deletion of a stack.
type operation struct {
	engine  *Engine
	stack   *stack
	next    *template // nil to delete the stack
	tags    []tag
	imports []string
	create  bool
	keep    bool // no rollback on failure
	// undo takes updates back, the newest last; created are new resources, replaced those that go in the cleanup.
	undo              []undo
	created, replaced []*instance
	before            []output
	wasTagged         []tag
	held              func() // called when the operation is held
}

type undo struct {
	id  string
	typ string
	do  func() error // the lock is held
}

// begin starts to create or update a stack: everything that CloudFormation refuses at once is refused here. It returns nil if
// there is nothing to do.
func (e *Engine) begin(at place, t *template, tags []tag) (*operation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stacks[at]
	refuse := func(format string, args ...any) error {
		return &StackError{Stack: at.name, Reason: fmt.Sprintf(format, args...)}
	}
	if s != nil && s.status != reviewInProgress && !slices.Contains(updatable, s.status) {
		return nil, refuse("Stack:%s is in %s state and can not be updated.", s.id, s.status)
	}
	imports, err := e.imports(at, t)
	if err != nil {
		return nil, refuse("%v", err)
	}
	if s == nil {
		s = e.open(at)
	}
	o := &operation{engine: e, stack: s, next: t, tags: tags, imports: imports, create: s.template == nil, before: s.outputs, held: func() {}}
	if !o.create && !o.changes() {
		return nil, nil
	}
	return o, nil
}

// open makes a stack without anything in it. The lock is held.
func (e *Engine) open(at place) *stack {
	s := &stack{place: at, resources: map[string]*instance{}, changeSets: map[string]*changeSet{}, created: e.now(),
		id: fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/%s/%s-0000-4000-8000-000000000000", at.region, at.account, at.name, hex(e.next()))}
	e.stacks[at], e.byID[s.id] = s, s
	s.become(e, reviewInProgress, "User Initiated")
	return s
}

// changes reports whether anything of a stack would change. The lock is held.
func (o *operation) changes() bool {
	s := o.stack
	if o.tags != nil && !slices.Equal(o.tags, s.tags) || len(o.next.stack.Resources) != len(s.resources) {
		return true
	}
	for _, r := range o.next.stack.Resources {
		if d := o.decide(r); d.what != stays {
			return true
		}
	}
	after, err := o.outputs()
	return err != nil || !slices.Equal(after, s.outputs)
}

// run carries the operation out.
func (o *operation) run() error {
	if o.next != nil {
		o.engine.mu.Lock()
		o.stack.text, o.wasTagged = o.next.text, o.stack.tags
		if o.tags != nil {
			o.stack.tags = o.tags
		}
		o.engine.mu.Unlock()
	}
	switch {
	case o.next == nil:
		return o.delete()
	case o.create:
		return o.createStack()
	}
	return o.update()
}

// act does one thing with one resource and notes it.
func (o *operation) act(id, typ, physical string, a Action, rollback bool, do func() (string, error)) error {
	e, s := o.engine, o.stack
	e.pause(s.name, id, o.held)
	e.mu.Lock()
	defer e.mu.Unlock()
	s.event(e, id, physical, typ, string(a)+"_IN_PROGRESS", "")
	var err error
	if reason := e.failing(s.name, id, a, rollback); reason != "" {
		err = answer(reason)
	} else {
		physical, err = do()
	}
	if err != nil {
		s.event(e, id, physical, typ, string(a)+"_FAILED", err.Error())
		return answerf("The following resource(s) failed to %s: [%s]. ", map[Action]string{Create: "create", Update: "update", Delete: "delete"}[a], id)
	}
	s.event(e, id, physical, typ, string(a)+"_COMPLETE", "")
	return nil
}

// become changes the stack's status, and returns an error that says so if reason is given.
func (o *operation) become(status, reason string) error {
	o.engine.mu.Lock()
	defer o.engine.mu.Unlock()
	o.stack.become(o.engine, status, reason)
	return &StackError{Stack: o.stack.name, Status: status, Reason: reason}
}

// apply creates and updates everything that the new template has, in order.
func (o *operation) apply() error {
	for _, r := range o.next.order() {
		if err := o.applyOne(r); err != nil {
			return err
		}
	}
	return nil
}

func (o *operation) applyOne(r *cfn.Resource) error {
	o.engine.mu.Lock()
	d := o.decide(r)
	o.engine.mu.Unlock()
	switch d.what {
	case creates:
		return o.make(r, nil)
	case updates:
		return o.change(r, d.old)
	case replaces:
		if cfn.DeletesFirst(r.Type) {
			return o.deleteFirst(r, d.old)
		}
		return o.make(r, d.old)
	case refuses:
		return o.act(r.LogicalID, r.Type, d.old.physical, Update, false, func() (string, error) { return d.old.physical, answer(d.why) })
	}
	return nil
}

// make creates a resource. Another one that it replaces goes in the cleanup.
func (o *operation) make(r *cfn.Resource, old *instance) error {
	action := Create
	if old != nil {
		action = Update // a replacement is an update to whoever reads the events
	}
	return o.act(r.LogicalID, r.Type, "", action, false, func() (string, error) {
		i, err := o.engine.want(o.stack, o.next, r)
		if err == nil {
			err = o.engine.claim(i, nil)
		}
		if err != nil {
			return "", err
		}
		o.engine.made(i)
		o.created = append(o.created, i)
		o.stack.resources[r.LogicalID] = i
		if old != nil {
			o.replaced = append(o.replaced, old)
			o.undo = append(o.undo, undo{r.LogicalID, r.Type, func() error { o.stack.resources[r.LogicalID] = old; return nil }})
		}
		return i.physical, nil
	})
}

// change updates a resource in place.
func (o *operation) change(r *cfn.Resource, old *instance) error {
	return o.act(r.LogicalID, r.Type, old.physical, Update, false, func() (string, error) {
		i, err := o.engine.want(o.stack, o.next, r)
		if err == nil {
			err = o.engine.claim(i, old)
		}
		if err != nil {
			return old.physical, err
		}
		i.physical, i.modified = old.physical, o.engine.now()
		o.stack.resources[r.LogicalID] = i
		o.undo = append(o.undo, undo{r.LogicalID, r.Type, func() error {
			if err := o.engine.claim(old, i); err != nil {
				return err
			}
			o.stack.resources[r.LogicalID] = old
			return nil
		}})
		return i.physical, nil
	})
}

// deleteFirst replaces a resource of a type that has to go before it can come back.
func (o *operation) deleteFirst(r *cfn.Resource, old *instance) error {
	return o.act(r.LogicalID, r.Type, old.physical, Update, false, func() (string, error) {
		i, err := o.engine.want(o.stack, o.next, r)
		if err != nil {
			return old.physical, err
		}
		o.engine.release(old)
		if err := o.engine.claim(i, nil); err != nil {
			return old.physical, errors.Join(err, o.engine.claim(old, nil))
		}
		o.engine.made(i)
		o.stack.resources[r.LogicalID] = i
		o.undo = append(o.undo, undo{r.LogicalID, r.Type, func() error {
			o.engine.release(i)
			if err := o.engine.claim(old, nil); err != nil {
				return err
			}
			o.engine.made(old)
			o.stack.resources[r.LogicalID] = old
			return nil
		}})
		return i.physical, nil
	})
}
