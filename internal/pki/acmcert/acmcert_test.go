package acmcert_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/acmcert"
	"github.com/pathproof/pathproof/internal/pki/acmcert/acmtest"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

const seoul, tokyo = "ap-northeast-2", "ap-northeast-1"

// endpoint is one in Seoul, with a fake of ACM there.
func endpoint(t *testing.T, name string, p *registry.PKI) (acmcert.Endpoint, *acmtest.Fake) {
	t.Helper()
	f := &acmtest.Fake{Region: seoul}
	return acmcert.Endpoint{PKI: p, ACM: f, Region: seoul, Name: name, Tags: map[string]string{naming.TagNetwork: "reference", naming.TagClientVPN: name}}, f
}

func newPKI(t *testing.T) *registry.PKI {
	t.Helper()
	p, _, _ := pkitest.New(t)
	pkitest.WithClientVPN(t, p)
	return p
}

func ensure(t *testing.T, e acmcert.Endpoint) (acmcert.Facts, bool) {
	t.Helper()
	touched := false
	f, err := e.Ensure(t.Context(), func() { touched = true })
	if err != nil {
		t.Fatal(err)
	}
	return f, touched
}

func later(p *registry.PKI, d time.Duration) {
	at := time.Now().Add(d)
	p.Now = func() time.Time { return at }
}

func TestEnsure_OneCertificateUnderOneARN(t *testing.T) {
	p := newPKI(t)
	e, f := endpoint(t, "people.seoul.vpn.client-vpn.reference", p)
	first, touched := ensure(t, e)
	if !touched || f.Get(first.ARN) == nil || f.Get(first.ARN).Tags[naming.TagClientVPN] != e.Name {
		t.Fatalf("got %+v, touched %t: %+v", first, touched, f.Get(first.ARN))
	}
	if again, touched := ensure(t, e); again != first || touched {
		t.Errorf("a second look: %+v, touched %t; want %+v", again, touched, first)
	}
	later(p, pki.ServerLife-pki.ServerRenew+time.Hour)
	key := f.Get(first.ARN).Key
	second, touched := ensure(t, e)
	if second.ARN != first.ARN || second.Serial == first.Serial || !touched || f.Get(first.ARN).Key == key || len(f.ARNs()) != 1 {
		t.Errorf("renewed: %+v after %+v, %d in ACM", second, first, len(f.ARNs()))
	}
	r, err := p.Read(t.Context())
	if err != nil || len(r.Certificates) != 2 || r.Certificates[1].ACM != first.ARN || r.Certificates[1].Pending || r.Certificates[1].Line != registry.OfClientVPN {
		t.Errorf("the register has %v, %+v", err, r)
	}
}

// Whatever is wrong with what ACM has, it is replaced in place.
func TestEnsure_ReplacesWhatIsNotGood(t *testing.T) {
	for name, spoil := range map[string]func(c, other *acmtest.Certificate){
		"another name":   func(c, other *acmtest.Certificate) { c.PEM = other.PEM },
		"no certificate": func(c, _ *acmtest.Certificate) { c.PEM = "" },
		"no chain":       func(c, _ *acmtest.Certificate) { c.Chain = "" },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPKI(t)
			e, f := endpoint(t, "people.client-vpn", p)
			o, g := endpoint(t, "others.client-vpn", p)
			first, _ := ensure(t, e)
			other, _ := ensure(t, o)
			spoil(f.Get(first.ARN), g.Get(other.ARN))
			if second, _ := ensure(t, e); second.ARN != first.ARN || second.Serial == first.Serial {
				t.Errorf("got %+v after %+v", second, first)
			}
		})
	}
}

// People's certificates are verified by the chain in ACM: it has to be the authority's own certificate, also when that was renewed.
func TestEnsure_FollowsARenewedAuthority(t *testing.T) {
	p := newPKI(t)
	e, f := endpoint(t, "people.client-vpn", p)
	ensure(t, e) // the authority begins now
	renewal := pki.AuthorityLife - pki.AuthorityRenew
	later(p, renewal-10*24*time.Hour)
	before, _ := ensure(t, e)
	chain := f.Get(before.ARN).Chain
	later(p, renewal+24*time.Hour) // the endpoint's certificate has two months yet
	after, _ := ensure(t, e)
	if after.ARN != before.ARN || after.Serial == before.Serial || f.Get(after.ARN).Chain == chain {
		t.Errorf("got %+v after %+v, another chain %t", after, before, f.Get(after.ARN).Chain != chain)
	}
}

