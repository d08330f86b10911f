package bootstrap_test

import (
	"archive/tar"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

func example() bootstrap.Config {
	return bootstrap.Config{
		OS: bootstrap.AmazonLinux2023, Role: "openvpn", Name: "seoul", Region: "ap-northeast-2", Namespace: "pathproof",
		Packages: []string{"openvpn"}, Values: map[string]string{"SECRET": "${Token[TOKEN.12]}"},
		Files:  []bootstrap.File{{Path: "/etc/x", Mode: "0600", Content: "one\n\n  two: 'x' # \"y\"\n"}},
		Steps:  []bootstrap.Script{{Name: "first", Body: "true\n"}, {Name: "second", Body: "false"}},
		Checks: []bootstrap.Script{{Name: "up", Body: "true\n"}},
	}
}

// cloudConfig is the text as cloud-init reads it.
type cloudConfig struct {
	WriteFiles []struct {
		Path, Permissions, Content, Encoding string
	} `yaml:"write_files"`
	Runcmd [][]string
}

func parse(t *testing.T, text string) (cloudConfig, map[string]string) {
	t.Helper()
	var c cloudConfig
	if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range c.WriteFiles {
		if _, twice := files[f.Path]; twice {
			t.Errorf("%s is written twice", f.Path)
		}
		files[f.Path] = f.Content
		if f.Encoding == "b64" {
			unpack(t, f.Content, files)
		}
	}
	return c, files
}

// unpack adds the files of an archive.
func unpack(t *testing.T, text string, files map[string]string) {
	t.Helper()
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		content, readErr := io.ReadAll(r)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		if _, twice := files["/"+h.Name]; twice {
			t.Errorf("/%s is written twice", h.Name)
		}
		files["/"+h.Name] = string(content)
	}
}

func TestUserData_FilesArriveAsTheyAre(t *testing.T) {
	text, err := example().UserData()
	if err != nil {
		t.Fatal(err)
	}
	c, files := parse(t, text)
	if got, want := files["/etc/x"], "one\n\n  two: 'x' # \"y\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := files[bootstrap.EnvFile]; !strings.Contains(got, "SECRET='${Token[TOKEN.12]}'\n") {
		t.Errorf("the token did not survive:\n%s", got)
	}
	if len(c.Runcmd) != 1 {
		t.Errorf("got commands %v; a failure shows only in the last one, so there must be one", c.Runcmd)
	}
	for _, name := range []string{"boot.d/00-packages", "boot.d/01-first", "boot.d/02-second", "checks.d/up"} {
		if files[bootstrap.Folder+"/"+name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	for _, name := range []string{"boot", "health"} {
		if got := files[bootstrap.Folder+"/"+name]; !strings.Contains(got, "bash -euo pipefail \"$") {
			t.Errorf("%s runs scripts that do not stop at a failure:\n%s", name, got)
		}
	}
}

func TestUserData_EveryScriptIsBash(t *testing.T) {
	for _, os := range []bootstrap.OS{bootstrap.AmazonLinux2023, bootstrap.Debian} {
		c := example()
		c.OS = os
		text, err := c.UserData()
		if err != nil {
			t.Fatal(err)
		}
		bashReads(t, text)
	}
}

// bashReads has bash parse every script.
func bashReads(t *testing.T, text string) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("NOT TESTED: bash is missing")
	}
	_, files := parse(t, text)
	for path, content := range files {
		if !strings.HasPrefix(path, bootstrap.Folder) {
			continue
		}
		file := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("bash", "-n", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", path, err, out)
		}
	}
}

func TestUserData_SaysEverythingThatIsWrong(t *testing.T) {
	c := bootstrap.Config{
		OS: "windows", Role: "a b", Name: "n", Values: map[string]string{"x": "", "Y": "it's"},
		Files: []bootstrap.File{{Path: "etc/x", Content: "x"}, {Path: "/etc/y", Mode: "644", Content: "x"}, {Path: "/etc/z", Content: " x"}},
		Steps: []bootstrap.Script{{Name: "Same"}},
	}
	_, err := c.UserData()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"os: unknown value", "role: not a name", "region: missing", `got "x"`, "values.Y: a quote", `got "etc/x"`, `not a mode, got "644"`, "files./etc/z: empty", `got "Same"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
}

func TestUserData_HasALimit(t *testing.T) {
	c := example()
	noise := make([]byte, bootstrap.MaxUserData/2) // which nothing can compress
	_, _ = rand.Read(noise)
	c.Files = append(c.Files, bootstrap.File{Path: "/etc/long", Content: hex.EncodeToString(noise)})
	if _, err := c.UserData(); err == nil || !strings.Contains(err.Error(), "too long, got ") {
		t.Errorf("got %v", err)
	}
}
