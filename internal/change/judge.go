package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/problem"
)

// judge reports what must not happen unnoticed, and what cannot be deployed as it stands.
func (c *comparison) judge(r *rollout, steps []Step, natural, ordered verdict) {
	c.destroyed()
	c.moved(natural.changes, r.before, r.after)
	c.refused()
	if ordered.clean() {
		c.order(steps)
	} else {
		c.stuck(ordered, c.recipe(r, natural, ordered))
	}
	if gone := natural.changes.Orphans; len(gone) > 0 {
		c.addf(problem.StackOrphaned, "", "the app does not have these stacks any more, and deploying does not delete them: %s; delete them as pathproof diff says", strings.Join(gone, " "))
	}
}

func (c *comparison) addf(code problem.Code, path, format string, args ...any) {
	c.report.Problems.Addf(code, path, format, args...)
}

// destroyed reports every loss of what others hold on to that the command does not name.
func (c *comparison) destroyed() {
	for _, r := range c.report.Resources {
		if r.Protected == "" || r.Allowed {
			continue
		}
		how, remedy := "deleted", "put it back into the file"
		switch {
		case r.Action == cfn.Replace:
			how, remedy = "replaced, because "+because(r.Causes), "take that back"
		case r.Action == cfn.Refuse:
			continue
		case r.Retained:
			how = "taken out of the network, and stay in the account"
		case r.Orphaned:
			how = "deleted with its stack " + r.Stack
		}
		c.addf(problem.Destroyed, keyPath(r.Name), "%s %s would be %s; %s, or pass --allow-destroy %s", r.Protected, r.Name, how, remedy, r.Name)
	}
}

// because says in a line why a resource is replaced.
func because(causes []Cause) string {
	out := make([]string, len(causes))
	for i, x := range causes {
		switch {
		case x.Follows != "":
			out[i] = fmt.Sprintf("%s follows %s", x.Property, x.Follows)
		default:
			out[i] = fmt.Sprintf("%s changes from %q to %q", x.Property, x.Before, x.After)
		}
		if x.Maybe {
			out[i] += " (depends on what AWS finds)"
		}
	}
	return strings.Join(out, " and ")
}

// refused reports changes that CloudFormation answers with an error.
func (c *comparison) refused() {
	for _, r := range c.report.Resources {
		if r.Action == cfn.Refuse {
			c.report.Steps = nil // no order carries it out
			without := "it"
			if slices.ContainsFunc(r.Causes, func(x Cause) bool { return x.Property == cfn.FixedAddress && x.Before != "" }) {
				without = "the zone whose address changes" // of a load balancer: its other zones stay
			}
			c.addf(problem.ChangeRefused, keyPath(r.Name), "CloudFormation refuses the change of %s (%s/%s), %s; deploy once without %s, then with it", r.Name, r.Stack, r.LogicalID, refusal(r), without)
		}
	}
}

func refusal(r Resource) string {
	if len(r.Causes) == 0 {
		return "whose type changes to " + r.Type
	}
	return because(r.Causes)
}

// order reports that deploying everything in the app's own order would fail half way, and what to do first.
func (c *comparison) order(steps []Step) {
	for i, s := range steps {
		if s.Action == DeployAll {
			return
		}
		do := "deploy these stacks first: "
		if s.Action == Remove {
			do = "delete these stacks first: "
		}
		c.addf(problem.StackOrder, "", "plain cdk deploy would fail, because %s; %s%s (step %d of the order of deployment)",
			strings.Join(s.Why, " and "), do, strings.Join(s.Stacks, " "), i+1)
	}
}

