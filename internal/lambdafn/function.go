// Package lambdafn defines Lambda functions in Go for constructs: a program that is compiled already, with a log group and a
// role of its own.
package lambdafn

import (
	"os"
	"path/filepath"

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

// Function is what a function is made of.
type Function struct {
	// Name is its name; empty: CloudFormation makes one.
	Name string
	// Description, Handler and Code, the folder with the compiled program as bootstrap, are required.
	Description, Handler, Code string
	// Memory is in MiB, Timeout in seconds.
	Memory      int
	Timeout     float64
	Environment map[string]*string
	// Network is where it stands; nil: outside any VPC.
	Network *awslambda.CfnFunction_VpcConfigProperty
	// Statements are those of its role beside those for its log; see Allow.
	Statements []any
	// Nag says why a wildcard in Statements is right; empty: there is none.
	Nag string
}

// logDays: a log is for finding out why something did not work.
const logDays = 30

// Define makes the function in scope. Its role's policy stands inside the role, so the function has it from the first to the
// last moment: Lambda needs it to give network interfaces back.
func (f *Function) Define(scope constructs.Construct) awslambda.CfnFunction {
	logs := awslogs.NewCfnLogGroup(scope, jsii.String("Log"), &awslogs.CfnLogGroupProps{RetentionInDays: jsii.Number(logDays)})
	logs.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
	statements := append([]any{Allow([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, logs.AttrArn())}, f.Statements...)
	role := awsiam.NewCfnRole(scope, jsii.String("Role"), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: Policy(map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "lambda.amazonaws.com"}}),
		Policies:                 &[]any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("Own"), PolicyDocument: Policy(statements...)}},
	})
	if f.Nag != "" {
		cdkx.Suppress(role, cdkx.Rule{ID: "AwsSolutions-IAM5", Reason: f.Nag})
	}
	asset := awss3assets.NewAsset(scope, jsii.String("Code"), &awss3assets.AssetProps{Path: jsii.String(f.Code)})
	props := &awslambda.CfnFunctionProps{
		Description: jsii.String(f.Description),
		Runtime:     jsii.String("provided.al2023"), Architectures: jsii.Strings("arm64"), Handler: jsii.String(f.Handler),
		Code:       &awslambda.CfnFunction_CodeProperty{S3Bucket: asset.S3BucketName(), S3Key: asset.S3ObjectKey()},
		MemorySize: jsii.Number(f.Memory), Timeout: jsii.Number(f.Timeout), Role: role.AttrArn(), VpcConfig: f.Network,
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{LogFormat: jsii.String("JSON"), LogGroup: logs.Ref()},
	}
	if f.Name != "" {
		props.FunctionName = jsii.String(f.Name)
	}
	if len(f.Environment) > 0 {
		props.Environment = &awslambda.CfnFunction_EnvironmentProperty{Variables: &f.Environment}
	}
	return awslambda.NewCfnFunction(scope, jsii.String(naming.Function), props)
}

// RequireCode reports a folder that holds no compiled program.
func RequireCode(f *cdkx.Fields, folder string) {
	if folder == "" {
		f.Addf("code", "missing; give the folder with the compiled function")
	} else if info, err := os.Stat(filepath.Join(folder, "bootstrap")); err != nil || !info.Mode().IsRegular() {
		f.Addf("code", "no file bootstrap in it, got %q; build the function into that folder", folder)
	}
}

// Policy is a policy of statements.
func Policy(statements ...any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}

// Allow is a statement that allows actions on resources.
func Allow(actions []string, resources ...any) map[string]any {
	return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resources}
}

// Sub is a text in which CloudFormation fills in the account and the like.
func Sub(text string) map[string]string { return map[string]string{"Fn::Sub": text} }
