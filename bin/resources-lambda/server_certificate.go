package main

import (
	"context"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki/servercert"
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

func (s serverCertificate) physicalID() string { return s.network + "/server-certificate/" + s.server }

func (s serverCertificate) commonName() string { return naming.OpenVPNCertificate(s.network, s.server) }

func (s serverCertificate) in(v *vault) servercert.Server {
	return servercert.Server{PKI: v.PKI, Name: s.commonName(), Secrets: v.here, Secret: s.secret}
}

func (s serverCertificate) apply(ctx context.Context, r *run) (map[string]string, error) {
	err := r.inVault(ctx, s.authority, "certificate of server "+s.server, func(ctx context.Context, v *vault) error {
		facts, err := s.in(v).Ensure(ctx, func() { r.touched.Store(true) })
		if err == nil {
			r.log.Info("server certificate", "server", s.server, "serial", facts.Serial, "notAfter", facts.NotAfter)
		}
		return err
	})
	return map[string]string{"CommonName": s.commonName()}, err
}

// remove waits for nobody: a PKI that is gone as well must not keep a stack from being deleted.
func (s serverCertificate) remove(ctx context.Context, r *run) error {
	v, err := r.openVault(s.authority)
	if err == nil {
		err = s.in(v).Revoke(ctx)
	}
	if err != nil {
		r.log.Warn("not revoked", "server", s.server, "error", brief(err))
	}
	return nil
}
