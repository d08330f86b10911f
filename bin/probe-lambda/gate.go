package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// gateFunction is the gate. It reads its document when it is first asked to measure, so that a bad one is an answer.
type gateFunction struct {
	document func() ([]byte, error)
	values   string // of the document's placeholders
	bucket   string
	connect  func(context.Context) (*cloud, error)
	answers  *lambdax.Responder
	metrics  io.Writer
	pace     pace
	log      *slog.Logger
}

func newGateFunction(getenv func(string) string, document func() ([]byte, error), metrics io.Writer, log *slog.Logger) *gateFunction {
	return &gateFunction{
		document: document, values: getenv(gate.EnvValues), bucket: getenv(gate.EnvBucket), connect: lambdax.Lazy(connect),
		answers: &lambdax.Responder{Client: &http.Client{}, Log: log}, metrics: metrics, pace: production, log: log,
	}
}

// handle serves one event and answers its caller. Only an event that nobody else could be told about, and an answer that
// could not be delivered, are errors; Lambda then invokes asynchronous callers' events again, and the stored report answers.
func (g *gateFunction) handle(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
	invocation, self := "", arn{}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		invocation, self = lc.AwsRequestID, parseARN(lc.InvokedFunctionArn)
	}
	event, err := gate.DecodeEvent(raw, invocation)
	if err != nil {
		g.log.Error("event refused", "error", err.Error())
		return nil, err
	}
	own := *g
	own.log = g.log.With("caller", event.Caller, "run", event.RunID)
	a := &assignment{gateFunction: &own, event: event, self: self}
	a.log.Info("event received")
	switch event.Caller {
	case gate.ByCloudFormation:
		return nil, a.cloudFormation(ctx)
	case gate.ByCodePipeline:
		return nil, a.codePipeline(ctx)
	case gate.BySchedule:
		a.guarded(ctx, true)
		return nil, nil
	}
	return a.direct(ctx)
}

// assignment is one event and what is needed to serve it.
type assignment struct {
	*gateFunction
	event  *gate.Event
	self   arn
	paths  []string // only these; empty: those of the event
	runKey string   // of the document that the caller means; empty: any

	config atomic.Pointer[gate.Config] // once it has been read
}

// outcome is what serving an event came to.
type outcome struct {
	report *gate.Report
	early  bool // this invocation has to end before the run does; there is no report
}

// guarded measures and returns in time for an answer, even if the work panics or hangs. There is always an outcome. mustEnd
// says that the run has to end with this invocation.
func (a *assignment) guarded(ctx context.Context, mustEnd bool) outcome {
	work, grace := budget(ctx, a.pace.margin)
	ctx, cancel := context.WithTimeout(ctx, work)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o = outcome{report: a.nothing(a.panicked(p))}
			}
			done <- o
		}()
		o = a.work(ctx, mustEnd)
	}()
	select {
	case o := <-done:
		return o
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return o
	case <-time.After(grace):
		return outcome{report: a.nothing(errors.New("time is up and the work does not stop; look at the log of the gate's function"))}
	}
}

