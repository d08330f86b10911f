// Package pki defines where a certificate authority is kept: a KMS key that signs and never leaves KMS, a bucket with the
// authority's certificate, its register and its list of revoked certificates, and a secret that all its servers share.
//
//	store := pki.NewStore(stack, "Pki", &pki.StoreProps{Name: "main", KeyAlias: "alias/pathproof-shop-main", SecretName: "pathproof/shop/pki/main/tls-crypt"})
//	customresource.NewPki(ops, "Authority", &customresource.PkiProps{Provider: provider, TLSCryptSecretArn: store.TLSCryptSecretArn(),
//		Authority: customresource.Authority{Network: "shop", Name: "main", KeyAlias: "alias/pathproof-shop-main", Home: "ap-northeast-2", BucketName: store.BucketName()}})
//
// All of it stays when it leaves the template: without the key nobody could renew or revoke anything, and every profile would end.
//
// Billed by AWS: each key by the month and by signatures, one secret, and a few kilobytes in S3. A replica costs only the latter.
package pki

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	aliasForm  = regexp.MustCompile(`^alias/[A-Za-z0-9/_-]{1,250}$`)
)

// StoreProps configures a Store.
type StoreProps struct {
	// Name is the PKI's name, in lower case. Required.
	Name string
	// KeyAlias is the alias by which people find the key, beginning with alias/. A change replaces the alias only. Required.
	KeyAlias string
	// SecretName is the name of the secret that all servers share, by which servers of other Regions find it. A change replaces it, and
	// ends every profile. Required.
	SecretName string
	// ClientVPNKeyAlias is the alias of a second key, of RSA, for certificates of AWS Client VPN endpoints and their users. A change replaces
	// the alias only.
	// Default: none; there is no such key.
	ClientVPNKeyAlias string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p StoreProps) Validate() error {
	var f cdkx.Fields
	if !nameForm.MatchString(p.Name) {
		f.Addf("name", "not a name, got %q; use lower case, digits and hyphens", p.Name)
	}
	if !aliasForm.MatchString(p.KeyAlias) {
		f.Addf("keyAlias", "not an alias of a key, got %q; write it like alias/pathproof-shop-main", p.KeyAlias)
	}
	if !secretForm.MatchString(p.SecretName) {
		f.Addf("secretName", "not a name of a secret, got %q; write it like pathproof/shop/pki/main/tls-crypt", p.SecretName)
	}
	if p.ClientVPNKeyAlias != "" && (!aliasForm.MatchString(p.ClientVPNKeyAlias) || p.ClientVPNKeyAlias == p.KeyAlias) {
		f.Addf("clientVpnKeyAlias", "not an alias of another key, got %q; write it like alias/pathproof-shop-main/client-vpn", p.ClientVPNKeyAlias)
	}
	return f.Err()
}

// Store is what a PKI has in its home.
type Store struct {
	constructs.Construct
	bucket    awss3.CfnBucket
	key       awskms.CfnKey
	clientVPN constructs.IDependable
	secret    awssecretsmanager.CfnSecret
}

// NewStore defines a store in scope. It panics if props are invalid; call Validate first.
func NewStore(scope constructs.Construct, id string, props *StoreProps) *Store {
	if props == nil {
		props = &StoreProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	s := &Store{}
	constructs.NewConstruct_Override(s, scope, &id)
	s.bucket = defineBucket(s)
	s.key, _ = s.defineKey(naming.Key, naming.KeyAlias, "ECC_NIST_P256", "Signs certificates of the PKI "+props.Name, props.KeyAlias, "pki-"+props.Name)
	if props.ClientVPNKeyAlias != "" {
		_, s.clientVPN = s.defineKey(naming.ClientVPNKey, naming.ClientVPNKeyAlias, "RSA_2048", "Signs certificates for AWS Client VPN of the PKI "+props.Name, props.ClientVPNKeyAlias,
			"pki-"+props.Name+"-client-vpn")
	}
	s.secret = awssecretsmanager.NewCfnSecret(s, jsii.String(naming.Secret), &awssecretsmanager.CfnSecretProps{Name: &props.SecretName,
		Description: jsii.String("tls-crypt-v2 key of all servers of the PKI " + props.Name), Tags: cdkx.Name("pki-" + props.Name)})
	s.secret.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	cdkx.Suppress(s.secret, cdkx.Rule{ID: "AwsSolutions-SMG4", Reason: "Every client's key is wrapped by this one: another one would end every profile at once."})
	return s
}

// defineKey defines a key that signs and does nothing else, and its alias. The key stays.
func (s *Store) defineKey(id, aliasID, spec, description, alias, name string) (awskms.CfnKey, awskms.CfnAlias) {
	key := awskms.NewCfnKey(s, jsii.String(id), &awskms.CfnKeyProps{Description: &description, KeySpec: &spec, KeyUsage: jsii.String("SIGN_VERIFY"),
		Tags: cdkx.Name(name), KeyPolicy: accountDecides()})
	key.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	return key, awskms.NewCfnAlias(s, &aliasID, &awskms.CfnAliasProps{AliasName: &alias, TargetKeyId: key.AttrArn()})
}

// accountDecides leaves it to IAM who may use the key: the functions behind custom resources and the people who issue profiles.
func accountDecides() map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Sid": "AccountDecides", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
		"Principal": map[string]any{"AWS": cdkx.Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}}}}
}

