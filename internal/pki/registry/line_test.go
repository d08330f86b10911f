package registry_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

func issueRSA(t *testing.T, p *registry.PKI, a *pki.Authority, name string) string {
	t.Helper()
	k, err := pki.NewRSAKey(rand.Reader)
	check(t, err)
	c, err := p.Issue(t.Context(), a, registry.OfClient, name, &k.PublicKey, pki.ClientLife, pkitest.Claim)
	check(t, err)
	return pki.SerialText(c.SerialNumber)
}

// clientVPNList is the second line's published list: its number and the serial numbers in it.
func clientVPNList(t *testing.T, p *registry.PKI) (int64, []string) {
	t.Helper()
	text, err := p.ClientVPNList(t.Context())
	check(t, err)
	l, err := pki.DecodeList(text)
	check(t, err)
	var serials []string
	for _, e := range l.RevokedCertificateEntries {
		serials = append(serials, pki.SerialText(e.SerialNumber))
	}
	return l.Number.Int64(), serials
}

func TestLines_OneRevocationIsInBothListsAndNothingElseIs(t *testing.T) {
	p, o, _ := pkitest.New(t)
	pkitest.WithClientVPN(t, p)
	first, err := p.Authority(t.Context())
	check(t, err)
	second, err := p.ClientVPNAuthority(t.Context())
	check(t, err)
	if first.Certificate.Subject.CommonName == second.Certificate.Subject.CommonName {
		t.Error("two authorities of one name")
	}
	ec, rsa := issue(t, p, first, "alice"), issueRSA(t, p, second, "alice")
	issueRSA(t, p, second, "bob")
	revoke(t, p, "alice")
	check(t, p.Publish(t.Context(), first), p.Publish(t.Context(), second))
	if _, serials := list(t, o); len(serials) != 1 || serials[0] != ec {
		t.Errorf("the first list has %v, want %s", serials, ec)
	}
	if _, serials := clientVPNList(t, p); len(serials) != 1 || serials[0] != rsa {
		t.Errorf("the second list has %v, want %s", serials, rsa)
	}
}

// A list of Client VPN is given to endpoints, which resets connections: what concerns the other line makes no new one.
func TestLines_AListIsMadeAnewForItsOwnLineOnly(t *testing.T) {
	p, o, _ := pkitest.New(t)
	pkitest.WithClientVPN(t, p)
	first, err := p.Authority(t.Context())
	check(t, err)
	second, err := p.ClientVPNAuthority(t.Context())
	check(t, err, p.Publish(t.Context(), first), p.Publish(t.Context(), second))
	was, _ := clientVPNList(t, p)
	issue(t, p, first, "alice")
	revoke(t, p, "alice")
	check(t, p.Publish(t.Context(), first), p.Publish(t.Context(), second))
	if now, _ := clientVPNList(t, p); now != was {
		t.Errorf("list %d became %d by a revocation of the other line", was, now)
	}
	before, _ := list(t, o)
	issueRSA(t, p, second, "bob")
	revoke(t, p, "bob")
	check(t, p.Publish(t.Context(), first), p.Publish(t.Context(), second))
	if now, serials := clientVPNList(t, p); now <= was || len(serials) != 1 {
		t.Errorf("list %d became %d with %v", was, now, serials)
	}
	if after, _ := list(t, o); after != before {
		t.Errorf("the first list %d became %d", before, after)
	}
	start := time.Now()
	p.Now = func() time.Time { return start.Add(pki.ClientVPNListLife - pki.ClientVPNListRenew) }
	was, _ = clientVPNList(t, p)
	check(t, p.Publish(t.Context(), second))
	if now, serials := clientVPNList(t, p); now <= was || len(serials) != 1 {
		t.Errorf("near its end: list %d became %d with %v", was, now, serials)
	}
}

func TestLines_ClientVPNListsAreNotCopied(t *testing.T) {
	p, _, _ := pkitest.New(t)
	pkitest.WithClientVPN(t, p)
	replica := &pkitest.Objects{}
	p.Replicas = []registry.Objects{replica}
	a, err := p.ClientVPNAuthority(t.Context())
	check(t, err, p.Publish(t.Context(), a))
	if replica.Text(registry.ClientVPNListKey)+replica.Text(registry.ListKey)+replica.Text(registry.AuthorityKey) != "" {
		t.Error("something of the second line is in a copy that servers read")
	}
}

func TestLines_EachHasItsOwnKindOfKey(t *testing.T) {
	p, _, _ := pkitest.New(t)
	if _, err := p.ClientVPNAuthority(t.Context()); err == nil || !strings.Contains(err.Error(), "no Client VPN has certificates of it") {
		t.Errorf("without a second key: %v", err)
	}
	p.ConnectClientVPN = p.Connect
	if _, err := p.ClientVPNAuthority(t.Context()); err == nil || !strings.Contains(err.Error(), "the key is of another kind, got *ecdsa.PublicKey") {
		t.Errorf("with the first one: %v", err)
	}
}
