package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/acmcert/acmtest"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

const (
	pkiType    = "Custom::PathproofPki"
	serverType = "Custom::PathproofServerCertificate"
	keyARN     = "arn:aws:kms:ap-northeast-2:111122223333:key/1"
	secretARN  = "arn:aws:secretsmanager:ap-northeast-2:111122223333:secret:seoul-AbCdEf"
)

// pkiHarness is a harness whose function reaches a PKI in memory.
type pkiHarness struct {
	*harness
	pki     *registry.PKI
	objects *pkitest.Objects
	secrets *pkitest.Secrets
	open    error // of connecting to the PKI
	acm     *acmtest.Fake
	opened  []authority
}

func withPKI(t *testing.T, f func(t *testing.T, h *pkiHarness)) {
	t.Helper()
	fast(t, func(t *testing.T, plain *harness) {
		p, o, s := pkitest.New(t)
		pkitest.WithClientVPN(t, p)
		h := &pkiHarness{harness: plain, pki: p, objects: o, secrets: s, acm: &acmtest.Fake{Region: home}}
		plain.vault = func(a authority) (*vault, error) {
			h.opened = append(h.opened, a)
			return &vault{PKI: p, here: s, acm: h.acm}, h.open
		}
		f(t, h)
		for _, arn := range h.acm.ARNs() {
			if _, key, _ := strings.Cut(h.acm.Get(arn).Key, "-----BEGIN PRIVATE KEY-----"); key == "" || strings.Contains(h.log.String(), key[2:20]) {
				t.Errorf("no key in ACM, or one is in the log:\n%s", h.log.String())
			}
		}
		for name, value := range s.All() {
			_, key, ok := strings.Cut(value, "-----BEGIN PRIVATE KEY-----")
			if name == secretARN && !ok {
				t.Errorf("the secret has no key")
			}
			said, _ := json.Marshal(h.Answers)
			if ok && (strings.Contains(h.log.String()+string(said), key[2:20]) || strings.Contains(h.log.String()+string(said), "PRIVATE KEY")) {
				t.Errorf("a key is in the log or in an answer:\n%s\n%s", h.log.String(), said)
			}
		}
	})
}

func pkiEvent(requestType, resourceType, id string, more ...string) map[string]any {
	return event(requestType, resourceType, id, append([]string{"Network", "reference", "Pki", "main", "KeyArn", keyARN, "Bucket", "b",
		"Replicas", "ap-northeast-1=b1 us-west-2=b2", "TlsCryptSecretArn", secretARN + "x", "Server", "seoul", "Kind", "openvpn", "SecretArn", secretARN}, more...)...)
}

// serverSecret is what a server finds in its secret.
type serverSecret struct{ Serial, NotAfter, Authority, Certificate, Key string }

func (h *pkiHarness) held() serverSecret {
	h.t.Helper()
	var s serverSecret
	if err := json.Unmarshal([]byte(h.secrets.All()[secretARN]), &s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestPKI_MakesWhatServersAndUsersNeed(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := succeeded(t, h.send(pkiEvent("Create", pkiType, "")))
		if r.PhysicalResourceID != "reference/pki/main" || r.Data != nil {
			t.Errorf("got %+v", r)
		}
		if h.objects.Text(registry.AuthorityKey) == "" || h.objects.Text(registry.ListKey) == "" {
			t.Error("no authority or no list")
		}
		a := h.opened[0]
		if a.home != home || a.bucket != "b" || len(a.replicas) != 2 || a.replicas[1] != (replica{"us-west-2", "b2"}) {
			t.Errorf("opened %+v", a)
		}
		before := h.objects.Text(registry.AuthorityKey)
		succeeded(t, h.send(pkiEvent("Update", pkiType, r.PhysicalResourceID)))
		succeeded(t, h.send(pkiEvent("Delete", pkiType, r.PhysicalResourceID)))
		if h.objects.Text(registry.AuthorityKey) != before {
			t.Error("the authority changed")
		}
	})
}

func TestServerCertificate_IsMadeOnceAndRenewedInTime(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := succeeded(t, h.send(pkiEvent("Create", serverType, "")))
		first := h.held()
		if r.Data["CommonName"] != "reference-openvpn-seoul" || len(r.Data) != 1 {
			t.Errorf("got %+v", r)
		}
		succeeded(t, h.send(pkiEvent("Update", serverType, r.PhysicalResourceID)))
		if h.held() != first {
			t.Error("an update made another certificate")
		}
		start := time.Now()
		h.pki.Now = func() time.Time { return start.Add(pki.ServerLife - pki.ServerRenew) }
		renewal := map[string]any{"Pathproof": "renew", "Resources": []any{pkiEvent("", pkiType, ""), pkiEvent("", serverType, "")}}
		if err := h.invoke(renewal); err != nil {
			t.Fatal(err)
		}
		second := h.held()
		if second.Serial == first.Serial || second.Key == first.Key {
			t.Error("not renewed 30 days before its end")
		}
		if err := h.invoke(renewal); err != nil || h.held() != second {
			t.Errorf("renewed again: %v", err)
		}
	})
}