// BucketName returns the name of the bucket.
func (s *Store) BucketName() *string { return s.bucket.Ref() }

// KeyArn returns the ARN of the key.
func (s *Store) KeyArn() *string { return s.key.AttrArn() }

// ClientVPNKey returns the alias of the key for AWS Client VPN, to depend on; nil if there is none.
func (s *Store) ClientVPNKey() constructs.IDependable { return s.clientVPN }

// TLSCryptSecretArn returns the ARN of the secret that all servers share.
func (s *Store) TLSCryptSecretArn() *string { return s.secret.Ref() }

// ReplicaProps configures a Replica.
type ReplicaProps struct{}

// Validate always succeeds: there is nothing to give. It is there because every props type has it.
func (p ReplicaProps) Validate() error { return nil }

// Replica is a bucket with what servers of one Region read.
type Replica struct {
	constructs.Construct
	bucket awss3.CfnBucket
}

// NewReplica defines a replica in scope. props may be nil.
func NewReplica(scope constructs.Construct, id string, _ *ReplicaProps) *Replica {
	r := &Replica{}
	constructs.NewConstruct_Override(r, scope, &id)
	r.bucket = defineBucket(r)
	return r
}

func defineBucket(scope constructs.Construct) awss3.CfnBucket {
	bucket := awss3.NewCfnBucket(scope, jsii.String(naming.Objects), &awss3.CfnBucketProps{
		BucketEncryption: &awss3.CfnBucket_BucketEncryptionProperty{ServerSideEncryptionConfiguration: cdkx.List(&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
			ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{SseAlgorithm: jsii.String("AES256")}})},
		OwnershipControls: &awss3.CfnBucket_OwnershipControlsProperty{Rules: cdkx.List(&awss3.CfnBucket_OwnershipControlsRuleProperty{ObjectOwnership: jsii.String("BucketOwnerEnforced")})},
		PublicAccessBlockConfiguration: &awss3.CfnBucket_PublicAccessBlockConfigurationProperty{BlockPublicAcls: jsii.Bool(true), BlockPublicPolicy: jsii.Bool(true),
			IgnorePublicAcls: jsii.Bool(true), RestrictPublicBuckets: jsii.Bool(true)},
		VersioningConfiguration: &awss3.CfnBucket_VersioningConfigurationProperty{Status: jsii.String("Enabled")},
		LifecycleConfiguration: &awss3.CfnBucket_LifecycleConfigurationProperty{Rules: cdkx.List(&awss3.CfnBucket_RuleProperty{Status: jsii.String("Enabled"),
			NoncurrentVersionExpiration:    &awss3.CfnBucket_NoncurrentVersionExpirationProperty{NoncurrentDays: jsii.Number(365)},
			AbortIncompleteMultipartUpload: &awss3.CfnBucket_AbortIncompleteMultipartUploadProperty{DaysAfterInitiation: jsii.Number(7)}})},
	})
	bucket.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	cdkx.Suppress(bucket, cdkx.Rule{ID: "AwsSolutions-S1", Reason: "The register in it says who got which certificate when, and versions say what changed."})
	awss3.NewCfnBucketPolicy(scope, jsii.String("ByTlsOnly"), &awss3.CfnBucketPolicyProps{Bucket: bucket.Ref(), PolicyDocument: map[string]any{"Version": "2012-10-17",
		"Statement": []any{map[string]any{"Sid": "RefusePlainText", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
			"Resource":  []any{bucket.AttrArn(), map[string]any{"Fn::Join": []any{"", []any{bucket.AttrArn(), "/*"}}}},
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}}}}})
	return bucket
}

// BucketName returns the name of the bucket.
func (r *Replica) BucketName() *string { return r.bucket.Ref() }
