package latencyprobe

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime/multipart"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
)

// armHeader is as much of a program for Linux on arm64 as Validate reads.
func armHeader(machine byte) []byte {
	h := make([]byte, 64)
	copy(h, "\x7fELF\x02\x01\x01")
	h[16], h[18], h[20] = 2, machine, 1 // executable, processor, version
	h[52], h[54], h[58] = 64, 56, 64    // sizes of the headers
	return h
}

func file(t *testing.T, name string, content []byte, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTargetProps_Validate(t *testing.T) {
	arm := file(t, "pathproof", armHeader(183), 0o644)
	intel := file(t, "pathproof", armHeader(62), 0o644)
	text := file(t, "pathproof", []byte("#!/bin/sh\n"), 0o644)
	for _, c := range []struct {
		name string
		edit func(*TargetProps)
		want string
	}{
		{"good", func(*TargetProps) {}, ""},
		{"all of the optional", func(p *TargetProps) { p.InstanceType, p.Port, p.ZoneID = "c7gn.medium", 1024, "usw2-lax1-az1" }, ""},
		{"no program", func(p *TargetProps) { p.Program = "" }, "program: missing"},
		{"no such program", func(p *TargetProps) { p.Program = "no-such" }, `program: no such file, got "no-such"`},
		{"program is a folder", func(p *TargetProps) { p.Program = "." }, "program: no such file"},
		{"program is a script", func(p *TargetProps) { p.Program = text }, "program: not a program for Linux"},
		{"program for Intel", func(p *TargetProps) { p.Program = intel }, "program: a program for another processor (EM_X86_64)"},
		{"image by parameter", func(p *TargetProps) { p.ImageID = "resolve:ssm:/aws/service/x" }, "imageId: want the id"},
		{"zone by name", func(p *TargetProps) { p.ZoneID = "ap-northeast-2a" }, "zoneId: want an AZ ID"},
		{"zone with a shell in it", func(p *TargetProps) { p.ZoneID = "x-az1\nExecStartPre=/bin/sh" }, "zoneId: want an AZ ID"},
		{"no subnet", func(p *TargetProps) { p.SubnetId = nil }, "subnetId: missing"},
		{"no address", func(p *TargetProps) { p.PrivateIP = netip.Addr{} }, "privateIp: want an IPv4 address"},
		{"IPv6", func(p *TargetProps) { p.PrivateIP = netip.MustParseAddr("fd00::1") }, "privateIp: want an IPv4 address, got fd00::1"},
		{"no groups", func(p *TargetProps) { p.SecurityGroupIds = nil }, "securityGroupIds: want 1 to 5, got 0"},
		{"Intel instance", func(p *TargetProps) { p.InstanceType = "t3.nano" }, `instanceType: not one with a Graviton processor, got "t3.nano"`},
		{"GPU instance", func(p *TargetProps) { p.InstanceType = "g5.xlarge" }, "instanceType: not one"},
		{"privileged port", func(p *TargetProps) { p.Port = 1023 }, "port: out of range, got 1023"},
		{"no port", func(p *TargetProps) { p.Port = 65536 }, "port: out of range, got 65536"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := TargetProps{Program: arm, ImageID: "ami-0123456789abcdef0", ZoneID: "apne2-az1", SubnetId: new("subnet-1"),
				PrivateIP: netip.MustParseAddr("10.0.0.10"), SecurityGroupIds: []*string{new("sg-1")}}
			c.edit(&p)
			switch err := p.Validate(); {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want only %s", err, c.want)
			}
		})
	}
}

func booted(program string) boot {
	sum := sha256.Sum256([]byte(program))
	return boot{Signal: "https://example.com/signal?a=b&c=d", Bucket: "assets", Key: "0123.bin", Region: "ap-northeast-2",
		SHA256: hex.EncodeToString(sum[:]), ZoneID: "apne2-az1", Port: 7007}
}

