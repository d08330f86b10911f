package bootstrap_test

import (
	"path/filepath"
	"strings"
	"testing"
)

const (
	askedTags = "ec2 describe-tags --filters Name=resource-id,Values=i-0123456789abcdef0 --query Tags[].[Key,Value] --output text\n"
	// tags are those of an instance, as the AWS CLI prints them.
	tags = "aws:autoscaling:groupName\tshop-ops-seoul-ZonalServicefoo-X\naws:cloudformation:logical-id\tZonalServicefooGroupapne2az3Group12345678\n" +
		"Name\tzonal-foo\npathproof:targets-1\tarn:tg1\npathproof:targets-2\tarn:tg2\npathproof:targets-x\tarn:other\n"
)

// zonalSignal is what CloudFormation is told.
func zonalSignal(status string) string {
	return "cloudformation signal-resource --stack-name shop-ops-seoul --logical-resource-id ZonalServicefooGroupapne2az3Group12345678 --unique-id i-0123456789abcdef0 --status " + status + "\n"
}

func askedTarget(arn string) string {
	return "elbv2 describe-target-health --target-group-arn " + arn + " --targets Id=i-0123456789abcdef0 --query TargetHealthDescriptions[0].TargetHealth.[State,Reason] --output text\n"
}

// says has AWS answer: the tags, and for the rest what a line of bash says.
func (s *scripted) says(tags, rest string) {
	s.Helper()
	s.write("tags", tags)
	s.write("says", "[ $2 != describe-tags ] || cat "+s.root+"/tags\n"+rest+"\n")
}

// calls are those of AWS since the last time.
func (s *scripted) calls() string {
	got := s.read("calls")
	s.write("calls", "")
	return got
}

