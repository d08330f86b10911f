package pki

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// Revocation is a certificate that is no longer good.
type Revocation struct {
	Serial   *big.Int
	At       time.Time // when it was revoked
	NotAfter time.Time // when it would have ended by itself
}

// Revoke makes the revocation list with this number: a list with a higher one replaces it. A certificate that has ended by
// itself, a day ago, is left out, so the list does not grow for ever. The order is that of serial numbers.
func (a *Authority) Revoke(ctx context.Context, number int64, revoked []Revocation, now time.Time) (*x509.RevocationList, error) {
	var entries []x509.RevocationListEntry
	for _, r := range revoked {
		if now.Before(r.NotAfter.Add(24 * time.Hour)) {
			entries = append(entries, x509.RevocationListEntry{SerialNumber: r.Serial, RevocationTime: r.At.UTC().Truncate(time.Second)})
		}
	}
	slices.SortFunc(entries, func(x, y x509.RevocationListEntry) int { return x.SerialNumber.Cmp(y.SerialNumber) })
	t := &x509.RevocationList{
		Number: big.NewInt(number), ThisUpdate: now.Add(-backdate).UTC(), NextUpdate: now.Add(a.listLife()).UTC(),
		RevokedCertificateEntries: entries, SignatureAlgorithm: a.algorithm(),
	}
	der, err := x509.CreateRevocationList(bytes.NewReader(nil), t, a.Certificate, bound{ctx, a.Signer})
	if err != nil {
		return nil, fmt.Errorf("revocation list %d: %w", number, err)
	}
	return x509.ParseRevocationList(der)
}

// EncodeList writes a revocation list in PEM.
func EncodeList(l *x509.RevocationList) string { return encodePEM("X509 CRL", l.Raw) }

// DecodeList reads a revocation list in PEM.
func DecodeList(text string) (*x509.RevocationList, error) {
	der, err := decodePEM("X509 CRL", text)
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}
