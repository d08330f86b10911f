package bootstrap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// measured runs a source of metrics of some user data with a root folder of its own.
func measured(t *testing.T, userData, name, root, before string) string {
	t.Helper()
	_, files := parse(t, userData)
	script := files[bootstrap.Folder+"/metrics.d/"+name]
	for _, folder := range []string{"/run/", "/etc/"} {
		script = strings.ReplaceAll(script, folder, root+folder)
	}
	env := "set -a\n" + files[bootstrap.EnvFile] + "set +a\n"
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", env+before+script)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func put(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// With TCP and UDP each has half of the pool: a full half turns people away while the whole is half full.
func TestOpenVPN_PoolUsedIsThatOfTheFullerPart(t *testing.T) {
	both, udp := server(), server()
	udp.TCP, udp.MoreTCP = 0, nil
	for _, c := range []struct {
		name     string
		o        bootstrap.OpenVPN
		tcp, udp int
		want     string
	}{
		{"nobody", both, -1, 0, "PoolUsed 0 Percent"},
		{"a full half", both, 3, 125, "PoolUsed 100 Percent"},
		{"the first half", both, 100, 20, "PoolUsed 80 Percent"},
		{"the whole pool", udp, -1, 125, "PoolUsed 49 Percent"},
	} {
		root := t.TempDir()
		put(t, root, "etc/pathproof/openvpn/cert.pem", "")
		for protocol, n := range map[string]int{"tcp": c.tcp, "udp": c.udp} {
			if n >= 0 { // else its process has not begun
				put(t, root, "run/pathproof-openvpn-"+protocol+"/status", "TITLE\n"+strings.Repeat("CLIENT_LIST\talice\n", n)+"END\n")
			}
		}
		text, err := c.o.UserData()
		if err != nil {
			t.Fatal(err)
		}
		got := measured(t, text, "openvpn", root, "openssl() { echo x=2030-01-01; }\n")
		if !strings.Contains(got, "\n"+c.want+"\n") {
			t.Errorf("%s: there is no %q in\n%s", c.name, c.want, got)
		}
	}
}
