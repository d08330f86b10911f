package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/problem"
)

// judge reports what must not happen unnoticed, and what cannot be deployed as it stands.
func (c *comparison) judge(steps []Step, natural, ordered verdict) {
	c.destroyed()
	c.moved(natural.changes)
	c.refused()
	if ordered.clean() {
		c.order(steps)
	} else {
		c.stuck(ordered)
	}
	for _, name := range natural.changes.Orphans {
		c.addf(problem.StackOrphaned, "", "the app does not have stack %s any more, and deploying does not delete it; delete it as the order of deployment says", name)
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
			how = "left behind in the account, outside the network"
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

// moved reports resources that would be made anew under another name of CloudFormation's: a change of the file does not do
// that, another version of pathproof could.
func (c *comparison) moved(changes *cfn.Changes) {
	for _, m := range changes.Moves {
		if c.names[m.From] != "" && c.names[m.From] == c.names[m.To] {
			c.addf(problem.ResourceMoved, keyPath(c.name(m.To)), "%s would be made anew as %s and deleted as %s; deploy with the version of pathproof that made it", c.name(m.To), m.To, m.From)
		}
	}
}

// refused reports changes that CloudFormation answers with an error.
func (c *comparison) refused() {
	for _, r := range c.report.Resources {
		if r.Action == cfn.Refuse {
			c.addf(problem.ChangeRefused, keyPath(r.Name), "CloudFormation refuses the change of %s (%s/%s), %s; deploy once without it, then with it", r.Name, r.Stack, r.LogicalID, refusal(r))
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

// stuck reports what no order of stacks solves: it takes two deployments with two files.
func (c *comparison) stuck(v verdict) {
	reported := map[string]bool{}
	report := func(code problem.Code, name, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if !reported[text] {
			reported[text] = true
			c.addf(code, keyPath(name), "%s", text)
		}
	}
	for _, x := range v.collisions() {
		from, to := c.name(x.Old), c.name(x.New)
		switch {
		case x.Old == x.New:
			report(problem.SlotTaken, to, "%s is replaced while it holds its place (%s), and CloudFormation creates before it deletes; deploy once without %s, then with it", to, c.slot(x.Slot), owner(to))
		default:
			report(problem.SlotTaken, to, "%s takes the place (%s) that %s still holds, and CloudFormation creates before it deletes; deploy once without %s, then with it", to, c.slot(x.Slot), from, owner(to))
		}
	}
	for _, b := range v.changes.Broken {
		producer := c.name(b.Producer)
		report(problem.StackOrder, producer, "%s cannot be %s while stack %s imports it; deploy once without %s, which uses it, then this file",
			producer, map[cfn.Reason]string{cfn.Deleted: "deleted", cfn.Unused: "taken back", cfn.Replaced: "replaced", cfn.Attribute: "changed"}[b.Reason],
			b.Consumer.Stack, owner(c.name(b.Consumer)))
	}
	for _, m := range v.missing {
		stack, id, _ := strings.Cut(m.of, "/")
		needed := c.name(cfn.ID{Stack: stack, LogicalID: id})
		report(problem.StackOrder, needed, "stack %s has to give something up before %s is there, and takes it; deploy once without %s, then with it", m.stack, needed, owner(needed))
	}
}

// slot writes a slot with names in place of logical ids.
func (c *comparison) slot(s cfn.Slot) string {
	words := strings.Fields(s.String())
	for i, w := range words {
		words[i] = c.text(w)
	}
	return strings.Join(words, " ")
}

// owner is what in the file a resource belongs to: the first parts of its name.
func owner(name string) string {
	parts := strings.Split(name, "/")
	switch {
	case len(parts) > 3 && parts[0] == "network":
		if parts[3] == "route" || parts[3] == "attachment" {
			return "the attachment of network/" + parts[1] + "/" + parts[2]
		}
		return strings.Join(parts[:3], "/")
	case len(parts) > 3 && (parts[0] == "site" || parts[0] == "transitGateway"):
		return strings.Join(parts[:4], "/")
	case len(parts) > 2 && parts[0] == "peering":
		return strings.Join(parts[:2], "/")
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