func TestBoot_UserData(t *testing.T) {
	got := booted("").userData()
	golden.Compare(t, "testdata/target-userdata.txt", got)
	header, body, _ := strings.Cut(got, "\n\n")
	if _, boundary, _ := strings.Cut(header, "boundary="); !strings.HasPrefix(boundary, `"pathproof"`) {
		t.Fatalf("header %q", header)
	}
	parts := multipart.NewReader(strings.NewReader(body), "pathproof")
	for _, want := range []string{"#cloud-config\ncloud_final_modules:\n- [scripts-user, always]", "#!/bin/sh\n"} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(part); err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("part %q, %v; want it to begin with %q", text, err, want)
		}
	}
	// References take more room than the values here: the signal's URL, a few hundred bytes, above all.
	if n := len(got) + 2<<10; n > maxUserData {
		t.Errorf("user data may take %d bytes, EC2 takes %d", n, maxUserData)
	}
}

// run boots a host of commands that only write down how they were called, and of a program that answers or does not.
func run(t *testing.T, script string, served string) (log string, err error) {
	t.Helper()
	root := t.TempDir()
	commands := map[string]string{
		"aws":       `printf '%s' "$SERVED" >"$9"; echo "aws $1 $2" >>"$LOG"`,
		"curl":      `for a; do case $a in @*) cat "${a#@}" >>"$LOG";; http*) echo " to $a" >>"$LOG";; esac; done`,
		"systemctl": `echo "systemctl $*" >>"$LOG"`,
		"sleep":     `:`,
	}
	for name, body := range commands {
		if err := os.WriteFile(filepath.Join(root, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script = strings.NewReplacer("/usr/local/bin/pathproof\n", root+"/installed\n", "/etc/systemd/system/", root+"/").Replace(script)
	c := exec.Command("sh")
	c.Stdin = strings.NewReader(script)
	c.Env = append(os.Environ(), "PATH="+root+":"+os.Getenv("PATH"), "LOG="+root+"/log", "SERVED="+served)
	output, err := c.CombinedOutput()
	t.Logf("%s", output)
	written, _ := os.ReadFile(filepath.Join(root, "log"))
	return string(written), err
}

const answering = "#!/bin/sh\necho \"probe $*\" >>\"$LOG\"\nexit "

func TestBoot_Script(t *testing.T) {
	const started = "systemctl daemon-reload\nsystemctl enable pathproof.service\nsystemctl restart pathproof.service\n"
	const asked = "probe probe run echo://127.0.0.1:7007 -n 5\n"
	signal := func(status, reason string) string {
		return `{"Status":"` + status + `","UniqueId":"boot","Reason":"` + reason + `","Data":""} to https://example.com/signal?a=b&c=d` + "\n"
	}
	for _, c := range []struct {
		name, deployed, served string
		fails                  bool
		want                   string
	}{
		{"answers", answering + "0\n", answering + "0\n", false, "aws s3api get-object\n" + started + asked + signal("SUCCESS", "pathproof answers")},
		{"answers, too slow to measure", answering + "5\n", answering + "5\n", false, "aws s3api get-object\n" + started + asked + signal("SUCCESS", "pathproof answers")},
		{"another program", answering + "0\n", answering + "1\n", true, "aws s3api get-object\n" + signal("FAILURE", "the program has another SHA-256 than it was deployed with, exit status 1")},
		{"does not answer", answering + "4\n", answering + "4\n", true, "aws s3api get-object\n" + started + strings.Repeat(asked, 10) +
			signal("FAILURE", "the service does not answer on its own host; journalctl -u pathproof has more, exit status 1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := run(t, booted(c.deployed).script(), c.served)
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("%v, did\n%swant\n%s", err, got, c.want)
			}
		})
	}
}

func TestBoot_ScriptIsShell(t *testing.T) {
	c := exec.Command("sh", "-n")
	c.Stdin = strings.NewReader(booted("").script())
	if output, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
}

// People copy the unit from there.
func TestBoot_UnitIsInTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/PROBE.md")
	if err != nil {
		t.Fatal(err)
	}
	unit := boot{Region: "ap-northeast-1", ZoneID: "apne1-az1", Port: 7007}.Unit()
	if !strings.Contains(string(text), "```ini\n"+unit+"```\n") {
		t.Errorf("docs/PROBE.md has another unit than\n%s", unit)
	}
}
