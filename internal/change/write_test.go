package change_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/change"
)

// Printed commands are pasted into a shell. It has to take file and profile names for what they are, twice over: the CDK CLI
// gives --app to a shell of its own.
func TestWrite_CommandsSurviveTheShell(t *testing.T) {
	for _, name := range []string{"my.yaml", "my net.yaml", `it's "new".yaml`, "$HOME`id`.yaml", `a\b.yaml`} {
		r := &change.Report{Name: "n", Config: name, Profile: name, Steps: []change.Step{{Action: change.DeployAll}, {Action: change.Remove, Stacks: []string{"s"}}}}
		var out bytes.Buffer
		if err := change.Write(&out, r, false); err != nil {
			t.Fatal(err)
		}
		var commands []string
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "       npx ") || strings.HasPrefix(line, "       aws ") {
				commands = append(commands, line)
			}
		}
		// Each command becomes the list of its words; --app's value is taken apart once more.
		script := `npx() { printf '%s\n' "$@"; sh -c "go() { printf '%s\n' \"\$@\"; }; $4"; }; aws() { printf '%s\n' "$@"; }` + "\n" + strings.Join(commands, "")
		printed, err := exec.Command("sh", "-c", script).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, printed)
		}
		words := strings.Split(string(printed), "\n")
		profiles, configs := 0, 0
		for i, w := range words[1:] {
			if words[i] == "--profile" && w == name {
				profiles++
			}
			if words[i] == "--config" && w == name {
				configs++
			}
		}
		if profiles != 3 || configs != 1 {
			t.Errorf("%s: %d of 3 profiles and %d of 1 file names arrive:\n%s\n%s", name, profiles, configs, out.String(), printed)
		}
	}
}

// What an old plan protects is protected when it is to be deleted.
func TestWrite_ProtectedByThePlan(t *testing.T) {
	const command = "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name reference-peer-seoul-tokyo --region ap-northeast-1\n"
	gone := changes["peering-removed"].after
	for _, protect := range []bool{true, false} {
		was := plan(t, "before.yaml", read(t, reference)).Plan
		was.Protect = protect
		r := change.Compare(change.Deployed{Plan: was}, plan(t, "after.yaml", gone.apply(t, read(t, reference))).Plan, nil)
		var out bytes.Buffer
		if err := change.Write(&out, r, false); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), command) != protect {
			t.Errorf("protect %t: the report is\n%s", protect, out.String())
		}
	}
}

// Stacks of one step that pass nothing to each other are one command; those that do are one each, in their order. That the
// CDK CLI's order does as well is TestCompare_PredictsCloudFormation's.
func TestCompare_Together(t *testing.T) {
	seen := map[bool]int{}
	for _, c := range changes {
		data := read(t, c.file)
		was, now := plan(t, "before.yaml", c.before.apply(t, data)).Plan, plan(t, "after.yaml", c.after.apply(t, data)).Plan
		r := change.Compare(change.Deployed{Plan: written(t, was, c.stored)}, now, c.allow)
		var out bytes.Buffer
		if err := change.Write(&out, r, false); err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Steps {
			if s.Action != change.Deploy || len(s.Stacks) < 2 {
				continue
			}
			seen[s.Together]++
			if one := strings.Contains(out.String(), " --exclusively "+strings.Join(s.Stacks, " ")+"\n"); one != s.Together {
				t.Errorf("together is %t:\n%s", s.Together, out.String())
			}
		}
	}
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("steps of several stacks, by whether they go together: %v; the test looks at nothing", seen)
	}
}
