package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What the reference network names and does not make: a certificate in ACM and a SAML provider.
var (
	namedCertificate = regexp.MustCompile(`arn:aws:acm:([a-z0-9-]+):\d{12}:certificate/[0-9a-f-]+`)
	namedProvider    = regexp.MustCompile(`arn:aws:iam::\d{12}:saml-provider/([a-z]+)`)
	namedRelease     = regexp.MustCompile(`al2023@(\d+\.\d+\.\d{8})(\.\d+)?`)
)

// referenceFile is the file that `make synth` reads.
func referenceFile(root string) string { return filepath.Join(root, "pathproof.yaml") }

// referenceNetwork is a copy of the reference network that names what was made here for it, once: nothing else differs.
func referenceNetwork(t *testing.T, s *server) string {
	t.Helper()
	file := filepath.Join(s.work, "reference.yaml")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	text, err := os.ReadFile(referenceFile(s.root))
	if err != nil {
		t.Fatal(err)
	}
	text = namedCertificate.ReplaceAllFunc(text, func(arn []byte) []byte {
		return []byte(s.importCertificate(t, string(namedCertificate.FindSubmatch(arn)[1])))
	})
	text = namedProvider.ReplaceAllFunc(text, func(arn []byte) []byte {
		return []byte(s.samlProvider(t, string(namedProvider.FindSubmatch(arn)[1])))
	})
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// renamed is a copy of a configuration under another name.
func renamed(t *testing.T, s *server, config, name string) string {
	t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^name: .*$`)
	file := filepath.Join(s.work, name+".yaml")
	if err := os.WriteFile(file, line.ReplaceAll(text, []byte("name: "+name)), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// images are the names of the images that the reference network pins, as Amazon names them.
func images(t *testing.T, root string) string {
	t.Helper()
	text, err := os.ReadFile(referenceFile(root))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range namedRelease.FindAllStringSubmatch(string(text), -1) {
		patch := m[2]
		if patch == "" {
			patch = ".0"
		}
		names = append(names, "al2023-ami-"+m[1]+patch+"-kernel-6.1-arm64")
	}
	return strings.Join(distinct(names), ",")
}

func distinct(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, x := range list {
		if !seen[x] {
			seen[x], out = true, append(out, x)
		}
	}
	return out
}

// importCertificate puts a certificate of its own authority into ACM.
func (s *server) importCertificate(t *testing.T, region string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "vpn.example.com"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ CertificateArn string }
	s.json11(t, "acm", region, "CertificateManager.ImportCertificate", map[string]any{"Certificate": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		"PrivateKey": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})}, &out)
	return out.CertificateArn
}

func (s *server) samlProvider(t *testing.T, name string) string {
	t.Helper()
	document := "<EntityDescriptor>" + strings.Repeat("x", 1000) + "</EntityDescriptor>" // of the least length
	return s.query(t, "iam", "us-east-1", "CreateSAMLProvider", "Name", name, "SAMLMetadataDocument", document).at("CreateSAMLProviderResult/SAMLProviderArn")
}
