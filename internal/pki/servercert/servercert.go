// Package servercert keeps a server's key and certificate in a secret, and makes them anew before their end.
package servercert

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// Server is a server of a PKI.
type Server struct {
	PKI *registry.PKI
	// Name is the common name of its certificate.
	Name string
	// Secret is the name, or the ARN, of its secret among Secrets, those of its Region.
	Secrets registry.Secrets
	Secret  string
	// Life is how long a certificate is good. It is renewed in the last third of it, a month before its end at the earliest.
	// Default: pki.ServerLife.
	Life time.Duration
}

// held is what the secret holds. A server reads it at boot, and looks every hour whether there is a newer one.
type held struct {
	Serial      string    `json:"serial"`
	NotAfter    time.Time `json:"notAfter"`
	Authority   string    `json:"authority"`
	Certificate string    `json:"certificate"`
	Key         string    `json:"key"`
}

// Facts are what may be told about a server's certificate.
type Facts struct {
	Serial   string
	NotAfter time.Time
}

// Ensure makes a key and a certificate, unless the secret holds ones that are good and are not to be renewed yet. touch, if set,
// runs before anything is changed.
func (s Server) Ensure(ctx context.Context, touch func()) (Facts, error) {
	a, err := s.PKI.Authority(ctx)
	if err != nil {
		return Facts{}, err
	}
	h, err := s.read(ctx)
	if err != nil {
		return Facts{}, err
	}
	if !s.good(h, a) {
		if touch != nil {
			touch()
		}
		if err := s.issue(ctx, a, h); err != nil {
			return Facts{}, err
		}
	}
	return Facts{h.Serial, h.NotAfter}, nil
}

// read returns what the secret holds; of one that is empty or cannot be read, nothing.
func (s Server) read(ctx context.Context) (*held, error) {
	text, err := s.Secrets.Get(ctx, s.Secret)
	if err != nil && !errors.Is(err, registry.ErrMissing) {
		return nil, err
	}
	h := &held{}
	if json.Unmarshal([]byte(text), h) != nil {
		return &held{}, nil
	}
	return h, nil
}

// good reports whether a certificate is of this name, key and authority, and its end is not near.
func (s Server) good(h *held, a *pki.Authority) bool {
	c, err := pki.DecodeCertificate(h.Certificate)
	if err != nil || c.Subject.CommonName != s.Name || c.CheckSignatureFrom(a.Certificate) != nil {
		return false
	}
	key, err := pki.DecodeKey(h.Key)
	return err == nil && key.PublicKey.Equal(c.PublicKey) && !pki.Due(c.NotAfter, s.PKI.Now(), pki.RenewServer(s.life()))
}

func (s Server) life() time.Duration { return cmp.Or(s.Life, pki.ServerLife) }

func (s Server) write(ctx context.Context, h *held) error {
	text, err := json.Marshal(h)
	if err != nil {
		return errors.New("a secret cannot be written; this is an error of pathproof")
	}
	return s.Secrets.Put(ctx, s.Secret, "", string(text))
}

// issue makes a key and a certificate and puts them into the secret. The certificate before it stays good until its end: the
// server may still use it.
func (s Server) issue(ctx context.Context, a *pki.Authority, h *held) error {
	key, err := pki.NewKey(s.PKI.Random)
	if err != nil {
		return err
	}
	text, err := pki.EncodeKey(key)
	if err != nil {
		return err
	}
	c, err := s.PKI.Issue(ctx, a, registry.OfServer, s.Name, &key.PublicKey, s.life(), func(*registry.Register) error { return nil })
	if err != nil {
		return err
	}
	h.Authority, h.Certificate, h.Key = pki.EncodeCertificate(a.Certificate), pki.EncodeCertificate(c), text
	h.Serial, h.NotAfter = pki.SerialText(c.SerialNumber), c.NotAfter
	if err := s.write(ctx, h); err != nil {
		return err
	}
	return s.PKI.Change(ctx, func(r *registry.Register) (bool, error) {
		for _, c := range r.Of(registry.OfServer, s.Name) {
			if c.Serial == h.Serial {
				c.Pending = false
			}
		}
		return true, nil
	})
}

// Revoke revokes in the register what the server has had. It signs nothing: the next list says it.
func (s Server) Revoke(ctx context.Context) error {
	return s.PKI.Change(ctx, func(r *registry.Register) (bool, error) {
		return r.Revoke(r.Of(registry.OfServer, s.Name), s.PKI.Now()), nil
	})
}
