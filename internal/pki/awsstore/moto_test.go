package awsstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/mototest"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/kmssigner"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

func TestContract_MemoryAndMotoAreAlike(t *testing.T) {
	t.Run("memory", func(t *testing.T) { contract(t, false, &pkitest.Objects{}, &pkitest.Secrets{}) })
	t.Run("moto", func(t *testing.T) {
		objects, secrets := stores(t, mototest.Start(t, "us-east-1"))
		contract(t, true, objects, secrets)
	})
}

func stores(t *testing.T, cfg aws.Config) (registry.Objects, registry.Secrets) {
	t.Helper()
	api := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := api.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("pki")}); err != nil {
		t.Fatal(err)
	}
	return awsstore.Objects{API: api, Bucket: "pki", Prefix: "main/"}, awsstore.Secrets{API: secretsmanager.NewFromConfig(cfg), Tags: map[string]string{"pathproof:network": "x"}}
}

// contract is what every store has to do.
func contract(t *testing.T, isMoto bool, objects registry.Objects, secrets registry.Secrets) {
	ctx := t.Context()
	want := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
	_, _, err := objects.Get(ctx, "a")
	want("get what is not there", err, registry.ErrMissing)
	want("replace what is not there", objects.Put(ctx, "a", "0", `"x"`), registry.ErrConflict)
	want("make", objects.Put(ctx, "a", "1", ""), nil)
	want("make again", objects.Put(ctx, "a", "2", ""), registry.ErrConflict)
	text, tag, err := objects.Get(ctx, "a")
	want("get", err, nil)
	want("replace", objects.Put(ctx, "a", "3", tag), nil)
	want("replace by an old tag", objects.Put(ctx, "a", "4", tag), registry.ErrConflict)
	if now, _, _ := objects.Get(ctx, "a"); text != "1" || now != "3" {
		t.Errorf("got %q and then %q, want 1 and 3", text, now)
	}
	_, err = secrets.Get(ctx, "s/a")
	want("get no secret", err, registry.ErrMissing)
	want("make a secret", secrets.Put(ctx, "s/a", "d", "1"), nil)
	want("put", secrets.Put(ctx, "s/a", "d", "3"), nil)
	if v, err := secrets.Get(ctx, "s/a"); v != "3" || err != nil {
		t.Errorf("got %q, %v, want 3", v, err)
	}
	want("put a new one", secrets.Put(ctx, "s/b", "d", "4"), nil)
	want("delete", secrets.Delete(ctx, "s/a"), nil)
	want("delete again", secrets.Delete(ctx, "s/a"), nil)
	want("delete what never was", secrets.Delete(ctx, "s/c"), nil)
	_, err = secrets.Get(ctx, "s/a")
	want("get a deleted one", err, registry.ErrMissing)
	if isMoto { // it says "exists" of a secret that is about to be deleted, and lets it be written; Secrets Manager refuses both
		return
	}
	want("put a deleted one", secrets.Put(ctx, "s/a", "d", "5"), nil)
	if v, err := secrets.Get(ctx, "s/a"); v != "5" || err != nil {
		t.Errorf("got %q, %v, want 5", v, err)
	}
}

func TestPKI_AgainstMoto(t *testing.T) {
	cfg := mototest.Start(t, "us-east-1")
	p, _, _ := pkitest.New(t)
	p.Objects, p.Secrets = stores(t, cfg)
	api := kms.NewFromConfig(cfg)
	key, err := api.CreateKey(t.Context(), &kms.CreateKeyInput{KeySpec: types.KeySpecEccNistP256, KeyUsage: types.KeyUsageTypeSignVerify})
	if err != nil {
		t.Fatal(err)
	}
	// moto signs the digest of what is a digest already, so it can only show that the key is read.
	if _, err := kmssigner.New(t.Context(), api, *key.KeyMetadata.KeyId); err != nil {
		t.Fatal(err)
	}
	a, err := p.Authority(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k, _ := pki.NewKey(rand.Reader)
	if _, err := p.Issue(t.Context(), a, registry.OfClient, "alice", &k.PublicKey, pki.ClientLife, pkitest.Claim); err != nil {
		t.Fatal(err)
	}
	err = p.Change(t.Context(), func(r *registry.Register) (bool, error) {
		return r.Revoke(r.Of(registry.OfClient, "alice"), p.Now()), nil
	})
	if err = errors.Join(err, p.Publish(t.Context(), a)); err != nil {
		t.Fatal(err)
	}
	text, _, err := p.Objects.Get(t.Context(), registry.ListKey)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pki.DecodeList(text)
	if err != nil || list.CheckSignatureFrom(a.Certificate) != nil || len(list.RevokedCertificateEntries) != 1 {
		t.Errorf("got %v, %+v", err, list)
	}
}

// refusing is Secrets Manager and S3 of an account without any right.
type refusing struct {
	awsstore.SecretsManager
	awsstore.S3
}

var errDenied = fmt.Errorf("operation error: %w", &apiError{})

type apiError struct{}

func (apiError) Error() string                 { return "AccessDeniedException: User x is not authorized" }
func (apiError) ErrorCode() string             { return "AccessDeniedException" }
func (apiError) ErrorMessage() string          { return "User x is not authorized" }
func (apiError) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

func (refusing) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return nil, errDenied
}
func (refusing) CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error) {
	return nil, errDenied
}
func (refusing) PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	return nil, errDenied
}

func TestErrors_NameTheMissingPermission(t *testing.T) {
	s, o := awsstore.Secrets{API: refusing{}}, awsstore.Objects{API: refusing{}, Bucket: "b", Prefix: "main/"}
	_, err := s.Get(t.Context(), "pathproof/x")
	for _, c := range []struct {
		err  error
		want string
	}{
		{err, "pathproof/x: not allowed; allow secretsmanager:GetSecretValue on it"},
		{s.Put(t.Context(), "pathproof/x", "d", "VALUE"), "pathproof/x: not allowed; allow secretsmanager:CreateSecret on it"},
		{o.Put(t.Context(), "crl.pem", "VALUE", ""), "s3://b/main/crl.pem: not allowed; allow s3:PutObject on it"},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) || strings.Contains(c.err.Error(), "VALUE") {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

// scheduled is Secrets Manager with one secret, which is about to be deleted.
type scheduled struct {
	awsstore.SecretsManager
	restored bool
	value    string
}

func (s *scheduled) CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "InvalidRequestException", Message: "You can't create this secret because a secret with this name is already scheduled for deletion."}
}
func (s *scheduled) RestoreSecret(context.Context, *secretsmanager.RestoreSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.RestoreSecretOutput, error) {
	s.restored = true
	return &secretsmanager.RestoreSecretOutput{}, nil
}
func (s *scheduled) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	if !s.restored {
		return nil, &smithy.GenericAPIError{Code: "InvalidRequestException"}
	}
	s.value = *in.SecretString
	return &secretsmanager.PutSecretValueOutput{}, nil
}

func TestSecrets_PutBringsBackWhatIsAboutToBeDeleted(t *testing.T) {
	api := &scheduled{}
	if err := (awsstore.Secrets{API: api}).Put(t.Context(), "s", "d", "5"); err != nil || api.value != "5" {
		t.Errorf("got %q, %v", api.value, err)
	}
}
