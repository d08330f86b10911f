package alerts

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// KeyProps configures a Key.
type KeyProps struct {
	// Name is the Name tag.
	// Default: the construct id.
	Name string
	// Description is the description in KMS.
	// Default: "Encrypts alert topics".
	Description string
}

// Validate always succeeds: every text is valid. It is there because every props type has it.
func (p KeyProps) Validate() error { return nil }

func (p KeyProps) withDefaults(id string) KeyProps {
	if p.Name == "" {
		p.Name = id
	}
	if p.Description == "" {
		p.Description = "Encrypts alert topics"
	}
	return p
}

// Key is a customer-managed KMS key for alert topics. It rotates every year and outlives its stack: messages that wait for
// delivery could not be read without it.
type Key struct {
	constructs.Construct
	arn *string
}

// NewKey defines a key that alarms of this account and EventBridge rules may use. props may be nil.
func NewKey(scope constructs.Construct, id string, props *KeyProps) *Key {
	if props == nil {
		props = &KeyProps{}
	}
	p := props.withDefaults(id)
	k := &Key{}
	constructs.NewConstruct_Override(k, scope, &id)
	administer := awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Sid: jsii.String("AccountAdministers"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAccountRootPrincipal()}, Actions: jsii.Strings("kms:*"), Resources: jsii.Strings("*")})
	alarms, events := allowPublishers("Encrypt", jsii.String("*"), "kms:Decrypt", "kms:GenerateDataKey*")
	key := awskms.NewCfnKey(k, jsii.String(naming.Resource), &awskms.CfnKeyProps{
		Description: jsii.String(p.Description), EnableKeyRotation: true, Tags: cdkx.Name(p.Name),
		KeyPolicy: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
			Statements: &[]awsiam.PolicyStatement{administer, alarms, events}})})
	key.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	k.arn = key.AttrArn()
	return k
}

// KeyArn returns the ARN of the key.
func (k *Key) KeyArn() *string { return k.arn }

// allowPublishers allows actions to the services that publish: to alarms of this account, and to EventBridge rules.
//
// EventBridge's statement has no condition. Its calls to KMS do not carry aws:SourceAccount (Amazon SNS Developer Guide,
// "Managing Amazon SNS encryption keys and costs": not supported for EventBridge-to-encrypted topics), so with one no
// event would ever arrive and nobody would be told; the topic's policy follows, as in AWS's own examples.
func allowPublishers(action string, resource *string, actions ...string) (alarms, events awsiam.PolicyStatement) {
	statement := func(sid, service string) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Sid: jsii.String(sid + action), Actions: jsii.Strings(actions...),
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service), nil)}, Resources: &[]*string{resource}})
	}
	alarms, events = statement("Alarms", "cloudwatch.amazonaws.com"), statement("Events", "events.amazonaws.com")
	alarms.AddCondition(jsii.String("StringEquals"), map[string]interface{}{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()})
	return alarms, events
}
