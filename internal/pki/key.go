package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"io"
)

// NewKey makes a key for a server or a client.
func NewKey(random io.Reader) (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), random)
}

const keyType = "PRIVATE KEY"

// EncodeKey writes a key in PEM (PKCS #8).
func EncodeKey(k *ecdsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return "", errors.New("a key cannot be written; this is an error of pathproof") // the cause might quote it
	}
	return encodePEM(keyType, der), nil
}

// DecodeKey reads a key in PEM.
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