// A run that ends between the import and the register leaves a certificate that the next one finds by its tags.
func TestEnsure_FindsWhatAnInterruptedRunImported(t *testing.T) {
	p := newPKI(t)
	e, f := endpoint(t, "people.client-vpn", p)
	f.After = func() error { return context.DeadlineExceeded }
	if _, err := e.Ensure(t.Context(), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	f.After = nil
	facts, touched := ensure(t, e)
	if touched || len(f.ARNs()) != 1 || facts.ARN != f.ARNs()[0] {
		t.Errorf("got %+v, touched %t, %d in ACM", facts, touched, len(f.ARNs()))
	}
	r, _ := p.Read(t.Context())
	if len(r.Certificates) != 1 || r.Certificates[0].ACM != facts.ARN || r.Certificates[0].Pending {
		t.Errorf("the register has %+v", r.Certificates)
	}
}

// Without its tags a certificate keeps its ARN nevertheless: another one would replace the endpoint.
func TestEnsure_ARNStaysWithoutTags(t *testing.T) {
	p := newPKI(t)
	e, f := endpoint(t, "people.client-vpn", p)
	first, _ := ensure(t, e)
	clear(f.Get(first.ARN).Tags)
	later(p, pki.ServerLife-pki.ServerRenew+time.Hour)
	if second, _ := ensure(t, e); second.ARN != first.ARN || len(f.ARNs()) != 1 {
		t.Errorf("got %+v after %+v", second, first)
	}
}

// A certificate is gone, and stands in the register, after a creation that was rolled back and after an endpoint that was taken out and comes
// again. The function may import and delete by tags, which what is gone has not: it must not try.
func TestEnsure_GoneIsImportedAnew(t *testing.T) {
	for _, byTags := range []bool{false, true} {
		p := newPKI(t)
		e, f := endpoint(t, "people.client-vpn", p)
		f.ByTags = byTags
		first, _ := ensure(t, e)
		f.Remove(first.ARN)
		if second, _ := ensure(t, e); second.ARN == first.ARN || len(f.ARNs()) != 1 || f.Get(second.ARN).Tags[naming.TagNetwork] != "reference" {
			t.Errorf("by tags %t: got %+v after %+v", byTags, second, first)
		}
		for range 2 { // the second one as after an answer that got lost
			if err := e.Delete(t.Context()); err != nil || len(f.ARNs()) != 0 {
				t.Errorf("by tags %t: delete: %v, left %v", byTags, err, f.ARNs())
			}
		}
	}
}

func TestEnsure_RegionsAndEndpointsAreApart(t *testing.T) {
	p := newPKI(t)
	e, f := endpoint(t, "people.client-vpn", p)
	first, _ := ensure(t, e)
	there := &acmtest.Fake{Region: tokyo}
	moved := e
	moved.ACM, moved.Region = there, tokyo
	if second, _ := ensure(t, moved); !strings.Contains(second.ARN, tokyo) || len(there.ARNs()) != 1 {
		t.Errorf("in another Region: %+v", second)
	}
	o, _ := endpoint(t, "others.client-vpn", p)
	o.ACM = f
	if other, _ := ensure(t, o); other.ARN == first.ARN || len(f.ARNs()) != 2 {
		t.Errorf("another endpoint: %+v", other)
	}
	foreign := e // the same name, in an account with another network of that name's endpoint
	foreign.PKI, foreign.Tags = newPKI(t), map[string]string{naming.TagNetwork: "other", naming.TagClientVPN: e.Name}
	if third, _ := ensure(t, foreign); third.ARN == first.ARN {
		t.Errorf("it took over the certificate of another network: %+v", third)
	}
}

func TestEnsure_SaysWhichPermissionIsMissing(t *testing.T) {
	p := newPKI(t)
	e, f := endpoint(t, "people.client-vpn", p)
	ensure(t, e)
	for call, want := range map[string]string{"GetCertificate": "acm:GetCertificate", "ImportCertificate": "acm:ImportCertificate"} {
		later(p, 0)
		if call == "ImportCertificate" {
			later(p, pki.ServerLife-pki.ServerRenew+time.Hour)
		}
		f.Before = func(c string) error {
			if c == call {
				return acmtest.APIError("AccessDeniedException")
			}
			return nil
		}
		if _, err := e.Ensure(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "not allowed; allow "+want) {
			t.Errorf("%s: got %v", call, err)
		} else if strings.Contains(err.Error(), "PRIVATE KEY") {
			t.Errorf("%s: the error holds a key", call)
		}
	}
}

func TestDelete_WaitsForTheEndpointAndTakesNothingElse(t *testing.T) {
	p := newPKI(t)
	e, f := endpoint(t, "people.client-vpn", p)
	facts, _ := ensure(t, e)
	o, _ := endpoint(t, "others.client-vpn", p)
	o.ACM = f
	other, _ := ensure(t, o)
	f.Get(facts.ARN).InUse = true
	if err := e.Delete(t.Context()); !errors.Is(err, acmcert.ErrInUse) || !strings.Contains(err.Error(), facts.ARN) {
		t.Errorf("in use: %v", err)
	}
	f.Get(facts.ARN).InUse = false
	for range 2 {
		if err := e.Delete(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if left := f.ARNs(); len(left) != 1 || left[0] != other.ARN {
		t.Errorf("left %v, want %s", left, other.ARN)
	}
}

// What has lost its tags is known by the register, and what the register does not know, or cannot be read, by its tags.
func TestDelete_ByRegisterOrByTags(t *testing.T) {
	for name, spoil := range map[string]func(e acmcert.Endpoint, f *acmtest.Fake, o *pkitest.Objects){
		"no tags": func(_ acmcert.Endpoint, f *acmtest.Fake, _ *pkitest.Objects) { clear(f.Get(f.ARNs()[0]).Tags) },
		"no register": func(_ acmcert.Endpoint, _ *acmtest.Fake, o *pkitest.Objects) {
			o.Before = func(string, string) error { return errors.New("the bucket is gone") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, o, _ := pkitest.New(t)
			pkitest.WithClientVPN(t, p)
			e, f := endpoint(t, "people.client-vpn", p)
			ensure(t, e)
			spoil(e, f, o)
			if err := e.Delete(t.Context()); err != nil || len(f.ARNs()) != 0 {
				t.Errorf("got %v, left %v", err, f.ARNs())
			}
		})
	}
}
