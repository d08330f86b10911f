// Package servercert keeps a server's key and certificate in a secret, and makes them anew before their end.
package servercert

import (
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

// Ensure makes a key and a certificate, unless the secret holds ones that are good and do not end within pki.ServerRenew.
// touch, if set, runs before anything is changed.
func (s Server) Ensure(ctx context.Context, touch func()) (Facts, error) {
	a, err := s.PKI.Authority(ctx)
	if err != nil {
		return Facts{}, err
	}
	there, err := s.read(ctx, a)
	if err != nil {
		return Facts{}, err
	}
	if there == nil {
		if touch != nil {
			touch()
		}
		if there, err = s.issue(ctx, a); err != nil {
			return Facts{}, err
		}
	}
	return Facts{there.Serial, there.NotAfter}, nil
}

// read returns what the secret holds, nil if it is to be made anew: it is empty, of another name or authority, or its end is near.
func (s Server) read(ctx context.Context, a *pki.Authority) (*held, error) {
	text, err := s.Secrets.Get(ctx, s.Secret)
	if errors.Is(err, registry.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := &held{}
	if json.Unmarshal([]byte(text), h) != nil {
		return nil, nil
	}
	c, err := pki.DecodeCertificate(h.Certificate)
	if err != nil || c.Subject.CommonName != s.Name || c.CheckSignatureFrom(a.Certificate) != nil || pki.Due(c.NotAfter, s.PKI.Now(), pki.ServerRenew) {
		return nil, nil
	}
	if key, err := pki.DecodeKey(h.Key); err != nil || !key.PublicKey.Equal(c.PublicKey) {
		return nil, nil
	}
	return h, nil
}

// issue makes a key and a certificate and puts them into the secret. The certificate before it stays good until its end: the
// server may still use it.
func (s Server) issue(ctx context.Context, a *pki.Authority) (*held, error) {
	key, err := pki.NewKey(s.PKI.Random)
	if err != nil {
		return nil, err
	}
	h := &held{Authority: pki.EncodeCertificate(a.Certificate)}
	if h.Key, err = pki.EncodeKey(key); err != nil {
		return nil, err
	}
	c, err := s.PKI.Issue(ctx, a, registry.OfServer, s.Name, &key.PublicKey, pki.ServerLife, func(*registry.Register) error { return nil })
	if err != nil {
		return nil, err
	}
	h.Serial, h.NotAfter, h.Certificate = pki.SerialText(c.SerialNumber), c.NotAfter, pki.EncodeCertificate(c)
	text, err := json.Marshal(h)
	if err != nil {
		return nil, errors.New("a secret cannot be written; this is an error of pathproof")
	}
	if err := s.Secrets.Put(ctx, s.Secret, "", string(text)); err != nil {
		return nil, err
	}
	return h, s.PKI.Change(ctx, func(r *registry.Register) (bool, error) {
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
