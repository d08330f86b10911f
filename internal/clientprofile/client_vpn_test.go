package clientprofile_test

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/clientprofile"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

func withClientVPN(t *testing.T) fixture {
	f := newFixture(t)
	pkitest.WithClientVPN(t, f.PKI)
	return f
}

func (f fixture) getVPN(t *testing.T, user string) (string, error) {
	t.Helper()
	text, _, err := f.GetClientVPN(t.Context(), user, pki.ClientVPNProfile{Host: "x.example", Port: 443, Protocol: pki.UDP, ServerName: "x"})
	return text, err
}

// vpnSerial is the serial number of the certificate in a profile for Client VPN, which has to be one that an endpoint takes.
func (f fixture) vpnSerial(t *testing.T, profile string) string {
	t.Helper()
	part := func(tag string) []byte {
		_, rest, _ := strings.Cut(profile, "<"+tag+">\n")
		text, _, _ := strings.Cut(rest, "</"+tag+">")
		return []byte(text)
	}
	pair, err := tls.X509KeyPair(part("cert"), part("key"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(part("ca"))
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, CurrentTime: f.PKI.Now()})
	k, ok := pair.Leaf.PublicKey.(*rsa.PublicKey)
	if err != nil || !ok || k.N.BitLen() != 2048 || string(part("ca")) != f.objects.Text(registry.ClientVPNAuthorityKey) {
		t.Errorf("not a certificate that an endpoint takes: %v, %T", err, pair.Leaf.PublicKey)
	}
	return pki.SerialText(pair.Leaf.SerialNumber)
}

// vpnListed are the serial numbers in the published list of Client VPN.
func (f fixture) vpnListed(t *testing.T) []string {
	t.Helper()
	l, err := pki.DecodeList(f.objects.Text(registry.ClientVPNListKey))
	if err != nil {
		t.Fatal(err)
	}
	var serials []string
	for _, e := range l.RevokedCertificateEntries {
		serials = append(serials, pki.SerialText(e.SerialNumber))
	}
	return serials
}

func TestClientVPN_AddAndRevokeAreOfBothLines(t *testing.T) {
	f := withClientVPN(t)
	var told []string
	f.PutOut = func(_ context.Context, user string) error {
		if len(f.vpnListed(t)) == 1 && len(f.listed(t)) == 1 {
			told = append(told, user)
		}
		return nil
	}
	first, again := f.add(t, "alice"), f.add(t, "alice")
	if !first.New || again.New || again.Serial != first.Serial {
		t.Errorf("got %+v and then %+v", first, again)
	}
	profile, err := f.getVPN(t, "alice")
	if err != nil {
		t.Fatal(err)
	}
	serial := f.vpnSerial(t, profile)
	if own, err := f.get(t, "alice"); err != nil || !f.valid(t, own) {
		t.Errorf("the profile for servers is not good: %v", err)
	}
	if n, err := f.Revoke(t.Context(), "alice"); n != 2 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if got := f.vpnListed(t); len(got) != 1 || got[0] != serial {
		t.Errorf("Client VPN's list has %v, want %s", got, serial)
	}
	if got := f.listed(t); len(got) != 1 || got[0] != first.Serial {
		t.Errorf("the servers' list has %v, want %s", got, first.Serial)
	}
	if len(told) != 1 || told[0] != "alice" {
		t.Errorf("with the lists published, PutOut was told %v", told)
	}
	if _, err := f.getVPN(t, "alice"); err == nil || !strings.Contains(err.Error(), "revoked on") {
		t.Errorf("got %v", err)
	}
	users, err := f.List(t.Context())
	if err != nil || len(users) != 1 || users[0].State != clientprofile.Out {
		t.Errorf("got %v, %v", users, err)
	}
}

// Who was added before there was a Client VPN gets a certificate for it by being added again, and keeps the other one.
func TestClientVPN_CameLater(t *testing.T) {
	f := newFixture(t)
	before := f.add(t, "alice")
	own, _ := f.get(t, "alice")
	pkitest.WithClientVPN(t, f.PKI)
	var input *clientprofile.InputError
	if _, err := f.getVPN(t, "alice"); !errors.As(err, &input) || !strings.Contains(err.Error(), "was added before a Client VPN had certificates of main") {
		t.Errorf("got %v", err)
	}
	if a := f.add(t, "alice"); !a.New || a.Serial != before.Serial {
		t.Errorf("got %+v after %+v", a, before)
	}
	if now, err := f.get(t, "alice"); err != nil || now != own || !f.valid(t, own) {
		t.Errorf("the profile for servers changed: %v", err)
	}
	profile, err := f.getVPN(t, "alice")
	if err != nil {
		t.Fatal(err)
	}
	f.vpnSerial(t, profile)
	if a := f.add(t, "alice"); a.New {
		t.Errorf("added once more: %+v", a)
	}
}

func TestClientVPN_RenewsOnlyWhatIsDue(t *testing.T) {
	f := newFixture(t)
	first := f.add(t, "alice")
	pkitest.WithClientVPN(t, f.PKI)
	half := first.NotAfter.Add(-pki.ClientLife / 2)
	f.PKI.Now = func() time.Time { return half }
	f.add(t, "alice") // the second line's begins now
	vpn, _ := f.getVPN(t, "alice")
	f.PKI.Now = func() time.Time { return first.NotAfter.Add(-pki.ClientRenew) }
	if a := f.add(t, "alice"); !a.New || a.Serial == first.Serial {
		t.Errorf("not renewed: %+v", a)
	}
	if now, err := f.getVPN(t, "alice"); err != nil || now != vpn {
		t.Errorf("the certificate for Client VPN was renewed too: %v", err)
	}
}

