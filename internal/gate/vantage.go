package gate

import (
	"errors"
	"fmt"

	"github.com/pathproof/pathproof/internal/probe"
)

// Handler is a function's Handler property, by which the one program knows what it is.
const (
	HandlerVantage = "vantage"
	HandlerGate    = "gate"
)

// The environment variables of the functions.
const (
	// EnvValues, of both: a JSON object of strings, the values of the placeholders in the document and in EnvAllow.
	EnvValues = "PATHPROOF_VALUES"

	// EnvBucket, of the gate: the bucket for reports. Without it none is stored.
	EnvBucket = "PATHPROOF_REPORT_BUCKET"

	// EnvVantage, of a vantage: its key in the document.
	EnvVantage = "PATHPROOF_VANTAGE"

	// EnvAZID, of a vantage: the zone id of its subnet.
	EnvAZID = "PATHPROOF_AZ_ID"

	// EnvAllow, of a vantage: the targets that it may probe, see ParseAllow and Config.AllowFor. Without it it probes none.
	EnvAllow = "PATHPROOF_TARGETS"
)

// VantageSchema names the form of requests to vantages and of their answers.
const VantageSchema = "pathproof/vantage/v1"

// VantageRequest is what the gate asks a vantage to do.
type VantageRequest struct {
	Schema  string        `json:"schema"`  // VantageSchema
	RunID   string        `json:"run_id"`  // the same request with the same id gets the same answer while the function is warm
	Vantage string        `json:"vantage"` // key of the one that is meant; another refuses
	Task    Task          `json:"task"`
	Paths   []PathRequest `json:"paths"`

	// Of Measure; zero values are package probe's defaults.
	Count    int          `json:"count,omitempty"`
	Warmup   int          `json:"warmup,omitempty"`
	Denials  int          `json:"denials,omitempty"` // probes of each path that must not work (DefaultDenials)
	Interval probe.Micros `json:"interval_us,omitempty"`
	Timeout  probe.Micros `json:"timeout_us,omitempty"` // of both tasks
	InFlight int          `json:"in_flight,omitempty"`
	Seed     uint64       `json:"seed,omitempty"`
}

// MaxInFlight is how many probes of one path may be under way at once.
const MaxInFlight = 64

// Check says what a vantage refuses, whoever asks: more probes than it could return, or too many at once.
func (r *VantageRequest) Check() error {
	var errs []error
	limit := MaxAnswer / max(len(r.Paths), 1)
	if r.Count < 0 || r.Count > limit || r.Warmup > limit-r.Count {
		errs = append(errs, fmt.Errorf("count: got %d and a warm-up of %d for %d paths; want at most %d samples in all", r.Count, r.Warmup, len(r.Paths), MaxAnswer))
	}
	if r.Denials < 0 || r.Denials > MaxDenials {
		errs = append(errs, fmt.Errorf("denials: got %d, want at most %d", r.Denials, MaxDenials))
	}
	if r.InFlight < 0 || r.InFlight > MaxInFlight {
		errs = append(errs, fmt.Errorf("in_flight: got %d, want at most %d", r.InFlight, MaxInFlight))
	}
	return errors.Join(errs...)
}

// Task is what a vantage is to do.
type Task string

// The tasks.
const (
	// Measure measures all paths, interleaved.
	Measure Task = "measure"

	// Await tries all paths until each works or its time is up. Nothing of it counts as measured.
	Await Task = "await"
)

// PathRequest is one path of a VantageRequest.
type PathRequest struct {
	Name    string       `json:"name"`
	Target  Target       `json:"target"`
	Flows   int          `json:"flows,omitempty"`
	Tunnels int          `json:"tunnels,omitempty"`
	Expect  probe.Expect `json:"expect,omitempty"`
	Ready   *Ready       `json:"ready,omitempty"` // of Await
}

// VantageResponse is a vantage's answer. Either Error is set, and nothing was measured, or Result is.
type VantageResponse struct {
	Schema  string `json:"schema"`
	RunID   string `json:"run_id"`
	Vantage string `json:"vantage"` // its own key
	AZID    string `json:"az_id"`   // of its own subnet

	Error string `json:"error,omitempty"`

	// Result is a probe.Result, compressed: JSON, gzip, base64. Of Await its paths hold Ready and Failure only.
	Result []byte `json:"result,omitempty"`

	// SamplesDropped says that the samples are missing because the answer would have been longer than Lambda allows. The
	// counts are complete; there is nothing to judge times by.
	SamplesDropped bool `json:"samples_dropped,omitempty"`
}
