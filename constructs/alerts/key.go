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

// publishers are the services that publish on behalf of this account: alarms, and EventBridge rules.
var publishers = []string{"cloudwatch.amazonaws.com", "events.amazonaws.com"}

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

// NewKey defines a key that alarms and EventBridge rules of this account may use. props may be nil.
func NewKey(scope constructs.Construct, id string, props *KeyProps) *Key {
	if props == nil {
		props = &KeyProps{}
	}
	p := props.withDefaults(id)
	k := &Key{}
	constructs.NewConstruct_Override(k, scope, &id)
	administer := awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Sid: jsii.String("AccountAdministers"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAccountRootPrincipal()}, Actions: jsii.Strings("kms:*"), Resources: jsii.Strings("*")})
	key := awskms.NewCfnKey(k, jsii.String(naming.Resource), &awskms.CfnKeyProps{
		Description: jsii.String(p.Description), EnableKeyRotation: true, Tags: cdkx.Name(p.Name),
		KeyPolicy: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{administer,
			publish("AlarmsAndEventsEncrypt", jsii.String("*"), "kms:Decrypt", "kms:GenerateDataKey*")}})})
	key.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	k.arn = key.AttrArn()
	return k
}

// KeyArn returns the ARN of the key.
func (k *Key) KeyArn() *string { return k.arn }

// publish allows actions to the publishers, on behalf of this account only.
func publish(sid string, resource *string, actions ...string) awsiam.PolicyStatement {
	var principals []awsiam.IPrincipal
	for _, service := range publishers {
		principals = append(principals, awsiam.NewServicePrincipal(jsii.String(service), nil))
	}
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Sid: jsii.String(sid), Principals: &principals,
		Actions: jsii.Strings(actions...), Resources: &[]*string{resource},
		Conditions: &map[string]interface{}{"StringEquals": map[string]interface{}{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}})
}
