package cfntest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// finish evaluates outputs once every resource is there, and takes them over unless somebody imports what would go or change.
func (o *operation) finish() error {
	e, s := o.engine, o.stack
	e.mu.Lock()
	defer e.mu.Unlock()
	after, err := o.outputs()
	if err != nil {
		return err
	}
	others := e.exports(s.place)
	for _, x := range after {
		if owner := others.owner[x.export]; x.export != "" && owner != nil {
			return answerf("Export with name %s is already exported by stack %s. Export names are unique within a region and account", x.export, owner.name)
		}
	}
	if err := e.inUse(s, after); err != nil {
		return err
	}
	s.outputs, s.template, s.imports = after, o.next, o.imports
	return nil
}

// inUse says whether a stack that imports from s would miss something. The lock is held.
func (e *Engine) inUse(s *stack, after []output) error {
	for _, x := range s.outputs {
		i := slices.IndexFunc(after, func(y output) bool { return y.export == x.export })
		if x.export == "" || i >= 0 && after[i].value == x.value {
			continue
		}
		var by []string
		for _, other := range e.sorted() {
			if other != s && other.account == s.account && other.region == s.region && slices.Contains(other.imports, x.export) {
				by = append(by, other.name)
			}
		}
		if len(by) > 0 {
			return answerf("Export %s cannot be %s as it is in use by %s", x.export, map[bool]string{true: "updated", false: "deleted"}[i >= 0], strings.Join(by, " and "))
		}
	}
	return nil
}

// createStack creates a stack. If that fails, nothing of it is left but what is always retained.
func (o *operation) createStack() error {
	_ = o.become("CREATE_IN_PROGRESS", "User Initiated")
	err := o.apply()
	if err == nil {
		err = o.finish()
	}
	switch {
	case err == nil:
		_ = o.become("CREATE_COMPLETE", "")
		return nil
	case o.keep:
		o.leave(o)
		return o.become("CREATE_FAILED", err.Error())
	}
	return o.rollbackCreation(err)
}

func (o *operation) rollbackCreation(err error) error {
	_ = o.become("ROLLBACK_IN_PROGRESS", err.Error()+"Rollback requested by user.")
	failed := o.remove(slices.Backward(o.created), true)
	if len(failed) > 0 {
		o.leave(o)
		return o.become("ROLLBACK_FAILED", failedTo("delete", failed))
	}
	o.leave(nil)
	return withReason(o.become(rollbackComplete, ""), err)
}

