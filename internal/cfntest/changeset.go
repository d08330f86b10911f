package cfntest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/cfn"
)

// changeSet is a change set that waits to be carried out.
type changeSet struct {
	id, name       string
	status, reason string
	execution      string
	text           []byte
	tags           []tag
	changes        []resourceChange
	created        time.Time
	operation      *operation
}

// resourceChange is one line of a change set.
type resourceChange struct{ action, replacement, id, physical, typ string }

// noChanges is CloudFormation's reason for a change set that has nothing to do.
const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

// createChangeSet makes a change set. A wrong request is an error; a template that cannot work makes a failed change set.
func (e *Engine) createChangeSet(at place, name string, create bool, text []byte, tags []tag) (*stack, *changeSet, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stacks[at]
	switch {
	case create && s != nil && s.status != reviewInProgress:
		return nil, nil, answerf("Stack [%s] already exists and cannot be created again with the changeSet [%s].", at.name, name)
	case !create && s == nil:
		return nil, nil, answerf("Stack [%s] does not exist", at.name)
	case !create && !slices.Contains(updatable, s.status):
		return nil, nil, answerf("Stack:%s is in %s state and can not be updated.", s.id, s.status)
	}
	if s == nil {
		s = e.open(at)
	}
	c := &changeSet{id: fmt.Sprintf("arn:aws:cloudformation:%s:%s:changeSet/%s/%s-0000-4000-8000-000000000000", at.region, at.account, name, hex(e.next())),
		name: name, status: "CREATE_COMPLETE", execution: "AVAILABLE", text: text, tags: tags, created: e.now()}
	s.changeSets[name] = c
	fail := func(reason string) { c.status, c.execution, c.reason = "FAILED", "UNAVAILABLE", reason }
	t, err := e.parse(at, text)
	if err != nil {
		fail("Template format error: " + err.Error())
		return s, c, nil
	}
	imports, err := e.imports(at, t)
	if err != nil {
		fail(err.Error())
		return s, c, nil
	}
	o := &operation{engine: e, stack: s, next: t, tags: tags, imports: imports, create: s.template == nil, before: s.outputs, held: func() {}}
	if !o.create && !o.changes() {
		fail(noChanges)
		return s, c, nil
	}
	c.operation, c.changes = o, o.list()
	return s, c, nil
}

// list is what a change set shows. The lock is held.
func (o *operation) list() []resourceChange {
	var out []resourceChange
	for _, r := range o.next.stack.Resources {
		d := o.decide(r)
		switch d.what {
		case creates:
			out = append(out, resourceChange{"Add", "", r.LogicalID, "", r.Type})
		case updates, refuses:
			out = append(out, resourceChange{"Modify", "False", r.LogicalID, d.old.physical, r.Type})
		case replaces:
			out = append(out, resourceChange{"Modify", "True", r.LogicalID, d.old.physical, r.Type})
		case stays:
		}
	}
	if o.stack.template != nil {
		for _, r := range o.stack.template.stack.Resources {
			if !slices.ContainsFunc(o.next.stack.Resources, named(r.LogicalID)) {
				out = append(out, resourceChange{"Remove", "", r.LogicalID, o.physicalOf(r), r.Type})
			}
		}
	}
	return out
}

func (o *operation) physicalOf(r *cfn.Resource) string {
	if i := o.stack.resources[r.LogicalID]; i != nil {
		return i.physical
	}
	return ""
}

// start carries an operation out in the background and returns when it is done, or when something holds it.
func (o *operation) start(run func() error) {
	done, held := make(chan struct{}), make(chan struct{})
	o.held = sync.OnceFunc(func() { close(held) })
	go func() {
		defer close(done)
		_ = run() // what comes of it stands in the stack's status
	}()
	select {
	case <-done:
	case <-held:
	}
}
