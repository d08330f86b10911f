package acmcert

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/pathproof/pathproof/internal/pki/awsstore"
)

// API is all of ACM that an Endpoint calls.
type API interface {
	ListCertificates(context.Context, *acm.ListCertificatesInput, ...func(*acm.Options)) (*acm.ListCertificatesOutput, error)
	ListTagsForCertificate(context.Context, *acm.ListTagsForCertificateInput, ...func(*acm.Options)) (*acm.ListTagsForCertificateOutput, error)
	GetCertificate(context.Context, *acm.GetCertificateInput, ...func(*acm.Options)) (*acm.GetCertificateOutput, error)
	ImportCertificate(context.Context, *acm.ImportCertificateInput, ...func(*acm.Options)) (*acm.ImportCertificateOutput, error)
	DeleteCertificate(context.Context, *acm.DeleteCertificateInput, ...func(*acm.Options)) (*acm.DeleteCertificateOutput, error)
}

func isMissing(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}

func isInUse(err error) bool {
	var used *types.ResourceInUseException
	return errors.As(err, &used)
}

// tagged lists the certificates in ACM that have the endpoint's name and tags, oldest ARN first as ACM lists them.
func (e Endpoint) tagged(ctx context.Context) ([]string, error) {
	var found []string
	// Without filters ACM leaves out what is not of RSA with up to 2048 bits.
	pages := acm.NewListCertificatesPaginator(e.ACM, &acm.ListCertificatesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsstore.Explain(err, "acm:ListCertificates", "ACM")
		}
		for _, c := range page.CertificateSummaryList {
			if aws.ToString(c.DomainName) != e.Name || c.Type != types.CertificateTypeImported {
				continue
			}
			mine, err := e.mine(ctx, aws.ToString(c.CertificateArn))
			if err != nil {
				return nil, err
			}
			if mine {
				found = append(found, aws.ToString(c.CertificateArn))
			}
		}
	}
	return found, nil
}

// mine reports whether a certificate has all of the endpoint's tags.
func (e Endpoint) mine(ctx context.Context, arn string) (bool, error) {
	out, err := e.ACM.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: &arn})
	if isMissing(err) {
		return false, nil
	}
	if err != nil {
		return false, awsstore.Explain(err, "acm:ListTagsForCertificate", arn)
	}
	there := map[string]string{}
	for _, t := range out.Tags {
		there[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	for k, v := range e.Tags {
		if got, ok := there[k]; !ok || got != v {
			return false, nil
		}
	}
	return true, nil
}

func (e Endpoint) tags() []types.Tag {
	var out []types.Tag
	for _, k := range slices.Sorted(maps.Keys(e.Tags)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(e.Tags[k])})
	}
	return out
}
