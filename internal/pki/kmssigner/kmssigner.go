// Package kmssigner signs with an asymmetric key of KMS that signs and does nothing else.
package kmssigner

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
)

// API is what the signer calls: kms:GetPublicKey and kms:Sign.
type API interface {
	GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	Sign(context.Context, *kms.SignInput, ...func(*kms.Options)) (*kms.SignOutput, error)
}

// Signer is a pki.Signer.
type Signer struct {
	api       API
	key       string
	public    crypto.PublicKey
	algorithm types.SigningAlgorithmSpec
}

// New reads the public key of a key, which is told by its ARN, id or alias.
func New(ctx context.Context, api API, key string) (*Signer, error) {
	out, err := api.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	var missing *types.NotFoundException
	if errors.As(err, &missing) {
		return nil, fmt.Errorf("KMS key %s: there is none: %w; deploy, which makes it", key, missing)
	}
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
	switch public := parsed.(type) {
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return &Signer{api, key, public, types.SigningAlgorithmSpecEcdsaSha256}, nil
		}
	case *rsa.PublicKey:
		if public.N.BitLen() == pki.RSABits {
			return &Signer{api, key, public, types.SigningAlgorithmSpecRsassaPkcs1V15Sha256}, nil
		}
	}
	return nil, fmt.Errorf("KMS key %s: neither on P-256 nor of RSA with %d bits, got %T; use the key that pathproof made", key, pki.RSABits, parsed)
}

// Public is the public key.
func (s *Signer) Public() crypto.PublicKey { return s.public }

// Sign has KMS sign a SHA-256 digest.
func (s *Signer) Sign(ctx context.Context, digest []byte) ([]byte, error) {
	out, err := s.api.Sign(ctx, &kms.SignInput{
		KeyId: &s.key, Message: digest, MessageType: types.MessageTypeDigest, SigningAlgorithm: s.algorithm,
	})
	if err != nil {
		return nil, awsstore.Explain(err, "kms:Sign", s.key)
	}
	return out.Signature, nil
}
