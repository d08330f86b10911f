package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
)

// Event is a request to the gate, whoever sent it.
type Event struct {
	Caller Caller
	RunID  string   // the same for the same request, however often it comes
	Paths  []string // only these; empty: all

	CloudFormation *lambdax.Request // of ByCloudFormation
	CodePipeline   *CodePipeline    // of ByCodePipeline
	Continuation   *Continuation    // of a CodePipeline job that goes on
	Samples        bool             // of ByDirect: return them
	Submitted      *probe.Result    // of ByDirect: what people measured; nothing else is measured then
}

// Continuation is what a CodePipeline job hands to the one that continues it.
type Continuation struct {
	RunID   string    `json:"run_id"`
	Started time.Time `json:"started"` // the first job of the run
	Jobs    int       `json:"jobs"`    // so far
}

// runID is what is safe as a part of a key in S3 and of a log line.
var runID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// envelope holds what tells the events apart.
type envelope struct {
	RequestType  *string
	ResponseURL  *string
	CodePipeline *CodePipeline `json:"CodePipeline.job"`
	DetailType   *string       `json:"detail-type"`
	Pathproof    *Command      `json:"pathproof"`
	ID           string        `json:"id"`
}

// DecodeEvent reads an event. invocation is Lambda's id of this invocation. An error means that there is nobody to answer
// but the one who invoked.
func DecodeEvent(raw json.RawMessage, invocation string) (*Event, error) {
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		var typ *json.UnmarshalTypeError // of one field only: CloudFormation has to be answered all the same
		if !errors.As(err, &typ) || e.ResponseURL == nil {
			return nil, fmt.Errorf("event: not one that this function knows: %w", err)
		}
	}
	isCloudFormation, isSchedule := e.RequestType != nil || e.ResponseURL != nil, e.DetailType != nil
	if n := count(isCloudFormation, e.CodePipeline != nil, isSchedule, e.Pathproof != nil); n != 1 {
		// Nothing of the event is printed: CloudFormation's and CodePipeline's hold credentials.
		return nil, fmt.Errorf(`event: want a request of CloudFormation, a job of CodePipeline, a scheduled event or {"pathproof": "verify"}, got %d of them`, n)
	}
	switch {
	case isCloudFormation:
		return decodeCloudFormation(raw, invocation)
	case e.CodePipeline != nil:
		return decodeCodePipeline(e.CodePipeline)
	case isSchedule:
		return &Event{Caller: BySchedule, RunID: firstID(e.ID, invocation)}, nil
	}
	return decodeDirect(raw, invocation)
}

func count(is ...bool) int {
	n := 0
	for _, b := range is {
		if b {
			n++
		}
	}
	return n
}

// firstID is the first that may be a run's id.
func firstID(ids ...string) string {
	for _, id := range ids {
		if runID.MatchString(id) {
			return id
		}
	}
	return "unnamed"
}

func decodeCloudFormation(raw json.RawMessage, invocation string) (*Event, error) {
	r, err := lambdax.DecodeRequest(raw)
	if err != nil && r.ResponseURL == "" {
		return nil, err
	}
	return &Event{Caller: ByCloudFormation, RunID: firstID(r.RequestID, invocation), CloudFormation: &r}, nil
}

// decodeCodePipeline keeps a job that cannot be read: it has to be told so.
func decodeCodePipeline(job *CodePipeline) (*Event, error) {
	if job.ID == "" {
		return nil, errors.New("event: CodePipeline.job.id: missing; only CodePipeline may send such an event")
	}
	e := &Event{Caller: ByCodePipeline, RunID: firstID(job.ID), CodePipeline: job}
	var c Continuation
	if json.Unmarshal([]byte(job.Data.ContinuationToken), &c) == nil && runID.MatchString(c.RunID) {
		e.Continuation, e.RunID = &c, c.RunID
	}
	return e, nil
}

// UserParameters reads the parameters of a CodePipeline action: nothing, or an object with the paths to measure.
func (c *CodePipeline) UserParameters() (paths []string, err error) {
	text := c.Data.ActionConfiguration.Configuration.UserParameters
	if text == "" {
		return nil, nil
	}
	var p struct {
		Paths []string `json:"paths"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, fmt.Errorf(`UserParameters: no object with paths, got %.200q; write {"paths": ["a", "b"]} or nothing`, text)
	}
	return p.Paths, nil
}

func decodeDirect(raw json.RawMessage, invocation string) (*Event, error) {
	var d Direct
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	if d.RunID != "" && !runID.MatchString(d.RunID) {
		return nil, fmt.Errorf("event: run_id: got %.200q; use letters, digits and ._-, at most 128", d.RunID)
	}
	e := &Event{Caller: ByDirect, RunID: firstID(d.RunID, invocation), Paths: d.Paths, Samples: d.Samples}
	switch d.Pathproof {
	case Verify:
		return e, nil
	case Schedule:
		e.Caller = BySchedule
		return e, nil
	case Submit:
		return e, e.submitted(d)
	}
	return nil, fmt.Errorf("event: pathproof: unknown command, got %q; use %q, %q or %q", d.Pathproof, Verify, Schedule, Submit)
}

// submitted reads what people measured.
func (e *Event) submitted(d Direct) error {
	r, err := UnpackResult(d.Result)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	e.Submitted, e.Paths = r, nil
	for i := range r.Paths {
		e.Paths = append(e.Paths, r.Paths[i].Name)
	}
	if len(e.Paths) == 0 {
		return errors.New("event: result: no paths in it; measure at least one")
	}
	return nil
}
