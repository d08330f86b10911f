package cfntest

import (
	"strings"
	"time"
)

// Action is what is done to a resource.
type Action string

// The actions.
const (
	Create Action = "CREATE"
	Update Action = "UPDATE"
	Delete Action = "DELETE"
)

// Failure makes actions fail.
type Failure struct {
	Stack, LogicalID string
	Action           Action
	// Rollback is about an action of a rollback: an update that goes back, a creation that is taken back.
	Rollback bool
	// Reason is what the service answers.
	Reason string
	// Times is how often it fails. Default: always.
	Times int
	met   int
}

// Fail makes an action on a resource fail from now on.
func (e *Engine) Fail(f Failure) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures = append(e.failures, &f)
}

// Heal takes back every Failure.
func (e *Engine) Heal() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures = nil
}

// failing is the reason for which an action fails now, empty if it does not. The lock is held.
func (e *Engine) failing(stack, id string, a Action, rollback bool) string {
	for _, f := range e.failures {
		if f.Stack == stack && f.LogicalID == id && f.Action == a && f.Rollback == rollback && (f.Times == 0 || f.met < f.Times) {
			f.met++
			return f.Reason
		}
	}
	return ""
}

// hold is a place where an operation stops.
type hold struct {
	stack, id         string
	reached, released chan struct{}
	met               bool
}

// Hold stops the operation that comes to a resource next, before it does anything with it. reached is closed when it is there;
// release lets it go on.
func (e *Engine) Hold(stack, logicalID string) (reached <-chan struct{}, release func()) {
	h := &hold{stack: stack, id: logicalID, reached: make(chan struct{}), released: make(chan struct{})}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.holds = append(e.holds, h)
	return h.reached, func() { close(h.released) }
}

// pause waits where a hold says so. onHold is called first.
func (e *Engine) pause(stack, id string, onHold func()) {
	e.mu.Lock()
	var at *hold
	for _, h := range e.holds {
		if !h.met && h.stack == stack && h.id == id {
			h.met, at = true, h
			break
		}
	}
	e.mu.Unlock()
	if at == nil {
		return
	}
	close(at.reached)
	onHold()
	<-at.released
}

// Event is one line of a stack's history.
type Event struct {
	ID, Stack, LogicalID, Physical, Type string
	Status, Reason                       string
	Time                                 time.Time
}

// Events returns what happened to a stack since it was made, the oldest first; a deleted stack of the name counts if there is no
// other.
func (e *Engine) Events(region, name string) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found *stack
	for _, s := range e.byID {
		if s.name == name && s.region == region && (found == nil || found.created.Before(s.created) || found.status == deleteComplete) {
			found = s
		}
	}
	if found == nil {
		return nil
	}
	return append([]Event(nil), found.events...)
}

const stackType = "AWS::CloudFormation::Stack"

// event notes what happens to a resource. The lock is held.
func (s *stack) event(e *Engine, id, physical, typ, status, reason string) {
	s.events = append(s.events, Event{ID: strings.ToLower(status) + "-" + hex(e.next()), Stack: s.name, LogicalID: id, Physical: physical, Type: typ,
		Status: status, Reason: reason, Time: e.now()})
}

// become changes the stack's status. The lock is held.
func (s *stack) become(e *Engine, status, reason string) {
	s.status, s.reason, s.updated = status, reason, e.now()
	s.event(e, s.name, s.id, stackType, status, reason)
}
