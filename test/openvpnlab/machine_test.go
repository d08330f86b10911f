//go:build linux

package openvpnlab

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

// machine is a booted server.
type machine struct {
	t       *testing.T
	name    string
	address string // in its VPC
	ns      *lab.Namespace
	device  string
	files   string // what is /lab in it
	cmd     *exec.Cmd
	log     string
}

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// boot boots a machine from its user data.
func (w *world) boot(t *testing.T, name, address, userData, files string) *machine {
	t.Helper()
	m := &machine{t: t, name: name, address: address, ns: namespace(t), files: files}
	m.device = w.connect(t, m.ns, address, 0)
	check(t, m.ns.IP("route add default dev "+m.device+" src "+address+"\naddress add 169.254.169.254/32 dev lo"))
	m.metadata()
	script, err := os.ReadFile("testdata/aws.sh")
	check(t, err, os.WriteFile(filepath.Join(files, "user-data"), []byte(userData), 0o644), os.WriteFile(filepath.Join(files, "aws"), script, 0o755))
	_ = os.Remove(filepath.Join(files, "address"))
	m.log = filepath.Join(t.TempDir(), name+".log")
	f, err := os.Create(m.log)
	check(t, err)
	defer f.Close()
	bootScript, err := filepath.Abs("testdata/boot.sh")
	check(t, err)
	m.cmd = exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "bash", bootScript)
	m.cmd.Env = []string{"PATH=" + systemPath, "WORK=" + t.TempDir(), "LAB=" + files, "NAME=" + name}
	m.cmd.Stdout, m.cmd.Stderr = f, f
	check(t, m.ns.Do(m.cmd.Start))
	t.Cleanup(func() {
		if t.Failed() && m.cmd.ProcessState == nil {
			out, _ := m.run("sh", "-c", "cat /run/pathproof/*; journalctl --no-pager -n 80; tail -n 20 /var/log/pathproof/*")
			console, _ := os.ReadFile(m.log)
			t.Logf("machine %s:\n%s\nconsole:\n%s", name, out, console[max(0, len(console)-1000):])
		}
		m.kill()
	})
	return m
}

// metadata answers at 169.254.169.254 as EC2 does, version 2 only.
func (m *machine) metadata() {
	m.t.Helper()
	var l net.Listener
	check(m.t, m.ns.Do(func() (err error) {
		l, err = net.Listen("tcp", "169.254.169.254:80")
		return err
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "TOKEN") })
	const mac = "0a:00:00:00:00:01"
	for path, text := range map[string]string{"mac": mac, "network/interfaces/macs/" + mac + "/interface-id": m.name} {
		mux.HandleFunc("GET /latest/meta-data/"+path, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-aws-ec2-metadata-token") != "TOKEN" {
				http.Error(w, "no token", http.StatusUnauthorized)
				return
			}
			fmt.Fprint(w, text)
		})
	}
	s := &http.Server{Handler: mux}
	go func() { _ = s.Serve(l) }()
	m.t.Cleanup(func() { _ = s.Close() })
}

// associated reports whether the machine has asked for the elastic address, which it does once it serves.
func (m *machine) associated() bool {
	b, err := os.ReadFile(filepath.Join(m.files, "address"))
	return err == nil && strings.TrimSpace(string(b)) == m.name
}

// inService waits for a machine and moves the elastic address to it.
func (m *machine) inService(w *world, elastic string) time.Duration {
	m.t.Helper()
	took := eventually(m.t, "machine "+m.name+" in service", 150*time.Second, m.associated)
	w.associate(m.t, elastic, m)
	return took
}

// init is the id of the machine's first process, as seen from here.
func (m *machine) init() string {
	children := func(pid string) []string {
		b, _ := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
		return strings.Fields(string(b))
	}
	pids := []string{strconv.Itoa(m.cmd.Process.Pid)}
	for len(pids) > 0 {
		pid := pids[0]
		pids = append(pids[1:], children(pid)...)
		name, _ := os.ReadFile("/proc/" + pid + "/comm")
		if strings.TrimSpace(string(name)) == "systemd" {
			return pid
		}
	}
	return ""
}

// run runs a command in the machine.
func (m *machine) run(args ...string) (string, error) {
	pid := m.init()
	if pid == "" {
		return "", fmt.Errorf("machine %s does not run", m.name)
	}
	cmd := exec.Command("nsenter", append([]string{"-t", pid, "-m", "-p", "-n", "-i", "-u", "--"}, args...)...)
	cmd.Env = []string{"PATH=" + systemPath}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m *machine) must(args ...string) string {
	m.t.Helper()
	out, err := m.run(args...)
	if err != nil {
		m.t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(out)
}

// kill ends a machine as a power cut would.
func (m *machine) kill() {
	if m.cmd.ProcessState == nil {
		if pid, err := strconv.Atoi(m.init()); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = m.cmd.Process.Kill()
		_ = m.cmd.Wait()
	}
}
