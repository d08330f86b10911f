package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	stacktypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/probe"
)

// apiError is an error as an AWS API gives it.
func apiError(code string) error {
	return &smithy.OperationError{OperationName: "Op", Err: &smithy.GenericAPIError{Code: code, Message: "said so", Fault: smithy.FaultClient}}
}

// fakeVantage is a vantage's function, and the Lambda service in front of it.
type fakeVantage struct {
	mu     sync.Mutex
	errs   []error // of the first invocations, by the service
	always error   // of all invocations
	takes  time.Duration
	reply  func(gate.VantageRequest) any // nil: all paths answer within rtt
	rtt    time.Duration
	dead   map[string]bool // paths that do not answer
	unripe int             // this many waits in which nothing becomes ready

	requests []gate.VantageRequest
}

func (f *fakeVantage) Invoke(ctx context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var req gate.VantageRequest
	if err := json.Unmarshal(in.Payload, &req); err != nil {
		return nil, err
	}
	f.requests = append(f.requests, req)
	if f.always != nil {
		return nil, f.always
	}
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return nil, err
	}
	select {
	case <-time.After(f.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if f.reply != nil {
		switch r := f.reply(req).(type) {
		case *lambda.InvokeOutput:
			return r, nil
		case string:
			return &lambda.InvokeOutput{Payload: []byte(r)}, nil
		}
	}
	if req.Task == gate.Await {
		return f.wait(ctx, req)
	}
	return answer(req, f.result(req)), nil
}

// wait lets the time of a slice pass while paths are not ready.
func (f *fakeVantage) wait(ctx context.Context, req gate.VantageRequest) (*lambda.InvokeOutput, error) {
	r := f.result(req)
	ready := f.unripe == 0
	if !ready {
		f.unripe--
		select {
		case <-time.After(req.Paths[0].Ready.Within.Duration()):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	for i := range r.Paths {
		r.Paths[i].Ready = &probe.Readiness{OK: ready, Tries: 3}
		if !ready {
			r.Paths[i].Failure = &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "not ready"}
		}
	}
	return answer(req, r), nil
}

func answer(req gate.VantageRequest, r *probe.Result) *lambda.InvokeOutput {
	v := gate.VantageResponse{Schema: gate.VantageSchema, RunID: req.RunID, Vantage: req.Vantage}
	if err := v.Pack(r); err != nil {
		panic(err)
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return &lambda.InvokeOutput{Payload: body}
}

// result is what a vantage finds that measures what it was asked to.
func (f *fakeVantage) result(req gate.VantageRequest) *probe.Result {
	r := &probe.Result{Schema: probe.Schema, RunID: req.RunID, Env: probe.Env{Quality: probe.Good}, Settings: probe.Settings{MaxLooks: 1}}
	for _, p := range req.Paths {
		out := probe.PathResult{Name: p.Name, Kind: p.Target.Kind, Timing: probe.TimingKernel, Sent: req.Count}
		for i := range req.Count {
			s := probe.Sample{Index: i}
			if f.dead[p.Name] {
				s.Failure = &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "no answer"}
			} else {
				s.Phases.Connect, s.Timing = probe.MicrosOf(f.rtt+time.Duration(i%1000)*time.Microsecond), probe.TimingKernel
				out.OK++
			}
			out.Samples = append(out.Samples, s)
		}
		r.Paths = append(r.Paths, out)
	}
	return r
}

// asked is the requests so far.
func (f *fakeVantage) asked() []gate.VantageRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]gate.VantageRequest(nil), f.requests...)
}

// fakeS3 is a bucket.
type fakeS3 struct {
	objects  map[string][]byte
	put, get error
	puts     int
	hang     bool
}

func (f *fakeS3) PutObject(ctx context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	f.puts++
	if f.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err := errors.Join(f.put, ctx.Err()); err != nil {
		return nil, err
	}
	if aws.ToString(in.ExpectedBucketOwner) != account || aws.ToString(in.ContentEncoding) != "gzip" || aws.ToString(in.Bucket) != "reports" {
		return nil, fmt.Errorf("owner %q, encoding %q, bucket %q", aws.ToString(in.ExpectedBucketOwner), aws.ToString(in.ContentEncoding), aws.ToString(in.Bucket))
	}
	body, err := io.ReadAll(in.Body)
	f.objects[aws.ToString(in.Key)] = body
	return &s3.PutObjectOutput{}, err
}

func (f *fakeS3) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if f.get != nil {
		return nil, f.get
	}
	body, ok := f.objects[aws.ToString(in.Key)]
	if !ok {
		return nil, apiError("AccessDenied") // what S3 says to whoever may not list
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// fakePipeline is CodePipeline.
type fakePipeline struct {
	errs      []error
	calls     int
	successes []*codepipeline.PutJobSuccessResultInput
	failures  []*codepipeline.PutJobFailureResultInput
}

func (f *fakePipeline) next() error {
	f.calls++
	if len(f.errs) == 0 {
		return nil
	}
	err := f.errs[0]
	f.errs = f.errs[1:]
	return err
}

func (f *fakePipeline) PutJobSuccessResult(_ context.Context, in *codepipeline.PutJobSuccessResultInput, _ ...func(*codepipeline.Options)) (*codepipeline.PutJobSuccessResultOutput, error) {
	if err := f.next(); err != nil {
		return nil, err
	}
	f.successes = append(f.successes, in)
	return &codepipeline.PutJobSuccessResultOutput{}, nil
}

func (f *fakePipeline) PutJobFailureResult(_ context.Context, in *codepipeline.PutJobFailureResultInput, _ ...func(*codepipeline.Options)) (*codepipeline.PutJobFailureResultOutput, error) {
	if err := f.next(); err != nil {
		return nil, err
	}
	f.failures = append(f.failures, in)
	return &codepipeline.PutJobFailureResultOutput{}, nil
}

// fakeStacks is CloudFormation's API: the stack's status by the number of the question; the last one repeats.
type fakeStacks struct {
	status []string
	err    error
	asked  int
}

func (f *fakeStacks) DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	if len(f.status) == 0 {
		return nil, errors.New("no stack")
	}
	status := f.status[min(f.asked, len(f.status)-1)]
	f.asked++
	return &cloudformation.DescribeStacksOutput{Stacks: []stacktypes.Stack{{StackStatus: stacktypes.StackStatus(status)}}}, nil
}
