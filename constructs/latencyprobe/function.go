package latencyprobe

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// function is what both functions share: the program, a log group of its own, and a role that may write to it.
type function struct {
	name, description, handler, code string
	memory                           int
	timeout                          float64 // seconds
	environment                      map[string]*string
	network                          *awslambda.CfnFunction_VpcConfigProperty
	statements                       []any // beside those for its log
	nag                              string
}

// logDays: reports are kept in the bucket; a log is for finding out why there is none.
const logDays = 30

// define makes the function in scope. Its role's policy stands inside the role, so the function has it from the first to the
// last moment: Lambda needs it to give network interfaces back.
func (f *function) define(scope constructs.Construct) awslambda.CfnFunction {
	logs := awslogs.NewCfnLogGroup(scope, jsii.String("Log"), &awslogs.CfnLogGroupProps{RetentionInDays: jsii.Number(logDays)})
	logs.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
	statements := append([]any{allow([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, logs.AttrArn())}, f.statements...)
	role := awsiam.NewCfnRole(scope, jsii.String("Role"), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: policy(map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "lambda.amazonaws.com"}}),
		Policies:                 &[]any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("Own"), PolicyDocument: policy(statements...)}},
	})
	cdkx.Suppress(role, cdkx.Rule{ID: "AwsSolutions-IAM5", Reason: f.nag})
	asset := awss3assets.NewAsset(scope, jsii.String("Code"), &awss3assets.AssetProps{Path: jsii.String(f.code)})
	return awslambda.NewCfnFunction(scope, jsii.String(naming.Function), &awslambda.CfnFunctionProps{
		FunctionName: jsii.String(f.name), Description: jsii.String(f.description),
		Runtime: jsii.String("provided.al2023"), Architectures: jsii.Strings("arm64"), Handler: jsii.String(f.handler),
		Code:       &awslambda.CfnFunction_CodeProperty{S3Bucket: asset.S3BucketName(), S3Key: asset.S3ObjectKey()},
		MemorySize: jsii.Number(f.memory), Timeout: jsii.Number(f.timeout), Role: role.AttrArn(), VpcConfig: f.network,
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{LogFormat: jsii.String("JSON"), LogGroup: logs.Ref()},
		Environment:   &awslambda.CfnFunction_EnvironmentProperty{Variables: &f.environment},
	})
}

func policy(statements ...any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}

func allow(actions []string, resources ...any) map[string]any {
	return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resources}
}

// sub is a text in which CloudFormation fills in the account and the like.
func sub(text string) map[string]string { return map[string]string{"Fn::Sub": text} }
