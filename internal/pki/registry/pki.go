package registry

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
)

// PKI is one PKI with its register. All fields but Replicas and ConnectClientVPN are required.
type PKI struct {
	// Name is the subject of the authority, such as "reference main".
	Name string
	// Connect reaches the authority's key. It is called once, when something is to be signed or checked.
	Connect func(context.Context) (pki.Signer, error)
	// ConnectClientVPN reaches the key of the second line, of RSA.
	// Default: none; nothing is issued for AWS Client VPN.
	ConnectClientVPN func(context.Context) (pki.Signer, error)
	// Objects are those of its home Region.
	Objects Objects
	// Replicas are objects of other Regions: servers there read the authority and the list where they are.
	Replicas []Objects
	// Secrets are those of its home Region; TLSCrypt is the name, or the ARN, of the tls-crypt-v2 server key among them.
	Secrets  Secrets
	TLSCrypt string
	Random   io.Reader
	Now      func() time.Time
	// Wait waits after conflict number try, counted from 0.
	Wait func(ctx context.Context, try int) error

	mu      sync.Mutex
	signers map[Line]pki.Signer
}

// key is the key of a line's authority.
func (p *PKI) key(ctx context.Context, l Line) (pki.Signer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.signers[l]; s != nil {
		return s, nil
	}
	connect := p.Connect
	if l == OfClientVPN {
		connect = p.ConnectClientVPN
	}
	s, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	if p.signers == nil {
		p.signers = map[Line]pki.Signer{}
	}
	p.signers[l] = s
	return s, nil
}

// samePublic compares public keys.
func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// authority returns the authority of a line.
func (p *PKI) authority(ctx context.Context, l Line) (*pki.Authority, error) {
	signer, err := p.key(ctx, l)
	if err != nil {
		return nil, err
	}
	a := &pki.Authority{Signer: signer, Random: p.Random, ListLife: l.listLife()}
	if got := LineOf(a); got != l {
		return nil, fmt.Errorf("authority %s: the key is of another kind, got %T; use the key that pathproof made", p.subject(l), signer.Public())
	}
	key := l.authorityKey()
	err = p.again(ctx, func() error {
		text, tag, err := p.Objects.Get(ctx, key)
		if err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
		if err == nil {
			if a.Certificate, err = pki.DecodeCertificate(text); err != nil {
				return fmt.Errorf("%s: %w; restore an earlier version of the object", key, err)
			}
			if !samePublic(signer.Public(), a.Certificate.PublicKey) {
				return fmt.Errorf("%s: the certificate is not of the key in use; every certificate would be refused: bring the key back", key)
			}
			if !pki.Due(a.Certificate.NotAfter, p.Now(), pki.AuthorityRenew) {
				return nil
			}
		}
		if err := a.Certify(ctx, p.subject(l), p.Now()); err != nil {
			return err
		}
		return p.Objects.Put(ctx, key, pki.EncodeCertificate(a.Certificate), tag)
	})
	return a, err
}

// TLSCryptKey returns the tls-crypt-v2 server key.
func (p *PKI) TLSCryptKey(ctx context.Context) (string, error) {
	key, err := p.Secrets.Get(ctx, p.TLSCrypt)
	if errors.Is(err, ErrMissing) {
		return "", fmt.Errorf("%s: the secret has no value; deploy, which makes it", p.TLSCrypt)
	}
	return key, err
}

// EnsureTLSCryptKey makes the tls-crypt-v2 server key if there is none. One program at a time may do it.
func (p *PKI) EnsureTLSCryptKey(ctx context.Context) error {
	_, err := p.Secrets.Get(ctx, p.TLSCrypt)
	if !errors.Is(err, ErrMissing) {
		return err
	}
	key, err := pki.NewTLSCryptServerKey(p.Random)
	if err != nil {
		return err
	}
	return p.Secrets.Put(ctx, p.TLSCrypt, "pathproof: tls-crypt-v2 key of all servers of "+p.Name, key)
}

// Issue issues a certificate and enters it into the register, pending, before it returns. claim runs within that change and
// may refuse it by an error.
func (p *PKI) Issue(ctx context.Context, a *pki.Authority, kind Kind, name string, key crypto.PublicKey, life time.Duration, claim func(*Register) error) (*x509.Certificate, error) {
	usage := pki.Client
	if kind == OfServer {
		usage = pki.Server
	}
	now := p.Now()
	c, err := a.Issue(ctx, usage, name, key, now, life)
	if err != nil {
		return nil, err
	}
	return c, p.Change(ctx, func(r *Register) (bool, error) {
		if err := claim(r); err != nil {
			return false, err
		}
		r.Certificates = append(r.Certificates, Certificate{
			Serial: pki.SerialText(c.SerialNumber), Kind: kind, Line: LineOf(a), Name: name, Issued: now.UTC().Truncate(time.Second), NotAfter: c.NotAfter, Pending: true,
		})
		return true, nil
	})
}

// Publish brings the revocation list, and the copies of it and of the authority's certificate, up to what the register says
// now, and makes a new list when the end of the old one is near.
func (p *PKI) Publish(ctx context.Context, a *pki.Authority) error {
	list, err := p.publish(ctx, a)
	if err != nil || LineOf(a) == OfClientVPN { // endpoints are given their list, they fetch nothing
		return err
	}
	for _, o := range p.Replicas {
		if err := p.replace(ctx, o, AuthorityKey, pki.EncodeCertificate(a.Certificate), olderCertificate); err != nil {
			return err
		}
		if err := p.replace(ctx, o, ListKey, list, olderList); err != nil {
			return err
		}
	}
	return nil
}

// publish returns the text of the list as it is then.
func (p *PKI) publish(ctx context.Context, a *pki.Authority) (text string, err error) {
	line := LineOf(a)
	err = p.again(ctx, func() error {
		var tag string
		text, tag, err = p.Objects.Get(ctx, line.listKey())
		if err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
		r, err := p.Read(ctx)
		if err != nil {
			return err
		}
		old, _ := pki.DecodeList(text) // one that cannot be read is replaced
		if old != nil && old.CheckSignatureFrom(a.Certificate) != nil {
			old = nil
		}
		due := old == nil || pki.Due(old.NextUpdate, p.Now(), line.listRenew())
		if !due && old.Number.Int64() >= r.revokedAt(line) {
			return nil
		}
		if due { // a new list has a new number
			if err := p.Change(ctx, func(now *Register) (bool, error) { r = now; return true, nil }); err != nil {
				return err
			}
		}
		revoked, err := r.revocations(line)
		if err != nil {
			return err
		}
		list, err := a.Revoke(ctx, r.Revision, revoked, p.Now())
		if err != nil {
			return err
		}
		text = pki.EncodeList(list)
		return p.Objects.Put(ctx, line.listKey(), text, tag)
	})
	return text, err
}

// replace writes a copy unless the one that is there is as new.
func (p *PKI) replace(ctx context.Context, o Objects, key, text string, older func(there, text string) bool) error {
	return p.again(ctx, func() error {
		there, tag, err := o.Get(ctx, key)
		if err == nil && !older(there, text) {
			return nil
		}
		if err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
		return o.Put(ctx, key, text, tag)
	})
}

func olderCertificate(there, text string) bool {
	old, err := pki.DecodeCertificate(there)
	c, now := pki.DecodeCertificate(text)
	return err != nil || now == nil && old.NotAfter.Before(c.NotAfter)
}

func olderList(there, text string) bool {
	old, err := pki.DecodeList(there)
	l, now := pki.DecodeList(text)
	return err != nil || now == nil && old.Number.Cmp(l.Number) < 0
}
