package customresource

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/lambdafn"
	"github.com/pathproof/pathproof/internal/naming"
)

const (
	maxTimeout = 15 * time.Minute // Lambda's
	// answerMargin is how much longer than the function CloudFormation waits: Lambda may start the function late, and
	// starts it again if its answer could not be delivered.
	answerMargin = 2 * time.Minute
	// memoryMiB: the function needs 30 MiB. Lambda gives CPU in proportion to memory, and a cold start, which is most of
	// what a request costs, is CPU: TLS handshakes.
	memoryMiB = 256
)

// ProviderProps configures a Provider.
type ProviderProps struct {
	// Code is the folder with the compiled function, a file named bootstrap for Linux on arm64. Required.
	Code string
	// Timeout is how long the function may work on one request, in whole seconds, 1 to 15 minutes. It answers
	// CloudFormation before that with what it was waiting for.
	// Default: 15 minutes, Lambda's longest: AWS promises no time for attachments and peerings, and waiting costs less
	// than a cent.
	Timeout time.Duration
	// LogRetention is how long the function's log is kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays
}

func (p ProviderProps) withDefaults() ProviderProps {
	if p.Timeout == 0 {
		p.Timeout = maxTimeout
	}
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_ONE_MONTH
	}
	return p
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ProviderProps) Validate() error {
	p = p.withDefaults()
	var f cdkx.Fields
	lambdafn.RequireCode(&f, p.Code)
	if p.Timeout < time.Minute || p.Timeout > maxTimeout || p.Timeout%time.Second != 0 {
		f.Addf("timeout", "out of range, got %s; use 1m to 15m in whole seconds", p.Timeout)
	}
	return f.Err()
}

// Provider is the Lambda function behind custom resources, defined in this stack (NewProvider) or in another one of the
// same account and Region (ProviderOf). Its permissions grow with the resources that use it.
type Provider struct {
	constructs.Construct
	function awslambda.Function
	role     awsiam.Role
	logs     awslogs.LogGroup
	token    *string // what the function's ARN is in the template
	timeout  time.Duration
	policies map[string]awsiam.CfnPolicy
}

var _ awsiam.IGrantable = (*Provider)(nil)

// NewProvider defines a provider in scope. It panics if props are invalid; call Validate first.
func NewProvider(scope constructs.Construct, id string, props *ProviderProps) *Provider {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	resolved := props.withDefaults()
	p := &Provider{timeout: resolved.Timeout, policies: map[string]awsiam.CfnPolicy{}}
	constructs.NewConstruct_Override(p, scope, &id)
	p.logs = awslogs.NewLogGroup(p, jsii.String("Log"), &awslogs.LogGroupProps{
		Retention: resolved.LogRetention,
		// The log goes after every custom resource of the stack. It also goes when a first deployment fails and is rolled
		// back: to read it then, deploy with --no-rollback.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	p.role = p.newRole()
	p.function = awslambda.NewFunction(p, jsii.String(naming.Function), &awslambda.FunctionProps{
		Description:   jsii.String("Custom resources of pathproof: transit gateway, VPN and peering"),
		Runtime:       awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:  awslambda.Architecture_ARM_64(),
		Handler:       jsii.String("bootstrap"),
		Code:          awslambda.Code_FromAsset(jsii.String(resolved.Code), nil),
		MemorySize:    jsii.Number(memoryMiB),
		Timeout:       awscdk.Duration_Seconds(jsii.Number(resolved.Timeout.Seconds())),
		Role:          p.role,
		LogGroup:      p.logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		// A request that Lambda could not start in time is answered already, by CloudFormation's own timeout. Starting it
		// later would change a network that has been rolled back.
		MaxEventAge: awscdk.Duration_Seconds(jsii.Number(p.serviceTimeout())),
	})
	p.token = p.function.Node().DefaultChild().(awslambda.CfnFunction).AttrArn() // unlike the L2's, it can be exported
	return p
}

// newRole may write to the provider's own log and nothing else.
func (p *Provider) newRole() awsiam.Role {
	return awsiam.NewRole(p, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Log": awsiam.PolicyDocument_FromJson(document(statement{
				Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: []any{p.logs.LogGroupArn()},
			})),
		},
	})
}

// ProviderOf returns the provider that another stack of the same account and Region defines, by the ARN of its function. It
// defines nothing here, so one function serves the resources of many stacks. The other stack has to grant what they
// need (AllowTgwAssociations) and has to be deployed first.
func ProviderOf(functionArn *string) *Provider {
	return &Provider{token: functionArn, timeout: ProviderProps{}.withDefaults().Timeout}
}

// FunctionArn returns the ARN of the Lambda function.
func (p *Provider) FunctionArn() *string { return p.token }

// Function returns the Lambda function; nil for a provider of another stack.
func (p *Provider) Function() awslambda.Function { return p.function }

// Role returns the role that the function runs with; nil for a provider of another stack.
func (p *Provider) Role() awsiam.Role { return p.role }

// LogGroup returns the function's log group; nil for a provider of another stack.
func (p *Provider) LogGroup() awslogs.LogGroup { return p.logs }

// GrantPrincipal returns the role, so that CDK's grant methods take a provider; it panics for one of another stack.
func (p *Provider) GrantPrincipal() awsiam.IPrincipal { return p.role.GrantPrincipal() }

// serviceTimeout is how long CloudFormation waits for an answer, in seconds.
func (p *Provider) serviceTimeout() float64 { return (p.timeout + answerMargin).Seconds() }

// orEmpty lets Validate, not a nil dereference, report missing props.
func orEmpty[T any](props *T) *T {
	if props == nil {
		return new(T)
	}
	return props
}
