package kmssigner_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/kmssigner"
)

// fakeKMS is KMS with one key.
type fakeKMS struct {
	key   *ecdsa.PrivateKey
	usage types.KeyUsageType
	gone  error // of GetPublicKey
	err   error
	in    *kms.SignInput
}

func (f *fakeKMS) GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	if f.gone != nil {
		return nil, f.gone
	}
	der, err := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
	return &kms.GetPublicKeyOutput{PublicKey: der, KeyUsage: f.usage}, err
}

func (f *fakeKMS) Sign(_ context.Context, in *kms.SignInput, _ ...func(*kms.Options)) (*kms.SignOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.in = in
	signature, err := ecdsa.SignASN1(rand.Reader, f.key, in.Message)
	return &kms.SignOutput{Signature: signature}, err
}

func newFake(t *testing.T, curve elliptic.Curve) *fakeKMS {
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &fakeKMS{key: k, usage: types.KeyUsageTypeSignVerify}
}

func TestSigner_SignsCertificatesWithADigest(t *testing.T) {
	f := newFake(t, elliptic.P256())
	s, err := kmssigner.New(t.Context(), f, "alias/x")
	if err != nil {
		t.Fatal(err)
	}
	a := &pki.Authority{Signer: s, Random: rand.Reader}
	if err := a.Certify(t.Context(), "reference main", time.Now()); err != nil {
		t.Fatal(err)
	}
	if f.in.MessageType != types.MessageTypeDigest || len(f.in.Message) != 32 || *f.in.KeyId != "alias/x" {
		t.Errorf("KMS was asked %+v", f.in)
	}
	f.err = errors.New("AccessDeniedException: no")
	if err := a.Certify(t.Context(), "reference main", time.Now()); !errors.Is(err, f.err) {
		t.Errorf("got %v", err)
	}
}

func TestSigner_RefusesOtherKeys(t *testing.T) {
	other := newFake(t, elliptic.P384())
	agrees := newFake(t, elliptic.P256())
	agrees.usage = types.KeyUsageTypeKeyAgreement
	gone := newFake(t, elliptic.P256())
	gone.gone = &types.NotFoundException{Message: new("Alias k is not found.")}
	for want, f := range map[string]*fakeKMS{"neither on P-256 nor of RSA with 2048 bits": other, "not a key that signs, got KEY_AGREEMENT": agrees,
		"KMS key k: there is none: NotFoundException: Alias k is not found.; deploy, which makes it": gone} {
		if _, err := kmssigner.New(t.Context(), f, "k"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
