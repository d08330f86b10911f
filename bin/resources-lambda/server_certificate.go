package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/servercert"
)

// serverCertificate is Custom::PathproofServerCertificate: the key and certificate of an OpenVPN server or a Client VPN endpoint,
// in a secret that CloudFormation makes and deletes; an endpoint's is in ACM as well. The key is made here, goes there, and nowhere
// else.
type serverCertificate struct {
	authority
	server string
	kind   string // openvpn or clientVpn
	secret string // ARN, in the function's Region
	life   time.Duration
}

const (
	kindOpenVPN   = "openvpn"
	kindClientVPN = "clientVpn"
)

func parseServerCertificate(p *properties) resource {
	s := serverCertificate{authority: parseAuthority(p), server: p.name("Server"), kind: p.oneOf("Kind", kindOpenVPN, kindClientVPN),
		secret: p.arn("SecretArn", "secretsmanager")}
	if text := p.text("ValidityDays"); text != "" {
		days, err := strconv.Atoi(text)
		if err != nil || days < 7 || days > 825 {
			p.addf("ValidityDays", "out of range, got %q; use 7 to 825", text)
		}
		s.life = time.Duration(days) * 24 * time.Hour
	}
	return s
}

func (s serverCertificate) physicalID() string {
	return s.network + "/server-certificate/" + s.kind + "/" + s.server
}

func (s serverCertificate) commonName() string {
	if s.kind == kindClientVPN {
		return naming.ClientVPNCertificate(s.network, s.server)
	}
	return naming.OpenVPNCertificate(s.network, s.server)
}

func (s serverCertificate) in(v *vault) servercert.Server {
	c := servercert.Server{PKI: v.PKI, Name: s.commonName(), Secrets: v.here, Secret: s.secret, Life: s.life}
	if s.kind == kindClientVPN {
		c.Import = func(ctx context.Context, arn string, m servercert.Material) (string, error) {
			return importCertificate(ctx, v.acm, arn, m)
		}
	}
	return c
}

// importCertificate puts a certificate into ACM. One that is gone there is imported anew.
func importCertificate(ctx context.Context, api acmAPI, arn string, m servercert.Material) (string, error) {
	in := &acm.ImportCertificateInput{Certificate: []byte(m.Certificate), PrivateKey: []byte(m.Key), CertificateChain: []byte(m.Authority)}
	if arn != "" {
		in.CertificateArn = &arn
	}
	out, err := api.ImportCertificate(ctx, in)
	if arn != "" && errorCode(err) == "ResourceNotFoundException" {
		return importCertificate(ctx, api, "", m)
	}
	if err != nil {
		return "", awsstore.Explain(err, "acm:ImportCertificate", "ACM")
	}
	return aws.ToString(out.CertificateArn), nil
}

func (s serverCertificate) apply(ctx context.Context, r *run) (map[string]string, error) {
	data := map[string]string{"CommonName": s.commonName()}
	err := r.inVault(ctx, s.authority, "certificate of server "+s.server, func(ctx context.Context, v *vault) error {
		facts, err := s.in(v).Ensure(ctx, func() { r.touched.Store(true) })
		if err == nil {
			if facts.ACM != "" {
				data["CertificateArn"] = facts.ACM
			}
			r.log.Info("server certificate", "server", s.server, "serial", facts.Serial, "notAfter", facts.NotAfter)
		}
		return err
	})
	return data, err
}

// remove waits for nobody: a PKI that is gone as well must not keep a stack from being deleted.
func (s serverCertificate) remove(ctx context.Context, r *run) error {
	v, err := r.openVault(s.authority)
	if err == nil {
		err = errors.Join(s.in(v).Revoke(ctx), s.forget(ctx, v))
	}
	if err != nil {
		r.log.Warn("not revoked", "server", s.server, "error", brief(err))
	}
	return nil
}

// forget deletes what is in ACM.
func (s serverCertificate) forget(ctx context.Context, v *vault) error {
	arn, err := s.in(v).ACM(ctx)
	if err != nil || arn == "" {
		return err
	}
	_, err = v.acm.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &arn})
	return err
}
