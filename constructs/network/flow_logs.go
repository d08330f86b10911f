package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
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
		bucket = cdkx.NewLogBucket(n, naming.FlowLogBucket, p.ExpireDays)
	}
	log := awsec2.NewCfnFlowLog(n, jsii.String(naming.FlowLog), &awsec2.CfnFlowLogProps{
		ResourceId: n.vpcID, ResourceType: jsii.String("VPC"), TrafficType: jsii.String(p.Traffic),
		LogDestinationType: jsii.String("s3"), LogDestination: bucket.BucketArn(), Tags: cdkx.Name(n.name)})
	if policy := cdkx.AllowLogDelivery(n, bucket, cdkx.LogDelivery{}); policy != nil {
		log.Node().AddDependency(policy)
	}
}
