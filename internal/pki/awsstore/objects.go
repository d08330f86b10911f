package awsstore

import (
	"context"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/pathproof/pathproof/internal/pki/registry"
)

// S3 is what Objects call.
type S3 interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Objects are registry.Objects in a bucket, below a prefix that ends with a slash. The tag of a state is its ETag.
type Objects struct {
	API            S3
	Bucket, Prefix string
}

// maxObject is more than a register of 100,000 certificates, in bytes.
const maxObject = 32 << 20

// Get returns an object.
func (o Objects) Get(ctx context.Context, key string) (text, tag string, err error) {
	out, err := o.API.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.Bucket, Key: o.key(key)})
	if isOne(err, "NoSuchKey", "NotFound") {
		return "", "", registry.ErrMissing
	}
	if err != nil {
		return "", "", explain(err, "s3:GetObject (and s3:ListBucket)", o.where(key))
	}
	defer out.Body.Close()
	b, err := io.ReadAll(io.LimitReader(out.Body, maxObject))
	if err != nil {
		return "", "", explain(err, "s3:GetObject", o.where(key))
	}
	return string(b), aws.ToString(out.ETag), nil
}

// Put writes an object if it is still as it was.
func (o Objects) Put(ctx context.Context, key, text, tag string) error {
	in := &s3.PutObjectInput{Bucket: &o.Bucket, Key: o.key(key), Body: strings.NewReader(text)}
	if tag == "" {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = &tag
	}
	_, err := o.API.PutObject(ctx, in)
	switch {
	case err == nil:
		return nil
	case isOne(err, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"):
		return registry.ErrConflict
	}
	return explain(err, "s3:PutObject", o.where(key))
}

func (o Objects) key(key string) *string  { return aws.String(o.Prefix + key) }
func (o Objects) where(key string) string { return "s3://" + o.Bucket + "/" + o.Prefix + key }
