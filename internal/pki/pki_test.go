package pki_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
)

var now = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

func authority(t *testing.T) *pki.Authority {
	t.Helper()
	s, err := pki.NewLocalSigner(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &pki.Authority{Signer: s, Random: rand.Reader}
	if err := a.Certify(t.Context(), "reference main", now); err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a *pki.Authority, u pki.Usage, name string) *x509.Certificate {
	t.Helper()
	k, err := pki.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Issue(t.Context(), u, name, &k.PublicKey, now, pki.ServerLife)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// verifies reports whether a certificate is good for a usage, as everyone who trusts the authority sees it.
func verifies(a *pki.Authority, c *x509.Certificate, usage x509.ExtKeyUsage, at time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate)
	_, err := c.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{usage}, CurrentTime: at})
	return err
}

func TestIssue_EachUsageIsGoodForItselfOnly(t *testing.T) {
	a := authority(t)
	server, client := issue(t, a, pki.Server, "reference-openvpn-seoul"), issue(t, a, pki.Client, "alice")
	for _, c := range []struct {
		name string
		cert *x509.Certificate
		use  x509.ExtKeyUsage
		at   time.Time
		good bool
	}{
		{"server as server", server, x509.ExtKeyUsageServerAuth, now, true},
		{"client as client", client, x509.ExtKeyUsageClientAuth, now, true},
		{"server as client", server, x509.ExtKeyUsageClientAuth, now, false},
		{"client as server", client, x509.ExtKeyUsageServerAuth, now, false},
		{"after its end", client, x509.ExtKeyUsageClientAuth, now.Add(pki.ServerLife + time.Minute), false},
		{"a clock 4 minutes behind", client, x509.ExtKeyUsageClientAuth, now.Add(-4 * time.Minute), true},
	} {
		if err := verifies(a, c.cert, c.use, c.at); (err == nil) != c.good {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if server.IsCA || client.IsCA || server.VerifyHostname("reference-openvpn-seoul") != nil || len(client.DNSNames) > 0 {
		t.Errorf("names or rights are wrong: %v %v", server.DNSNames, client.DNSNames)
	}
	if server.SerialNumber.Cmp(client.SerialNumber) == 0 || server.SerialNumber.BitLen() != 127 {
		t.Errorf("serial numbers %x and %x", server.SerialNumber, client.SerialNumber)
	}
	if !a.Certificate.MaxPathLenZero || a.Certificate.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		t.Errorf("the authority may do more than sign certificates and lists: %v", a.Certificate.KeyUsage)
	}
}

func TestIssue_NotBeyondTheAuthority(t *testing.T) {
	a := authority(t)
	k, _ := pki.NewKey(rand.Reader)
	_, err := a.Issue(t.Context(), pki.Client, "alice", &k.PublicKey, now.Add(pki.AuthorityLife-time.Hour), pki.ClientLife)
	if err == nil || !strings.Contains(err.Error(), "the authority's ends earlier, got 2036-07-31") {
		t.Errorf("got %v", err)
	}
}

func TestRevoke_IsOrderedNumberedAndForgetsWhatEnded(t *testing.T) {
	a := authority(t)
	at := now.Add(-time.Hour)
	l, err := a.Revoke(t.Context(), 7, []pki.Revocation{
		{big.NewInt(30), at, now.Add(time.Hour)}, {big.NewInt(10), at, now.Add(-23 * time.Hour)},
		{big.NewInt(20), at, now.Add(-25 * time.Hour)},
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	var serials []int64
	for _, e := range l.RevokedCertificateEntries {
		serials = append(serials, e.SerialNumber.Int64())
	}
	if len(serials) != 2 || serials[0] != 10 || serials[1] != 30 {
		t.Errorf("got serials %v, want 10 and 30: 20 ended more than a day ago", serials)
	}
	if err := l.CheckSignatureFrom(a.Certificate); err != nil || l.Number.Int64() != 7 || !l.NextUpdate.Equal(now.Add(pki.ListLife)) {
		t.Errorf("got signature %v, number %d, next update %s", err, l.Number, l.NextUpdate)
	}
	if again, err := pki.DecodeList(pki.EncodeList(l)); err != nil || again.Number.Cmp(l.Number) != 0 {
		t.Errorf("read again: %v", err)
	}
}

func TestDue_Windows(t *testing.T) {
	end := now.Add(pki.ServerRenew)
	if pki.Due(end, now.Add(-time.Second), pki.ServerRenew) || !pki.Due(end, now, pki.ServerRenew) {
		t.Error("the window does not begin where it says")
	}
}

type failing struct{ pki.Signer }

func (failing) Sign(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("no right to sign")
}

func TestIssue_SaysWhySigningFailed(t *testing.T) {
	a := authority(t)
	a.Signer = failing{a.Signer}
	k, _ := pki.NewKey(rand.Reader)
	_, err := a.Issue(t.Context(), pki.Client, "alice", &k.PublicKey, now, time.Hour)
	if err == nil || err.Error() != "certificate of alice: no right to sign" {
		t.Errorf("got %v", err)
	}
}

// An authority whose KMS key was swapped must not hand out certificates that nobody accepts.
func TestIssue_RefusesAnotherKey(t *testing.T) {
	a, other := authority(t), authority(t)
	a.Signer = other.Signer
	k, _ := pki.NewKey(rand.Reader)
	if c, err := a.Issue(t.Context(), pki.Client, "alice", &k.PublicKey, now, time.Hour); err == nil {
		t.Errorf("issued %s by a key that is not the authority's", c.Subject)
	}
}

func TestDecode_NeverQuotesTheText(t *testing.T) {
	for _, read := range []func(string) error{
		func(s string) error { _, err := pki.DecodeKey(s); return err },
		func(s string) error { _, err := pki.DecodeCertificate(s); return err },
		func(s string) error { _, err := pki.NewTLSCryptClientKey(s, rand.Reader, now); return err },
	} {
		for _, text := range []string{"SECRET", "-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----\n"} {
			if err := read(text); err == nil || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "U0VD") {
				t.Errorf("got %v", err)
			}
		}
	}
}

// A server's certificate is renewed by a schedule of a day, and taken within two hours of that, or of when a busy server waits no
// longer. Until then nothing is late; and there is a day left when it is.
func TestServerLate_IsAfterEveryRenewalThatWorks(t *testing.T) {
	for days := 7; days <= 825; days++ {
		life := time.Duration(days) * 24 * time.Hour
		made := pki.RenewServer(life) - 24*time.Hour // before the end, at the latest
		taken := min(made, pki.ServerWait) - 2*time.Hour
		if late := pki.ServerLate(life); late >= taken || late < 24*time.Hour {
			t.Errorf("%d days: late %s before the end, a busy server takes a new one %s before it", days, late, taken)
		}
	}
	if late := pki.ListLate; late >= pki.ListRenew-24*time.Hour {
		t.Errorf("a list is late %s before its end, and may be made %s before it", late, pki.ListRenew-24*time.Hour)
	}
}