// panicked logs a panic and makes it an error.
func (a *assignment) panicked(p any) error {
	a.log.Error("panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
	return fmt.Errorf("internal error: %v; report it with the log of the gate's function", p)
}

// nothing is the report of a run that came to nothing. With a document that can be read it names the paths and counts them.
func (a *assignment) nothing(err error) *gate.Report {
	a.log.Error("nothing measured", "error", err.Error())
	r := a.unmeasured()
	r.RunID, r.Caller, r.Started, r.Verdict, r.Incomplete = a.event.RunID, a.event.Caller, time.Now().UTC(), gate.NotMeasured, true
	if r.Result != nil {
		r.Result.Started, r.Result.Verdict, r.Result.ExitCode = r.Started, probe.Skipped, r.ExitCode()
	}
	r.Summary, r.Notes = lambdax.Cut(string(gate.NotMeasured)+": "+err.Error(), 1500), append(r.Notes, err.Error())
	return r
}

// unmeasured is the report that no path was measured. It never panics, because it is made after panics too.
func (a *assignment) unmeasured() (r *gate.Report) {
	defer func() {
		if p := recover(); p != nil {
			_ = a.panicked(p)
			r = &gate.Report{Schema: gate.ReportSchema}
		}
	}()
	config := a.config.Load()
	if config == nil {
		return &gate.Report{Schema: gate.ReportSchema}
	}
	r = config.Judge(nil)
	r.Partial = len(a.paths)+len(a.event.Paths) > 0
	a.count(config, r)
	return r
}

// work is the run: load, look for a stored report, measure, judge, store, write metrics.
func (a *assignment) work(ctx context.Context, mustEnd bool) outcome {
	started := time.Now()
	document, err := a.document()
	if err != nil {
		return outcome{report: a.nothing(err)}
	}
	if key := gate.RunKey(document); a.runKey != "" && a.runKey != key {
		return outcome{report: a.nothing(fmt.Errorf("the request is for run key %.60q, the function's document has %s; deploy both from the same assembly", a.runKey, key))}
	}
	whole, err := gate.Load(document, a.values)
	if err != nil {
		return outcome{report: a.nothing(err)}
	}
	a.config.Store(whole)
	config, err := whole.For(a.event, a.paths)
	if err != nil {
		return outcome{report: a.nothing(err)}
	}
	a.config.Store(config)
	if s := a.event.Submitted; s != nil {
		if err := gate.CheckAge(s, started); err != nil {
			return outcome{report: a.nothing(err)}
		}
	}
	c, err := a.connect(ctx)
	if err != nil {
		return outcome{report: a.nothing(fmt.Errorf("set up the AWS SDK: %w", err))}
	}
	reports := &store{api: c.objects, bucket: a.bucket, owner: a.self.account, pace: a.pace}
	if a.bucket != "" && a.event.Caller != gate.BySchedule {
		if r := reports.get(ctx, config.Network, a.event.RunID); r != nil {
			a.log.Info("answered before", "stored", r.Stored)
			return outcome{report: r}
		}
	}
	r := a.run(ctx, config, c, started, mustEnd)
	if r == nil {
		return outcome{early: true}
	}
	r.RunID, r.RunKey, r.Caller, r.Partial = a.event.RunID, gate.RunKey(document), a.event.Caller, config != whole && len(config.Paths) < len(whole.Paths)
	a.keep(ctx, reports, r)
	a.count(config, r)
	a.log.Info("run done", "verdict", r.Verdict, "summary", r.Summary, "stored", r.Stored, "seconds", r.Duration.Duration().Seconds())
	return outcome{report: r}
}

// run measures and judges, or judges what people measured. It returns nil if this invocation has to end before the run.
func (a *assignment) run(ctx context.Context, config *gate.Config, c *cloud, started time.Time, mustEnd bool) *gate.Report {
	if s := a.event.Submitted; s != nil {
		r := config.Judge(gate.Submitted(s))
		r.Started, r.Duration = s.Started, s.Duration
		return r
	}
	round := &round{gateFunction: a.gateFunction, cloud: c, config: config, runID: a.event.RunID, self: a.self, started: started}
	if n := a.event.Continuation; n != nil {
		round.started = n.Started
	}
	findings, early := round.measure(ctx, mustEnd)
	if early {
		return nil
	}
	r := config.Judge(findings)
	r.Started, r.Duration = round.started.UTC(), probe.MicrosOf(time.Since(round.started))
	if r.Result != nil && r.Result.Started.IsZero() { // nothing was measured
		r.Result.Started = r.Started
	}
	return r
}

// keep stores a report, if there is a bucket. Of scheduled runs only those that are not well are stored: the others are in
// the metrics. A report that could not be stored still goes to the caller.
func (a *assignment) keep(ctx context.Context, reports *store, r *gate.Report) {
	if a.bucket == "" || a.event.Caller == gate.BySchedule && r.Verdict != gate.Fail && !r.Incomplete {
		return
	}
	if _, err := reports.put(ctx, r); err != nil {
		a.log.Error("report not stored", "error", err.Error())
		r.Stored = ""
		r.Notes = append(r.Notes, err.Error())
	}
}

// count writes a report's metrics, at the time when it was measured: what people submit may be older.
func (a *assignment) count(config *gate.Config, r *gate.Report) {
	at := time.Now()
	if a.event.Submitted != nil && !r.Started.IsZero() {
		at = r.Started.Add(r.Duration.Duration())
	}
	if err := gate.WriteMetrics(a.metrics, config, r, at); err != nil {
		a.log.Error("metrics not written", "error", err.Error())
	}
}

// direct returns the report to whoever invoked the function.
func (a *assignment) direct(ctx context.Context) (json.RawMessage, error) {
	o := a.guarded(ctx, true)
	r := o.report
	if r.Result != nil && !a.event.Samples {
		r.Result, r.SamplesDropped = report.WithoutSamples(r.Result), true
	}
	body, err := json.Marshal(r)
	if err == nil && len(body) > gate.MaxPayload && r.Result != nil {
		r.Result, r.SamplesDropped = report.WithoutSamples(r.Result), true
		body, err = json.Marshal(r)
	}
	if err == nil && len(body) > gate.MaxPayload {
		r.Result = nil
		r.Notes = append(r.Notes, "the result is too long to return; read the stored report")
		body, err = json.Marshal(r)
	}
	return body, err
}
