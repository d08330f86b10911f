package bootstrap_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// said is what a source of metrics or a check prints, of some user data with a root folder of its own.
func said(t *testing.T, userData, name, root, before string) string {
	t.Helper()
	_, files := parse(t, userData)
	script := files[bootstrap.Folder+"/"+name]
	for _, folder := range []string{"/run/", "/etc/"} {
		script = strings.ReplaceAll(script, folder, root+folder)
	}
	env := "set -a\n" + files[bootstrap.EnvFile] + "set +a\n"
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", env+before+script)
	out, err := cmd.Output()
	if failed := new(exec.ExitError); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
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
	udp.TCP, udp.MoreTCP, udp.EdgeTCP = 0, nil, nil
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
		got := said(t, text, "metrics.d/openvpn", root, "openssl() { echo x=2030-01-01; }\n")
		if !strings.Contains(got, "\n"+c.want+"\n") {
			t.Errorf("%s: there is no %q in\n%s", c.name, c.want, got)
		}
	}
}

// nginx serves a certificate that has ended as any other. The machine says how long it is good, and is unhealthy when it is not.
func TestEdgeProxy_SaysWhenItsCertificateEnds(t *testing.T) {
	const nginx = "curl() { echo Active connections: 3; }\n"
	for _, c := range []struct {
		name             string
		front            bootstrap.Front
		left             time.Duration
		metrics, checked string
	}{
		{"good", bootstrap.Front{HTTPS: 443, TLSSecret: "edge"}, 100*time.Hour + 30*time.Minute, "CertificateHoursLeft 100 Count\nActiveConnections 3 Count\n", "Active connections: 3\n"},
		{"ended", bootstrap.Front{HTTPS: 443, TLSSecret: "edge"}, -90 * time.Minute, "CertificateHoursLeft -1 Count\nActiveConnections 3 Count\n", "Active connections: 3\nthe certificate has ended\n"},
		{"without TLS", bootstrap.Front{HTTP: 80}, -time.Hour, "ActiveConnections 3 Count\n", "Active connections: 3\n"},
	} {
		e := edges()["plain"]
		e.Front = c.front
		text, err := e.UserData()
		if err != nil {
			t.Fatal(err)
		}
		root := t.TempDir()
		put(t, root, "run/pathproof/tls/certificate.pem", certificate(t, c.left))
		if got := said(t, text, "metrics.d/nginx", root, nginx); got != c.metrics {
			t.Errorf("%s: metrics: got %q, want %q", c.name, got, c.metrics)
		}
		if got := said(t, text, "checks.d/nginx", root, nginx); got != c.checked {
			t.Errorf("%s: check: got %q, want %q", c.name, got, c.checked)
		}
	}
}

// certificate is one that is good for a while, in PEM.
func certificate(t *testing.T, left time.Duration) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-100 * time.Hour), NotAfter: time.Now().Add(left)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
