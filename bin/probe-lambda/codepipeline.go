package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdax"
)

// What CodePipeline takes, in bytes: less than its limits, which count characters.
const (
	maxSummary = 2000
	maxMessage = 4500
)

// maxJobs ends a run that would be continued for ever.
const maxJobs = 60

// codePipeline answers a job, whatever happens.
func (a *assignment) codePipeline(ctx context.Context) error {
	job := a.event.CodePipeline
	paths, err := job.UserParameters()
	if err != nil {
		return a.tell(ctx, job.ID, verdict{kind: types.FailureTypeConfigurationError, message: err.Error(), run: a.event.RunID})
	}
	a.paths = paths
	jobs, started := 1, time.Now().UTC()
	if c := a.event.Continuation; c != nil {
		jobs, started = c.Jobs+1, c.Started
	}
	o := a.guarded(ctx, jobs >= maxJobs)
	if o.early {
		token, err := json.Marshal(gate.Continuation{RunID: a.event.RunID, Started: started, Jobs: jobs})
		if err != nil {
			return err
		}
		return a.tell(ctx, job.ID, verdict{proceed: true, token: string(token), run: a.event.RunID, message: "waiting for paths to become ready"})
	}
	return a.tell(ctx, job.ID, decide(o.report, a.config.Load()))
}

// verdict is what CodePipeline will be told.
type verdict struct {
	proceed      bool
	kind         types.FailureType
	token        string // set: the job goes on later
	run, message string
	variables    map[string]string
}

// decide turns a report into what the pipeline does. A run that could not measure what it was to measure stops the pipeline:
// a gate that cannot see waves nothing through.
func decide(r *gate.Report, config *gate.Config) verdict {
	v := verdict{run: r.RunID, kind: types.FailureTypeJobFailed, message: r.Summary, variables: map[string]string{
		"Verdict": string(r.Verdict), "RunId": r.RunID, "Report": r.Stored, "Summary": lambdax.Cut(r.Summary, 500),
	}}
	policy := gate.Policy{Pipeline: gate.ActFail, Inconclusive: gate.ActReport}
	if config != nil {
		policy = config.Policy
	}
	stop := r.Verdict == gate.Fail || r.Incomplete || r.Verdict == gate.Inconclusive && policy.Inconclusive == gate.ActFail
	v.proceed = !stop || policy.Pipeline == gate.ActReport
	if !v.proceed {
		v.message = r.Summary + "\n" + r.Lines() + "\n" + r.Stored
	}
	return v
}

// tell answers a job and tries again until ctx ends. That the job was answered before, or is gone, is no error.
func (a *assignment) tell(ctx context.Context, job string, v verdict) error {
	a.log.Info("answer", "job", job, "proceed", v.proceed, "continued", v.token != "")
	for n := 0; ; n++ {
		err := a.put(ctx, job, v)
		if err == nil {
			return nil
		}
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorFault() == smithy.FaultClient && !sdkRetries.IsErrorRetryable(err).Bool() && classify(err) == final {
			a.log.Error("CodePipeline refused the answer", "error", brief(err))
			return nil
		}
		a.log.Warn("answer not delivered", "attempt", n+1, "error", brief(err))
		if !lambdax.Sleep(ctx, lambdax.Backoff(a.pace.backoff, a.pace.backoffCap, n)) {
			return fmt.Errorf("answer CodePipeline: time is up after %d attempts: %s", n+1, brief(err))
		}
	}
}

func (a *assignment) put(ctx context.Context, job string, v verdict) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	if !v.proceed {
		_, err = c.pipelines.PutJobFailureResult(ctx, &codepipeline.PutJobFailureResultInput{
			JobId: aws.String(job),
			FailureDetails: &types.FailureDetails{
				Type: v.kind, Message: aws.String(lambdax.Cut(v.message, maxMessage)), ExternalExecutionId: aws.String(v.run),
			},
		})
		return err
	}
	in := &codepipeline.PutJobSuccessResultInput{
		JobId:            aws.String(job),
		ExecutionDetails: &types.ExecutionDetails{Summary: aws.String(lambdax.Cut(v.message, maxSummary)), ExternalExecutionId: aws.String(v.run)},
	}
	if v.token != "" { // a job that goes on has no variables yet
		in.ContinuationToken, in.ExecutionDetails.PercentComplete = aws.String(v.token), aws.Int32(50)
	} else {
		in.OutputVariables = v.variables
		in.ExecutionDetails.PercentComplete = aws.Int32(100)
	}
	_, err = c.pipelines.PutJobSuccessResult(ctx, in)
	return err
}
