package latencyprobe

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// ReportBucketProps configures a ReportBucket.
type ReportBucketProps struct {
	// ExpireDays is how many days reports are kept.
	// Default: 90.
	ExpireDays int
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ReportBucketProps) Validate() error {
	var f cdkx.Fields
	if p.ExpireDays < 0 {
		f.Addf("expireDays", "out of range, got %d; use 1 or more", p.ExpireDays)
	}
	return f.Err()
}

// NewReportBucket defines the bucket of a gate's reports: encrypted, private, by TLS only. It stays when it leaves the
// template, because reports are the record of what a network was like. Put it into a stack that lives longer than the gate's.
// It panics if props are invalid; call Validate first.
func NewReportBucket(scope constructs.Construct, id string, props *ReportBucketProps) awss3.Bucket {
	p := *orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	if p.ExpireDays == 0 {
		p.ExpireDays = 90
	}
	bucket := awss3.NewBucket(scope, &id, &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(p.ExpireDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7))}},
	})
	cdkx.Suppress(bucket.Node().DefaultChild().(awscdk.CfnResource), cdkx.Rule{ID: "AwsSolutions-S1",
		Reason: "The gate is the only writer, and a report says by itself who asked for it; access logs would cost more than what they are about."})
	return bucket
}
