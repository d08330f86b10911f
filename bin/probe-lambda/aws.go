package main

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// What the gate uses of AWS. gate.GatePermissions lists what its role has to allow for these calls and no others.
type (
	lambdaAPI interface {
		Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
	}
	s3API interface {
		PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
		GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	}
	codepipelineAPI interface {
		PutJobSuccessResult(context.Context, *codepipeline.PutJobSuccessResultInput, ...func(*codepipeline.Options)) (*codepipeline.PutJobSuccessResultOutput, error)
		PutJobFailureResult(context.Context, *codepipeline.PutJobFailureResultInput, ...func(*codepipeline.Options)) (*codepipeline.PutJobFailureResultOutput, error)
	}
	cloudformationAPI interface {
		DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
	}
)

// cloud is AWS as the gate sees it.
type cloud struct {
	functions func(region string) lambdaAPI
	objects   s3API
	pipelines codepipelineAPI
	stacks    cloudformationAPI
}

// keepAlive keeps a call alive that is silent while a vantage measures.
const keepAlive = 30 * time.Second

// connect sets up the SDK.
func connect(ctx context.Context) (*cloud, error) {
	client := awshttp.NewBuildableClient().WithDialerOptions(func(d *net.Dialer) { d.KeepAlive = keepAlive })
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(client))
	if err != nil {
		return nil, err
	}
	return &cloud{
		functions: func(region string) lambdaAPI {
			return lambda.NewFromConfig(cfg, func(o *lambda.Options) {
				o.Region = region
				o.Retryer = aws.NopRetryer{} // a call that was lost may still measure; whoever repeats it has to know
			})
		},
		objects:   s3.NewFromConfig(cfg),
		pipelines: codepipeline.NewFromConfig(cfg),
		stacks:    cloudformation.NewFromConfig(cfg),
	}, nil
}

// arn is what the gate needs of an ARN.
type arn struct{ partition, region, account string }

// parseARN reads an ARN; what is none gives zero values.
func parseARN(s string) arn {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return arn{}
	}
	return arn{partition: parts[1], region: parts[3], account: parts[4]}
}
