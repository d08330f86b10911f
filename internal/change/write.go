package change

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Write writes a report for a person: what changes in the network, what CloudFormation replaces and deletes, and how to
// deploy it. With color, what is lost is red, what is added green. It returns the writer's error.
func Write(w io.Writer, r *Report, color bool) error {
	v := &view{report: r, color: color}
	v.differences()
	v.resources()
	v.steps()
	_, err := io.WriteString(w, v.out.String())
	return err
}

type view struct {
	report *Report
	color  bool
	out    strings.Builder
}

// The colors, as terminals take them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

func (v *view) paint(code, text string) string {
	if !v.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (v *view) linef(format string, args ...any) { fmt.Fprintf(&v.out, format+"\n", args...) }

func (v *view) title(text string) { v.linef("%s", v.paint(bold, text)) }

// differences writes what changes in the network, section by section.
func (v *view) differences() {
	if v.report.Source != "" {
		v.linef("compared with %s", v.report.Source)
	}
	if v.report.Nothing {
		v.linef("%s: nothing is deployed, so everything is created", v.report.Name)
	}
	if len(v.report.Differences) == 0 {
		v.linef("%s: the network does not change", v.report.Name)
		return
	}
	section := ""
	for _, d := range fold(v.report.Differences) {
		if d.Section != section {
			if section != "" {
				v.linef("")
			}
			section = d.Section
			v.title(section)
		}
		switch {
		case d.Before == "":
			v.linef("  %s", v.paint(green, "+ "+d.Subject+"  "+d.After))
		case d.After == "":
			v.linef("  %s", v.paint(red, "- "+d.Subject+"  "+d.Before))
		default:
			v.linef("  %s", v.paint(yellow, "~ "+d.Subject))
			v.linef("      was %s", d.Before)
			v.linef("      now %s", d.After)
		}
	}
}

// resources counts what CloudFormation does, and names what it replaces or deletes.
func (v *view) resources() {
	count := map[cfn.Action]int{}
	orphaned := 0
	for _, r := range v.report.Resources {
		if r.Orphaned {
			orphaned++
		} else {
			count[r.Action]++
		}
	}
	v.linef("")
	v.title("resources")
	v.linef("  %d created, %d replaced, %d deleted%s; others are updated in place or stay", count[cfn.Create], count[cfn.Replace], count[cfn.Delete], orphans(orphaned))
	followers := 0
	for _, r := range v.lost() {
		if r.follows() {
			followers++
			continue
		}
		v.lostResource(r)
	}
	if followers > 0 {
		v.linef("  and %d more are replaced because they refer to these (--json lists them)", followers)
	}
}

// follows reports whether a resource is replaced for no other reason than that it refers to another one that is.
func (r Resource) follows() bool {
	return r.Protected == "" && r.Action == cfn.Replace && !slices.ContainsFunc(r.Causes, func(c Cause) bool { return c.Follows == "" })
}

func orphans(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d in stacks that are to be deleted", n)
}

// lost lists what is not created, what others would miss first.
func (v *view) lost() []Resource {
	list := slices.DeleteFunc(slices.Clone(v.report.Resources), func(r Resource) bool {
		return r.Action == cfn.Create || r.Action == cfn.Delete && r.Protected == ""
	})
	slices.SortStableFunc(list, func(x, y Resource) int { return cmp.Compare(min(1, len(y.Protected)), min(1, len(x.Protected))) })
	return list
}

func (v *view) lostResource(r Resource) {
	what := cmp.Or(r.Protected, strings.TrimPrefix(r.Type, "AWS::"))
	done := map[cfn.Action]string{cfn.Delete: "deleted", cfn.Replace: "replaced", cfn.Refuse: "refused"}[r.Action]
	switch {
	case r.Retained && r.Action == cfn.Delete:
		done = "leaves the network, stays in the account"
	case r.Retained:
		done += ", the old one stays in the account"
	case r.Orphaned:
		done += " with stack " + v.stack(r.Stack)
	}
	if r.Allowed {
		done += ", allowed"
	}
	code := yellow
	if r.Protected != "" {
		code = red
	}
	v.linef("  %s", v.paint(code, fmt.Sprintf("%s %s: %s", what, r.Name, done)))
	for _, c := range r.Causes {
		v.linef("      %s", because([]Cause{c}))
	}
}

// steps writes how to deploy, where plain deployment does not do.
func (v *view) steps() {
	if len(v.report.Keep) > 0 {
		v.linef("")
		v.title("order of deployment")
		v.linef("  1. deploy this file with %s still in it", inFile(v.report.Keep))
		v.linef("  2. deploy this file")
	}
	if len(v.report.Without) > 0 {
		v.linef("")
		v.title("order of deployment")
		v.linef("  1. deploy this file without %s", inFile(v.report.Without))
		v.linef("  2. deploy this file")
	}
	if len(v.report.Steps) < 2 {
		return
	}
	v.linef("")
	v.title("order of deployment")
	for i, s := range v.report.Steps {
		switch s.Action {
		case DeployAll:
			v.linef("  %d. deploy everything", i+1)
			v.deploy("--all")
		case Deploy:
			v.linef("  %d. deploy these stacks alone", i+1)
			v.why(s)
			v.alone(s)
		case Remove:
			v.linef("  %d. delete these stacks, in this order", i+1)
			v.why(s)
			for _, name := range s.Stacks {
				v.remove(name, slices.Contains(s.Protected, name))
			}
		}
	}
}

// remove writes how to delete a stack. The next one may only be deleted when this one is gone, so it waits.
func (v *view) remove(stack string, protected bool) {
	verbs := []string{"delete-stack", "wait stack-delete-complete"}
	if protected {
		verbs = append([]string{"update-termination-protection --no-enable-termination-protection"}, verbs...)
	}
	e := v.report.elsewhere(stack)
	note := ""
	if e.Account != "" {
		note = "  # account " + e.Account
	}
	for _, verb := range verbs {
		v.linef("       aws cloudformation %s%s --stack-name %s --region %s%s", verb, v.profile(), e.Stack, cmp.Or(e.Region, "REGION"), note)
	}
}

// alone writes how to deploy the stacks of a step and no other: one at a time if their order matters, because the CDK CLI would
// sort them into the app's order.
func (v *view) alone(s Step) {
	if s.Together {
		v.deploy("--exclusively " + strings.Join(s.Stacks, " "))
		return
	}
	for _, name := range s.Stacks {
		v.deploy("--exclusively " + name)
	}
}

// deploy writes a command of the CDK CLI. It must not ask: the answer would be the next line of what was pasted.
func (v *view) deploy(stacks string) {
	app := ""
	if v.report.Config != "" {
		app = " --app " + quoted(`go run ./bin/synth --config `+inner(v.report.Config))
	}
	v.linef("       npx cdk deploy%s%s --require-approval never %s", app, v.profile(), stacks)
}

func (v *view) profile() string {
	if v.report.Profile == "" {
		return ""
	}
	return " --profile " + Word(v.report.Profile)
}

// plainWord is what a POSIX shell takes for one word as it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./@%+:,-]+$`)

// Word writes a text as one word for a POSIX shell, quoted where it has to be.
func Word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return quoted(text)
}

// inner quotes a text inside a command that is quoted itself.
func inner(text string) string {
	if plainWord.MatchString(text) {
		return `"` + text + `"`
	}
	return quoted(text)
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func (v *view) why(s Step) {
	for _, w := range s.Why {
		v.linef("       because %s", w)
	}
}

// stack is what people call a stack.
func (v *view) stack(name string) string {
	if e := v.report.elsewhere(name); e.Name != e.Stack {
		return e.String()
	}
	return name
}
