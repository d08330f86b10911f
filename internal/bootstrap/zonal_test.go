package bootstrap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/golden"
)

func zonalMembers() map[string]bootstrap.ZonalMember {
	plain := bootstrap.ZonalMember{OS: bootstrap.AmazonLinux2023, Name: "foo", Region: "ap-northeast-2", Namespace: "Pathproof/Zonal", LogGroup: "/pathproof/shop/zonal/foo", SignalStack: "shop-ops-seoul",
		Responder: bootstrap.Responder{Port: 8080, Bucket: "assets", Key: "program.zip", BucketRegion: "ap-northeast-2", SHA256: strings.Repeat("ab", 32)}}
	direct := plain
	direct.CloudMapService = "${Token[SERVICE.1]}"
	return map[string]bootstrap.ZonalMember{"plain": plain, "direct": direct}
}

func TestZonalMember_UserData(t *testing.T) {
	for name, z := range zonalMembers() {
		text, err := z.UserData()
		if err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/zonal-"+name+".yaml", text)
		bashReads(t, text)
		c, err := z.Config()
		if err != nil {
			t.Fatal(err)
		}
		bootstrap.Keep(t, c)
	}
}

func TestZonalMember_Refuses(t *testing.T) {
	z := zonalMembers()["plain"]
	z.Responder.Port, z.Responder.ZoneID = 0, "apne2-az1"
	_, err := z.UserData()
	want := "zonal member foo: responder.port: not a port, got 0; use 1 to 65535\nresponder.zoneId: the machine finds out itself, got \"apne2-az1\"; leave it out"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// scripted runs a script of a member beside programs that are files: aws and curl note what they are asked.
type scripted struct {
	*testing.T
	root  string
	files map[string]string
}

func newScripted(t *testing.T) *scripted {
	t.Helper()
	text, err := zonalMembers()["direct"].UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	s := &scripted{t, t.TempDir(), files}
	for _, folder := range []string{"etc/pathproof", "run/pathproof", "bin", "opt/ready.d", "var/lib"} {
		if err := os.MkdirAll(filepath.Join(s.root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.write("etc/pathproof/boot.env", strings.ReplaceAll(files["/etc/pathproof/boot.env"], "${Token[SERVICE.1]}", "srv-1")+"DRAIN_SECONDS=0\n")
	s.write("bin/aws", "#!/bin/bash\necho \"$@\" >>"+s.root+"/calls\n[ ! -e "+s.root+"/says ] || . "+s.root+"/says\n[ ! -e "+s.root+"/refuses ] || { cat "+s.root+"/refuses >&2; exit 254; }\n")
	s.write("bin/sleep", "#!/bin/bash\n")
	s.write("bin/systemctl", "#!/bin/bash\n")
	s.write("bin/curl", `#!/bin/bash
case "${@: -1}" in
*/api/token) echo token;; */instance-id) echo i-0123456789abcdef0;; */availability-zone-id) cat `+s.root+`/zone;; */local-ipv4) echo 172.16.0.20;;
*) exit 22;; esac
`)
	s.write("zone", "apne2-az3\n")
	return s
}

func (s *scripted) write(name, content string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.root, name), []byte(content), 0o755); err != nil { // #nosec G306 -- programs
		s.Fatal(err)
	}
}

func (s *scripted) read(name string) string {
	content, err := os.ReadFile(filepath.Join(s.root, name))
	if err != nil {
		return ""
	}
	return string(content)
}

// run runs a file of the machine; /etc and /run are those of the test.
func (s *scripted) run(file string, args ...string) error {
	s.Helper()
	script, ok := s.files[file]
	if !ok {
		s.Fatalf("no %s among %d files", file, len(s.files))
	}
	script = strings.NewReplacer("/etc/pathproof", s.root+"/etc/pathproof", "/run/pathproof", s.root+"/run/pathproof", "/opt/pathproof/registration", s.root+"/opt/registration", "/opt/pathproof", s.root+"/opt", "/var/lib", s.root+"/var/lib").Replace(script)
	c := exec.Command("bash", append([]string{"-euo", "pipefail", "-c", "set -a; . " + s.root + "/etc/pathproof/boot.env; set +a\n" + script, "script"}, args...)...)
	c.Env = []string{"PATH=" + s.root + "/bin:" + os.Getenv("PATH")}
	out, err := c.CombinedOutput()
	s.Logf("%s %q: %v\n%s", filepath.Base(file), args, err, out)
	return err
}

const (
	groupStep    = "/opt/pathproof/boot.d/03-group"
	ready        = "/opt/pathproof/ready"
	zoneStep     = "/opt/pathproof/boot.d/02-zone"
	registration = "/opt/pathproof/registration"
	registered   = "servicediscovery register-instance --service-id srv-1 --instance-id i-0123456789abcdef0 " +
		"--attributes AWS_INSTANCE_IPV4=172.16.0.20,AWS_INSTANCE_PORT=8080,AVAILABILITY_ZONE_ID=apne2-az3\n"
	deregistered = "servicediscovery deregister-instance --service-id srv-1 --instance-id i-0123456789abcdef0\n"
)

func TestZonalMember_FindsItsZone(t *testing.T) {
	s := newScripted(t)
	for range 2 { // a reboot finds the same
		if err := s.run(zoneStep); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := s.read("etc/pathproof/zone.env"), "INSTANCE_ID='i-0123456789abcdef0'\nZONE_ID='apne2-az3'\nADDRESS='172.16.0.20'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.read("etc/pathproof/boot.env"); strings.Count(got, "MACHINE_NAME='foo-apne2-az3'\n") != 1 || strings.Index(got, "MACHINE_NAME='foo'") > strings.Index(got, "MACHINE_NAME='foo-apne2-az3'") {
		t.Errorf("metrics would have another name: %s", got)
	}
	s.write("zone", "'; rm -rf /; '\n")
	if err := s.run(zoneStep); err == nil {
		t.Error("whatever the metadata service says is taken for a zone")
	}
}

func TestZonalMember_IsInCloudMapWhileHealthy(t *testing.T) {
	s := newScripted(t)
	if err := s.run(zoneStep); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		health, refuses, arg string
		fails                bool
		want                 string // calls
	}{
		{"unhealthy: boot: running", "", "", false, ""},
		{"healthy", "ThrottlingException", "", true, registered},
		{"healthy", "", "", false, registered}, // tried again
		{"healthy", "", "", false, ""},         // known for a while
		{"unhealthy: responder", "", "", false, deregistered},
		{"unhealthy: responder", "", "", false, ""},
		{"healthy", "", "", false, registered},
		{"healthy", "ServiceUnavailable", "leave", true, deregistered},
		{"healthy", "", "", false, ""}, // it goes: never back in
		{"healthy", "InstanceNotFound", "leave", false, deregistered},
	} {
		s.write("calls", "")
		s.write("run/pathproof/health", step.health+"\n")
		if err := os.Remove(filepath.Join(s.root, "refuses")); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if step.refuses != "" {
			s.write("refuses", "An error occurred ("+step.refuses+")\n")
		}
		var args []string
		if step.arg != "" {
			args = append(args, step.arg)
		}
		if err := s.run(registration, args...); (err != nil) != step.fails {
			t.Errorf("step %d: got %v, want failure %t", i, err, step.fails)
		}
		if got := s.read("calls"); got != step.want {
			t.Errorf("step %d (%s): asked AWS %q, want %q", i, step.health, got, step.want)
		}
	}
}
