package alerts

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// HealthRuleProps configures a HealthRule.
type HealthRuleProps struct {
	// Network is the name that messages have. Required.
	Network string
	// TopicArn is the topic, of the same Region. Required.
	TopicArn *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p HealthRuleProps) Validate() error {
	var f cdkx.Fields
	f.RequireText("network", &p.Network)
	f.RequireText("topicArn", p.TopicArn)
	return f.Err()
}

// NewHealthRule defines a rule that tells a topic of AWS Health's events about Site-to-Site VPN in its Region: redundancy lost, one
// tunnel in use, maintenance. They are of the whole account: Health does not know networks. It panics if props are invalid;
// call Validate first.
func NewHealthRule(scope constructs.Construct, id string, props *HealthRuleProps) awsevents.CfnRule {
	if props == nil {
		props = &HealthRuleProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	ns := constructs.NewConstruct(scope, &id)
	paths := map[string]*string{}
	for name, path := range vpnwatch.HealthPaths() {
		paths[name] = jsii.String(path)
	}
	return awsevents.NewCfnRule(ns, jsii.String(naming.Resource), &awsevents.CfnRuleProps{
		Description:  jsii.String("AWS Health: Site-to-Site VPN, network " + props.Network),
		EventPattern: vpnwatch.HealthPattern(awscdk.Aws_REGION()), State: jsii.String("ENABLED"),
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{Id: jsii.String("Topic"), Arn: props.TopicArn,
			InputTransformer: &awsevents.CfnRule_InputTransformerProperty{InputPathsMap: paths,
				InputTemplate: jsii.String(vpnwatch.HealthTemplate(props.Network))}}}})
}
