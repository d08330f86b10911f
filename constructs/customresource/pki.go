package customresource

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Authority is where a PKI is kept.
type Authority struct {
	// Network and Name are the network's and the PKI's names, which stand in certificates. Required.
	Network, Name string
	// KeyAlias is the alias of the KMS key that signs, such as alias/pathproof-shop-main, in Region Home. An alias is the same text in
	// every stack, so nothing of the key passes between Regions. Required.
	KeyAlias, Home string
	// BucketName is the bucket of its objects there. Required.
	BucketName *string
	// Replicas are the buckets of other Regions with copies of what servers read.
	// Default: none.
	Replicas []Replica
}

// Replica is a bucket of another Region.
type Replica struct {
	Region     string
	BucketName *string
}

func (a Authority) validate(f *cdkx.Fields) {
	if a.Network == "" || a.Name == "" {
		f.Addf("authority", "a name is missing, got network %q and name %q; give both", a.Network, a.Name)
	}
	if !strings.HasPrefix(a.KeyAlias, "alias/") || !awsdata.IsRegionCode(a.Home) {
		f.Addf("authority.keyAlias", "not an alias of a key in a Region, got %q in %q; write it like alias/pathproof-shop-main", a.KeyAlias, a.Home)
	}
	requireID(f, "authority.bucketName", a.BucketName)
	for _, r := range a.Replicas {
		requireID(f, "authority.replicas["+r.Region+"]", r.BucketName)
	}
}

func (a Authority) properties(more map[string]any) map[string]any {
	more["Network"], more["Pki"], more["KeyArn"], more["Bucket"] = a.Network, a.Name, a.kms(a.KeyAlias), a.BucketName
	var replicas []string
	for _, r := range a.Replicas {
		replicas = append(replicas, r.Region+"="+*r.BucketName)
	}
	if len(replicas) > 0 {
		more["Replicas"] = strings.Join(replicas, " ")
	}
	return more
}

// statements let a function do what open does, and read and write secrets.
func (a Authority) statements(secrets ...*string) []statement {
	var held []any
	for _, s := range secrets {
		held = append(held, s)
	}
	return append(a.open(), statement{Action: []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"}, Resource: held})
}

// open lets a function sign with the key, and read and write the PKI's objects. ListBucket makes S3 say 404, and not 403, of what is
// not there yet.
func (a Authority) open() []statement {
	buckets := []*string{a.BucketName}
	for _, r := range a.Replicas {
		buckets = append(buckets, r.BucketName)
	}
	var objects, lists []any
	for _, b := range buckets {
		objects, lists = append(objects, s3Arn(b, "/"+a.Name+"/*")), append(lists, s3Arn(b, ""))
	}
	return []statement{
		{Action: []string{"kms:GetPublicKey", "kms:Sign"}, Resource: []any{a.kms("key/*")}, Condition: map[string]any{"StringEquals": map[string]any{"kms:RequestAlias": a.KeyAlias}}},
		{Action: []string{"s3:GetObject", "s3:PutObject"}, Resource: objects},
		{Action: []string{"s3:ListBucket"}, Resource: lists},
	}
}

// kms is the ARN of something of KMS at home. It is a token: a schedule's input is text, in which a function would stay as it is.
func (a Authority) kms(what string) *string {
	return awscdk.Fn_Sub(jsii.String("arn:${AWS::Partition}:kms:"+a.Home+":${AWS::AccountId}:"+what), nil)
}

func s3Arn(bucket *string, rest string) any {
	return map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":s3:::", bucket, rest}}}
}

// PkiProps configures a Pki.
type PkiProps struct {
	// Provider does the work. It has to be of this stack. Required.
	Provider *Provider
	// Authority is where the PKI is kept. Required.
	Authority Authority
	// TLSCryptSecretArn is the secret, in the PKI's home, for the tls-crypt-v2 key of all its servers. Required.
	TLSCryptSecretArn *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p PkiProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	p.Authority.validate(&f)
	requireID(&f, "tlsCryptSecretArn", p.TLSCryptSecretArn)
	return f.Err()
}

// Pki is the certificate of a certificate authority, its list of revoked certificates and the tls-crypt-v2 key of its servers. The
// private key never leaves KMS. What is near its end is made anew every day.
type Pki struct {
	constructs.Construct
	resource awscdk.CfnResource
}

