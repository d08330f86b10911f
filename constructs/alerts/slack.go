package alerts

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awschatbot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/lambdafn"
	"github.com/pathproof/pathproof/internal/naming"
)

// SlackChannelProps configures a SlackChannel.
type SlackChannelProps struct {
	// Name is the configuration's name, which is unique in an account. A change replaces it. Required.
	Name string
	// WorkspaceID is the id of a workspace that somebody has connected to the account in the console of Amazon Q Developer in
	// chat applications. A change replaces the configuration. Required.
	WorkspaceID string
	// ChannelID is the id of the channel. Required.
	ChannelID string
	// TopicArns are the topics that are shown, of any Region of the account. Required.
	TopicArns []*string
}

// The patterns are those of AWS::Chatbot::SlackChannelConfiguration.
var (
	configurationName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	slackWorkspace    = regexp.MustCompile(`^[0-9A-Z]{1,255}$`)
	slackChannel      = regexp.MustCompile(`^[A-Za-z0-9]+$`)
)

// Validate reports every problem in p. It needs no Node.js runtime.
func (p SlackChannelProps) Validate() error {
	var f cdkx.Fields
	if !configurationName.MatchString(p.Name) {
		f.Addf("name", "not a name, got %q; use 1 to 128 letters, digits, hyphens and underscores", p.Name)
	}
	if !slackWorkspace.MatchString(p.WorkspaceID) {
		f.Addf("workspaceId", "not the id of a workspace, got %q; write it like T0123ABCD", p.WorkspaceID)
	}
	if !slackChannel.MatchString(p.ChannelID) {
		f.Addf("channelId", "not the id of a channel, got %q; write it like C0123ABCD", p.ChannelID)
	}
	if len(p.TopicArns) == 0 {
		f.Addf("topicArns", "missing; give the topics that the channel shows")
	}
	return f.Err()
}

// SlackChannel shows topics in a Slack channel, by Amazon Q Developer in chat applications (formerly AWS Chatbot).
//
// People in the channel can ask AWS things. What they may is bounded twice: by the channel's role, which may look at alarms and
// metrics, and by the guardrail, a policy of AWS's that reads CloudWatch. Without a guardrail it would be AdministratorAccess.
type SlackChannel struct {
	constructs.Construct
	configuration awschatbot.CfnSlackChannelConfiguration
}

// NewSlackChannel defines a Slack channel. It panics if props are invalid; call Validate first.
func NewSlackChannel(scope constructs.Construct, id string, props *SlackChannelProps) *SlackChannel {
	if props == nil {
		props = &SlackChannelProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	s := &SlackChannel{}
	constructs.NewConstruct_Override(s, scope, &id)
	role := awsiam.NewCfnRole(s, jsii.String("Role"), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: lambdafn.Policy(map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole",
			"Principal": map[string]any{"Service": "chatbot.amazonaws.com"},
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}}),
		Policies: &[]any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("Own"), PolicyDocument: lambdafn.Policy(lambdafn.Allow(
			[]string{"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics"}, "*"))}},
	})
	cdkx.Suppress(role, cdkx.Rule{ID: "AwsSolutions-IAM5", Reason: "CloudWatch's calls that read metrics know no resources; a message shows the graph of its alarm."})
	s.configuration = awschatbot.NewCfnSlackChannelConfiguration(s, jsii.String(naming.Resource), &awschatbot.CfnSlackChannelConfigurationProps{
		ConfigurationName: &props.Name, SlackWorkspaceId: &props.WorkspaceID, SlackChannelId: &props.ChannelID,
		IamRoleArn: role.AttrArn(), SnsTopicArns: cdkx.List(props.TopicArns...), LoggingLevel: jsii.String("ERROR"), UserRoleRequired: false,
		GuardrailPolicies: &[]*string{awscdk.Fn_Sub(jsii.String("arn:${AWS::Partition}:iam::aws:policy/CloudWatchReadOnlyAccess"), nil)}})
	return s
}

// Configuration returns the configuration of the channel.
func (s *SlackChannel) Configuration() awschatbot.CfnSlackChannelConfiguration {
	return s.configuration
}
