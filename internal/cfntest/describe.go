package cfntest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// stack finds the stack of a request by its name or id. A deleted one is found by its id only. The engine's lock is held.
func (q *request) stack(name string) *stack {
	e := q.server.Engine
	if s := e.byID[name]; s != nil && s.account == q.Account && s.region == q.Region {
		return s
	}
	return e.stacks[place{q.Account, q.Region, name}]
}

// withStack runs f with the stack that the request names, under the engine's lock.
func (q *request) withStack(w http.ResponseWriter, f func(*stack)) {
	q.server.Engine.mu.Lock()
	defer q.server.Engine.mu.Unlock()
	name := q.Form.Get("StackName")
	if s := q.stack(name); s != nil {
		f(s)
		return
	}
	q.invalid(w, "Stack with id %s does not exist", name)
}

// pageSize is small, so that callers have to ask for more than one page.
const pageSize = 4

func (q *request) describeStacks(w http.ResponseWriter) {
	if q.Form.Get("StackName") != "" {
		q.withStack(w, func(s *stack) { q.result(w, members("Stacks", []string{s.describe()})) })
		return
	}
	e := q.server.Engine
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, s := range e.sorted() {
		if s.account == q.Account && s.region == q.Region {
			all = append(all, s.describe())
		}
	}
	from, _ := strconv.Atoi(q.Form.Get("NextToken")) // none is the first page
	from = min(from, len(all))
	next := ""
	if len(all) > from+pageSize {
		next = strconv.Itoa(from + pageSize)
	}
	q.result(w, members("Stacks", all[from:min(from+pageSize, len(all))]), leaf("NextToken", next))
}

func (s *stack) describe() string {
	var tags, outputs, parameters []string
	if s.template != nil {
		for _, name := range slices.Sorted(maps.Keys(s.template.raw.Parameters)) {
			parameters = append(parameters, leaf("ParameterKey", name)+leaf("ParameterValue", fmt.Sprint(s.template.raw.Parameters[name].Default)))
		}
	}
	for _, t := range s.tags {
		tags = append(tags, leaf("Key", t.Key)+leaf("Value", t.Value))
	}
	for _, o := range s.outputs {
		outputs = append(outputs, leaf("OutputKey", o.name)+leaf("OutputValue", o.value)+leaf("ExportName", o.export))
	}
	return leaf("StackName", s.name) + leaf("StackId", s.id) + leaf("StackStatus", s.status) + leaf("StackStatusReason", s.reason) +
		leaf("CreationTime", moment(s.created)) + leaf("LastUpdatedTime", moment(s.updated)) + leaf("EnableTerminationProtection", strconv.FormatBool(s.protected)) +
		members("Parameters", parameters) + members("Tags", tags) + members("Outputs", outputs)
}

// describeStackEvents answers with everything in one page, the newest first.
func (q *request) describeStackEvents(w http.ResponseWriter) {
	q.withStack(w, func(s *stack) {
		var out []string
		for _, x := range slices.Backward(s.events) {
			out = append(out, leaf("EventId", x.ID)+leaf("StackId", s.id)+leaf("StackName", s.name)+leaf("LogicalResourceId", x.LogicalID)+leaf("PhysicalResourceId", x.Physical)+
				leaf("ResourceType", x.Type)+leaf("ResourceStatus", x.Status)+leaf("ResourceStatusReason", x.Reason)+leaf("Timestamp", moment(x.Time)))
		}
		q.result(w, members("StackEvents", out))
	})
}

func (q *request) describeStackResources(w http.ResponseWriter) { q.resources(w, "StackResources") }
func (q *request) listStackResources(w http.ResponseWriter)     { q.resources(w, "StackResourceSummaries") }

func (q *request) resources(w http.ResponseWriter, list string) {
	q.withStack(w, func(s *stack) {
		var out []string
		for _, i := range s.resources {
			out = append(out, leaf("LogicalResourceId", i.logicalID)+leaf("PhysicalResourceId", i.physical)+leaf("ResourceType", i.typ)+leaf("ResourceStatus", "CREATE_COMPLETE")+
				leaf("Timestamp", moment(i.modified))+leaf("LastUpdatedTimestamp", moment(i.modified)))
		}
		slices.Sort(out)
		q.result(w, members(list, out))
	})
}

func (q *request) getTemplate(w http.ResponseWriter) {
	q.withStack(w, func(s *stack) {
		if s.text == nil { // only reviewed
			q.result(w, el("TemplateBody"), members("StagesAvailable", []string{"Original", "Processed"}))
			return
		}
		q.result(w, leaf("TemplateBody", string(s.text)), members("StagesAvailable", []string{"Original", "Processed"}))
	})
}

// changeSet finds a change set by its name or id.
func (s *stack) changeSet(name string) *changeSet {
	for _, c := range s.changeSets {
		if c.name == name || c.id == name {
			return c
		}
	}
	return nil
}

func (q *request) describeChangeSet(w http.ResponseWriter) {
	q.withStack(w, func(s *stack) {
		c := s.changeSet(q.Form.Get("ChangeSetName"))
		if c == nil {
			q.refuse(w, http.StatusNotFound, "ChangeSetNotFound", "ChangeSet ["+q.Form.Get("ChangeSetName")+"] does not exist")
			return
		}
		var changes []string
		for _, x := range c.changes {
			changes = append(changes, leaf("Type", "Resource")+el("ResourceChange", leaf("Action", x.action), leaf("LogicalResourceId", x.id), leaf("PhysicalResourceId", x.physical),
				leaf("ResourceType", x.typ), leaf("Replacement", x.replacement), members("Scope", nil), members("Details", nil)))
		}
		q.result(w, leaf("ChangeSetName", c.name), leaf("ChangeSetId", c.id), leaf("StackId", s.id), leaf("StackName", s.name), leaf("Status", c.status), leaf("StatusReason", c.reason),
			leaf("ExecutionStatus", c.execution), leaf("CreationTime", moment(c.created)), members("Changes", changes))
	})
}

// tagsOf reads the tags of a form.
func tagsOf(form map[string][]string) []tag {
	out := []tag{}
	for i := 1; ; i++ {
		key := form["Tags.member."+strconv.Itoa(i)+".Key"]
		value := form["Tags.member."+strconv.Itoa(i)+".Value"]
		if key == nil || value == nil {
			slices.SortFunc(out, func(x, y tag) int { return strings.Compare(x.Key, y.Key) })
			return out
		}
		out = append(out, tag{key[0], value[0]})
	}
}
