//go:build linux

package openvpnlab

import (
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	m.log = filepath.Join(t.TempDir(), name+".log")
	f, err := os.Create(m.log)
	check(t, err)
	defer f.Close()
	bootScript, err := filepath.Abs("testdata/boot.sh")
	check(t, err)
	m.cmd = exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "bash", bootScript)
	m.cmd.Env = []string{"PATH=" + systemPath, "WORK=" + t.TempDir(), "LAB=" + files, "NAME=" + name, "GROUP=" + m.group()}
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
	for path, text := range map[string]string{"mac": mac, "instance-id": m.name, "network/interfaces/macs/" + mac + "/interface-id": m.name} {
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

// inService waits until a machine has the elastic address, which it asks for when it serves.
func (m *machine) inService(e *elasticIP) time.Duration {
	m.t.Helper()
	e.add(m)
	return eventually(m.t, "machine "+m.name+" in service", 150*time.Second, func() bool { holder, _ := e.at(); return holder == m.name })
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
		m.removeGroups()
	}
}

// group is the name of its control group.
func (m *machine) group() string { return fmt.Sprintf("pathproof-lab-%d-%s", os.Getpid(), m.name) }

// removeGroups removes its control groups, which are empty by now or a moment later, from the innermost.
func (m *machine) removeGroups() {
	for _, hierarchy := range []string{"/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"} {
		top := filepath.Join(hierarchy, m.group())
		for end := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			var folders []string
			_ = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.IsDir() {
					folders = append(folders, path)
				}
				return nil
			})
			for _, f := range slices.Backward(folders) {
				_ = syscall.Rmdir(f)
			}
			if len(folders) == 0 || time.Now().After(end) {
				break
			}
		}
	}
}