// NewPki defines a PKI in scope. It panics if props are invalid; call Validate first.
func NewPki(scope constructs.Construct, id string, props *PkiProps) *Pki {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	k := &Pki{}
	constructs.NewConstruct_Override(k, scope, &id)
	policy := props.Provider.allow("PkiPolicy-"+props.Authority.Name, props.Authority.statements(props.TLSCryptSecretArn)...)
	properties := props.Authority.properties(map[string]any{"TlsCryptSecretArn": props.TLSCryptSecretArn})
	k.resource = define(k, props.Provider, "Custom::PathproofPki", "", policy, properties)
	renewDaily(k, props.Provider, k.resource, properties)
	return k
}

// Resource returns the CloudFormation resource, to depend on.
func (k *Pki) Resource() awscdk.CfnResource { return k.resource }

// ServerCertificateProps configures a ServerCertificate.
type ServerCertificateProps struct {
	// Provider does the work. It has to be of this stack. Required.
	Provider *Provider
	// Authority is where the PKI is kept. Required.
	Authority Authority
	// Server is the server's name within the network. Required.
	Server string
	// ValidityDays is how long a certificate is good, 7 to 825.
	// Default: 90.
	ValidityDays int
	// SecretArn is the secret for its key and certificate, in the stack's Region. Required.
	SecretArn *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ServerCertificateProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	p.Authority.validate(&f)
	if p.Server == "" {
		f.Addf("server", "missing; name the server")
	}
	checkValidity(&f, p.ValidityDays)
	requireID(&f, "secretArn", p.SecretArn)
	return f.Err()
}

// ServerCertificate is the key and certificate of a server, which only the function behind it writes and nothing returns. It is
// looked at every day and made anew when a third of its time is left. When it is deleted the certificate is revoked.
type ServerCertificate struct {
	constructs.Construct
	resource awscdk.CfnResource
}

// NewServerCertificate defines a server's certificate in scope. It panics if props are invalid; call Validate first.
func NewServerCertificate(scope constructs.Construct, id string, props *ServerCertificateProps) *ServerCertificate {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	c := &ServerCertificate{}
	constructs.NewConstruct_Override(c, scope, &id)
	policy := props.Provider.allow("CertificatePolicy-"+props.Server, props.Authority.statements(props.SecretArn)...)
	properties := props.Authority.properties(map[string]any{"Server": props.Server, "Kind": "openvpn", "SecretArn": props.SecretArn})
	if props.ValidityDays != 0 {
		properties["ValidityDays"] = strconv.Itoa(props.ValidityDays)
	}
	c.resource = define(c, props.Provider, "Custom::PathproofServerCertificate", "", policy, properties)
	renewDaily(c, props.Provider, c.resource, properties)
	return c
}

// Resource returns the CloudFormation resource, to depend on.
func (c *ServerCertificate) Resource() awscdk.CfnResource { return c.resource }

// renewDaily has the function look at a resource again every day, as if it were updated. One that is as it should be stays.
func renewDaily(scope constructs.Construct, p *Provider, r awscdk.CfnResource, properties map[string]any) {
	given := map[string]any{}
	for _, name := range []string{"Network", "Pki", "KeyArn", "Bucket", "Replicas", "TlsCryptSecretArn", "Server", "Kind", "ValidityDays", "SecretArn",
		"Endpoint", "At", "ClientVpnEndpointId"} {
		if v, ok := properties[name]; ok {
			given[name] = v
		}
	}
	event := map[string]any{"Pathproof": "renew", "Resources": []any{map[string]any{"ResourceType": r.CfnResourceType(), "ResourceProperties": given}}}
	rule := awsevents.NewCfnRule(scope, jsii.String(naming.Schedule), &awsevents.CfnRuleProps{Description: jsii.String("Renews a certificate before its end"),
		ScheduleExpression: jsii.String("rate(1 day)"), State: jsii.String("ENABLED"), Targets: &[]any{&awsevents.CfnRule_TargetProperty{
			Id: jsii.String("Renew"), Arn: p.token, Input: awscdk.Stack_Of(scope).ToJsonString(event, nil)}}})
	awslambda.NewCfnPermission(scope, jsii.String("ScheduleMayInvoke"), &awslambda.CfnPermissionProps{Action: jsii.String("lambda:InvokeFunction"),
		FunctionName: p.token, Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.AttrArn()})
	rule.Node().AddDependency(r)
}
