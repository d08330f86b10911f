package customresource

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// define adds the CloudFormation resource to its construct. It is a plain CfnResource and not a CfnCustomResource:
// that takes further properties as overrides only, in which CDK does not see references to other stacks.
func define(scope constructs.Construct, p *Provider, resourceType, revision string, policy awsiam.CfnPolicy, properties map[string]any) awscdk.CfnResource {
	properties["ServiceToken"] = p.token
	properties["ServiceTimeout"] = p.serviceTimeout()
	if revision != "" {
		properties["Revision"] = revision
	}
	r := awscdk.NewCfnResource(scope, jsii.String(naming.Resource), &awscdk.CfnResourceProps{
		Type: jsii.String(resourceType), Properties: &properties,
	})
	if p.function != nil { // else another stack has both, and is deployed before and removed after this one
		r.AddResourceDependency(policy, nil) // permissions come before the first call and go after the last
		r.Node().AddDependency(p.function)   // so does its event invoke config, which bounds the age of a request
	}
	return r
}

// attribute is what Fn::GetAtt gives of a custom resource.
func attribute(r awscdk.CfnResource, name string) *string {
	return r.GetAtt(jsii.String(name), awscdk.ResolutionTypeHint_STRING).ToString()
}

// requireProvider and requireID are checks that all resources share.
func requireProvider(f *cdkx.Fields, p *Provider) {
	if p == nil {
		f.Addf("provider", "missing; give the provider of this stack")
	}
}

func requireID(f *cdkx.Fields, field string, id *string) {
	if id == nil || *id == "" {
		f.Addf(field, "missing; give the id, usually a Ref")
	}
}
