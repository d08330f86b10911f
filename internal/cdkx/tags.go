package cdkx

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Tag gives a stack its tags, in the order of their keys. CloudFormation passes them on to every resource that takes
// tags, so templates stay free of them.
func Tag(stack awscdk.Stack, tags map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		stack.AddStackTag(jsii.String(key), jsii.String(tags[key]))
	}
}

// Name is the tag list of an L1 resource that people look for by name in the console.
func Name(name string) *[]*awscdk.CfnTag {
	return &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(name)}}
}
