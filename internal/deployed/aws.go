package deployed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// AWS reads with the credentials of one account, and with roles in others.
type AWS struct {
	cfg       aws.Config
	own       string // account id
	partition string
}

// Connect finds credentials and settings the way the AWS CLI does. The profile is one of the shared configuration; empty is the
// environment's choice. It fails when there are no credentials.
func Connect(ctx context.Context, profile string) (*AWS, error) {
	opts := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})} // what matters is in errors
	if profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("AWS settings: %w; correct the profile or the shared configuration", err)
	}
	if cfg.RetryMaxAttempts == 0 { // nobody chose
		cfg.RetryMaxAttempts = attempts
	}
	return New(ctx, cfg)
}

// attempts of a call, unless AWS_MAX_ATTEMPTS or the profile says otherwise: CloudFormation throttles whoever reads many stacks,
// and the SDK's waits between six attempts are a quarter of a minute in all.
const attempts = 6

// New reads with the settings of an SDK configuration.
func New(ctx context.Context, cfg aws.Config) (*AWS, error) {
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("no AWS credentials, got %q; log in, or name a profile by --profile or AWS_PROFILE", lastOf(err))
	}
	return &AWS{cfg: cfg}, nil
}

func (a *AWS) account(ctx context.Context, region string) (string, error) {
	out, err := sts.NewFromConfig(a.cfg, func(o *sts.Options) {
		o.Region, o.RetryMaxAttempts = region, 3 // the first call: without a network it should not take long to say so
	}).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", Explain(err, "")
	}
	caller, err := arn.Parse(aws.ToString(out.Arn))
	if err != nil {
		return "", fmt.Errorf("sts GetCallerIdentity: %w", err)
	}
	a.own, a.partition = aws.ToString(out.Account), caller.Partition
	return a.own, nil
}

// Config returns the settings for calls in a place: its Region and, where the place is in another account than the
// credentials, the lookup role of that account's bootstrap. That role reads; it may neither change anything nor decrypt
// secrets. assumed is its ARN, empty where the credentials themselves are used. An empty qualifier is CDK's own.
func (a *AWS) Config(ctx context.Context, at topology.Place, qualifier string) (cfg aws.Config, assumed string, err error) {
	if a.own == "" {
		if _, err := a.account(ctx, at.Region); err != nil {
			return aws.Config{}, "", err
		}
	}
	cfg = a.cfg.Copy()
	cfg.Region = at.Region
	if e := (environment{at.AccountID, at.Region}); e.account != "" && e.account != a.own {
		qualifier = cmp.Or(qualifier, defaultQualifier)
		cfg.Credentials, assumed = a.assume(e, e.region, qualifier, lookupRole), a.role(e, e.region, qualifier, lookupRole)
	}
	return cfg, assumed, nil
}

// The roles of a bootstrap that this package assumes (CDK's bootstrap template).
const (
	lookupRole = "lookup-role"
	filesRole  = "file-publishing-role"
)

func (a *AWS) in(e environment, bootstrapped, qualifier string) (client, error) {
	look, files := a.cfg.Copy(), a.cfg.Copy()
	look.Region, files.Region = e.region, e.region
	if e.account != a.own {
		look.Credentials = a.assume(e, bootstrapped, qualifier, lookupRole)
		files.Credentials = a.assume(e, bootstrapped, qualifier, filesRole)
	}
	return &awsClient{
		account:        e.account,
		cloudFormation: cloudformation.NewFromConfig(look),
		ssm:            ssm.NewFromConfig(look),
		s3: s3.NewFromConfig(files, func(o *s3.Options) {
			// Emulators and endpoints of an own network have one name, to which a bucket's cannot be prefixed.
			o.UsePathStyle = o.BaseEndpoint != nil
			o.DisableLogOutputChecksumValidationSkipped = true // TLS and the plan's own form say enough
		}),
	}, nil
}

