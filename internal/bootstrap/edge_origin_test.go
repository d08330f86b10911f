package bootstrap_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// bench runs the watcher of the user data beside a resolver and an nginx that are made of files.
type bench struct {
	*testing.T
	root string
}

// The resolver prints what is in a file. nginx -t refuses a list with 192.0.2.66; nginx notes reloads, and what it was
// given then.
const (
	fakeGetent = "#!/bin/sh\n[ \"$*\" = 'ahostsv4 api.example.com' ] && cat \"$ROOT/dns\" 2>/dev/null\n"
	fakeNginx  = `#!/bin/sh
case "$*" in
"-t -q -c "*) echo t >>"$ROOT/tests"; ! grep -q 192.0.2.66 "$(dirname "$4")/pathproof-origin.conf" ;;
"-s reload") [ ! -e "$ROOT/stopped" ] && { cat "$ROOT/nginx/pathproof-origin.conf"; echo --; } >>"$ROOT/reloads" ;;
*) echo "nginx $*" >>"$ROOT/reloads" ;;
esac
`
)

func newBench(t *testing.T) bench {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("NOT TESTED: bash is missing")
	}
	b := bench{t, t.TempDir()}
	text, err := edges()["plain-debian"].UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	b.write("env", 0o644, "set -a\n"+files[bootstrap.EnvFile])
	b.write("origin", 0o755, files[bootstrap.Folder+"/origin"])
	b.write("bin/getent", 0o755, fakeGetent)
	b.write("bin/nginx", 0o755, fakeNginx)
	b.started()
	b.write("nginx/nginx.conf", 0o644, "include pathproof-origin.conf;\n")
	b.write("nginx/pathproof-origin.conf", 0o644, "server 127.0.0.1:1 down;\n")
	return b
}

// started is when nginx starts: it reads what is there.
func (b bench) started() { b.Helper(); b.write("pid", 0o644, "1\n") }

func (b bench) write(name string, mode os.FileMode, content string) {
	b.Helper()
	path := filepath.Join(b.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		b.Fatal(err)
	}
}

func (b bench) read(name string) string {
	data, err := os.ReadFile(filepath.Join(b.root, name))
	if err != nil && !os.IsNotExist(err) {
		b.Fatal(err)
	}
	return string(data)
}

// dns is what the resolver says from now on, in getent's form; nothing makes it fail.
func (b bench) dns(addresses ...string) {
	b.Helper()
	if len(addresses) == 0 {
		_ = os.Remove(filepath.Join(b.root, "dns"))
		return
	}
	var text strings.Builder
	for _, a := range addresses {
		fmt.Fprintf(&text, "%s STREAM api.example.com\n%s DGRAM\n%s RAW\n", a, a, a)
	}
	b.write("dns", 0o644, text.String())
}

// look lets the watcher look once, long after it last tried something.
func (b bench) look() string {
	b.Helper()
	b.write("run/tried", 0o644, strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10))
	return b.lookAgain()
}

