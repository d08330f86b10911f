package awsstore

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/pathproof/pathproof/internal/pki/registry"
)

// SecretsManager is what Secrets call.
type SecretsManager interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	RestoreSecret(context.Context, *secretsmanager.RestoreSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.RestoreSecretOutput, error)
	DeleteSecret(context.Context, *secretsmanager.DeleteSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DeleteSecretOutput, error)
}

// Secrets are registry.Secrets in Secrets Manager.
type Secrets struct {
	API SecretsManager
	// Existing says that somebody else makes and deletes the secrets, such as CloudFormation: Put needs PutSecretValue only.
	Existing bool
	// Key encrypts secrets that Put makes: the ARN of a KMS key.
	// Default: aws/secretsmanager, which only its account can use.
	Key string
	// Tags are on secrets that Put makes.
	Tags map[string]string
}

// recovery is how long a deleted secret can be brought back, in days: the least that Secrets Manager takes.
const recovery = 7

// Get returns a secret.
func (s Secrets) Get(ctx context.Context, name string) (string, error) {
	out, err := s.API.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	switch {
	case err == nil:
		return aws.ToString(out.SecretString), nil
	case isOne(err, notFound) || isOne(err, beingDeleted):
		return "", registry.ErrMissing
	}
	return "", explain(err, "secretsmanager:GetSecretValue", name)
}

// What Secrets Manager answers about a secret that is not there, or is about to be deleted.
const (
	notFound     = "ResourceNotFoundException"
	beingDeleted = "InvalidRequestException"
	exists       = "ResourceExistsException"
)

func (s Secrets) create(ctx context.Context, name, description, value string) error {
	in := &secretsmanager.CreateSecretInput{Name: &name, Description: &description, SecretString: &value}
	if s.Key != "" {
		in.KmsKeyId = &s.Key
	}
	for _, k := range sortedKeys(s.Tags) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(k), Value: aws.String(s.Tags[k])})
	}
	_, err := s.API.CreateSecret(ctx, in)
	return err
}

// Put makes or replaces a secret. Making it comes first: only CreateSecret tells whether one of this name is about to be deleted.
func (s Secrets) Put(ctx context.Context, name, description, value string) error {
	if !s.Existing {
		err := s.create(ctx, name, description, value)
		switch {
		case err == nil:
			return nil
		case isOne(err, beingDeleted):
			if _, err := s.API.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &name}); err != nil {
				return explain(err, "secretsmanager:RestoreSecret", name)
			}
		case !isOne(err, exists):
			return explain(err, "secretsmanager:CreateSecret", name)
		}
	}
	if _, err := s.API.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &value}); err != nil {
		return explain(err, "secretsmanager:PutSecretValue", name)
	}
	return nil
}

// Delete removes a secret. For a week it can be brought back by hand; nobody is let in by it, since its certificate is revoked.
func (s Secrets) Delete(ctx context.Context, name string) error {
	_, err := s.API.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &name, RecoveryWindowInDays: aws.Int64(recovery)})
	if err == nil || isOne(err, notFound) || isOne(err, beingDeleted) {
		return nil
	}
	return explain(err, "secretsmanager:DeleteSecret", name)
}
