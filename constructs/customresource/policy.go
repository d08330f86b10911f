package customresource

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/pathproof/pathproof/internal/cdkx"
)

// statement allows actions on resources.
type statement struct {
	Action    []string
	Resource  []any
	Condition map[string]any // IAM's, by operator; nil: none
}

func document(statements ...statement) map[string]any {
	list := make([]any, len(statements))
	for i, s := range statements {
		one := map[string]any{"Effect": "Allow", "Action": s.Action, "Resource": s.Resource}
		if s.Condition != nil {
			one["Condition"] = s.Condition
		}
		list[i] = one
	}
	return map[string]any{"Version": "2012-10-17", "Statement": list}
}

// describe allows calls of EC2 that only read; EC2 knows no resources for them.
func describe(actions ...string) statement {
	return statement{Action: actions, Resource: []any{"*"}}
}

// change allows calls of EC2 that change resources of these types, in this account. Region "" is the stack's own.
func change(region string, actions []string, resourceTypes ...string) statement {
	if region == "" {
		region = "${AWS::Region}"
	}
	s := statement{Action: actions}
	for _, t := range resourceTypes {
		s.Resource = append(s.Resource, map[string]string{
			"Fn::Sub": "arn:${AWS::Partition}:ec2:" + region + ":${AWS::AccountId}:" + t + "/*",
		})
	}
	return s
}

// allow defines the policy with this id once. Each resource type has a policy of its own, and each resource depends on
// its type's: CloudFormation then takes the permission away after the last resource that needs it for its Delete. One
// policy for all would shrink before that.
//
// The resources are all of their type in the account and Region. Naming the attachments and route tables of the template
// would look stricter and break every change: CloudFormation updates the policy first, and the function could no
// longer disassociate what the template has just stopped naming.
//
// A provider of another stack has its policies there: allow defines nothing and returns nil.
func (p *Provider) allow(id string, statements ...statement) awsiam.CfnPolicy {
	if p.function == nil {
		return nil
	}
	if there := p.policies[id]; there != nil {
		return there
	}
	policy := awsiam.NewCfnPolicy(p, jsii.String(id), &awsiam.CfnPolicyProps{
		PolicyName:     jsii.String(id),
		PolicyDocument: document(statements...),
		Roles:          &[]*string{p.role.RoleName()},
	})
	cdkx.Suppress(policy, cdkx.Rule{ID: "AwsSolutions-IAM5", Reason: "EC2's describe calls have no resource-level permissions; " +
		"calls that change something are limited to resource types of this account and one Region, because CloudFormation " +
		"narrows a policy before it deletes the resources that the policy was for."})
	p.policies[id] = policy
	return policy
}
