package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io"
)

// NewKey makes a key for a server or a client.
func NewKey(random io.Reader) (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), random)
}

// RSABits is how long keys of RSA are: the only length that AWS Client VPN takes and that is still good.
const RSABits = 2048

// NewRSAKey makes a key for an endpoint of AWS Client VPN or one of its users.
func NewRSAKey(random io.Reader) (*rsa.PrivateKey, error) { return rsa.GenerateKey(random, RSABits) }

const keyType = "PRIVATE KEY"

// EncodeKey writes a key in PEM (PKCS #8).
func EncodeKey(k crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return "", errors.New("a key cannot be written; this is an error of pathproof") // the cause might quote it
	}
	return encodePEM(keyType, der), nil
}

// DecodeKey reads a key on P-256 in PEM.
func DecodeKey(text string) (*ecdsa.PrivateKey, error) {
	der, err := decodePEM(keyType, text)
	if err != nil {
		return nil, err
	}
	k, err := x509.ParsePKCS8PrivateKey(der)
	if key, ok := k.(*ecdsa.PrivateKey); ok && err == nil {
		return key, nil
	}
	return nil, errors.New("not an ECDSA key in PKCS #8")
}
