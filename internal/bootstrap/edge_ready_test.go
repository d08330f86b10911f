package bootstrap_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// balanced is the stage of a proxy that two target groups lead to.
func balanced(t *testing.T) *stage {
	t.Helper()
	e := edges()["full"]
	e.TargetGroups = []string{"arn:tg1", "arn:tg2"}
	text, err := e.UserData()
	if err != nil {
		t.Fatal(err)
	}
	b := stageOf(t, text)
	put(t, b.root, "opt/pathproof/ready.d/targets", b.script("ready.d/targets"))
	return b
}

// A proxy says that it serves when the load balancer calls it, in each of its target groups: CloudFormation then ends an old one. It says
// once that the load balancer does not.
func TestEdgeProxy_SaysThatItServesWhenItIsCalled(t *testing.T) {
	asked := func(arn string) string {
		return "elbv2 describe-target-health --target-group-arn " + arn + " --targets Id=i-1 --query TargetHealthDescriptions[0].TargetHealth.[State,Reason] --output text\n"
	}
	told := func(status string) string {
		return "cloudformation signal-resource --stack-name reference-ops-oregon --logical-resource-id EdgeProxyweverseGroup12345678 --unique-id i-1 --status " + status + "\n"
	}
	const healthy = `echo -e "healthy\tNone"`
	for name, c := range map[string]struct {
		boot, health, id, targets string
		want                      string
	}{
		"called at once": {"done", "healthy", "i-1", healthy, asked("arn:tg1") + asked("arn:tg2") + told("SUCCESS")},
		"called late": {"done", "healthy", "i-1", `[ -e $0.$4 ] && echo -e "healthy\tNone" || { touch $0.$4; echo -e "initial\tElb.InitialHealthChecking"; }`,
			strings.Repeat(asked("arn:tg1"), 2) + strings.Repeat(asked("arn:tg2"), 2) + told("SUCCESS")},
		"called at one port": {"done", "healthy", "i-1", `[ $4 = arn:tg1 ] && echo -e "healthy\tNone" || echo -e "unhealthy\tTarget.FailedHealthChecks"`,
			asked("arn:tg1") + strings.Repeat(asked("arn:tg2"), 40) + told("FAILURE")},
		"may not ask":                     {"done", "healthy", "i-1", "echo AccessDenied >&2; exit 254", strings.Repeat(asked("arn:tg1"), 40) + told("FAILURE")},
		"does not know itself":            {"done", "healthy", "<html>", healthy, strings.Replace(told("FAILURE"), "i-1", "<html>", 1)},
		"is not healthy by its own check": {"done", "unhealthy: nginx: x", "i-1", healthy, told("FAILURE")},
		"fails to boot":                   {"failed: step 01-tls", "unhealthy", "i-1", healthy, told("FAILURE")},
	} {
		t.Run(name, func(t *testing.T) {
			b := balanced(t)
			b.aws("[ $2 != describe-target-health ] || { " + c.targets + "; }")
			b.program("curl", `case "$*" in *instance-id) echo '`+c.id+`' ;; *) echo TOKEN ;; esac`)
			b.set("run/pathproof/boot", c.boot+"\n", time.Duration(0))
			b.set("run/pathproof/health", c.health+"\n", time.Duration(0))
			for range 4 {
				if out, err := b.run("ready"); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			}
			if got := b.asked(); got != c.want {
				t.Errorf("asked AWS %q, want %q", got, c.want)
			}
		})
	}
}

// A proxy that no load balancer leads to asks for none: its own check is enough, as before.
func TestEdgeProxy_WithoutTargetGroupsAsksForNone(t *testing.T) {
	for name, groups := range map[string][]string{"behind a load balancer": {"arn:tg1"}, "alone": nil} {
		e := edges()["full"]
		e.TargetGroups = groups
		text, err := e.UserData()
		if err != nil {
			t.Fatal(err)
		}
		_, files := parse(t, text)
		for _, file := range []string{bootstrap.Folder + "/ready.d/targets", "/etc/systemd/system/pathproof-ready.service.d/time.conf"} {
			if _, has := files[file]; has != (groups != nil) {
				t.Errorf("%s: %s stands there: %t", name, file, has)
			}
		}
		if has := strings.Contains(files[bootstrap.EnvFile], "TARGET_GROUPS="); has != (groups != nil) {
			t.Errorf("%s: it knows target groups: %t", name, has)
		}
		if _, has := files[bootstrap.Folder+"/ready"]; !has {
			t.Errorf("%s: it tells nobody", name)
		}
	}
}
