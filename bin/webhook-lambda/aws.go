package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// reader returns a function that reads the text of a secret in a Region.
func reader(region string) func(ctx context.Context, id string) (string, error) {
	connect := lambdax.Lazy(func(ctx context.Context) (*secretsmanager.Client, error) {
		cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
		if err != nil {
			return nil, fmt.Errorf("set up the AWS SDK: %w", err)
		}
		return secretsmanager.NewFromConfig(cfg), nil
	})
	return func(ctx context.Context, id string) (string, error) {
		client, err := connect(ctx)
		if err != nil {
			return "", err
		}
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
		switch {
		case err != nil:
			return "", brief(err)
		case out.SecretString == nil:
			return "", errors.New("it holds bytes; store the address as text")
		}
		return *out.SecretString, nil
	}
}

// brief is an error without the SDK's wrapping.
func brief(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		return fmt.Errorf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	}
	return err
}
