//go:build linux

package edgelab_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/probe/lab"
)

// machine has its own network, and its own /etc, /run, /opt, /var/log and /var/lib/nginx: each program it runs
// sees those instead of the system's, so that every path of the user data is the one that a real machine has.
type machine struct {
	*testing.T
	ns   *lab.Namespace
	root string
	web  nginx
}

var ownFolders = []string{"etc", "run", "opt", "var/log", "var/lib/nginx"}

// mountScript puts them in place, in a mount namespace that ends with the program.
const mountScript = `root=$1; shift
for d in etc run opt var/log var/lib/nginx; do mount --bind "$root/$d" "/$d" || exit 99; done
set -a; . /etc/pathproof/boot.env; set +a # as pathproof-boot.service and the units have it
PATH=$root/bin:$PATH exec "$@"`

// childScript runs a program until stdin is closed, which happens when the tests end, however they end.
const childScript = `exec 3<&0 </dev/null; "$@" & child=$!
trap 'kill -TERM $child 2>/dev/null' TERM
(read -r _ <&3; kill -TERM $$ 2>/dev/null) & waiter=$!
exec 3<&-; wait $child; status=$?; kill $waiter 2>/dev/null; exit $status`

// newMachine makes a machine with the files of the proxy's user data, and what the image and systemd would have.
func newMachine(t *testing.T, web nginx, ns *lab.Namespace, e bootstrap.EdgeProxy) *machine {
	t.Helper()
	m := &machine{T: t, ns: ns, root: t.TempDir(), web: web}
	for _, d := range append(ownFolders, "bin", "run/pathproof", "var/log/nginx", "etc/logrotate.d", "etc/pki/tls/certs") {
		m.must(os.MkdirAll(filepath.Join(m.root, d), 0o755))
	}
	// What programs need of the system's own settings.
	copied := []string{"-a", "/etc/passwd", "/etc/group", "/etc/ld.so.cache", "/etc/alternatives", "/etc/nginx"}
	m.must(exec.Command("cp", append(copied, m.path("/etc"))...).Run())
	m.write("/etc/ssl/openssl.cnf", 0o644, m.system("/etc/ssl/openssl.cnf"))
	m.write("/etc/resolv.conf", 0o644, "nameserver 169.254.169.253\noptions timeout:1 attempts:1\n")
	m.write("/etc/nsswitch.conf", 0o644, "passwd: files\ngroup: files\nhosts: dns\n")
	m.extend("/etc/passwd", "nginx:x:991:991::/nonexistent:/usr/sbin/nologin\n")
	m.extend("/etc/group", "nginx:x:991:\n")
	m.write("/bin/nginx", 0o755, web.wrapper())
	m.write("/bin/systemctl", 0o755, "#!/bin/sh\n")
	m.trust(newPair(t, "authority").certificate)
	e.OS = web.os
	text, err := e.UserData()
	m.must(err)
	m.apply(text)
	return m
}

func (m *machine) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

func (m *machine) path(p string) string { return filepath.Join(m.root, p) }

func (m *machine) read(p string) string {
	m.Helper()
	b, err := os.ReadFile(m.path(p))
	m.must(err)
	return string(b)
}

// system is a file of the system that runs the tests; "" if there is none.
func (m *machine) system(p string) string {
	b, err := os.ReadFile(p)
	if err != nil && !os.IsNotExist(err) {
		m.Fatal(err)
	}
	return string(b)
}

func (m *machine) write(p string, mode os.FileMode, content string) {
	m.Helper()
	m.must(os.MkdirAll(filepath.Dir(m.path(p)), 0o755))
	m.must(os.WriteFile(m.path(p), []byte(content), mode))
	m.must(os.Chmod(m.path(p), mode))
}

func (m *machine) extend(p, line string) { m.write(p, 0o644, m.read(p)+line) }

// apply writes the files of the user data, as cloud-init does.
func (m *machine) apply(text string) {
	m.Helper()
	var c struct {
		WriteFiles []struct{ Path, Permissions, Encoding, Content string } `yaml:"write_files"`
		Runcmd     [][]string
	}
	m.must(yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()))
	for _, f := range c.WriteFiles {
		mode := uint64(0o644)
		if f.Permissions != "" {
			var err error
			mode, err = strconv.ParseUint(f.Permissions, 8, 32)
			m.must(err)
		}
		if f.Encoding == "b64" {
			archive, err := base64.StdEncoding.DecodeString(f.Content)
			m.must(err)
			tar := exec.Command("tar", "-xzf", "-", "-C", m.root, "--no-same-owner")
			tar.Stdin = bytes.NewReader(archive)
			m.must(tar.Run())
			continue
		}
		m.write(f.Path, os.FileMode(mode), f.Content)
	}
}

// command is a program on this machine. With more in env, those are its environment too.
func (m *machine) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "sh", "-c", mountScript, "sh", m.root}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// try runs a program to its end and returns what it said.
func (m *machine) try(env []string, args ...string) (string, error) {
	cmd := m.command(env, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := m.ns.Do(cmd.Start)
	if err == nil {
		err = cmd.Wait()
	}
	return out.String(), err
}

func (m *machine) run(args ...string) string {
	m.Helper()
	out, err := m.try(nil, args...)
	if err != nil {
		m.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// start runs a program until the test ends, or what it returns is called, which waits for its end.
func (m *machine) start(log string, args ...string) (stop func()) {
	m.Helper()
	cmd := m.command(nil, append([]string{"bash", "-c", childScript, "bash"}, args...)...)
	stdin, err := cmd.StdinPipe()
	m.must(err)
	f, err := os.Create(m.path(log))
	m.must(err)
	cmd.Stdout, cmd.Stderr = f, f
	m.must(m.ns.Do(cmd.Start))
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	stop = func() { _ = stdin.Close(); <-done; _ = f.Close() }
	m.Cleanup(func() {
		if m.Failed() {
			m.Logf("%s:\n%s\nnginx's error log:\n%s", log, tail(m.read(log), 1000), tail(m.read("/var/log/nginx/error.log"), 2000))
		}
		stop()
	})
	return stop
}

// boot runs the steps of the role, but for the packages: those are the system's. nginx is started as systemd would.
func (m *machine) boot() {
	m.Helper()
	steps, err := filepath.Glob(m.path(bootstrap.Folder + "/boot.d/*"))
	m.must(err)
	for _, step := range steps {
		name := filepath.Base(step)
		if name == "00-packages" {
			continue
		}
		if strings.HasSuffix(name, "-serve") {
			m.serve()
		}
		m.run(script(bootstrap.Folder + "/boot.d/" + name)...)
	}
}

// script runs a step or a check, as the boot and the health timer do.
func script(path string) []string { return []string{"bash", "-euo", "pipefail", path} }

// serve starts nginx and waits for it.
func (m *machine) serve() (stop func()) {
	m.Helper()
	stop = m.start("/var/log/nginx.out", "nginx", "-g", "daemon off;")
	for range 200 {
		if b, err := os.ReadFile(m.path("/run/nginx.pid")); err == nil && len(bytes.TrimSpace(b)) > 0 {
			return stop
		}
		time.Sleep(10 * time.Millisecond)
	}
	m.Fatalf("nginx does not start:\n%s\n%s", m.read("/var/log/nginx.out"), m.read("/var/log/nginx/error.log"))
	return stop
}

// workers are the process ids of nginx's workers.
func (m *machine) workers() []string {
	m.Helper()
	pid := strings.TrimSpace(m.read("/run/nginx.pid"))
	b, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	m.must(err)
	ids := strings.Fields(string(b))
	slices.Sort(ids)
	return ids
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }
