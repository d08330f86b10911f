package alerts

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// TopicProps configures a Topic.
type TopicProps struct {
	// Name is the Name tag and the display name.
	// Default: the construct id.
	Name string
	// KeyArn is the ARN of the KMS key, in the topic's Region; see Key for what its policy must allow. Required.
	KeyArn *string
}

// Validate reports every problem in p. It needs no Node.js.
func (p TopicProps) Validate() error {
	var f cdkx.Fields
	if p.KeyArn == nil || *p.KeyArn == "" {
		f.Addf("keyArn", "missing; give the ARN of a customer-managed key, for example of a Key")
	}
	return f.Err()
}

// Topic is an encrypted SNS topic that alarms of this account and EventBridge rules publish to.
type Topic struct {
	constructs.Construct
	arn  *string
	view awssns.ITopic
}

// NewTopic defines a topic. It panics if props are invalid; call Validate first.
func NewTopic(scope constructs.Construct, id string, props *TopicProps) *Topic {
	cdkx.MustBeValid(scope, id, props.Validate())
	t := &Topic{}
	constructs.NewConstruct_Override(t, scope, &id)
	name := props.Name
	if name == "" {
		name = id
	}
	t.arn = awssns.NewCfnTopic(t, jsii.String(naming.Resource), &awssns.CfnTopicProps{
		DisplayName: jsii.String(name), KmsMasterKeyId: props.KeyArn, Tags: cdkx.Name(name)}).Ref()
	refuse := awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Sid: jsii.String("RefusePlainText"),
		Effect: awsiam.Effect_DENY, Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{t.arn},
		Conditions: &map[string]interface{}{"Bool": map[string]interface{}{"aws:SecureTransport": "false"}}})
	alarms, events := allowPublishers("Publish", t.arn, "sns:Publish")
	awssns.NewCfnTopicPolicy(t, jsii.String("Policy"), &awssns.CfnTopicPolicyProps{Topics: &[]*string{t.arn},
		PolicyDocument: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
			Statements: &[]awsiam.PolicyStatement{alarms, events, refuse}})})
	return t
}

// TopicArn returns the ARN of the topic.
func (t *Topic) TopicArn() *string { return t.arn }

// Topic returns the topic as L2 constructs take it, for example awscloudwatchactions.NewSnsAction. Its policy is defined
// already: CDK does not extend it.
func (t *Topic) Topic() awssns.ITopic {
	if t.view == nil {
		t.view = awssns.Topic_FromTopicArn(t, jsii.String("View"), t.arn)
	}
	return t.view
}