// stuck reports what no order of stacks solves: it takes two deployments.
func (c *comparison) stuck(v verdict, how recipe) {
	c.report.Keep, c.report.Without = how.keep, how.without
	remedy := how.remedy()
	reported := map[string]bool{}
	for _, x := range v.collisions() {
		name := c.name(x.New)
		text := fmt.Sprintf("%s takes %s before %s gives it up, since CloudFormation creates before it deletes", name, c.slot(x.Slot), c.name(x.Old))
		if x.Old == x.New {
			text = fmt.Sprintf("%s is replaced while it holds %s, and CloudFormation creates before it deletes", name, c.slot(x.Slot))
		}
		c.addf(problem.SlotTaken, keyPath(name), "%s; %s", text, remedy)
	}
	for _, b := range roots(v.changes) {
		name := c.name(b.Producer)
		var by []string
		for _, x := range v.changes.Broken {
			if x.Producer == b.Producer && !slices.Contains(by, x.Consumer.Stack) {
				by = append(by, x.Consumer.Stack)
			}
		}
		text := fmt.Sprintf("%s cannot be %s while it is imported by %s", name, verbs[b.Reason], strings.Join(by, " "))
		if !reported[text] {
			reported[text] = true
			c.addf(problem.StackOrder, keyPath(name), "%s; %s", text, remedy)
		}
	}
	for _, m := range v.missing {
		text := fmt.Sprintf("stack %s has to be deployed early, to give something up, but takes what is not there yet", m.stack)
		if !reported[text] {
			reported[text] = true
			c.addf(problem.StackOrder, "", "%s; %s", text, remedy)
		}
	}
}

// roots lists the broken exports of resources that are not replaced only because another one is; all, where that leaves none: what they
// follow is imported by nobody, as the namespace of a service in Cloud Map, and something has to be said.
func roots(changes *cfn.Changes) []cfn.BrokenExport {
	out := slices.DeleteFunc(slices.Clone(changes.Broken), func(b cfn.BrokenExport) bool {
		i := slices.IndexFunc(changes.Resources, func(x *cfn.Change) bool { return x.ID == b.Producer })
		return i >= 0 && changes.Resources[i].Action == cfn.Replace &&
			!slices.ContainsFunc(changes.Resources[i].Causes, func(x cfn.Cause) bool { return x.Follows == (cfn.ID{}) })
	})
	if len(out) == 0 {
		return changes.Broken
	}
	return out
}

var verbs = map[cfn.Reason]string{cfn.Deleted: "deleted", cfn.Unused: "taken back", cfn.Replaced: "replaced", cfn.Attribute: "changed"}

// slot writes a slot with names in place of logical ids.
func (c *comparison) slot(s cfn.Slot) string {
	words := strings.Fields(s.String())
	for i, w := range words {
		words[i] = c.text(w)
	}
	return strings.Join(words, " ")
}

// owner is what in the file a resource belongs to: the beginning of its name.
func owner(name string) string {
	parts := strings.Split(name, "/")
	first := func(n int) string { return strings.Join(parts[:min(n, len(parts))], "/") }
	switch parts[0] {
	case "network":
		switch {
		case len(parts) < 5:
			return first(3)
		case parts[3] == "subnet" || parts[3] == "attachment":
			return first(5)
		case parts[3] == "routeTable":
			return first(3) + "/subnet/" + parts[4]
		}
		return first(3)
	case "site", "transitGateway":
		if len(parts) > 2 && parts[2] == "route" {
			return first(2)
		}
		return first(4)
	case "peering", "hostedZone", "zonalService":
		return first(2)
	}
	return name
}

// keyPath is where in the file a resource's name points.
func keyPath(name string) string {
	parts := strings.Split(name, "/")
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch parts[0] {
	case "network":
		return fmt.Sprintf("networks[%s/%s]", at(1), at(2))
	case "transitGateway":
		if at(2) == "segment" {
			return fmt.Sprintf("transitGateways[%s].segments[%s]", at(1), at(3))
		}
		return fmt.Sprintf("transitGateways[%s]", at(1))
	case "site":
		switch at(2) {
		case "gateway":
			return fmt.Sprintf("sites[%s].gateways[%s]", at(1), at(3))
		case "vpnConnection":
			return fmt.Sprintf("sites[%s].connect.vpnConnections[%s]", at(1), at(3))
		}
		return fmt.Sprintf("sites[%s]", at(1))
	case "peering":
		return fmt.Sprintf("peerings[%s]", at(1))
	case "hostedZone":
		return fmt.Sprintf("hostedZones[%s]", at(1))
	case "zonalService":
		return fmt.Sprintf("zonalServices[%s]", at(1))
	case "alerts":
		return "alerts"
	}
	return ""
}

// Destroyable lists what --allow-destroy may name in a report, sorted.
func (r *Report) Destroyable() []string {
	var out []string
	for _, x := range r.Resources {
		if x.Protected != "" {
			out = append(out, x.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
