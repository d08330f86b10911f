//go:build linux

package edgelab_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// pair is a certificate, which is its own authority, and its key, both PEM.
type pair struct{ certificate, key string }

func newPair(t *testing.T, name string) pair {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	must(err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	return pair{pemText("CERTIFICATE", der), pemText("PRIVATE KEY", keyDER)}
}

// trust makes a certificate the only authority that the machine knows.
func (m *machine) trust(certificate string) {
	m.Helper()
	for _, store := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"} {
		m.write(store, 0o644, certificate)
	}
}

// secret puts a pair into Secrets Manager, as the machine's AWS CLI sees it.
func (m *machine) secret(p pair) {
	m.Helper()
	b, err := json.Marshal(map[string]string{"certificate": p.certificate, "key": p.key})
	m.must(err)
	m.write("/etc/secret-of-the-lab", 0o600, string(b)+"\n")
	m.write("/bin/aws", 0o755, `#!/bin/sh
[ "$*" = "secretsmanager get-secret-value --secret-id edge --query SecretString --output text" ] && exec cat /etc/secret-of-the-lab
`)
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// stepPath is the boot step of this name.
func (m *machine) stepPath(name string) string {
	m.Helper()
	found, err := filepath.Glob(m.path(bootstrap.Folder + "/boot.d/*-" + name))
	m.must(err)
	if len(found) != 1 {
		m.Fatalf("%d steps %s", len(found), name)
	}
	return bootstrap.Folder + "/boot.d/" + filepath.Base(found[0])
}

func (m *machine) step(name string) string { m.Helper(); return m.run(script(m.stepPath(name))...) }

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
