package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/topology"
)

// value makes a producer's value usable in a consumer's stack. name and revision name the output of a value that passes
// between Regions or accounts; the revision makes the consumer's template change when the producer's resource is
// replaced (docs/adr/0002).
func (b *builder) value(consumer, producer *stack, name, revision string, v *string) *string {
	from, to := producer.plan.Place, consumer.plan.Place
	switch {
	case consumer == producer || !*awscdk.Token_IsUnresolved(v): // an adopted id is plain text
		return v
	case from == to:
		return awscdk.Stack_ConsumeReference(v, awscdk.ReferenceStrength_STRONG)
	}
	output := producer.output(name, revision, v)
	var role *string
	if from.Account != to.Account {
		role = producer.reader(to)
	}
	return awscdk.Fn_GetStackOutput(jsii.String(producer.plan.Name), jsii.String(output), jsii.String(from.Region), role)
}

// export offers a value to the other stacks of the place.
func (s *stack) export(v *string) { s.ExportValue(v, nil) }

// output offers a value to other Regions and accounts, and returns the output's name.
func (s *stack) output(name, revision string, v *string) string {
	output := outputName(name, revision)
	if !s.outputs[output] {
		s.outputs[output] = true
		awscdk.NewCfnOutput(s.Stack, jsii.String(output), &awscdk.CfnOutputProps{Value: v})
	}
	return output
}

// looked offers a value and returns it as another stack of the place looks it up. An adopted id is plain text.
func (s *stack) looked(name, revision string, v *string) *string {
	if !*awscdk.Token_IsUnresolved(v) {
		return v
	}
	return awscdk.Fn_GetStackOutput(jsii.String(s.plan.Name), jsii.String(s.output(name, revision, v)), jsii.String(s.plan.Place.Region), nil)
}

// reader returns the ARN of a role that lets the deployments of another account and Region read this stack's outputs, and
// defines it on first use. Its name is fixed, because the reader must know it.
func (s *stack) reader(of topology.Place) *string {
	key := of.String()
	if arn := s.readers[key]; arn != nil {
		return arn
	}
	sum := sha256.Sum256([]byte(s.plan.Name + " " + of.AccountID + " " + of.Region))
	name := "pathproof-reader-" + hex.EncodeToString(sum[:8])
	trusted := fmt.Sprintf("arn:${AWS::Partition}:iam::%s:role/cdk-%s-cfn-exec-role-%s-%s", of.AccountID, s.qualifier(), of.AccountID, of.Region)
	outputs := fmt.Sprintf("arn:${AWS::Partition}:cloudformation:%s:%s:stack/%s/*", s.plan.Place.Region, s.plan.Place.AccountID, s.plan.Name)
	role := awsiam.NewCfnRole(s.Stack, jsii.String("Reader-"+of.Account+"-"+of.Region), &awsiam.CfnRoleProps{
		RoleName:                 jsii.String(name),
		Description:              jsii.String(fmt.Sprintf("Lets CloudFormation in %s read the outputs of stack %s", of, s.plan.Name)),
		AssumeRolePolicyDocument: document("sts:AssumeRole", "Principal", map[string]any{"AWS": awscdk.Fn_Sub(&trusted, nil)}),
		Policies: &[]any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("Outputs"),
			PolicyDocument: document("cloudformation:DescribeStacks", "Resource", awscdk.Fn_Sub(&outputs, nil))}},
	})
	cdkx.Suppress(role, cdkx.Rule{ID: "AwsSolutions-IAM5", Reason: "The ARN of a stack ends in an id that CloudFormation chooses; the stack's name is fixed."})
	arn := fmt.Sprintf("arn:%s:iam::%s:role/%s", *awscdk.Aws_PARTITION(), s.plan.Place.AccountID, name)
	s.readers[key] = &arn
	return &arn
}

// qualifier is the part of bootstrapped names that tells bootstraps apart.
func (s *stack) qualifier() string {
	if q, ok := s.Node().TryGetContext(jsii.String("@aws-cdk/core:bootstrapQualifier")).(string); ok {
		return q
	}
	return *awscdk.DefaultStackSynthesizer_DEFAULT_QUALIFIER()
}

// document is a policy with one statement.
func document(action, field string, value any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": action, field: value}}}
}