// lookAgain lets it look at once.
func (b bench) lookAgain() string {
	b.Helper()
	cmd := exec.Command("bash", "-c", `. "$0/env"; exec bash "$0/origin" -1`, b.root)
	cmd.Env = append(os.Environ(), "ROOT="+b.root, "PATH="+b.root+"/bin:"+os.Getenv("PATH"),
		"NGINX_DIR="+b.root+"/nginx", "NGINX_PID="+b.root+"/pid", "RUNTIME_DIRECTORY="+b.root+"/run")
	out, err := cmd.CombinedOutput()
	if failed := new(exec.ExitError); err != nil && !errors.As(err, &failed) {
		b.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func (b bench) want(what, got, want string) {
	b.Helper()
	if got != want {
		b.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// lists is the list of these servers.
func lists(addresses ...string) string {
	var s string
	for _, a := range addresses {
		s += "server " + a + ":80 max_fails=5 fail_timeout=5s;\n"
	}
	return s
}

func (b bench) reloads() int { return strings.Count(b.read("reloads"), "--\n") }

func TestOrigin_ReloadsForAnotherSetOnly(t *testing.T) {
	b := newBench(t)
	b.dns("192.0.2.2", "192.0.2.1")
	b.want("said", b.look(), "api.example.com: 192.0.2.1:80 192.0.2.2:80")
	b.want("reloads", b.read("reloads"), lists("192.0.2.1", "192.0.2.2")+"--\n")
	b.dns("192.0.2.1", "192.0.2.2")
	b.look()
	b.dns("192.0.2.2", "192.0.2.1", "192.0.2.1")
	b.look()
	if got := b.reloads(); got != 1 {
		t.Errorf("%d reloads for one set in three orders", got)
	}
	b.dns("192.0.2.1")
	b.look()
	b.want("reloads", b.read("reloads"), lists("192.0.2.1", "192.0.2.2")+"--\n"+lists("192.0.2.1")+"--\n")
}

func TestOrigin_KeepsTheLastListWithoutAnAnswer(t *testing.T) {
	b := newBench(t)
	b.dns("192.0.2.1")
	b.look()
	b.dns()
	b.want("said without an answer", b.look(), "api.example.com: no address; the last ones stay")
	b.write("dns", 0o644, "")
	b.want("said with an empty answer", b.look(), "api.example.com: no address; the last ones stay")
	b.write("dns", 0o644, "2001:db8::1 STREAM api.example.com\n")
	b.look()
	b.want("list", b.read("nginx/pathproof-origin.conf"), lists("192.0.2.1"))
	if got := b.reloads(); got != 1 {
		t.Errorf("%d reloads", got)
	}
}

func TestOrigin_NeverPutsInPlaceWhatNginxRefuses(t *testing.T) {
	b := newBench(t)
	b.dns("192.0.2.1")
	b.look()
	b.dns("192.0.2.1", "192.0.2.66")
	b.want("said", b.look(), "nginx refuses a list with 192.0.2.1:80 192.0.2.66:80; the last one stays")
	b.want("list", b.read("nginx/pathproof-origin.conf"), lists("192.0.2.1"))
	if got := b.reloads(); got != 1 {
		t.Errorf("%d reloads", got)
	}
	b.dns("192.0.2.3")
	b.look()
	b.want("list", b.read("nginx/pathproof-origin.conf"), lists("192.0.2.3"))
}

// Every look may find another set, when a large load balancer answers with a part of its addresses.
func TestOrigin_HasNoStormOfReloads(t *testing.T) {
	b := newBench(t)
	b.write("env", 0o644, strings.Replace(b.read("env"), "REFRESH_SECONDS='5'", "REFRESH_SECONDS='600'", 1))
	for i := range 20 {
		b.dns(fmt.Sprintf("192.0.2.%d", i+1))
		b.lookAgain()
	}
	if got := b.reloads(); got != 1 {
		t.Errorf("%d reloads in 20 looks at once, want 1 in the time of two looks", got)
	}
	b.look()
	b.want("list in the end", b.read("nginx/pathproof-origin.conf"), lists("192.0.2.20"))
	if got := strings.Count(b.read("tests"), "t"); got != 2 {
		t.Errorf("nginx -t ran %d times, want 2", got)
	}
}

func TestOrigin_SurvivesBeingKilledAnywhere(t *testing.T) {
	b := newBench(t)
	b.dns("192.0.2.1")
	b.look()

	// After the new list was written, before nginx was told.
	b.write("nginx/pathproof-origin.conf", 0o644, lists("192.0.2.2"))
	b.dns("192.0.2.2")
	b.look()
	if got := b.reloads(); got != 2 {
		t.Errorf("nginx was not told about the list that is in place: %d reloads", got)
	}

	// While the new list was written.
	b.write("nginx/pathproof-origin.conf.new", 0o644, "server 192.0")
	b.look()
	b.want("list", b.read("nginx/pathproof-origin.conf"), lists("192.0.2.2"))

	// Without memory. nginx may have read anything, so it is told once.
	_ = os.RemoveAll(filepath.Join(b.root, "run"))
	b.lookAgain()
	b.lookAgain()
	if got := b.reloads(); got != 3 {
		t.Errorf("%d reloads, want one more", got)
	}
}

// A reload closes clients' idle connections, so a start must not need one.
func TestOrigin_LeavesAnNginxAloneThatStartedWithTheList(t *testing.T) {
	b := newBench(t)
	_ = os.Remove(filepath.Join(b.root, "pid"))
	b.dns("192.0.2.1")
	b.want("said before nginx starts", b.look(), "nginx will start with 192.0.2.1:80")
	b.want("list", b.read("nginx/pathproof-origin.conf"), lists("192.0.2.1"))
	time.Sleep(20 * time.Millisecond) // so that the file is younger, whatever the grain of the file system's clock
	b.started()
	b.want("said after", b.look(), "api.example.com: 192.0.2.1:80")
	b.want("reloads", b.read("reloads"), "")
	b.dns("192.0.2.2")
	b.look()
	b.want("reloads", b.read("reloads"), lists("192.0.2.2")+"--\n")
}

func TestOrigin_TellsNginxUntilItListens(t *testing.T) {
	b := newBench(t)
	b.write("stopped", 0o644, "")
	b.dns("192.0.2.1")
	b.want("said", b.look(), "nginx was not told about 192.0.2.1:80")
	b.want("list", b.read("nginx/pathproof-origin.conf"), lists("192.0.2.1"))
	_ = os.Remove(filepath.Join(b.root, "stopped"))
	b.look()
	if got := b.reloads(); got != 1 {
		t.Errorf("%d reloads", got)
	}
}
