package main

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki/acmcert"
)

// clientVPNCertificate is Custom::PathproofClientVpnCertificate: the key and certificate of a Client VPN endpoint, in ACM in the function's
// Region. The key is made here, goes there, and nowhere else. A renewed certificate keeps its ARN, so the endpoint stays.
type clientVPNCertificate struct {
	authority
	endpoint, at string
	life         time.Duration
}

// placeForm is the key of a network, or the name of a transit gateway.
var placeForm = regexp.MustCompile(`^[a-z0-9-]+(/[a-z0-9-]+)?$`)

func parseClientVPNAuthority(p *properties) authority {
	a := parseAuthority(p)
	a.clientVPN = true
	return a
}

func parseClientVPNCertificate(p *properties) resource {
	c := clientVPNCertificate{authority: parseClientVPNAuthority(p), endpoint: p.name("Endpoint"), at: p.text("At"), life: p.validity()}
	if !placeForm.MatchString(c.at) {
		p.addf("At", "not a network or a transit gateway, got %q; pass its key, such as seoul/app", c.at)
	}
	return c
}

func (c clientVPNCertificate) physicalID() string {
	return c.network + "/client-vpn-certificate/" + c.endpoint + "/" + c.at
}

func (c clientVPNCertificate) commonName() string {
	return naming.ClientVPNCertificate(c.network, c.endpoint, c.at)
}

func (c clientVPNCertificate) in(v *vault, region string) acmcert.Endpoint {
	return acmcert.Endpoint{PKI: v.PKI, ACM: v.acm, Region: region, Name: c.commonName(), Life: c.life,
		Tags: map[string]string{naming.TagNetwork: c.network, naming.TagClientVPN: c.commonName()}}
}

func (c clientVPNCertificate) apply(ctx context.Context, r *run) (map[string]string, error) {
	data := map[string]string{"CommonName": c.commonName()}
	err := r.inVault(ctx, c.authority, "certificate of Client VPN "+c.endpoint, func(ctx context.Context, v *vault) error {
		facts, err := c.in(v, r.region).Ensure(ctx, func() { r.touched.Store(true) })
		if err == nil {
			data["CertificateArn"] = facts.ARN
			r.log.Info("Client VPN certificate", "endpoint", c.endpoint, "arn", facts.ARN, "serial", facts.Serial, "notAfter", facts.NotAfter)
		}
		return err
	})
	return data, err
}

// remove deletes the certificate in ACM, and its key with it: nobody can be the endpoint any more, so nothing has to be revoked. ACM calls it
// in use for a while after its endpoint is gone. One that something else uses stays, and is an error that names it.
func (c clientVPNCertificate) remove(ctx context.Context, r *run) error {
	return r.inVault(ctx, c.authority, "certificate of Client VPN "+c.endpoint+" in ACM", func(ctx context.Context, v *vault) error {
		return c.in(v, r.region).Delete(ctx)
	})
}

// stillUsed says that a certificate cannot be deleted yet.
func stillUsed(err error) bool { return errors.Is(err, acmcert.ErrInUse) }
