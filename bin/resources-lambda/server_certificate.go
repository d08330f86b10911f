package main

import (
	"context"
	"strconv"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki/servercert"
)

// serverCertificate is Custom::PathproofServerCertificate: the key and certificate of a server, in a secret that CloudFormation
// makes and deletes. The key is made here, goes there, and nowhere else. Those of Client VPN
// endpoints, which are of RSA and in ACM, are Custom::PathproofClientVpnCertificate.
type serverCertificate struct {
	authority
	server string
	kind   string // openvpn
	secret string // ARN, in the function's Region
	life   time.Duration
}

// kindOpenVPN is the only kind of server there is.
const kindOpenVPN = "openvpn"

func parseServerCertificate(p *properties) resource {
	s := serverCertificate{authority: parseAuthority(p), server: p.name("Server"), kind: p.oneOf("Kind", kindOpenVPN),
		secret: p.arn("SecretArn", "secretsmanager")}
	s.life = p.validity()
	return s
}

// validity is how long a certificate is good, zero for the default.
func (p *properties) validity() time.Duration {
	text := p.text("ValidityDays")
	if text == "" {
		return 0
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < 7 || days > 825 {
		p.addf("ValidityDays", "out of range, got %q; use 7 to 825", text)
	}
	return time.Duration(days) * 24 * time.Hour
}

func (s serverCertificate) physicalID() string {
	return s.network + "/server-certificate/" + s.kind + "/" + s.server
}

func (s serverCertificate) commonName() string { return naming.OpenVPNCertificate(s.network, s.server) }

func (s serverCertificate) in(v *vault) servercert.Server {
	return servercert.Server{PKI: v.PKI, Name: s.commonName(), Secrets: v.here, Secret: s.secret, Life: s.life}
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
