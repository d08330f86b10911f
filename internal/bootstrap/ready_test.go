package bootstrap_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// stage is a root folder with the scripts of a server, in which the paths of the machine are its own, and stand-ins for what the scripts
// call: each writes what it was asked into the file log.
type stage struct {
	*testing.T
	root  string
	files map[string]string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	text, err := server().UserData()
	if err != nil {
		t.Fatal(err)
	}
	return stageOf(t, text)
}

// stageOf is that of a machine with the given user data.
func stageOf(t *testing.T, text string) *stage {
	t.Helper()
	_, files := parse(t, text)
	b := &stage{t, t.TempDir(), files}
	put(t, b.root, bootstrap.EnvFile, files[bootstrap.EnvFile])
	for _, folder := range []string{"run/pathproof", "var/lib", "opt/pathproof/ready.d", "opt/pathproof/checks.d", "bin"} {
		if err := os.MkdirAll(filepath.Join(b.root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.program("sleep", "")
	b.program("systemctl", "")
	b.program("timeout", `shift; exec "$@"`)
	b.program("curl", `case "$*" in *instance-id) echo i-1 ;; *mac) echo 02:00 ;; *interface-id) echo eni-1 ;; *) echo TOKEN ;; esac`)
	return b
}

// program is a stand-in.
func (b *stage) program(name, body string) {
	b.Helper()
	put(b.T, b.root, "bin/"+name, "#!/bin/bash\n"+body+"\n")
	if err := os.Chmod(filepath.Join(b.root, "bin", name), 0o700); err != nil {
		b.Fatal(err)
	}
}

// aws has the AWS CLI answer, and notes what it was asked.
func (b *stage) aws(body string) { b.program("aws", `echo "$*" >>`+b.root+"/log\n"+body) }

// run runs one of the machine's scripts.
func (b *stage) run(name string, args ...string) (string, error) {
	b.Helper()
	script := b.script(name)
	cmd := exec.Command("bash", append([]string{"-c", script, name}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+b.root+"/bin:"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// script is one of the machine's scripts, with the paths of the stage.
func (b *stage) script(name string) string {
	script := b.files[bootstrap.Folder+"/"+name]
	for _, folder := range []string{"/run/", "/etc/", "/var/lib/", "/opt/"} {
		script = strings.ReplaceAll(script, folder, b.root+folder)
	}
	return script
}

// asked is what AWS was asked since the last time.
func (b *stage) asked() string {
	file := filepath.Join(b.root, "log")
	text, _ := os.ReadFile(file)
	_ = os.Remove(file)
	return string(text)
}

func (b *stage) set(name, content string, age time.Duration) {
	b.Helper()
	put(b.T, b.root, name, content)
	at := time.Now().Add(-age)
	if err := os.Chtimes(filepath.Join(b.root, name), at, at); err != nil {
		b.Fatal(err)
	}
}

func signalled(status string) string {
	return "cloudformation signal-resource --stack-name reference-ops-seoul --logical-resource-id OpenVpnseoulGroup12345678 --unique-id i-1 --status " + status + "\n"
}

// A machine says once whether it serves: when its own check has passed and it has done what comes then, or when that does not happen.
func TestReady_SaysOnceWhetherTheMachineServes(t *testing.T) {
	for name, c := range map[string]struct {
		boot, health, ready string
		runs                int
		want                string
	}{
		"serves":                       {"done", "healthy", "echo took >>$LOG", 3, "took\n" + signalled("SUCCESS")},
		"takes no address":             {"done", "healthy", "false", 3, signalled("FAILURE")},
		"is not healthy":               {"done", "unhealthy: openvpn: x", "echo took >>$LOG", 3, signalled("FAILURE")},
		"fails to boot, once or twice": {"failed: step 01-pki", "unhealthy", "", 2, ""},
		"fails to boot three times":    {"failed: step 01-pki", "unhealthy", "", 5, signalled("FAILURE")},
	} {
		t.Run(name, func(t *testing.T) {
			b := newStage(t)
			b.aws("")
			put(t, b.root, "run/pathproof/boot", c.boot+"\n")
			put(t, b.root, "run/pathproof/health", c.health+"\n")
			put(t, b.root, "opt/pathproof/ready.d/address", strings.ReplaceAll(c.ready, "$LOG", b.root+"/log")+"\n")
			for range c.runs {
				if out, err := b.run("ready"); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			}
			if got := b.asked(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Nobody waits for a machine that its group has started by itself; AWS that does not answer is asked again.
func TestReady_GoesOnWithoutSomebodyWhoWaits(t *testing.T) {
	for answer, want := range map[string]int{
		"echo 'An error occurred (ValidationError) when calling the SignalResource operation: Stack is in CREATE_COMPLETE state' >&2; exit 254": 1,
		"echo 'Could not connect to the endpoint URL' >&2; exit 255":                                                                            5,
	} {
		b := newStage(t)
		b.aws(answer)
		put(t, b.root, "run/pathproof/boot", "done\n")
		put(t, b.root, "run/pathproof/health", "healthy\n")
		for range 2 {
			if out, err := b.run("ready"); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		}
		if got := b.asked(); got != strings.Repeat(signalled("SUCCESS"), want) {
			t.Errorf("%s: got %q, want %d calls", answer, got, want)
		}
	}
}

// A server asks for another one only for a fault of its own, only after it has served, and once in its life: else a fault that every
// machine has would replace machine after machine.
func TestWatchdog_AsksOnceForAFaultOfItsOwn(t *testing.T) {
	const ask = "autoscaling set-instance-health --instance-id i-1 --health-status Unhealthy\n"
	const never = -1
	for name, c := range map[string]struct {
		served, fault, asked time.Duration // how long ago
		want                 string
	}{
		"no fault":              {time.Hour, never, never, ""},
		"a fault for 9 minutes": {time.Hour, 9 * time.Minute, never, ""},
		"for 11 minutes":        {time.Hour, 11 * time.Minute, never, ask},
		"never served":          {never, 11 * time.Minute, never, ""},
		"served for 14 minutes": {25 * time.Minute, 11 * time.Minute, never, ""},
		"has asked":             {time.Hour, 11 * time.Minute, time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newStage(t)
			b.aws("")
			put(t, b.root, "run/pathproof/health", "unhealthy: x\n")
			for file, age := range map[string]time.Duration{"var/lib/pathproof-served": c.served, "run/pathproof/fault": c.fault, "var/lib/pathproof-asked": c.asked} {
				if age != never {
					b.set(file, "", age)
				}
			}
			for range 2 {
				if out, err := b.run("watchdog"); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			}
			if got := b.asked(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What is a fault of the machine's own is decided by the status of its checks.
func TestHealth_TellsOwnFaultsFromThoseOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		boot, checks string
		own          bool
		verdict      string
	}{
		"healthy":      {"done", "true", false, "healthy"},
		"own":          {"done", "echo broken; exit 1", true, "unhealthy: x: broken"},
		"of others":    {"done", fmt.Sprintf("echo late; exit %d", bootstrap.Outside), false, "unhealthy: x: late"},
		"a boot tried": {"failed: step 01-pki, exit status 1", "false", false, "unhealthy: boot: failed: step 01-pki, exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newStage(t)
			b.aws("")
			put(t, b.root, "run/pathproof/boot", c.boot+"\n")
			put(t, b.root, "opt/pathproof/checks.d/x", c.checks+"\n")
			if out, err := b.run("health"); err != nil {
				t.Errorf("%v: %s", err, out)
			}
			exists := func(file string) bool { _, err := os.Stat(filepath.Join(b.root, file)); return err == nil }
			if own := exists("run/pathproof/fault"); own != c.own {
				t.Errorf("a fault of its own: %t", own)
			}
			if served := exists("var/lib/pathproof-served"); served != (c.verdict == "healthy") {
				t.Errorf("it has served: %t", served)
			}
			if got, _ := os.ReadFile(filepath.Join(b.root, "run/pathproof/health")); string(got) != c.verdict+"\n" {
				t.Errorf("got %q", got)
			}
			put(t, b.root, "opt/pathproof/checks.d/x", "true\n")
			put(t, b.root, "run/pathproof/boot", "done\n")
			if _, err := b.run("health"); err != nil || exists("run/pathproof/fault") {
				t.Errorf("the fault stays: %v", err)
			}
		})
	}
}

// The address goes to a machine that works, from nobody or, once that machine is ready, from whoever has it.
func TestAddress_IsTakenFromNobodyOrWhenReady(t *testing.T) {
	take := func(how string) string {
		return "ec2 associate-address --allocation-id eipalloc-0123456789abcdef0 --network-interface-id eni-1 --" + how + "-reassociation\n"
	}
	const look = "ec2 describe-addresses --allocation-ids eipalloc-0123456789abcdef0 --query Addresses[0].NetworkInterfaceId --output text\n"
	for name, c := range map[string]struct {
		how, holder, check, want string
	}{
		"nobody has it":                {"free", "None", "true", look + take("no-allow")},
		"another one has it":           {"free", "eni-9", "true", look},
		"the server does not work":     {"free", "None", "exit 1", look},
		"a fault that others have too": {"free", "None", "exit 3", look + take("no-allow")},
		"ready":                        {"over", "eni-9", "true", take("allow")},
	} {
		t.Run(name, func(t *testing.T) {
			b := newStage(t)
			b.aws("[ $2 != describe-addresses ] || echo " + c.holder)
			put(t, b.root, "opt/pathproof/checks.d/openvpn", c.check+"\n")
			if out, err := b.run("address", c.how); err != nil {
				t.Errorf("%v: %s", err, out)
			}
			if got := b.asked(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
