package clientprofile_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/clientprofile"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

type fixture struct {
	*clientprofile.Users
	objects *pkitest.Objects
	secrets *pkitest.Secrets
}

func newFixture(t *testing.T) fixture {
	p, o, s := pkitest.New(t)
	p.Wait = func(ctx context.Context, try int) error {
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try) * time.Millisecond):
		}
		return ctx.Err()
	}
	return fixture{&clientprofile.Users{PKI: p, Network: "reference", Name: "main"}, o, s}
}

func (f fixture) add(t *testing.T, user string) clientprofile.Added {
	t.Helper()
	a, err := f.Add(t.Context(), user, pki.ClientLife)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (f fixture) get(t *testing.T, user string) (string, error) {
	t.Helper()
	text, _, err := f.Get(t.Context(), user, pki.Profile{Remotes: []pki.Remote{{Host: "192.0.2.1", Port: 1194, Protocol: pki.TCP}}, ServerName: "x"})
	return text, err
}

// listed are the serial numbers in the published list.
func (f fixture) listed(t *testing.T) []string {
	t.Helper()
	text := f.objects.Text(registry.ListKey)
	if text == "" {
		return nil
	}
	l, err := pki.DecodeList(text)
	if err != nil {
		t.Fatal(err)
	}
	var serials []string
	for _, e := range l.RevokedCertificateEntries {
		serials = append(serials, pki.SerialText(e.SerialNumber))
	}
	return serials
}

// valid reports whether the certificate in a profile is one that servers accept now.
func (f fixture) valid(t *testing.T, profile string) bool {
	t.Helper()
	part := func(tag string) string {
		_, rest, _ := strings.Cut(profile, "<"+tag+">\n")
		text, _, _ := strings.Cut(rest, "</"+tag+">")
		return text
	}
	c, err := pki.DecodeCertificate(part("cert"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(f.objects.Text(registry.AuthorityKey))) {
		t.Fatal("no authority")
	}
	_, err = c.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, CurrentTime: f.PKI.Now()})
	k, keyErr := pki.DecodeKey(part("key"))
	return err == nil && keyErr == nil && k.PublicKey.Equal(c.PublicKey) && !slices.Contains(f.listed(t), pki.SerialText(c.SerialNumber))
}

func TestAdd_IsIdempotent(t *testing.T) {
	f := newFixture(t)
	first, again := f.add(t, "alice"), f.add(t, "alice")
	if !first.New || again.New || again.Serial != first.Serial {
		t.Errorf("got %+v and then %+v", first, again)
	}
	profile, err := f.get(t, "alice")
	if err != nil || !f.valid(t, profile) {
		t.Errorf("the profile is not good: %v", err)
	}
}

func TestAdd_RenewsNearTheEndAndTheOldOneStaysGood(t *testing.T) {
	f := newFixture(t)
	first := f.add(t, "alice")
	old, _ := f.get(t, "alice")
	f.PKI.Now = func() time.Time { return first.NotAfter.Add(-pki.ClientRenew) }
	if second := f.add(t, "alice"); !second.New || second.Serial == first.Serial {
		t.Errorf("not renewed: %+v", second)
	}
	now, err := f.get(t, "alice")
	if err != nil || now == old || !f.valid(t, old) || !f.valid(t, now) {
		t.Errorf("old good %t, new good %t, %v", f.valid(t, old), f.valid(t, now), err)
	}
	f.PKI.Now = func() time.Time { return first.NotAfter.Add(2 * pki.ClientLife) }
	if _, err := f.get(t, "alice"); err == nil || !strings.Contains(err.Error(), "the certificate ended") {
		t.Errorf("after its end: %v", err)
	}
}

func TestRevoke_IsIdempotentAndAddLetsInAgain(t *testing.T) {
	f := newFixture(t)
	a := f.add(t, "alice")
	for i, want := range []int{1, 0} {
		if n, err := f.Revoke(t.Context(), "alice"); n != want || err != nil {
			t.Errorf("revocation %d: got %d, %v; want %d", i+1, n, err, want)
		}
	}
	if got := f.listed(t); len(got) != 1 || got[0] != a.Serial {
		t.Errorf("the list has %v, want %s", got, a.Serial)
	}
	if len(f.secrets.All()) != 1 { // tls-crypt
		t.Errorf("the secret of a revoked user is still there")
	}
	var input *clientprofile.InputError
	if _, err := f.get(t, "alice"); !errors.As(err, &input) || !strings.Contains(err.Error(), "user alice: revoked on ") {
		t.Errorf("got %v", err)
	}
	if b := f.add(t, "alice"); !b.New || b.Serial == a.Serial {
		t.Errorf("added again: %+v", b)
	}
	if profile, err := f.get(t, "alice"); err != nil || !f.valid(t, profile) {
		t.Errorf("the new profile is not good: %v", err)
	}
}

func TestUnknownAndBadUsers(t *testing.T) {
	f := newFixture(t)
	f.add(t, "alice")
	var input *clientprofile.InputError
	if _, err := f.Revoke(t.Context(), "bob"); !errors.As(err, &input) || !strings.Contains(err.Error(), "user bob: nobody of that name was ever added to main; 1 are in") {
		t.Errorf("got %v", err)
	}
	if _, err := f.get(t, "bob"); !errors.As(err, &input) || !strings.Contains(err.Error(), "nobody of that name") {
		t.Errorf("got %v", err)
	}
	for _, user := range []string{"", "Alice", "a/b", "../x", "a..b", "-a", "a b", strings.Repeat("a", 65), "a\n"} {
		if _, err := f.Add(t.Context(), user, time.Hour); !errors.As(err, &input) {
			t.Errorf("%q: got %v", user, err)
		}
	}
}