func TestServerCertificate_BadContentIsReplaced(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		succeeded(t, h.send(pkiEvent("Create", serverType, "")))
		good := h.held()
		other := good
		k, _ := pki.NewKey(h.pki.Random)
		other.Key, _ = pki.EncodeKey(k)
		swapped, _ := json.Marshal(other)
		for _, text := range []string{"", "x", `{"certificate":"x"}`, string(swapped)} {
			_ = h.secrets.Put(t.Context(), secretARN, "", text)
			succeeded(t, h.send(pkiEvent("Update", serverType, "id")))
			if h.held().Serial == good.Serial {
				t.Errorf("%.20q stayed", text)
			}
		}
		succeeded(t, h.send(pkiEvent("Update", serverType, "id", "Server", "tokyo")))
		if c, err := pki.DecodeCertificate(h.held().Certificate); err != nil || c.Subject.CommonName != "reference-openvpn-tokyo" {
			t.Errorf("a certificate of another name stayed: %v", err)
		}
	})
}

func TestServerCertificate_DeleteRevokesAndNeverFails(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		r := succeeded(t, h.send(pkiEvent("Create", serverType, "")))
		succeeded(t, h.send(pkiEvent("Delete", serverType, r.PhysicalResourceID)))
		reg, err := h.pki.Read(t.Context())
		if err != nil || len(reg.Certificates) != 1 || reg.Certificates[0].Revoked.IsZero() {
			t.Errorf("got %v, %+v", err, reg)
		}
		h.open = errors.New("the key is about to be deleted")
		succeeded(t, h.send(pkiEvent("Delete", serverType, r.PhysicalResourceID)))
	})
}

func TestServerCertificate_WaitsForPermissionsAndOthers(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		refusals := 3
		h.objects.Before = func(call, key string) error {
			if call == "Get" && refusals > 0 {
				refusals--
				return apiError("AccessDenied")
			}
			return nil
		}
		conflicts := 30
		before := h.objects.Before
		h.objects.Before = func(call, key string) error {
			if call == "Put" && key == registry.RegisterKey && conflicts > 0 {
				conflicts--
				return registry.ErrConflict
			}
			return before(call, key)
		}
		succeeded(t, h.send(pkiEvent("Create", serverType, "")))
	})
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		h.open = apiError("AccessDeniedException")
		failedWith(t, h.send(pkiEvent("Create", serverType, "")), "AccessDeniedException")
		h.open = nil
		succeeded(t, h.send(pkiEvent("Create", serverType, "")))
	})
}

// Several servers of one stack are made at the same time.
func TestServerCertificate_ManyAtOnce(t *testing.T) {
	p, _, s := pkitest.New(t)
	p.Wait = func(ctx context.Context, try int) error {
		time.Sleep(time.Duration(try) * time.Millisecond)
		return ctx.Err()
	}
	var wg sync.WaitGroup
	names := []string{"a", "b", "c", "d", "e"}
	for _, name := range names {
		h := newHarness(t)
		h.vault = func(authority) (*vault, error) { return &vault{PKI: p, here: s}, nil }
		wg.Go(func() {
			if err := h.invoke(pkiEvent("Create", serverType, "", "Server", name, "SecretArn", secretARN+name)); err != nil || h.Answers[0].Status != "SUCCESS" {
				t.Errorf("got %v, %+v", err, h.Answers)
			}
		})
	}
	wg.Wait()
	reg, err := p.Read(t.Context())
	if err != nil || len(reg.Certificates) != len(names) {
		t.Errorf("got %v, %+v", err, reg)
	}
}

func TestRenewal_OneFailureStopsNoOther(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		err := h.invoke(map[string]any{"Pathproof": "renew", "Resources": []any{
			event("", assoc, "", "TransitGatewayAttachmentId", attA), pkiEvent("", serverType, "", "Pki", "A B"), pkiEvent("", serverType, ""),
		}})
		for _, want := range []string{"not one that is renewed, got \"" + assoc, "Pki: not a name, got \"A B\""} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		h.held()
	})
}

func TestPKI_BadPropertiesAreAllNamed(t *testing.T) {
	withPKI(t, func(t *testing.T, h *pkiHarness) {
		failedWith(t, h.send(event("Create", serverType, "", "KeyArn", "alias/x", "Replicas", "tokyo", "SecretArn", "arn:aws:s3:::x")),
			"Network: not a name", "Pki: not a name", "KeyArn: not an ARN of kms", "Bucket: missing", "Replicas: not a Region and a bucket", "Server: not a name", "SecretArn: not an ARN of secretsmanager")
	})
}
