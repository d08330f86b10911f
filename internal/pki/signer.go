package pki

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"
	"io"
)

// Signer signs for the authority. It is crypto.Signer with a context, since a signature may be a call over the network.
type Signer interface {
	// Public is the authority's public key: on P-256, or of RSA with 2048 bits.
	Public() crypto.PublicKey
	// Sign signs a SHA-256 digest: by ECDSA in ASN.1, or by RSA with PKCS #1 v1.5.
	Sign(ctx context.Context, digest []byte) ([]byte, error)
}

// LocalSigner signs with a key in memory. It is for tests: an authority's key belongs in KMS.
type LocalSigner struct{ key crypto.Signer }

// NewLocalRSASigner makes a key of RSA.
func NewLocalRSASigner(random io.Reader) (*LocalSigner, error) {
	key, err := NewRSAKey(random)
	if err != nil {
		return nil, err
	}
	return &LocalSigner{key}, nil
}

// NewLocalSigner makes a key on P-256.
func NewLocalSigner(random io.Reader) (*LocalSigner, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return nil, err
	}
	return &LocalSigner{key}, nil
}

// Public is the public key.
func (s *LocalSigner) Public() crypto.PublicKey { return s.key.Public() }

// Sign signs a digest.
func (s *LocalSigner) Sign(_ context.Context, digest []byte) ([]byte, error) {
	return s.key.Sign(nil, digest, crypto.SHA256)
}

// bound is a Signer as package x509 takes it.
type bound struct {
	ctx context.Context
	Signer
}

func (b bound) Public() crypto.PublicKey { return b.Signer.Public() }

func (b bound) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != crypto.SHA256 {
		return nil, fmt.Errorf("signer: not SHA-256, got %s; this is an error of pathproof", opts.HashFunc())
	}
	return b.Signer.Sign(b.ctx, digest)
}
