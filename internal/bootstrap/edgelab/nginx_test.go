//go:build linux

package edgelab_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/probe/lab"
)

// nginx is one build of it, and the distribution whose user data is made for it.
type nginx struct {
	version string
	os      bootstrap.OS
	program []string
}

func (n nginx) wrapper() string {
	return "#!/bin/sh\nexec " + strings.Join(n.program, " ") + ` "$@"` + "\n"
}

// needLab skips the test where a lab cannot be made. In CI that is a failure: nobody would notice.
func needLab(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if err := lab.Available(); err != nil {
		missing(t, err)
	}
}

func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI must be able to run this: %v", err)
	}
	t.Skipf("NOT TESTED: %v", err)
}

// debianNginx is the system's, too old to follow names, as Debian 12's 1.22.
func debianNginx(t *testing.T) nginx {
	t.Helper()
	needLab(t)
	n := nginx{os: bootstrap.Debian, program: []string{"/usr/sbin/nginx"}}
	var err error
	if n.version, err = versionOf(n.program); err != nil {
		missing(t, err)
	}
	return n
}

// newNginx follows names. It stands for Amazon Linux 2023's 1.30.
func newNginx(t *testing.T) nginx {
	t.Helper()
	needLab(t)
	if _, err := os.Stat("/usr/sbin/nginx"); err != nil {
		missing(t, fmt.Errorf("Debian's nginx, whose folders the newer one uses: %w", err))
	}
	n, err := unpackedNginx()
	if err != nil {
		missing(t, err)
	}
	return n
}

var versionText = regexp.MustCompile(`nginx/([0-9.]+)`)

func versionOf(program []string) (string, error) {
	out, err := exec.Command(program[0], append(program[1:], "-v")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(program, " "), err, out)
	}
	return versionText.FindStringSubmatch(string(out))[1], nil
}

// nginxSuite is the Debian suite that has nginx 1.30.
const nginxSuite = "forky"

// nginxPackages are nginx and all it is linked with: it runs beside a system with an older C library.
var nginxPackages = []string{"nginx", "libc6", "libssl3t64", "libpcre2-8-0", "zlib1g", "libcrypt1", "libzstd1"}

// unpackedNginx takes nginx from Debian's mirror, once: nothing is installed. It stays in .build.
var unpackedNginx = sync.OnceValues(func() (nginx, error) {
	folder, err := filepath.Abs("../../../.build/nginx-" + nginxSuite)
	if err != nil {
		return nginx{}, err
	}
	if _, err := os.Stat(folder); err != nil {
		if err := unpack(folder); err != nil {
			return nginx{}, fmt.Errorf("nginx from Debian %s: %w", nginxSuite, err)
		}
	}
	libraries := filepath.Join(folder, "usr/lib", map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]+"-linux-gnu")
	loaders, err := filepath.Glob(libraries + "/ld-linux-*")
	if err != nil || len(loaders) != 1 {
		return nginx{}, fmt.Errorf("%d loaders in %s; delete %s and run again: %w", len(loaders), libraries, folder, errors.Join(err))
	}
	n := nginx{os: bootstrap.AmazonLinux2023, program: []string{loaders[0], "--library-path", libraries, folder + "/usr/sbin/nginx"}}
	n.version, err = versionOf(n.program)
	return n, err
})

// unpack fetches the packages with an apt that has its own list of sources, checked with the system's keys, and unpacks
// them. The suite's list may be older than it says it is good for; packages are still the ones in a signed list.
func unpack(folder string) error {
	work := folder + ".new"
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(work+"/apt/lists/partial", 0o755), os.MkdirAll(work+"/apt/archives/partial", 0o755)); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	mirror, err := debianMirror()
	if err != nil {
		return err
	}
	source := "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " + mirror + " " + nginxSuite + " main\n"
	if err := os.WriteFile(work+"/apt/sources.list", []byte(source), 0o644); err != nil {
		return err
	}
	apt := func(args ...string) error {
		return runIn(work+"/apt/archives", "apt-get", append([]string{
			"-q", "-o", "Dir::Etc::SourceList=" + work + "/apt/sources.list", "-o", "Dir::Etc::SourceParts=/dev/null",
			"-o", "Dir::State::Lists=" + work + "/apt/lists", "-o", "Dir::Cache=" + work + "/apt", "-o", "Acquire::Check-Valid-Until=false",
			"-o", "Acquire::Languages=none", "-o", "APT::Sandbox::User=root", "-o", "Acquire::http::Timeout=20",
		}, args...)...)
	}
	if err := apt("update", "-o", "APT::Update::Error-Mode=any"); err != nil {
		return err
	}
	if err := apt(append([]string{"download"}, nginxPackages...)...); err != nil {
		return err
	}
	debs, err := filepath.Glob(work + "/apt/archives/*.deb")
	if err != nil || len(debs) != len(nginxPackages) {
		return fmt.Errorf("%d packages came, want %d: %w", len(debs), len(nginxPackages), errors.Join(err))
	}
	for _, deb := range debs {
		if err := runIn(work, "dpkg-deb", "-x", deb, work+"/root"); err != nil {
			return err
		}
	}
	return os.Rename(work+"/root", folder)
}

// debianMirror is where this machine gets its own release from.
func debianMirror() (string, error) {
	out, err := exec.Command("apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)").Output()
	if err != nil {
		return "", fmt.Errorf("apt-get indextargets: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		release, uri, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && !strings.ContainsAny(release, "-/") { // not updates or security
			return uri, nil
		}
	}
	return "", errors.New("this machine has no Debian release among its sources")
}

func runIn(folder, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, args[len(args)-1], err, tail(string(out), 500))
	}
	return nil
}
