package registry_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

func check(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func issue(t *testing.T, p *registry.PKI, a *pki.Authority, name string) string {
	t.Helper()
	k, err := pki.NewKey(rand.Reader)
	check(t, err)
	c, err := p.Issue(t.Context(), a, registry.OfClient, name, &k.PublicKey, pki.ClientLife, pkitest.Claim)
	check(t, err)
	return pki.SerialText(c.SerialNumber)
}

func revoke(t *testing.T, p *registry.PKI, name string) {
	t.Helper()
	check(t, p.Change(t.Context(), func(r *registry.Register) (bool, error) {
		return r.Revoke(r.Of(registry.OfClient, name), p.Now()), nil
	}))
}

// list is the published list: its number and the serial numbers in it.
func list(t *testing.T, o *pkitest.Objects) (int64, []string) {
	t.Helper()
	l, err := pki.DecodeList(o.Text(registry.ListKey))
	check(t, err)
	var serials []string
	for _, e := range l.RevokedCertificateEntries {
		serials = append(serials, pki.SerialText(e.SerialNumber))
	}
	return l.Number.Int64(), serials
}

func TestAuthority_IsMadeOnceAndRenewedWithItsKey(t *testing.T) {
	p, _, _ := pkitest.New(t)
	a, err := p.Authority(t.Context())
	check(t, err)
	again, err := p.Authority(t.Context())
	check(t, err)
	if !a.Certificate.Equal(again.Certificate) {
		t.Error("a second look made another authority")
	}
	p.Now = func() time.Time { return a.Certificate.NotAfter.Add(-pki.AuthorityRenew) }
	later, err := p.Authority(t.Context())
	check(t, err)
	if later.Certificate.Equal(a.Certificate) || !a.Signer.Public().(*ecdsa.PublicKey).Equal(later.Certificate.PublicKey) {
		t.Error("it was not renewed with the same key")
	}
	other, _, _ := pkitest.New(t)
	other.Objects = p.Objects
	if _, err := other.Authority(t.Context()); err == nil || !strings.Contains(err.Error(), "not of the key in use") {
		t.Errorf("another key: got %v", err)
	}
}

func TestAuthority_TwoAtOnceAgree(t *testing.T) {
	p, _, _ := pkitest.New(t)
	var wg sync.WaitGroup
	found := make([]string, 8)
	for i := range found {
		wg.Go(func() {
			a, err := p.Authority(t.Context())
			if err == nil {
				found[i] = pki.EncodeCertificate(a.Certificate)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range found {
		if found[i] != found[0] {
			t.Fatal("two runs made two authorities")
		}
	}
}

func TestPublish_FollowsTheRegister(t *testing.T) {
	p, o, _ := pkitest.New(t)
	a, err := p.Authority(t.Context())
	check(t, err, p.Publish(t.Context(), a))
	first, serials := list(t, o)
	if len(serials) != 0 {
		t.Errorf("got %v", serials)
	}
	alice, _ := issue(t, p, a, "alice"), issue(t, p, a, "bob")
	check(t, p.Publish(t.Context(), a))
	if n, _ := list(t, o); n != first {
		t.Errorf("issuing made a new list, %d after %d", n, first)
	}
	revoke(t, p, "alice")
	check(t, p.Publish(t.Context(), a))
	second, serials := list(t, o)
	if second <= first || len(serials) != 1 || serials[0] != alice {
		t.Errorf("got list %d after %d with %v, want %s", second, first, serials, alice)
	}
	now := time.Now()
	p.Now = func() time.Time { return now.Add(pki.ListLife - pki.ListRenew) }
	check(t, p.Publish(t.Context(), a))
	third, serials := list(t, o)
	if third <= second || len(serials) != 1 {
		t.Errorf("a list near its end was not renewed: %d after %d with %v", third, second, serials)
	}
}

func TestPublish_CopiesNeverGoBack(t *testing.T) {
	p, o, _ := pkitest.New(t)
	replica := &pkitest.Objects{}
	p.Replicas = []registry.Objects{replica}
	a, err := p.Authority(t.Context())
	check(t, err)
	issue(t, p, a, "alice")
	check(t, p.Publish(t.Context(), a))
	if replica.Text(registry.AuthorityKey) != o.Text(registry.AuthorityKey) || replica.Text(registry.ListKey) != o.Text(registry.ListKey) {
		t.Fatal("the copies differ")
	}
	old := o.Text(registry.ListKey)
	revoke(t, p, "alice")
	check(t, p.Publish(t.Context(), a))
	newer := replica.Text(registry.ListKey)
	late := &pkitest.Objects{} // what a second program, which began earlier, sees at home
	check(t, late.Put(t.Context(), registry.ListKey, old, ""))
	p.Objects = late
	check(t, p.Publish(t.Context(), a))
	if newer == old || replica.Text(registry.ListKey) != newer {
		t.Error("an older list replaced a newer one")
	}
}

func TestChange_ManyAtOnceLoseNothing(t *testing.T) {
	p, o, _ := pkitest.New(t)
	a, err := p.Authority(t.Context())
	check(t, err)
	p.Wait = func(ctx context.Context, try int) error {
		time.Sleep(time.Duration(try) * time.Millisecond)
		return ctx.Err()
	}
	var wg sync.WaitGroup
	const users = 12
	for i := range users {
		wg.Go(func() {
			name := fmt.Sprintf("user%02d", i)
			k, err := pki.NewKey(rand.Reader)
			if err == nil {
				_, err = p.Issue(t.Context(), a, registry.OfClient, name, &k.PublicKey, pki.ClientLife, pkitest.Claim)
			}
			if err == nil && i%2 == 0 {
				err = p.Change(t.Context(), func(r *registry.Register) (bool, error) {
					return r.Revoke(r.Of(registry.OfClient, name), p.Now()), nil
				})
			}
			if err == nil {
				err = p.Publish(t.Context(), a)
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
	r, err := p.Read(t.Context())
	check(t, err)
	if len(r.Certificates) != users {
		t.Errorf("%d of %d users are in the register", len(r.Certificates), users)
	}
	if _, serials := list(t, o); len(serials) != users/2 {
		t.Errorf("%d users are in the list, want %d", len(serials), users/2)
	}
}

func TestChange_GivesUpInTheEnd(t *testing.T) {
	p, o, _ := pkitest.New(t)
	o.Before = func(call, _ string) error {
		if call == "Put" {
			return registry.ErrConflict
		}
		return nil
	}
	err := p.Change(t.Context(), func(*registry.Register) (bool, error) { return true, nil })
	if !errors.Is(err, registry.ErrConflict) || !strings.Contains(err.Error(), "12 times in a row; try again") {
		t.Errorf("got %v", err)
	}
}