// assume returns the credentials of one of the roles that the bootstrap of another account has.
func (a *AWS) assume(e environment, bootstrapped, qualifier, role string) aws.CredentialsProvider {
	name := a.role(e, bootstrapped, qualifier, role)
	client := sts.NewFromConfig(a.cfg, func(o *sts.Options) { o.Region = e.region })
	provider := stscreds.NewAssumeRoleProvider(client, name, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "pathproof" })
	return aws.NewCredentialsCache(named{provider, name})
}

// role is the ARN of a role of a bootstrap.
func (a *AWS) role(e environment, bootstrapped, qualifier, role string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/cdk-%s-%s-%s-%s", a.partition, e.account, qualifier, role, e.account, bootstrapped)
}

// named says which role an error is of.
type named struct {
	aws.CredentialsProvider
	role string
}

func (n named) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := n.CredentialsProvider.Retrieve(ctx)
	if err != nil && ctx.Err() == nil {
		err = &roleError{n.role, err}
	}
	return c, err
}

// awsClient reads one environment.
type awsClient struct {
	account        string
	cloudFormation *cloudformation.Client
	ssm            *ssm.Client
	s3             *s3.Client
}

func (c *awsClient) stacks(ctx context.Context) ([]*stack, error) {
	var found []*stack
	pages := cloudformation.NewDescribeStacksPaginator(c.cloudFormation, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, Explain(err, "cloudformation:DescribeStacks and cloudformation:ListStacks")
		}
		for _, s := range page.Stacks {
			if s.ParentId == nil {
				found = append(found, &stack{name: aws.ToString(s.StackName), id: aws.ToString(s.StackId), status: string(s.StackStatus),
					reason: aws.ToString(s.StackStatusReason), protected: aws.ToBool(s.EnableTerminationProtection), network: networkOf(s.Tags)})
			}
		}
	}
	return found, nil
}

// networkOf is the name of the network that a stack is tagged with, empty if it is not.
func networkOf(tags []cfntypes.Tag) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == naming.TagNetwork {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// template reads the template in force with macros expanded: what the stack is made of. The app's own templates have no
// macros.
func (c *awsClient) template(ctx context.Context, s *stack) ([]byte, error) {
	out, err := c.cloudFormation.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &s.id, TemplateStage: cfntypes.TemplateStageProcessed})
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", s.name, Explain(err, "cloudformation:GetTemplate"))
	}
	return []byte(aws.ToString(out.TemplateBody)), nil
}

func (c *awsClient) parameter(ctx context.Context, name string) (string, time.Time, bool, error) {
	out, err := c.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	var none *ssmtypes.ParameterNotFound
	switch {
	case errors.As(err, &none):
		return "", time.Time{}, false, nil
	case err != nil:
		return "", time.Time{}, false, fmt.Errorf("parameter %s: %w", name, Explain(err, "ssm:GetParameter"))
	}
	return aws.ToString(out.Parameter.Value), aws.ToTime(out.Parameter.LastModifiedDate), true, nil
}

// largestPlan bounds what is read into memory, in bytes. A plan of 100 VPCs has about 2 MB.
const largestPlan = 64 << 20

func (c *awsClient) object(ctx context.Context, address string) ([]byte, bool, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return nil, false, fmt.Errorf("not the address of a plan, got %q; expected s3://BUCKET/KEY, so deploy again", address)
	}
	out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &u.Host, Key: aws.String(strings.TrimPrefix(u.Path, "/")), ExpectedBucketOwner: &c.account})
	var noKey *s3types.NoSuchKey
	var noBucket *s3types.NoSuchBucket
	switch {
	case errors.As(err, &noKey), errors.As(err, &noBucket):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("%s: %w", address, Explain(err, "s3:GetObject, s3:ListBucket and, for its key, kms:Decrypt"))
	}
	defer out.Body.Close()
	text, err := io.ReadAll(io.LimitReader(out.Body, largestPlan+1))
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("%s: %w", address, Explain(err, ""))
	case len(text) > largestPlan:
		return nil, false, fmt.Errorf("%s: larger than any plan, got more than %d bytes; deploy again", address, largestPlan)
	}
	return text, true, nil
}
