package main

import (
	"context"
	"crypto/rand"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/acmcert"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/kmssigner"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// authority is where a PKI is kept, as properties say it.
type authority struct {
	network, name string
	key           string // ARN of the KMS key; its Region is the PKI's home
	home          string
	bucket        string
	replicas      []replica
	tlsCrypt      string // ARN of the secret; only of the PKI itself
	clientVPN     bool   // the key is the one for AWS Client VPN
}

type replica struct{ region, bucket string }

// vault is a PKI, and the secrets of the function's own Region, which CloudFormation makes.
type vault struct {
	*registry.PKI
	here registry.Secrets
	acm  acmcert.API // of the function's own Region
}

var plainName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// name is a required name.
func (p *properties) name(name string) string {
	v := p.text(name)
	if !plainName.MatchString(v) {
		p.addf(name, "not a name, got %q; pass lower case, digits and dashes", v)
	}
	return v
}

// arn is a required ARN of a service.
func (p *properties) arn(name, service string) string {
	v := p.text(name)
	if got, err := arn.Parse(v); err != nil || got.Service != service || !awsdata.IsRegionCode(got.Region) {
		p.addf(name, "not an ARN of %s, got %q; pass the whole ARN", service, v)
	}
	return v
}

func parseAuthority(p *properties) authority {
	a := authority{network: p.name("Network"), name: p.name("Pki"), key: p.arn("KeyArn", "kms"), bucket: p.text("Bucket")}
	if parsed, err := arn.Parse(a.key); err == nil {
		a.home = parsed.Region
	}
	if a.bucket == "" {
		p.addf("Bucket", "missing; pass the name of the PKI's bucket")
	}
	for _, item := range strings.Fields(p.text("Replicas")) {
		region, bucket, ok := strings.Cut(item, "=")
		if !ok || !awsdata.IsRegionCode(region) || bucket == "" {
			p.addf("Replicas", "not a Region and a bucket, got %q; write it like ap-northeast-1=BUCKET", item)
			continue
		}
		a.replicas = append(a.replicas, replica{region, bucket})
	}
	return a
}

// openVault connects to a PKI.
func (c *cloud) openVault(a authority) (*vault, error) {
	if c.vault != nil { // a test's
		return c.vault(a)
	}
	connect := func(ctx context.Context) (pki.Signer, error) {
		return kmssigner.New(ctx, kms.NewFromConfig(c.cfg, func(o *kms.Options) { o.Region = a.home }), a.key)
	}
	objects := func(region, bucket string) registry.Objects {
		return awsstore.Objects{API: s3.NewFromConfig(c.cfg, func(o *s3.Options) { o.Region = region }), Bucket: bucket, Prefix: a.name + "/"}
	}
	secrets := func(region string) registry.Secrets {
		api := secretsmanager.NewFromConfig(c.cfg, func(o *secretsmanager.Options) { o.Region = region })
		return awsstore.Secrets{API: api, Existing: true}
	}
	v := &vault{here: secrets(c.region), acm: acm.NewFromConfig(c.cfg), PKI: &registry.PKI{
		Name: a.network + " " + a.name, Connect: connect, Objects: objects(a.home, a.bucket), Secrets: secrets(a.home), TLSCrypt: a.tlsCrypt,
		Random: rand.Reader, Now: time.Now, Wait: waitForOthers,
	}}
	if a.clientVPN {
		v.ConnectClientVPN = connect
		v.Connect = func(context.Context) (pki.Signer, error) {
			return nil, errors.New("the key of OpenVPN is not used here; this is an error of pathproof")
		}
	}
	for _, r := range a.replicas {
		v.Replicas = append(v.Replicas, objects(r.region, r.bucket))
	}
	return v, nil
}

// waitForOthers waits after a write that another one came before: several servers may be deployed at once.
func waitForOthers(ctx context.Context, try int) error {
	if !lambdax.Sleep(ctx, lambdax.Backoff(200*time.Millisecond, 5*time.Second, try)) {
		return context.DeadlineExceeded
	}
	return nil
}

// inVault does something with a PKI until it works, time is up or an error is final. Permissions may be younger than the request.
func (r *run) inVault(ctx context.Context, a authority, what string, do func(context.Context, *vault) error) error {
	return r.until(ctx, what, func(ctx context.Context) (string, error) {
		v, err := r.openVault(a)
		if err == nil {
			err = do(ctx, v)
		}
		if errors.Is(err, registry.ErrConflict) {
			return "others change the register", nil
		}
		if stillUsed(err) {
			return err.Error(), nil
		}
		return done, err
	})
}

// pkiResource is Custom::PathproofPki: the authority's certificate, its list, and the key of tls-crypt-v2. Deleting it deletes
// nothing: the bucket, the key and the secret are CloudFormation's, and are retained.
type pkiResource struct{ authority }

func parsePKI(p *properties) resource {
	a := parseAuthority(p)
	a.tlsCrypt = p.arn("TlsCryptSecretArn", "secretsmanager")
	return pkiResource{a}
}

func (p pkiResource) physicalID() string { return p.network + "/pki/" + p.name }

func (p pkiResource) apply(ctx context.Context, r *run) (map[string]string, error) {
	return nil, r.inVault(ctx, p.authority, "PKI "+p.name, func(ctx context.Context, v *vault) error {
		r.touched.Store(true)
		a, err := v.Authority(ctx)
		if err != nil {
			return err
		}
		if err := v.EnsureTLSCryptKey(ctx); err != nil {
			return err
		}
		r.log.Info("authority", "pki", p.name, "serial", pki.SerialText(a.Certificate.SerialNumber), "notAfter", a.Certificate.NotAfter)
		return v.Publish(ctx, a)
	})
}

func (p pkiResource) remove(context.Context, *run) error { return nil }
