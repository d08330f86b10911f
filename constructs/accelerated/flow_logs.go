package accelerated

import (
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
		bucket = cdkx.NewLogBucket(a, naming.FlowLogBucket, p.ExpireDays)
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
