package accelerated

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// home is where Global Accelerator writes from, whichever Region the stack is in.
const home = "us-west-2"

// defineFlowLogs sends flow logs to a bucket, by properties of the accelerator itself.
func (a *Accelerator) defineFlowLogs(p FlowLogsProps) {
	bucket := p.Bucket
	if bucket == nil {
		bucket = a.defineBucket(p.ExpireDays)
	}
	if policy := cdkx.AllowLogDelivery(a, bucket, cdkx.LogDelivery{Prefix: p.Prefix, Region: home}); policy != nil {
		a.accelerator.Node().AddDependency(policy)
	}
	a.accelerator.SetFlowLogsEnabled(jsii.Bool(true))
	a.accelerator.SetFlowLogsS3Bucket(bucket.BucketName())
	a.accelerator.SetFlowLogsS3Prefix(&p.Prefix)
	// cfn-lint 1.51.0 has a schema from before these properties; CDK and the rules engine that it bundles have them.
	a.accelerator.AddMetadata(jsii.String("cfn-lint"), map[string]any{"config": map[string]any{"ignore_checks": []string{"E3002"}}})
}

func (a *Accelerator) defineBucket(expireDays int) awss3.IBucket {
	bucket := awss3.NewBucket(a, jsii.String(naming.FlowLogBucket), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(expireDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7))}},
	})
	cdkx.Suppress(bucket.Node().DefaultChild().(awscdk.CfnResource), cdkx.Rule{ID: "AwsSolutions-S1",
		Reason: "The bucket holds network logs that AWS delivers; access logs of a log bucket would be logs about logs."})
	return bucket
}
