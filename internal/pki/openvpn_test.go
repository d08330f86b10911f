package pki_test

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/pki"
)

// tool skips the test where a program is missing; in CI that is a failure.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if p, err := exec.LookPath(path); err == nil {
			return p
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI must have %s", name)
	}
	t.Skipf("NOT TESTED: %s is missing", name)
	return ""
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A real OpenVPN loads our server key and makes a client key with it. What is not random about that one has to be the same in
// ours. That a server unwraps ours is shown in test/openvpnlab, where clients connect with them.
func TestTLSCrypt_OpenVPNReadsTheKeys(t *testing.T) {
	openvpn := tool(t, "openvpn")
	dir := t.TempDir()
	server, err := pki.NewTLSCryptServerKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, dir, "server.key", server)
	theirs, err := exec.Command(openvpn, "--tls-crypt-v2", file, "--genkey", "tls-crypt-v2-client").Output()
	if err != nil {
		t.Fatalf("OpenVPN does not take our server key: %v: %s", err, theirs)
	}
	ours, err := pki.NewTLSCryptClientKey(server, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	a, b := body(t, string(theirs)), body(t, ours)
	if len(a) != len(b) || string(a[len(a)-2:]) != string(b[len(b)-2:]) {
		t.Errorf("their client key has %d bytes and ends with %x, ours %d and %x", len(a), a[len(a)-2:], len(b), b[len(b)-2:])
	}
}

func body(t *testing.T, text string) []byte {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "-----") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(lines, ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpenSSL_AcceptsCertificatesAndTheList(t *testing.T) {
	openssl := tool(t, "openssl")
	a, dir := authority(t), t.TempDir()
	good, bad := issue(t, a, pki.Client, "alice"), issue(t, a, pki.Client, "bob")
	list, err := a.Revoke(t.Context(), 1, []pki.Revocation{{bad.SerialNumber, now, bad.NotAfter}}, now)
	if err != nil {
		t.Fatal(err)
	}
	ca, crl := write(t, dir, "ca.pem", pki.EncodeCertificate(a.Certificate)), write(t, dir, "crl.pem", pki.EncodeList(list))
	verify := func(name, cert string) (string, error) {
		out, err := exec.Command(openssl, "verify", "-attime", "1785758400", "-x509_strict", "-crl_check", "-CAfile", ca, "-CRLfile", crl,
			"-purpose", "sslclient", write(t, dir, name, cert)).CombinedOutput()
		return string(out), err
	}
	if out, err := verify("alice.pem", pki.EncodeCertificate(good)); err != nil {
		t.Errorf("alice: %v: %s", err, out)
	}
	if out, err := verify("bob.pem", pki.EncodeCertificate(bad)); err == nil || !strings.Contains(out, "certificate revoked") {
		t.Errorf("bob: %v: %s", err, out)
	}
}

func profile() pki.Profile {
	return pki.Profile{
		Comment:    "alice at reference, server seoul",
		Remotes:    []pki.Remote{{"192.0.2.1", 1194, pki.TCP}, {"192.0.2.1", 1194, pki.UDP}, {"a1b2.awsglobalaccelerator.com", 1195, pki.TCP}},
		ServerName: "reference-openvpn-seoul", Authority: "AUTHORITY\n",
		Identity: pki.Identity{Certificate: "CERTIFICATE\n", Key: "KEY\n", TLSCrypt: "TLSCRYPT\n"},
	}
}

func TestProfile_Text(t *testing.T) {
	golden.Compare(t, "testdata/profile.ovpn", profile().Text())
}
