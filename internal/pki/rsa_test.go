package pki_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/pki"
)

// rsaAuthority is an authority for AWS Client VPN.
func rsaAuthority(t *testing.T) *pki.Authority {
	t.Helper()
	s, err := pki.NewLocalRSASigner(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &pki.Authority{Signer: s, Random: rand.Reader, ListLife: pki.ClientVPNListLife}
	if err := a.Certify(t.Context(), "reference main client-vpn", now); err != nil {
		t.Fatal(err)
	}
	return a
}

func issueRSA(t *testing.T, a *pki.Authority, usage pki.Usage, name string) *x509.Certificate {
	t.Helper()
	k, err := pki.NewRSAKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Issue(t.Context(), usage, name, &k.PublicKey, now, pki.ClientLife)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What AWS Client VPN asks for: RSA with 2048 bits everywhere, a common name, and a DNS name in the server's.
func TestRSA_IsWhatClientVPNTakes(t *testing.T) {
	a := rsaAuthority(t)
	server, client := issueRSA(t, a, pki.Server, "people.seoul.vpn.client-vpn.reference"), issueRSA(t, a, pki.Client, "alice")
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate)
	for _, c := range []*x509.Certificate{a.Certificate, server, client} {
		k, ok := c.PublicKey.(*rsa.PublicKey)
		if !ok || k.N.BitLen() != 2048 || c.SignatureAlgorithm != x509.SHA256WithRSA || c.Subject.CommonName == "" {
			t.Errorf("%s: key %T, signed by %s", c.Subject, c.PublicKey, c.SignatureAlgorithm)
		}
	}
	if len(server.DNSNames) != 1 || server.DNSNames[0] != server.Subject.CommonName || !a.Certificate.MaxPathLenZero || !a.Certificate.IsCA {
		t.Errorf("names %v, path length zero %t", server.DNSNames, a.Certificate.MaxPathLenZero)
	}
	for _, c := range []struct {
		cert  *x509.Certificate
		usage x509.ExtKeyUsage
		good  bool
	}{{server, x509.ExtKeyUsageServerAuth, true}, {client, x509.ExtKeyUsageClientAuth, true}, {server, x509.ExtKeyUsageClientAuth, false}, {client, x509.ExtKeyUsageServerAuth, false}} {
		_, err := c.cert.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{c.usage}, CurrentTime: now})
		if (err == nil) != c.good {
			t.Errorf("%s for usage %d: %v", c.cert.Subject, c.usage, err)
		}
	}
	other := x509.NewCertPool() // a certificate of the other line is none here
	other.AddCert(authority(t).Certificate)
	var unknown x509.UnknownAuthorityError
	if _, err := client.Verify(x509.VerifyOptions{Roots: other, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, CurrentTime: now}); !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
}

func TestRSA_ListLivesLonger(t *testing.T) {
	a := rsaAuthority(t)
	l, err := a.Revoke(t.Context(), 7, []pki.Revocation{{issueRSA(t, a, pki.Client, "bob").SerialNumber, now, now.Add(time.Hour)}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.CheckSignatureFrom(a.Certificate); err != nil || !l.NextUpdate.Equal(now.Add(pki.ClientVPNListLife)) || len(l.RevokedCertificateEntries) != 1 {
		t.Errorf("got %v, until %s, %d entries", err, l.NextUpdate, len(l.RevokedCertificateEntries))
	}
}

func TestRSA_OpenSSLAcceptsCertificatesAndTheList(t *testing.T) {
	openssl := tool(t, "openssl")
	a, dir := rsaAuthority(t), t.TempDir()
	server, good, bad := issueRSA(t, a, pki.Server, "people.seoul.vpn.client-vpn.reference"), issueRSA(t, a, pki.Client, "alice"), issueRSA(t, a, pki.Client, "bob")
	list, err := a.Revoke(t.Context(), 1, []pki.Revocation{{bad.SerialNumber, now, bad.NotAfter}}, now)
	if err != nil {
		t.Fatal(err)
	}
	ca, crl := write(t, dir, "ca.pem", pki.EncodeCertificate(a.Certificate)), write(t, dir, "crl.pem", pki.EncodeList(list))
	for _, c := range []struct{ name, purpose, cert, refused string }{
		{"server", "sslserver", pki.EncodeCertificate(server), ""},
		{"alice", "sslclient", pki.EncodeCertificate(good), ""},
		{"bob", "sslclient", pki.EncodeCertificate(bad), "certificate revoked"},
		{"alice", "sslserver", pki.EncodeCertificate(good), "unsuitable certificate purpose"},
	} {
		out, err := exec.Command(openssl, "verify", "-attime", "1785758400", "-x509_strict", "-crl_check", "-CAfile", ca, "-CRLfile", crl,
			"-purpose", c.purpose, write(t, dir, c.name+".pem", c.cert)).CombinedOutput()
		if (err == nil) != (c.refused == "") || !strings.Contains(string(out), c.refused) {
			t.Errorf("%s as %s: %v: %s", c.name, c.purpose, err, out)
		}
	}
}

func TestClientVPNProfile_Text(t *testing.T) {
	p := pki.ClientVPNProfile{Comment: "alice at reference, clientVpn/people", Host: "cvpn-endpoint-0123456789abcdef0.prod.clientvpn.ap-northeast-2.amazonaws.com", Port: 443, Protocol: pki.UDP,
		ServerName: "people.seoul.vpn.client-vpn.reference", Authority: "AUTHORITY\n", Identity: pki.Identity{Certificate: "CERTIFICATE\n", Key: "KEY\n", TLSCrypt: "never here"}}
	golden.Compare(t, "testdata/client-vpn.ovpn", p.Text())
	p.SAML, p.Protocol, p.Port = true, pki.TCP, 1194
	golden.Compare(t, "testdata/client-vpn-saml.ovpn", p.Text())
}
