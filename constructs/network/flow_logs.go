package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

func (n *Network) defineFlowLogs(p *FlowLogsProps) {
	if p == nil {
		return
	}
	bucket := p.Bucket
	if bucket == nil {
		bucket = n.defineFlowLogBucket(p.ExpireDays)
	}
	log := awsec2.NewCfnFlowLog(n, jsii.String(naming.FlowLog), &awsec2.CfnFlowLogProps{
		ResourceId: n.vpcID, ResourceType: jsii.String("VPC"), TrafficType: jsii.String(p.Traffic),
		LogDestinationType: jsii.String("s3"), LogDestination: bucket.BucketArn(), Tags: cdkx.Name(n.name)})
	if policy := cdkx.AllowLogDelivery(n, bucket, cdkx.LogDelivery{}); policy != nil {
		log.Node().AddDependency(policy)
	}
}

func (n *Network) defineFlowLogBucket(expireDays int) awss3.IBucket {
	bucket := awss3.NewBucket(n, jsii.String(naming.FlowLogBucket), &awss3.BucketProps{
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
