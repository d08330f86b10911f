// Package acmtest plays AWS Certificate Manager for tests, as far as imported certificates go: it refuses what ACM documents to refuse.
package acmtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/smithy-go"
)

// Certificate is a certificate in the fake.
type Certificate struct {
	PEM, Key, Chain string
	Tags            map[string]string
	InUse           bool
	Imports         int
}

// Fake is ACM in one Region.
type Fake struct {
	// Region is where it is. Required.
	Region string
	// Before runs before each call, without the lock; an error ends the call.
	Before func(call string) error
	// ByTags says that whoever calls may import and delete by tags of the certificate: one that is gone has none, so AWS refuses the
	// call before it says that there is nothing.
	ByTags bool
	// After runs after each import that worked: an error is what its caller gets nevertheless.
	After func() error

	mu    sync.Mutex
	held  map[string]*Certificate
	made  int
	Calls []string
}

// APIError is an error that the SDK has no type for, such as a missing permission.
func APIError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "said the fake"}
}

func (f *Fake) enter(call string) error {
	if f.Before != nil {
		if err := f.Before(call); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Calls = append(f.Calls, call)
	return nil
}

// ARNs are the ARNs of what is there, sorted.
func (f *Fake) ARNs() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.held))
}

// Get is the certificate with an ARN, nil if there is none.
func (f *Fake) Get(arn string) *Certificate {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held[arn]
}

// Remove takes a certificate away, as somebody in the console does.
func (f *Fake) Remove(arn string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.held, arn)
}

// find returns a certificate. ACM takes ARNs of its own Region only.
func (f *Fake) find(arn string) (*Certificate, error) {
	if !strings.HasPrefix(arn, "arn:aws:acm:"+f.Region+":") {
		return nil, invalid("ARN of another Region: %s", arn)
	}
	if c := f.Get(arn); c != nil {
		return c, nil
	}
	return nil, missing()
}

// unless is err, or that of a call that tags do not allow.
func (f *Fake) unless(err error) error {
	if f.ByTags {
		return APIError("AccessDeniedException")
	}
	return err
}

func missing() error { return &types.ResourceNotFoundException{Message: aws.String("said the fake")} }

func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...)}
}

// ListCertificates lists one certificate on a page.
func (f *Fake) ListCertificates(_ context.Context, in *acm.ListCertificatesInput, _ ...func(*acm.Options)) (*acm.ListCertificatesOutput, error) {
	if err := f.enter("ListCertificates"); err != nil {
		return nil, err
	}
	arns := f.ARNs()
	i := 0
	if in.NextToken != nil {
		i = slices.Index(arns, *in.NextToken)
	}
	out := &acm.ListCertificatesOutput{}
	if i < 0 || i >= len(arns) {
		return out, nil
	}
	c, err := parse(f.Get(arns[i]).PEM)
	if err != nil {
		return nil, err
	}
	out.CertificateSummaryList = []types.CertificateSummary{{CertificateArn: &arns[i], DomainName: &c.DNSNames[0], Type: types.CertificateTypeImported}}
	if i+1 < len(arns) {
		out.NextToken = &arns[i+1]
	}
	return out, nil
}

func parse(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, invalid("not PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, invalid("%s", err)
	}
	return c, nil
}

// ListTagsForCertificate lists tags.
func (f *Fake) ListTagsForCertificate(_ context.Context, in *acm.ListTagsForCertificateInput, _ ...func(*acm.Options)) (*acm.ListTagsForCertificateOutput, error) {
	if err := f.enter("ListTagsForCertificate"); err != nil {
		return nil, err
	}
	c, err := f.find(aws.ToString(in.CertificateArn))
	if err != nil {
		return nil, err
	}
	out := &acm.ListTagsForCertificateOutput{}
	for _, k := range slices.Sorted(maps.Keys(c.Tags)) {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(k), Value: aws.String(c.Tags[k])})
	}
	return out, nil
}

// GetCertificate returns a certificate and its chain, and never a key.
func (f *Fake) GetCertificate(_ context.Context, in *acm.GetCertificateInput, _ ...func(*acm.Options)) (*acm.GetCertificateOutput, error) {
	if err := f.enter("GetCertificate"); err != nil {
		return nil, err
	}
	c, err := f.find(aws.ToString(in.CertificateArn))
	if err != nil {
		return nil, err
	}
	return &acm.GetCertificateOutput{Certificate: &c.PEM, CertificateChain: &c.Chain}, nil
}

// ImportCertificate takes a certificate whose key and chain belong to it, and tags only with a new one.
func (f *Fake) ImportCertificate(_ context.Context, in *acm.ImportCertificateInput, _ ...func(*acm.Options)) (*acm.ImportCertificateOutput, error) {
	if err := f.enter("ImportCertificate"); err != nil {
		return nil, err
	}
	if err := acceptable(in); err != nil {
		return nil, err
	}
	arn := aws.ToString(in.CertificateArn)
	if arn != "" {
		if _, err := f.find(arn); err != nil {
			return nil, f.unless(err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if arn == "" {
		f.made++
		arn = fmt.Sprintf("arn:aws:acm:%s:111122223333:certificate/%08d-89ab-cdef-0123-456789abcdef", f.Region, f.made)
		if f.held == nil {
			f.held = map[string]*Certificate{}
		}
		f.held[arn] = &Certificate{Tags: map[string]string{}}
	}
	c := f.held[arn]
	if in.CertificateArn != nil && len(in.Tags) > 0 {
		return nil, invalid("Tagging is not permitted on re-import.")
	}
	for _, t := range in.Tags {
		c.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	c.PEM, c.Key, c.Chain = string(in.Certificate), string(in.PrivateKey), string(in.CertificateChain)
	c.Imports++
	if f.After != nil {
		if err := f.After(); err != nil {
			return nil, err
		}
	}
	return &acm.ImportCertificateOutput{CertificateArn: &arn}, nil
}

func acceptable(in *acm.ImportCertificateInput) error {
	if _, err := tls.X509KeyPair(in.Certificate, in.PrivateKey); err != nil {
		return invalid("The private key does not match the certificate.")
	}
	c, err := parse(string(in.Certificate))
	if err != nil {
		return err
	}
	issuer, err := parse(string(in.CertificateChain))
	if err != nil {
		return err
	}
	if c.CheckSignatureFrom(issuer) != nil {
		return invalid("Could not validate the certificate with the certificate chain.")
	}
	if len(c.DNSNames) == 0 || len(in.PrivateKey) > 5120 {
		return invalid("no DNS name, or a key of more than 5,120 bytes")
	}
	return nil
}

// DeleteCertificate refuses what is in use.
func (f *Fake) DeleteCertificate(_ context.Context, in *acm.DeleteCertificateInput, _ ...func(*acm.Options)) (*acm.DeleteCertificateOutput, error) {
	if err := f.enter("DeleteCertificate"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.held[aws.ToString(in.CertificateArn)]
	switch {
	case c == nil:
		return nil, f.unless(missing())
	case c.InUse:
		return nil, &types.ResourceInUseException{Message: aws.String("said the fake")}
	}
	delete(f.held, *in.CertificateArn)
	return &acm.DeleteCertificateOutput{}, nil
}
