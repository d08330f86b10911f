package alerts

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/lambdafn"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/webhook"
)

// WebhookProps configures a Webhook.
type WebhookProps struct {
	// Code is the folder with the compiled function, a file named bootstrap for Linux on arm64. Required.
	Code string
	// TopicArn is the topic whose messages are posted. Required.
	TopicArn *string
	// Secret is the name or ARN of the secret in AWS Secrets Manager whose text is the address. It is never read while templates
	// are made or deployed. Required.
	Secret string
	// Region is where a secret that is given by name is looked up.
	// Default: the stack's.
	Region string
}

var secretARN = regexp.MustCompile(`^arn:[a-z-]+:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:.+$`)

// Validate reports every problem in p. It needs no Node.js runtime. A secret that is an address instead is not repeated.
func (p WebhookProps) Validate() error {
	var f cdkx.Fields
	lambdafn.RequireCode(&f, p.Code)
	f.RequireText("topicArn", p.TopicArn)
	switch {
	case p.Secret == "":
		f.Addf("secret", "missing; give the name or ARN of a secret in AWS Secrets Manager")
	case strings.Contains(p.Secret, "://"):
		f.Addf("secret", "an address, and whoever knows it may post; put it into AWS Secrets Manager and give the secret's name or ARN")
	}
	return f.Err()
}

// Webhook posts the messages of a topic to an HTTPS address that is a secret, in Slack's form. What could not be delivered lies
// two weeks in a queue.
type Webhook struct {
	constructs.Construct
	function awslambda.CfnFunction
}

const (
	webhookMemory = 128
	queueDays     = 14
	// A message that waited for an hour is no alarm any more, but a surprise.
	maxEventAge = 3600 // seconds
	maxRetries  = 2
)

// NewWebhook defines a webhook. It panics if props are invalid; call Validate first.
func NewWebhook(scope constructs.Construct, id string, props *WebhookProps) *Webhook {
	if props == nil {
		props = &WebhookProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	w := &Webhook{}
	constructs.NewConstruct_Override(w, scope, &id)
	queue := w.defineQueue(props.TopicArn)
	w.defineFunction(*props, queue)
	permission := awslambda.NewCfnPermission(w, jsii.String("TopicMayInvoke"), &awslambda.CfnPermissionProps{Action: jsii.String("lambda:InvokeFunction"),
		FunctionName: w.function.Ref(), Principal: jsii.String("sns.amazonaws.com"), SourceArn: props.TopicArn})
	subscription := awssns.NewCfnSubscription(w, jsii.String(naming.Subscription), &awssns.CfnSubscriptionProps{Protocol: jsii.String("lambda"),
		TopicArn: props.TopicArn, Endpoint: w.function.AttrArn(), RedrivePolicy: map[string]any{"deadLetterTargetArn": queue.AttrArn()}})
	subscription.Node().AddDependency(permission)
	return w
}

// defineQueue defines the queue of what could not be delivered, by SNS to the function or by the function to the address.
func (w *Webhook) defineQueue(topic *string) awssqs.CfnQueue {
	queue := awssqs.NewCfnQueue(w, jsii.String(naming.Queue), &awssqs.CfnQueueProps{SqsManagedSseEnabled: true,
		MessageRetentionPeriod: jsii.Number(queueDays * 24 * 3600)})
	cdkx.Suppress(queue, cdkx.Rule{ID: "AwsSolutions-SQS3", Reason: "This is the queue of what could not be delivered."})
	awssqs.NewCfnQueuePolicy(w, jsii.String("QueuePolicy"), &awssqs.CfnQueuePolicyProps{Queues: &[]*string{queue.Ref()},
		PolicyDocument: lambdafn.Policy(
			map[string]any{"Sid": "TopicMaySend", "Effect": "Allow", "Principal": map[string]any{"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
				"Resource": queue.AttrArn(), "Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topic}}},
			map[string]any{"Sid": "RefusePlainText", "Effect": "Deny", "Principal": "*", "Action": "sqs:*",
				"Resource": queue.AttrArn(), "Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}})})
	return queue
}

func (w *Webhook) defineFunction(p WebhookProps, queue awssqs.CfnQueue) {
	region, arn := w.secret(p)
	// Only Secrets Manager may decrypt with it, for this secret: a key of the account's own needs no other setting.
	decrypt := lambdafn.Allow([]string{"kms:Decrypt"}, lambdafn.Sub("arn:${AWS::Partition}:kms:"+region+":${AWS::AccountId}:key/*"))
	decrypt["Condition"] = map[string]any{
		"StringEquals": map[string]any{"kms:ViaService": lambdafn.Sub("secretsmanager." + region + ".${AWS::URLSuffix}")},
		"StringLike":   map[string]any{"kms:EncryptionContext:SecretARN": arn}}
	f := &lambdafn.Function{Description: "Posts alarms to a webhook", Handler: "bootstrap", Code: p.Code, Memory: webhookMemory,
		Timeout:     webhook.FunctionTimeout.Seconds(),
		Environment: map[string]*string{webhook.EnvSecret: &p.Secret, webhook.EnvRegion: &region},
		Statements: []any{lambdafn.Allow([]string{"secretsmanager:GetSecretValue"}, arn), decrypt,
			lambdafn.Allow([]string{"sqs:SendMessage"}, queue.AttrArn())},
		Nag: "The ARN of a secret ends in six characters that Secrets Manager chooses; the key that encrypts it is not known, and may be used through Secrets Manager for this secret only."}
	w.function = f.Define(w)
	awslambda.NewCfnEventInvokeConfig(w, jsii.String("Invoke"), &awslambda.CfnEventInvokeConfigProps{FunctionName: w.function.Ref(),
		Qualifier: jsii.String("$LATEST"), MaximumEventAgeInSeconds: jsii.Number(maxEventAge), MaximumRetryAttempts: jsii.Number(maxRetries),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: queue.AttrArn()}}})
}

// secret returns the Region of the secret, and what its ARN looks like.
func (w *Webhook) secret(p WebhookProps) (region string, arn any) {
	if m := secretARN.FindStringSubmatch(p.Secret); m != nil {
		return m[1], p.Secret
	}
	if region = p.Region; region == "" {
		region = *awscdk.Stack_Of(w).Region()
	}
	return region, lambdafn.Sub(fmt.Sprintf("arn:${AWS::Partition}:secretsmanager:%s:${AWS::AccountId}:secret:%s-??????", region, p.Secret))
}

// Function returns the Lambda function.
func (w *Webhook) Function() awslambda.CfnFunction { return w.function }
