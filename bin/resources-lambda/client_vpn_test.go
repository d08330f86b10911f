package main

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/acmcert/acmtest"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

const (
	vpnCertificateType = "Custom::PathproofClientVpnCertificate"
	vpnListType        = "Custom::PathproofClientVpnList"
	vpnKeyARN          = "arn:aws:kms:ap-northeast-2:111122223333:alias/pathproof-reference-main/client-vpn"
	vpnEndpoint        = "cvpn-endpoint-0123456789abcdef0"
)

func vpnEvent(requestType, resourceType, id string, more ...string) map[string]any {
	return event(requestType, resourceType, id, append([]string{"Network", "reference", "Pki", "main", "KeyArn", vpnKeyARN, "Bucket", "b",
		"Endpoint", "people", "At", "seoul/vpn", "ClientVpnEndpointId", vpnEndpoint}, more...)...)
}

func TestClientVPNCertificate_IsInACMUnderOneARN(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := succeeded(t, h.send(vpnEvent("Create", vpnCertificateType, "")))
		arn := r.Data["CertificateArn"]
		if r.PhysicalResourceID != "reference/client-vpn-certificate/people/seoul/vpn" || r.Data["CommonName"] != "people.seoul.vpn.client-vpn.reference" || h.acm.Get(arn) == nil || len(r.Data) != 2 {
			t.Fatalf("got %+v", r)
		}
		if a := h.opened[0]; !a.clientVPN || a.key != vpnKeyARN || a.home != home {
			t.Errorf("opened %+v", a)
		}
		if r := succeeded(t, h.send(vpnEvent("Update", vpnCertificateType, r.PhysicalResourceID))); r.Data["CertificateArn"] != arn || h.acm.Get(arn).Imports != 1 {
			t.Errorf("an update made another certificate: %+v", r)
		}
		start := time.Now()
		h.pki.Now = func() time.Time { return start.Add(pki.ServerLife - pki.ServerRenew) }
		renewal := map[string]any{"Pathproof": "renew", "Resources": []any{vpnEvent("", vpnCertificateType, ""), vpnEvent("", vpnListType, "")}}
		for range 2 {
			if err := h.invoke(renewal); err != nil || h.acm.Get(arn).Imports != 2 || len(h.acm.ARNs()) != 1 {
				t.Fatalf("renewal: %v, %d imports", err, h.acm.Get(arn).Imports)
			}
		}
		succeeded(t, h.send(vpnEvent("Delete", vpnCertificateType, r.PhysicalResourceID)))
		succeeded(t, h.send(vpnEvent("Delete", vpnCertificateType, r.PhysicalResourceID)))
		if left := h.acm.ARNs(); len(left) != 0 {
			t.Errorf("left in ACM: %v", left)
		}
	})
}

// ACM calls a certificate in use for a while after its endpoint is gone.
func TestClientVPNCertificate_DeleteWaitsUntilItIsFree(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := succeeded(t, h.send(vpnEvent("Create", vpnCertificateType, "")))
		c := h.acm.Get(r.Data["CertificateArn"])
		c.InUse = true
		free := time.Now().Add(4 * time.Minute)
		h.acm.Before = func(string) error { c.InUse = time.Now().Before(free); return nil }
		succeeded(t, h.send(vpnEvent("Delete", vpnCertificateType, r.PhysicalResourceID)))
		if left := h.acm.ARNs(); len(left) != 0 || time.Now().Before(free) {
			t.Errorf("left %v", left)
		}
	})
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := succeeded(t, h.send(vpnEvent("Create", vpnCertificateType, "")))
		h.acm.Get(r.Data["CertificateArn"]).InUse = true
		failedWith(t, h.send(vpnEvent("Delete", vpnCertificateType, r.PhysicalResourceID)), "certificate of Client VPN people in ACM: time is up after", r.Data["CertificateArn"]+": in use")
	})
}

