package acmcert_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/acm"

	"github.com/pathproof/pathproof/internal/mototest"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/acmcert"
)

// The real SDK and somebody else's idea of ACM: a certificate is imported with its tags, found by them, replaced under its ARN, and deleted.
func TestEndpoint_InMoto(t *testing.T) {
	api, p := acm.NewFromConfig(mototest.Start(t, seoul)), newPKI(t)
	later(p, pki.ServerRenew-pki.ServerLife) // moto's clock is the real one, so what is renewed began in the past
	e, _ := endpoint(t, "people.seoul.vpn.client-vpn.reference", p)
	e.ACM = api
	o := e
	o.Name, o.Tags = "others.seoul.vpn.client-vpn.reference", map[string]string{naming.TagNetwork: "reference", naming.TagClientVPN: "others"}
	first, _ := ensure(t, e)
	other, _ := ensure(t, o)
	if again, touched := ensure(t, e); again != first || touched || first.ARN == other.ARN {
		t.Errorf("a second look: %+v, touched %t; want %+v", again, touched, first)
	}
	forgetful := e
	forgetful.PKI = newPKI(t) // knows no ARN, and is another authority
	if taken, _ := ensure(t, forgetful); taken.ARN != first.ARN || taken.Serial == first.Serial {
		t.Errorf("not found by its tags: %+v", taken)
	}
	later(p, 0)
	if second, _ := ensure(t, e); second.ARN != first.ARN || second.Serial == first.Serial { // moto drops the tags of what is imported again
		t.Errorf("renewed: %+v after %+v", second, first)
	}
	for range 2 {
		if err := e.Delete(t.Context()); err != nil {
			t.Error(err)
		}
	}
	left, err := api.ListCertificates(t.Context(), &acm.ListCertificatesInput{})
	if err != nil || len(left.CertificateSummaryList) != 1 || *left.CertificateSummaryList[0].CertificateArn != other.ARN {
		t.Errorf("left %v, %v", left, err)
	}
}

var _ acmcert.API = (*acm.Client)(nil)