// A user's old profile works until its end after a renewal: they may not have fetched the new one. Adding them for a Client VPN is none of its business.
func TestClientVPN_CameLaterAndTheOldProfileStaysGood(t *testing.T) {
	f := newFixture(t)
	first := f.add(t, "alice")
	old, _ := f.get(t, "alice")
	renewed := first.NotAfter.Add(-pki.ClientRenew)
	f.PKI.Now = func() time.Time { return renewed }
	if a := f.add(t, "alice"); !a.New {
		t.Fatalf("not renewed: %+v", a)
	}
	pkitest.WithClientVPN(t, f.PKI)
	f.PKI.Now = func() time.Time { return renewed.Add(24 * time.Hour) }
	if a := f.add(t, "alice"); !a.New {
		t.Errorf("got %+v", a)
	}
	if !f.valid(t, old) {
		t.Error("adding the user for Client VPN put out their profile for servers")
	}
}

// An Add that is interrupted anywhere leaves keys that nobody has; the next one revokes them, in the list of their line.
func TestClientVPN_InterruptedAddIsFinishedByTheNext(t *testing.T) {
	for name, interrupt := range map[string]func(f fixture) (restore func()){
		"before the secret": func(f fixture) func() {
			f.secrets.Before = func(call, _ string) error {
				if call == "Put" {
					return errors.New("cut off")
				}
				return nil
			}
			return func() { f.secrets.Before = nil }
		},
		"between the lines": func(f fixture) func() {
			puts := 0
			f.objects.Before = func(call, key string) error {
				if call == "Put" && key == registry.RegisterKey {
					if puts++; puts > 1 {
						return errors.New("cut off")
					}
				}
				return nil
			}
			return func() { f.objects.Before = nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := withClientVPN(t)
			restore := interrupt(f)
			if _, err := f.Add(t.Context(), "alice", pki.ClientLife); err == nil {
				t.Fatal("it was not interrupted")
			}
			restore()
			if _, err := f.Add(t.Context(), "alice", pki.ClientLife); err == nil || !strings.Contains(err.Error(), "being added by somebody else") {
				t.Errorf("at once: %v", err)
			}
			start := time.Now()
			f.PKI.Now = func() time.Time { return start.Add(3 * time.Minute) }
			f.add(t, "alice")
			profile, err := f.getVPN(t, "alice")
			if err != nil {
				t.Fatal(err)
			}
			good := f.vpnSerial(t, profile)
			r, _ := f.PKI.Read(t.Context())
			for _, c := range r.Of(registry.OfClient, "alice") {
				if c.Pending && c.Revoked.IsZero() {
					t.Errorf("a lost key is good: %+v", c)
				}
				list := f.listed(t)
				if c.Line == registry.OfClientVPN && name == "before the secret" {
					list = f.vpnListed(t)
				}
				if !c.Revoked.IsZero() && !slices.Contains(list, c.Serial) || c.Serial == good && !c.Revoked.IsZero() {
					t.Errorf("%+v is not in the list, or is the good one", c)
				}
			}
		})
	}
}

// Whatever fails, the rest of a revocation is done.
func TestClientVPN_RevokeGoesOnAfterAFailure(t *testing.T) {
	f := withClientVPN(t)
	f.add(t, "alice")
	f.PutOut = func(context.Context, string) error { return errors.New("not let") }
	if n, err := f.Revoke(t.Context(), "alice"); n != 2 || err == nil || !strings.Contains(err.Error(), "not let") {
		t.Errorf("got %d, %v", n, err)
	}
	if len(f.listed(t)) != 1 || len(f.vpnListed(t)) != 1 || len(f.secrets.All()) != 1 {
		t.Errorf("lists %v and %v, %d secrets", f.listed(t), f.vpnListed(t), len(f.secrets.All()))
	}
	f.PutOut = nil
	if n, err := f.Revoke(t.Context(), "alice"); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

// Between an entry in the file and its deployment the second key is not there. Who has nothing of it is put out without it, and who is added
// leaves no certificate behind that nobody has.
func TestClientVPN_KeyNotDeployedYet(t *testing.T) {
	f := newFixture(t)
	f.add(t, "alice")
	f.PKI.ConnectClientVPN = func(context.Context) (pki.Signer, error) { return nil, errors.New("there is no such key") }
	if n, err := f.Revoke(t.Context(), "alice"); n != 1 || err != nil || len(f.listed(t)) != 1 {
		t.Errorf("got %d, %v, list %v", n, err, f.listed(t))
	}
	for range 2 {
		if _, err := f.Add(t.Context(), "bob", pki.ClientLife); err == nil || !strings.Contains(err.Error(), "there is no such key") {
			t.Errorf("got %v", err)
		}
	}
	if r, err := f.PKI.Read(t.Context()); err != nil || len(r.Of(registry.OfClient, "bob")) != 0 {
		t.Errorf("left %v, %v", r.Of(registry.OfClient, "bob"), err)
	}
}
