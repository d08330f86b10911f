package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// serverCertificate is Custom::PathproofServerCertificate: a server's key and certificate, in a secret that CloudFormation makes
// and deletes. The key is made here, goes into the secret, and nowhere else.
type serverCertificate struct {
	authority
	server string
	secret string // ARN, in the function's Region
}

func parseServerCertificate(p *properties) resource {
	return serverCertificate{authority: parseAuthority(p), server: p.name("Server"), secret: p.arn("SecretArn", "secretsmanager")}
}

// serverSecret is what the secret holds. A server reads it at boot, and looks every day whether there is a newer one.
type serverSecret struct {
	Serial      string    `json:"serial"`
	NotAfter    time.Time `json:"notAfter"`
	Authority   string    `json:"authority"`
	Certificate string    `json:"certificate"`
	Key         string    `json:"key"`
}

func (s serverCertificate) physicalID() string { return s.network + "/server-certificate/" + s.server }

func (s serverCertificate) commonName() string { return naming.OpenVPNCertificate(s.network, s.server) }

func (s serverCertificate) apply(ctx context.Context, r *run) (map[string]string, error) {
	err := r.inVault(ctx, s.authority, "certificate of server "+s.server, func(ctx context.Context, v *vault) error {
		a, err := v.Authority(ctx)
		if err != nil {
			return err
		}
		there, err := s.read(ctx, v, a)
		if err != nil {
			return err
		}
		if there == nil {
			r.touched.Store(true)
			if there, err = s.issue(ctx, v, a); err != nil {
				return err
			}
		}
		r.log.Info("server certificate", "server", s.server, "serial", there.Serial, "notAfter", there.NotAfter)
		return nil
	})
	return map[string]string{"CommonName": s.commonName()}, err
}

// read returns what the secret holds, nil if it is to be made anew: it is empty, of another name or authority, or its end is near.
func (s serverCertificate) read(ctx context.Context, v *vault, a *pki.Authority) (*serverSecret, error) {
	text, err := v.here.Get(ctx, s.secret)
	if errors.Is(err, registry.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	held := &serverSecret{}
	if json.Unmarshal([]byte(text), held) != nil {
		return nil, nil
	}
	c, err := pki.DecodeCertificate(held.Certificate)
	if err != nil || c.Subject.CommonName != s.commonName() || c.CheckSignatureFrom(a.Certificate) != nil || pki.Due(c.NotAfter, v.Now(), pki.ServerRenew) {
		return nil, nil
	}
	if key, err := pki.DecodeKey(held.Key); err != nil || !key.PublicKey.Equal(c.PublicKey) {
		return nil, nil
	}
	return held, nil
}

// issue makes a key and a certificate and puts them into the secret. The certificate before it stays good until its end: the
// server may still use it.
func (s serverCertificate) issue(ctx context.Context, v *vault, a *pki.Authority) (*serverSecret, error) {
	key, err := pki.NewKey(v.Random)
	if err != nil {
		return nil, err
	}
	made := &serverSecret{Authority: pki.EncodeCertificate(a.Certificate)}
	if made.Key, err = pki.EncodeKey(key); err != nil {
		return nil, err
	}
	c, err := v.Issue(ctx, a, registry.OfServer, s.commonName(), &key.PublicKey, pki.ServerLife, func(*registry.Register) error { return nil })
	if err != nil {
		return nil, err
	}
	made.Serial, made.NotAfter, made.Certificate = pki.SerialText(c.SerialNumber), c.NotAfter, pki.EncodeCertificate(c)
	text, err := json.Marshal(made)
	if err != nil {
		return nil, errors.New("a secret cannot be written; this is an error of pathproof")
	}
	if err := v.here.Put(ctx, s.secret, "", string(text)); err != nil {
		return nil, err
	}
	return made, v.Change(ctx, func(r *registry.Register) (bool, error) {
		for _, c := range r.Of(registry.OfServer, s.commonName()) {
			if c.Serial == made.Serial {
				c.Pending = false
			}
		}
		return true, nil
	})
}

// remove revokes in the register what the server has had. It signs nothing and waits for nobody: the next list says it, and a
// PKI that is gone as well must not keep a stack from being deleted.
func (s serverCertificate) remove(ctx context.Context, r *run) error {
	v, err := r.openVault(ctx, s.authority)
	if err == nil {
		err = v.Change(ctx, func(reg *registry.Register) (bool, error) {
			return reg.Revoke(reg.Of(registry.OfServer, s.commonName()), v.Now()), nil
		})
	}
	if err != nil {
		r.log.Warn("not revoked", "server", s.server, "error", brief(err))
	}
	return nil
}