// found is a machine that knows its zone and its group.
func found(t *testing.T, tags string) *scripted {
	t.Helper()
	s := newScripted(t)
	s.says(tags, "")
	for _, step := range []string{zoneStep, groupStep, groupStep} { // a reboot finds the same
		if err := s.run(step); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.calls(); got != askedTags+askedTags {
		t.Fatalf("asked %q", got)
	}
	for _, script := range []string{"targets", "registered"} {
		r := strings.NewReplacer("/etc/pathproof", s.root+"/etc/pathproof", "/run/pathproof", s.root+"/run/pathproof", "/opt/pathproof", s.root+"/opt")
		s.write("opt/ready.d/"+script, r.Replace(s.files["/opt/pathproof/ready.d/"+script]))
	}
	s.write("opt/registration", "#!/bin/bash\n"+strings.NewReplacer("/etc/pathproof", s.root+"/etc/pathproof", "/run/pathproof", s.root+"/run/pathproof").Replace(s.files[registration]))
	s.write("run/pathproof/boot", "done\n")
	s.write("run/pathproof/health", "healthy\n")
	return s
}

// One launch template serves all zones: who waits for a machine, and who leads callers to it, is in its tags.
func TestZonalMember_FindsWhoWaits(t *testing.T) {
	s := found(t, tags)
	if got := s.read("etc/pathproof/boot.env"); strings.Count(got, "SIGNAL_RESOURCE='ZonalServicefooGroupapne2az3Group12345678'\n") != 1 ||
		strings.Index(got, "SIGNAL_RESOURCE=''") > strings.Index(got, "SIGNAL_RESOURCE='Z") {
		t.Errorf("nobody is told: %s", got)
	}
	if got := s.read("etc/pathproof/targets"); got != "arn:tg1\narn:tg2\n" {
		t.Errorf("target groups are %q", got)
	}
	for name, tags := range map[string]string{"none": "", "another machine's": "Name\tfoo\n", "not an id": "aws:cloudformation:logical-id\t'; rm -rf /\n"} {
		s.says(tags, "")
		if err := s.run(groupStep); err == nil {
			t.Errorf("%s: a machine without a group goes on", name)
		}
	}
}

// A member says that it serves when callers are led to it, not when it could answer: only then does an old one go. It says once that
// callers are not.
func TestZonalMember_SaysThatItServesWhenCallersFindIt(t *testing.T) {
	const late = `[ $2 != describe-target-health ] || { [ -e $0.$4 ] && echo -e "healthy\tNone" || echo -e "initial\tElb.InitialHealthChecking"; touch $0.$4; }`
	only := func(n string) string { return strings.Join(strings.Split(tags, "\n")[:3], "\n") + "\n" + n }
	for name, c := range map[string]struct{ tags, rest, boot, want string }{
		"behind a load balancer": {tags, late, "done", registered + askedTarget("arn:tg1") + askedTarget("arn:tg1") + askedTarget("arn:tg2") + askedTarget("arn:tg2") + zonalSignal("SUCCESS")},
		"which does not call it": {only("pathproof:targets-1\tarn:tg1\n"), `[ $2 != describe-target-health ] || echo -e "unhealthy\tTarget.FailedHealthChecks"`, "done",
			registered + strings.Repeat(askedTarget("arn:tg1"), 40) + zonalSignal("FAILURE")},
		"which may not be asked": {only("pathproof:targets-1\tarn:tg1\n"), `[ $2 != describe-target-health ] || { echo AccessDenied >&2; exit 254; }`, "done",
			registered + strings.Repeat(askedTarget("arn:tg1"), 40) + zonalSignal("FAILURE")},
		"in Cloud Map":  {only(""), `[ $2 != register-instance ] || [ -e $0.again ] || { touch $0.again; exit 255; }`, "done", registered + registered + zonalSignal("SUCCESS")},
		"which refuses": {only(""), `[ $2 != register-instance ] || exit 254`, "done", strings.Repeat(registered, 12) + zonalSignal("FAILURE")},
		"does not boot": {tags, "", "failed: step 03-responder", zonalSignal("FAILURE")},
	} {
		t.Run(name, func(t *testing.T) {
			s := found(t, c.tags)
			s.says(c.tags, c.rest)
			s.write("run/pathproof/boot", c.boot+"\n")
			for range 4 {
				if err := s.run(ready); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.calls(); got != c.want {
				t.Errorf("asked AWS %q, want %q", got, c.want)
			}
		})
	}
}

// A service without Cloud Map does not wait for it, and one nobody waits for says nothing.
func TestZonalMember_WaitsForWhatLeadsToIt(t *testing.T) {
	for name, want := range map[string][]string{"plain": {"targets"}, "direct": {"targets", "registered"}, "alone": nil} {
		z, ok := zonalMembers()[name]
		if !ok {
			z = zonalMembers()["plain"]
			z.SignalStack = ""
		}
		text, err := z.UserData()
		if err != nil {
			t.Fatal(err)
		}
		_, files := parse(t, text)
		for _, script := range []string{"targets", "registered"} {
			_, has := files[filepath.Join("/opt/pathproof/ready.d", script)]
			if wants := strings.Contains(strings.Join(want, " "), script); has != wants {
				t.Errorf("%s: %s stands there: %t, want %t", name, script, has, wants)
			}
		}
		if _, has := files[ready]; has != (want != nil) {
			t.Errorf("%s: it tells somebody: %t", name, has)
		}
	}
}

// What a machine says of a boot that fails outlives it: its log is sent before anything of its own can fail.
func TestZonalMember_LogsWhyItFails(t *testing.T) {
	text, err := zonalMembers()["direct"].UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	if _, ok := files["/opt/pathproof/boot.d/01-logs"]; !ok {
		t.Error("the log is not the first step")
	}
	const log = "/var/log/cloud-init-output.log"
	if agent := files["/etc/pathproof/cloudwatch-agent.json"]; !strings.Contains(agent, `"file_path":"`+log+`"`) {
		t.Errorf("the agent sends %s", agent)
	}
	for _, unit := range []string{"boot", "ready"} {
		if got := files["/etc/systemd/system/pathproof-"+unit+".service.d/log.conf"]; got != "[Service]\nStandardOutput=append:"+log+"\nStandardError=append:"+log+"\n" {
			t.Errorf("what %s says goes to %q", unit, got)
		}
	}
}
