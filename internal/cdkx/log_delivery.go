package cdkx

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LogDelivery is where AWS's log delivery writes from and to.
type LogDelivery struct {
	// Prefix begins the keys of objects. Default: none.
	Prefix string
	// Region is where the logs come from. Default: the stack's.
	Region string
}

// AllowLogDelivery lets AWS's log delivery write, as the VPC User Guide and CloudWatch's "Logs sent to Amazon S3" ask. Without these
// statements AWS would add its own to the bucket policy behind CloudFormation's back, and the next update of the policy would drop
// them. It returns what the flow log must wait for, or nil for a bucket that is not CDK's to change.
func AllowLogDelivery(scope constructs.Construct, bucket awss3.IBucket, d LogDelivery) constructs.IDependable {
	stack := awscdk.Stack_Of(scope)
	account := stack.Account()
	source := map[string]interface{}{"aws:SourceAccount": account}
	from := &awscdk.ArnComponents{Service: jsii.String("logs"), Resource: jsii.String("*")}
	if d.Region != "" {
		from.Region = &d.Region
	}
	arn := map[string]interface{}{"aws:SourceArn": stack.FormatArn(from)}
	principals := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("delivery.logs.amazonaws.com"), nil)}
	write := bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("AWSLogDeliveryWrite"), Principals: principals, Actions: jsii.Strings("s3:PutObject"),
		Resources: &[]*string{bucket.ArnForObjects(jsii.String(strings.TrimPrefix(d.Prefix+"/AWSLogs/"+*account+"/*", "/")))},
		Conditions: &map[string]interface{}{"ArnLike": arn,
			"StringEquals": map[string]interface{}{"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"}},
	}))
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("AWSLogDeliveryAclCheck"), Principals: principals, Actions: jsii.Strings("s3:GetBucketAcl", "s3:ListBucket"),
		Resources: &[]*string{bucket.BucketArn()}, Conditions: &map[string]interface{}{"ArnLike": arn, "StringEquals": source},
	}))
	return write.PolicyDependable
}

// NewLogBucket defines a bucket for logs that AWS delivers: encrypted, private, by TLS only. It stays when it leaves the template.
func NewLogBucket(scope constructs.Construct, id string, expireDays int) awss3.IBucket {
	bucket := awss3.NewBucket(scope, &id, &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(expireDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7))}},
	})
	Suppress(bucket.Node().DefaultChild().(awscdk.CfnResource), Rule{ID: "AwsSolutions-S1",
		Reason: "The bucket holds network logs that AWS delivers; access logs of a log bucket would be logs about logs."})
	return bucket
}
