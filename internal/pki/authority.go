package pki

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"time"
)

// Lifetimes, and how long before its end a thing is made anew.
const (
	AuthorityLife  = 10 * 365 * 24 * time.Hour
	AuthorityRenew = 3 * 365 * 24 * time.Hour // longer than any certificate that it signs
	ServerLife     = 90 * 24 * time.Hour
	ServerRenew    = 30 * 24 * time.Hour
	// ServerWait is when before the end of its certificate a server waits no longer for a moment in which nobody is connected.
	ServerWait  = 7 * 24 * time.Hour
	ClientLife  = 365 * 24 * time.Hour
	ClientRenew = 30 * 24 * time.Hour
	// An authority whose list has ended lets nobody in, so there is time to repair what makes the list.
	ListLife  = 30 * 24 * time.Hour
	ListRenew = 23 * 24 * time.Hour
	// AWS Client VPN keeps the list that it was given, and every new one ends all connections: so one lives longer there.
	ClientVPNListLife  = 180 * 24 * time.Hour
	ClientVPNListRenew = 90 * 24 * time.Hour
	// backdate is for clocks that are behind.
	backdate = 5 * time.Minute
)

// Due reports whether something that ends at notAfter is to be made anew.
func Due(notAfter, now time.Time, renew time.Duration) bool { return !now.Before(notAfter.Add(-renew)) }

// RenewServer is how long before its end a server's certificate is made anew: in the last third of its life.
func RenewServer(life time.Duration) time.Duration { return min(ServerRenew, life/3) }

// ServerLate is how long before the end of the certificate that a server uses it is certain that it was not renewed: the schedule
// makes a new one within a day, a server that is busy takes it in the last ServerWait, and it looks every hour.
func ServerLate(life time.Duration) time.Duration {
	return min(RenewServer(life)-24*time.Hour, ServerWait) - 6*time.Hour
}

// ListLate is how long before the end of the newest list it is certain that the schedule has not made another one for two days.
const ListLate = ListRenew - 48*time.Hour

// Authority issues certificates and revocation lists of one PKI.
type Authority struct {
	// Signer holds the key. Required.
	Signer Signer
	// Certificate is the authority's own. Required, except for Certify.
	Certificate *x509.Certificate
	// Random is where serial numbers and keys come from. Required.
	Random io.Reader
	// ListLife is how long a revocation list is good.
	// Default: ListLife.
	ListLife time.Duration
}

// algorithm is how the authority's key signs.
func (a *Authority) algorithm() x509.SignatureAlgorithm {
	if _, ok := a.Signer.Public().(*rsa.PublicKey); ok {
		return x509.SHA256WithRSA
	}
	return x509.ECDSAWithSHA256
}

func (a *Authority) listLife() time.Duration { return cmp.Or(a.ListLife, ListLife) }

// Certify makes the authority's own certificate. name is its subject, such as "reference main".
func (a *Authority) Certify(ctx context.Context, name string, now time.Time) error {
	serial, err := a.serial()
	if err != nil {
		return err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-backdate).UTC(), NotAfter: now.Add(AuthorityLife).UTC(),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		SignatureAlgorithm: a.algorithm(),
	}
	a.Certificate, err = a.sign(ctx, t, t, a.Signer.Public())
	if err != nil {
		return fmt.Errorf("certificate of authority %s: %w", name, err)
	}
	return nil
}

// Usage is what a certificate is good for.
type Usage int

// The usages. A server cannot be impersonated with a client's certificate, nor the other way round.
const (
	Server Usage = iota
	Client
)

// Issue makes a certificate for a public key. Its common name is name; a server's is also its only DNS name.
func (a *Authority) Issue(ctx context.Context, usage Usage, name string, key crypto.PublicKey, now time.Time, life time.Duration) (*x509.Certificate, error) {
	serial, err := a.serial()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-backdate).UTC(), NotAfter: now.Add(life).UTC(),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true, SignatureAlgorithm: a.algorithm(),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if usage == Server {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		t.DNSNames = []string{name}
	}
	if _, ok := key.(*rsa.PublicKey); ok && usage == Server {
		t.KeyUsage |= x509.KeyUsageKeyEncipherment // TLS 1.2 without forward secrecy is not offered, but some clients look for it
	}
	if t.NotAfter.After(a.Certificate.NotAfter) {
		return nil, fmt.Errorf("certificate of %s: the authority's ends earlier, got %s; deploy, which renews it", name, a.Certificate.NotAfter.Format(time.DateOnly))
	}
	c, err := a.sign(ctx, t, a.Certificate, key)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", name, err)
	}
	return c, nil
}

func (a *Authority) sign(ctx context.Context, t, parent *x509.Certificate, key crypto.PublicKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(nil, t, parent, key, bound{ctx, a.Signer})
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// serial is a random number of 128 bits, so no counter has to be kept.
func (a *Authority) serial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(a.Random, b); err != nil {
		return nil, fmt.Errorf("serial number: %w", err)
	}
	b[0] = b[0]&0x7f | 0x40 // positive, and always of the same length
	return new(big.Int).SetBytes(b), nil
}

// SerialText is how a serial number is written everywhere: hexadecimal digits.
func SerialText(serial *big.Int) string { return fmt.Sprintf("%032x", serial) }

// EncodeCertificate writes a certificate in PEM.
func EncodeCertificate(c *x509.Certificate) string { return encodePEM("CERTIFICATE", c.Raw) }

// DecodeCertificate reads a certificate in PEM.
func DecodeCertificate(text string) (*x509.Certificate, error) {
	der, err := decodePEM("CERTIFICATE", text)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func encodePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// decodePEM does not quote what it cannot read: it may be a key.
func decodePEM(kind, text string) ([]byte, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("not a %s in PEM, got %d bytes of something else", kind, len(text))
	}
	return block.Bytes, nil
}
