package acmcert

import (
	"cmp"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/acm"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// Endpoint is a Client VPN endpoint of a PKI. All fields but Life are required.
type Endpoint struct {
	PKI *registry.PKI
	// ACM is that of the endpoint's Region.
	ACM    API
	Region string
	// Name is the common name of its certificate, and its only DNS name: ACM and Client VPN take no certificate without one.
	Name string
	// Tags are on the certificate. No other certificate of this name has all of them.
	Tags map[string]string
	// Life is how long a certificate is good. It is renewed as a server's is.
	// Default: pki.ServerLife.
	Life time.Duration
}

// Facts are what may be told about an endpoint's certificate.
type Facts struct {
	ARN      string
	Serial   string
	NotAfter time.Time
}

// Ensure makes a key and a certificate and imports them, unless ACM has ones that are good and are not to be renewed yet. touch, if set,
// runs before anything is changed. A certificate that was imported before keeps its ARN.
func (e Endpoint) Ensure(ctx context.Context, touch func()) (Facts, error) {
	a, err := e.PKI.ClientVPNAuthority(ctx)
	if err != nil {
		return Facts{}, err
	}
	there, err := e.known(ctx)
	if err != nil {
		return Facts{}, err
	}
	if there != "" {
		f, ok, err := e.good(ctx, there, a)
		if err != nil {
			return Facts{}, err
		}
		if ok {
			return f, e.note(ctx, f)
		}
	}
	if touch != nil {
		touch()
	}
	f, err := e.issue(ctx, a, there)
	if err != nil {
		return Facts{}, err
	}
	return f, e.note(ctx, f)
}

// known is the ARN of the endpoint's certificate, empty if there is none. The register comes first: a certificate whose tags somebody took
// away must not become a second one, with another ARN, which would replace the endpoint. It goes on naming what was deleted: a creation
// that was rolled back, an endpoint that comes again. ACM is asked, because a call that tags allow is refused where there are none.
func (e Endpoint) known(ctx context.Context) (string, error) {
	r, err := e.PKI.Read(ctx)
	if err != nil {
		return "", err
	}
	if entered := e.entered(r); entered != "" {
		if there, err := e.get(ctx, entered); err != nil || there != nil {
			return entered, err
		}
	}
	found, err := e.tagged(ctx)
	if len(found) == 0 {
		return "", err
	}
	return found[0], err
}

// entered is the ARN that stands in the register, empty if there is none.
func (e Endpoint) entered(r *registry.Register) string {
	of := r.Of(registry.OfServer, e.Name)
	for i := len(of) - 1; i >= 0; i-- {
		if parsed, err := arn.Parse(of[i].ACM); err == nil && parsed.Region == e.Region {
			return of[i].ACM
		}
	}
	return ""
}

// get returns a certificate and its chain, nil if there is none.
func (e Endpoint) get(ctx context.Context, arn string) (*acm.GetCertificateOutput, error) {
	out, err := e.ACM.GetCertificate(ctx, &acm.GetCertificateInput{CertificateArn: &arn})
	switch {
	case err == nil:
		return out, nil
	case isMissing(err):
		return nil, nil
	}
	return nil, awsstore.Explain(err, "acm:GetCertificate", arn)
}

// good reports whether what ACM has is of this name, key and authority, and its end is not near.
func (e Endpoint) good(ctx context.Context, arn string, a *pki.Authority) (Facts, bool, error) {
	out, err := e.get(ctx, arn)
	if err != nil || out == nil {
		return Facts{}, false, err
	}
	c, err := pki.DecodeCertificate(aws.ToString(out.Certificate))
	chain, chainErr := pki.DecodeCertificate(aws.ToString(out.CertificateChain))
	if err != nil || chainErr != nil || !chain.Equal(a.Certificate) || c.Subject.CommonName != e.Name || c.CheckSignatureFrom(a.Certificate) != nil {
		return Facts{}, false, nil
	}
	if k, ok := c.PublicKey.(*rsa.PublicKey); !ok || k.N.BitLen() != pki.RSABits || pki.Due(c.NotAfter, e.PKI.Now(), pki.RenewServer(e.life())) {
		return Facts{}, false, nil
	}
	return Facts{arn, pki.SerialText(c.SerialNumber), c.NotAfter}, true, nil
}

func (e Endpoint) life() time.Duration { return cmp.Or(e.Life, pki.ServerLife) }

// issue makes a key and a certificate and imports them, in place of what the ARN stands for. What was there before stays good until its
// end: Client VPN may take a day to notice.
func (e Endpoint) issue(ctx context.Context, a *pki.Authority, arn string) (Facts, error) {
	key, err := pki.NewRSAKey(e.PKI.Random)
	if err != nil {
		return Facts{}, err
	}
	text, err := pki.EncodeKey(key)
	if err != nil {
		return Facts{}, err
	}
	c, err := e.PKI.Issue(ctx, a, registry.OfServer, e.Name, &key.PublicKey, e.life(), func(*registry.Register) error { return nil })
	if err != nil {
		return Facts{}, err
	}
	in := &acm.ImportCertificateInput{Certificate: []byte(pki.EncodeCertificate(c)), PrivateKey: []byte(text), CertificateChain: []byte(pki.EncodeCertificate(a.Certificate))}
	out, err := e.put(ctx, in, arn)
	if err != nil {
		return Facts{}, err
	}
	return Facts{out, pki.SerialText(c.SerialNumber), c.NotAfter}, nil
}

// put imports a certificate. One whose ARN is gone is imported as a new one.
func (e Endpoint) put(ctx context.Context, in *acm.ImportCertificateInput, arn string) (string, error) {
	in.CertificateArn, in.Tags = nil, e.tags()
	if arn != "" { // ACM takes no tags with one that it has
		in.CertificateArn, in.Tags = &arn, nil
	}
	out, err := e.ACM.ImportCertificate(ctx, in)
	switch {
	case err == nil:
		return aws.ToString(out.CertificateArn), nil
	case arn != "" && isMissing(err):
		return e.put(ctx, in, "")
	}
	return "", awsstore.Explain(err, "acm:ImportCertificate (and acm:AddTagsToCertificate)", cmp.Or(arn, "certificate "+e.Name))
}

// note says in the register that a certificate is in ACM.
func (e Endpoint) note(ctx context.Context, f Facts) error {
	return e.PKI.Change(ctx, func(r *registry.Register) (bool, error) {
		for _, c := range r.Of(registry.OfServer, e.Name) {
			if c.Serial == f.Serial && (c.Pending || c.ACM != f.ARN) {
				c.Pending, c.ACM = false, f.ARN
				return true, nil
			}
		}
		return false, nil
	})
}

// ErrInUse is the error of a certificate that an endpoint still has.
var ErrInUse = errors.New("in use")

// Delete deletes the endpoint's certificates in ACM, and their keys with them: those with its tags, and the one in the register, if that can
// still be read: a PKI that is gone keeps no stack from being deleted. What is gone already is no error; what is still in use is ErrInUse.
func (e Endpoint) Delete(ctx context.Context) error {
	arns, err := e.tagged(ctx)
	if err != nil {
		return err
	}
	if r, err := e.PKI.Read(ctx); err == nil {
		if entered := e.entered(r); entered != "" {
			there, err := e.get(ctx, entered)
			if err != nil {
				return err
			}
			if there != nil {
				arns = append(arns, entered)
			}
		}
	}
	slices.Sort(arns)
	for _, arn := range slices.Compact(arns) {
		_, err := e.ACM.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &arn})
		switch {
		case err == nil || isMissing(err):
		case isInUse(err):
			return fmt.Errorf("certificate %s: %w", arn, ErrInUse)
		default:
			return awsstore.Explain(err, "acm:DeleteCertificate", arn)
		}
	}
	return nil
}
