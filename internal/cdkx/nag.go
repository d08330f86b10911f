package cdkx

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Rule is one cdk-nag rule that a resource deliberately does not follow.
type Rule struct {
	// ID is the rule, for example AwsSolutions-S1.
	ID string
	// Reason says why, for the reader of the template.
	Reason string
}

// Suppress writes cdk-nag suppressions into the metadata of a resource, where they also reach the template. Programs that
// do not use cdk-nag need no import of it. A second call for one resource replaces the first.
func Suppress(r awscdk.CfnResource, rules ...Rule) {
	list := make([]map[string]string, len(rules))
	for i, rule := range rules {
		list[i] = map[string]string{"id": rule.ID, "reason": rule.Reason}
	}
	r.AddMetadata(jsii.String("cdk_nag"), map[string]any{"rules_to_suppress": list})
}
