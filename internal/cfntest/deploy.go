package cfntest

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// template finds the template that a request names.
func (q *request) template() ([]byte, error) {
	if body := q.Form.Get("TemplateBody"); body != "" {
		return []byte(body), nil
	}
	u, err := url.Parse(q.Form.Get("TemplateURL"))
	if err != nil {
		return nil, err
	}
	parts := strings.Split(u.Path, "/")
	if len(parts) < 3 {
		return nil, answer("TemplateURL must be a supported URL.")
	}
	q.server.mu.Lock()
	defer q.server.mu.Unlock()
	body, ok := q.server.objects[strings.Join(parts[len(parts)-2:], "/")]
	if !ok {
		return nil, answerf("S3 error: The specified key does not exist: %s", u)
	}
	return body, nil
}

func (q *request) createChangeSet(w http.ResponseWriter) {
	text, err := q.template()
	if err != nil {
		q.invalid(w, "%v", err)
		return
	}
	at := place{q.Account, q.Region, q.Form.Get("StackName")}
	s, c, err := q.server.Engine.createChangeSet(at, q.Form.Get("ChangeSetName"), q.Form.Get("ChangeSetType") == "CREATE", text, tagsOf(q.Form))
	if err != nil {
		q.invalid(w, "%v", err)
		return
	}
	q.result(w, leaf("Id", c.id), leaf("StackId", s.id))
}

func (q *request) deleteChangeSet(w http.ResponseWriter) {
	q.withStack(w, func(s *stack) {
		if c := s.changeSet(q.Form.Get("ChangeSetName")); c != nil {
			delete(s.changeSets, c.name)
		}
		q.result(w)
	})
}

// executeChangeSet carries a change set out. It answers when that is done or held, which spares the caller the waiting.
func (q *request) executeChangeSet(w http.ResponseWriter) {
	var o *operation
	q.withStack(w, func(s *stack) {
		c := s.changeSet(q.Form.Get("ChangeSetName"))
		if c == nil || c.execution != "AVAILABLE" {
			q.refuse(w, 0, "InvalidChangeSetStatus", "ChangeSet cannot be executed in its current status")
			return
		}
		delete(s.changeSets, c.name)
		o = c.operation
		o.keep = q.Form.Get("DisableRollback") == "true"
	})
	if o == nil {
		return
	}
	o.start(o.run)
	q.result(w)
}

func (q *request) deleteStack(w http.ResponseWriter) {
	e := q.server.Engine
	e.mu.Lock()
	s := q.stack(q.Form.Get("StackName"))
	gone := s == nil || s.status == deleteComplete
	e.mu.Unlock()
	if gone { // that is no error
		q.result(w)
		return
	}
	o, err := e.beginDelete(s)
	if err != nil {
		q.invalid(w, "%s", reasonOf(err))
		return
	}
	o.start(o.run)
	q.result(w)
}

func reasonOf(err error) string {
	var s *StackError
	if errors.As(err, &s) {
		return s.Reason
	}
	return err.Error()
}

func (q *request) updateTerminationProtection(w http.ResponseWriter) {
	q.withStack(w, func(s *stack) {
		s.protected = q.Form.Get("EnableTerminationProtection") == "true"
		q.result(w, leaf("StackId", s.id))
	})
}

// continueRollback serves ContinueUpdateRollback and RollbackStack.
func (q *request) continueRollback(w http.ResponseWriter) {
	e := q.server.Engine
	e.mu.Lock()
	s := q.stack(q.Form.Get("StackName"))
	e.mu.Unlock()
	if s == nil {
		q.invalid(w, "Stack with id %s does not exist", q.Form.Get("StackName"))
		return
	}
	o, err := e.continueRollback(s)
	if err != nil {
		q.invalid(w, "%s", reasonOf(err))
		return
	}
	o.start(o.goBack)
	q.result(w, leaf("StackId", s.id))
}
