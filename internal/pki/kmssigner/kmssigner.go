// Package kmssigner signs with an asymmetric key of KMS that signs and does nothing else.
package kmssigner

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/pathproof/pathproof/internal/pki/awsstore"
)

// API is what the signer calls: kms:GetPublicKey and kms:Sign.
type API interface {
	GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	Sign(context.Context, *kms.SignInput, ...func(*kms.Options)) (*kms.SignOutput, error)
}

// Signer is a pki.Signer.
type Signer struct {
	api    API
	key    string
	public *ecdsa.PublicKey
}

// New reads the public key of a key, which is told by its ARN, id or alias.
func New(ctx context.Context, api API, key string) (*Signer, error) {
	out, err := api.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	if err != nil {
		return nil, awsstore.Explain(err, "kms:GetPublicKey", key)
	}
	if out.KeyUsage != types.KeyUsageTypeSignVerify {
		return nil, fmt.Errorf("KMS key %s: not a key that signs, got %s; use the key that pathproof made", key, out.KeyUsage)
	}
	parsed, err := x509.ParsePKIXPublicKey(out.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("KMS key %s: %w", key, err)
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return nil, fmt.Errorf("KMS key %s: not on P-256, got %T; use the key that pathproof made", key, parsed)
	}
	return &Signer{api, key, public}, nil
}

// Public is the public key.
func (s *Signer) Public() *ecdsa.PublicKey { return s.public }

// Sign has KMS sign a SHA-256 digest.
func (s *Signer) Sign(ctx context.Context, digest []byte) ([]byte, error) {
	out, err := s.api.Sign(ctx, &kms.SignInput{
		KeyId: &s.key, Message: digest, MessageType: types.MessageTypeDigest, SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256,
	})
	if err != nil {
		return nil, awsstore.Explain(err, "kms:Sign", s.key)
	}
	return out.Signature, nil
}