func TestClientVPNCertificate_WaitsForPermissionsAndThenSaysWhich(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		given := time.Now().Add(time.Minute)
		h.acm.Before = func(string) error {
			if time.Now().Before(given) {
				return acmtest.APIError("AccessDeniedException")
			}
			return nil
		}
		succeeded(t, h.send(vpnEvent("Create", vpnCertificateType, "")))
		if len(h.acm.ARNs()) != 1 {
			t.Errorf("in ACM: %v", h.acm.ARNs())
		}
	})
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		h.acm.Before = func(call string) error {
			if call == "ImportCertificate" {
				return acmtest.APIError("AccessDeniedException")
			}
			return nil
		}
		r := failedWith(t, h.send(vpnEvent("Create", vpnCertificateType, "")), "not allowed; allow acm:ImportCertificate (and acm:AddTagsToCertificate)")
		h.acm.Before = nil
		succeeded(t, h.send(vpnEvent("Delete", vpnCertificateType, r.PhysicalResourceID)))
	})
}

// revoke puts a user on the register, out again, and says so in no list yet.
func (h *pkiHarness) addAndRevoke(user string) {
	h.t.Helper()
	a, err := h.pki.ClientVPNAuthority(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	k, _ := pki.NewRSAKey(rand.Reader)
	if _, err := h.pki.Issue(h.t.Context(), a, registry.OfClient, user, &k.PublicKey, pki.ClientLife, pkitest.Claim); err != nil {
		h.t.Fatal(err)
	}
	err = h.pki.Change(h.t.Context(), func(r *registry.Register) (bool, error) {
		return r.Revoke(r.Of(registry.OfClient, user), h.pki.Now()), nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestClientVPNList_IsBroughtWhenSomebodyWasRevoked(t *testing.T) {
	const op = "ImportClientVpnClientCertificateRevocationList"
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := succeeded(t, h.send(vpnEvent("Create", vpnListType, "")))
		if r.PhysicalResourceID != vpnEndpoint || h.fake().count(op) != 0 || h.objects.Text(registry.ClientVPNListKey) == "" {
			t.Errorf("got %+v, %d imports", r, h.fake().count(op))
		}
		h.addAndRevoke("bob")
		h.fake().fail = map[string][]error{op: {apiError("UnauthorizedOperation")}}
		renewal := map[string]any{"Pathproof": "renew", "Resources": []any{vpnEvent("", vpnListType, "")}}
		for range 2 {
			if err := h.invoke(renewal); err != nil {
				t.Fatal(err)
			}
		}
		l, err := pki.DecodeList(h.fake().revoked[vpnEndpoint])
		if err != nil || len(l.RevokedCertificateEntries) != 1 || h.fake().count(op) != 2 { // one was refused
			t.Errorf("got %v, %d imports", err, h.fake().count(op))
		}
		succeeded(t, h.send(vpnEvent("Delete", vpnListType, vpnEndpoint)))
	})
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		h.addAndRevoke("bob")
		h.fake().always = map[string]error{op: apiError("InvalidClientVpnEndpointId.NotFound")}
		failedWith(t, h.send(vpnEvent("Create", vpnListType, "")), "list of revoked certificates of "+vpnEndpoint, "InvalidClientVpnEndpointId.NotFound")
	})
}

func TestClientVPN_BadPropertiesAreAllNamed(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := failedWith(t, h.send(event("Create", vpnCertificateType, "", "At", "Seoul", "ValidityDays", "6")), "Network: not a name", "KeyArn: not an ARN of kms", "Bucket: missing",
			"Endpoint: not a name", "At: not a network or a transit gateway, got \"Seoul\"", "ValidityDays: out of range")
		if !strings.HasPrefix(r.PhysicalResourceID, failedPrefix) {
			t.Errorf("got %s", r.PhysicalResourceID)
		}
		failedWith(t, h.send(event("Create", vpnListType, "", "ClientVpnEndpointId", "x")), "ClientVpnEndpointId: not an id")
	})
}