// update updates a stack. If that fails, everything goes back to what it was.
func (o *operation) update() error {
	_ = o.become("UPDATE_IN_PROGRESS", "User Initiated")
	was := o.stack.template
	err := o.apply()
	if err == nil {
		err = o.finish()
	}
	switch {
	case err == nil:
		_ = o.become("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
		o.remove(slices.All(o.leaving(was)), false) // what cannot be deleted is left behind; the update is good
		_ = o.become("UPDATE_COMPLETE", "")
		return nil
	case o.keep:
		o.leave(o)
		return o.become("UPDATE_FAILED", err.Error())
	}
	return o.rollback(err)
}

// leaving lists what the cleanup deletes: replaced resources and those that the new template does not have, each before what
// it refers to.
func (o *operation) leaving(was *template) []*instance {
	o.engine.mu.Lock()
	defer o.engine.mu.Unlock()
	var out []*instance
	for _, r := range slices.Backward(was.order()) {
		for _, i := range o.replaced {
			if i.logicalID == r.LogicalID {
				out = append(out, i)
			}
		}
		if i := o.stack.resources[r.LogicalID]; i != nil && !slices.ContainsFunc(o.next.stack.Resources, named(r.LogicalID)) {
			out = append(out, i)
		}
	}
	return out
}

// rollback takes an update back: first what was updated, the newest first, then what is new.
func (o *operation) rollback(cause error) error {
	_ = o.become("UPDATE_ROLLBACK_IN_PROGRESS", cause.Error())
	o.engine.mu.Lock()
	o.stack.text, o.stack.tags = o.stack.template.text, o.wasTagged
	o.engine.mu.Unlock()
	for len(o.undo) > 0 {
		last := o.undo[len(o.undo)-1]
		physical := o.engine.Physical(o.stack.name, last.id)
		if err := o.act(last.id, last.typ, physical, Update, true, func() (string, error) { return physical, last.do() }); err != nil {
			o.leave(o)
			return withReason(o.become("UPDATE_ROLLBACK_FAILED", err.Error()), cause)
		}
		o.undo = o.undo[:len(o.undo)-1]
	}
	_ = o.become("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
	o.remove(slices.Backward(o.created), true)
	o.leave(nil)
	return withReason(o.become("UPDATE_ROLLBACK_COMPLETE", ""), cause)
}

// withReason is the error of a status that has no reason of its own.
func withReason(err, cause error) error {
	var s *StackError
	if errors.As(err, &s) && s.Reason == "" {
		s.Reason = cause.Error()
	}
	return err
}

// continueRollback goes on with a rollback that failed, or starts the one that was not wanted.
func (e *Engine) continueRollback(s *stack) (*operation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.undone == nil {
		return nil, &StackError{Stack: s.name, Reason: fmt.Sprintf("Stack:%s is in %s state and can not continue rollback.", s.id, s.status)}
	}
	return s.undone, nil
}

func (o *operation) goBack() error {
	if o.create {
		return o.rollbackCreation(answer(""))
	}
	return o.rollback(answer(""))
}

// Continue goes on with a rollback that failed (ContinueUpdateRollback), or rolls back what failed without (RollbackStack).
func (e *Engine) Continue(region, name string) error {
	e.mu.Lock()
	i := slices.IndexFunc(e.sorted(), func(s *stack) bool { return s.name == name && s.region == region })
	var s *stack
	if i >= 0 {
		s = e.sorted()[i]
	}
	e.mu.Unlock()
	if s == nil {
		return &StackError{Stack: name, Reason: "does not exist"}
	}
	o, err := e.continueRollback(s)
	if err != nil {
		return err
	}
	err = o.goBack()
	if status, _ := e.Status(region, name); status == "UPDATE_ROLLBACK_COMPLETE" || status == rollbackComplete {
		return nil
	}
	return err
}

// leave notes the operation that a later rollback goes on with, nil if there is none.
func (o *operation) leave(unfinished *operation) {
	o.engine.mu.Lock()
	defer o.engine.mu.Unlock()
	o.stack.undone = unfinished
}

// beginDelete starts to delete a stack.
func (e *Engine) beginDelete(s *stack) (*operation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.protected {
		return nil, &StackError{Stack: s.name, Reason: fmt.Sprintf("Stack [%s] cannot be deleted while TerminationProtection is enabled", s.name)}
	}
	if strings.HasSuffix(s.status, "_IN_PROGRESS") && s.status != reviewInProgress {
		return nil, &StackError{Stack: s.name, Reason: fmt.Sprintf("Stack:%s is in %s state and can not be deleted.", s.id, s.status)}
	}
	return &operation{engine: e, stack: s, held: func() {}}, nil
}

// delete deletes a stack. One whose exports are in use stays as it was, and says why.
func (o *operation) delete() error {
	e, s := o.engine, o.stack
	was := s.status
	_ = o.become("DELETE_IN_PROGRESS", "User Initiated")
	e.mu.Lock()
	err := e.inUse(s, nil)
	var all []*instance
	if s.template != nil {
		for _, r := range s.template.order() {
			if i := s.resources[r.LogicalID]; i != nil {
				all = append(all, i)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.resources)) { // what a rollback could not delete
		if !slices.Contains(all, s.resources[id]) {
			all = append(all, s.resources[id])
		}
	}
	e.mu.Unlock()
	if err != nil {
		return o.become(was, err.Error())
	}
	if failed := o.remove(slices.Backward(all), false); len(failed) > 0 {
		return o.become("DELETE_FAILED", failedTo("delete", failed))
	}
	_ = o.become(deleteComplete, "")
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.stacks, s.place)
	s.outputs = nil
	return nil
}

func failedTo(do string, ids []string) string {
	return fmt.Sprintf("The following resource(s) failed to %s: [%s]. ", do, strings.Join(ids, ", "))
}