// While one adds a user, another one who begins is told to wait: both would write the secret, and one of the keys would be lost.
func TestAdd_SecondComerWaits(t *testing.T) {
	f := newFixture(t)
	var second error
	inside := false
	f.secrets.Before = func(call, _ string) error {
		if call == "Put" && !inside {
			inside = true
			_, second = f.Add(t.Context(), "alice", pki.ClientLife)
		}
		return nil
	}
	f.add(t, "alice")
	if second == nil || !strings.Contains(second.Error(), "user alice: being added by somebody else since ") {
		t.Errorf("the second comer got %v", second)
	}
}

// An operation that is cut off at any call is finished by the next one.
func TestAdd_CutOffAnywhereIsFinishedByTheNext(t *testing.T) {
	for cut := 1; ; cut++ {
		f := newFixture(t)
		calls, stop := 0, errors.New("cut off")
		hook := func(string, string) error {
			if calls++; calls == cut {
				return stop
			}
			return nil
		}
		f.objects.Before, f.secrets.Before = hook, hook
		_, err := f.Add(t.Context(), "alice", pki.ClientLife)
		if err == nil {
			if cut < 8 {
				t.Fatalf("an add took %d calls only", cut-1)
			}
			return
		}
		start := f.PKI.Now()
		f.PKI.Now = func() time.Time { return start.Add(3 * time.Minute) } // what was pending is given up
		f.add(t, "alice")
		profile, err := f.get(t, "alice")
		if err != nil || !f.valid(t, profile) {
			t.Fatalf("cut off at call %d: the profile is not good: %v", cut, err)
		}
		if n := f.live(t, "alice"); n != 1 {
			t.Errorf("cut off at call %d: %d live certificates, want 1: a lost key must not stay good", cut, n)
		}
	}
}

func (f fixture) live(t *testing.T, user string) (n int) {
	t.Helper()
	r, err := f.PKI.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Of(registry.OfClient, user) {
		if c.Live(f.PKI.Now()) {
			n++
		}
	}
	return n
}

func TestRevoke_CutOffAnywhereIsFinishedByTheNext(t *testing.T) {
	for cut := 1; cut < 9; cut++ {
		f := newFixture(t)
		a := f.add(t, "alice")
		calls := 0
		hook := func(string, string) error {
			if calls++; calls == cut {
				return errors.New("cut off")
			}
			return nil
		}
		f.objects.Before, f.secrets.Before = hook, hook
		_, _ = f.Revoke(t.Context(), "alice")
		f.objects.Before, f.secrets.Before = nil, nil
		if _, err := f.Revoke(t.Context(), "alice"); err != nil || !slices.Contains(f.listed(t), a.Serial) || len(f.secrets.All()) != 1 {
			t.Errorf("cut off at call %d: %v, list %v, %d secrets", cut, err, f.listed(t), len(f.secrets.All()))
		}
	}
}

func TestUsers_ManyAtOnce(t *testing.T) {
	f := newFixture(t)
	f.add(t, "eve")
	var wg sync.WaitGroup
	var mu sync.Mutex
	added, busy := 0, 0
	for i := range 4 {
		wg.Go(func() { // the same user from four places: one wins
			_, err := f.Add(t.Context(), "alice", pki.ClientLife)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				added++
			} else if strings.Contains(err.Error(), "being added by somebody else") {
				busy++
			} else {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := f.Add(t.Context(), fmt.Sprintf("user%d", i), pki.ClientLife); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		if _, err := f.Revoke(t.Context(), "eve"); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if added < 1 || added+busy != 4 {
		t.Errorf("%d added alice, %d were told to wait", added, busy)
	}
	profile, err := f.get(t, "alice")
	if err != nil || !f.valid(t, profile) || f.live(t, "alice") != 1 {
		t.Errorf("alice: %v, %d live certificates", err, f.live(t, "alice"))
	}
	list, err := f.List(t.Context())
	var names []string
	for _, u := range list {
		names = append(names, u.Name+" "+string(u.State))
	}
	if want := []string{"alice in", "eve revoked", "user0 in", "user1 in", "user2 in", "user3 in"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("got %v, %v; want %v", names, err, want)
	}
}

// No error may quote what a secret holds, whatever is wrong with it.
func TestErrors_QuoteNoSecret(t *testing.T) {
	f := newFixture(t)
	f.add(t, "alice")
	name := "pathproof/reference/client-profiles/main/alice"
	for _, text := range []string{"KEYMATERIAL", `{"version":2,"key":"KEYMATERIAL"}`, `{"version":1,"key":KEYMATERIAL}`} {
		if err := f.secrets.Put(t.Context(), name, "", text); err != nil {
			t.Fatal(err)
		}
		_, err := f.get(t, "alice")
		_, addErr := f.Add(t.Context(), "alice", time.Hour)
		for _, err := range []error{err, addErr} {
			if err == nil || strings.Contains(err.Error(), "KEYMATERIAL") {
				t.Errorf("%s: got %v", text, err)
			}
		}
	}
}
