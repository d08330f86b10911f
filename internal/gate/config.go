package gate

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/slo"
)

// ConfigSchema names the form of a Config.
const ConfigSchema = "pathproof/gate/v1"

// ConfigFile is the name of the Config's file in the folder of the function's asset, beside its program.
const ConfigFile = "gate.json"

// Config is everything that a gate needs to know. A missing number is its default, given here.
type Config struct {
	Schema  string `json:"schema"`  // ConfigSchema
	Network string `json:"network"` // the network's name

	// Watched is a hash of everything whose change calls for a new measurement: the templates of the stacks that the paths
	// run through. It only has to differ when they do.
	Watched string `json:"watched,omitempty"`

	Vantages    []Vantage    `json:"vantages,omitempty"`
	Paths       []Path       `json:"paths"`
	Comparisons []Comparison `json:"comparisons,omitempty"`

	// Objectives compare paths, in the language of package slo: p50(a.connect) < 0.9 * p50(b.connect).
	Objectives []string `json:"objectives,omitempty"`

	Run    Run    `json:"run"`
	Policy Policy `json:"policy"`
}

// Vantage is a Lambda function in a subnet.
type Vantage struct {
	Key      string `json:"key"`      // what paths call it; not more than letters, digits and /._-
	Function string `json:"function"` // name or ARN
	Region   string `json:"region"`
	Account  string `json:"account,omitempty"` // default: the gate's own
	AZID     string `json:"az_id"`             // the zone of its subnet
	Subnet   string `json:"subnet,omitempty"`  // for people: a name or an id
}

// Measured says who measures a path.
type Measured string

// Who may measure a path.
const (
	ByVantage Measured = "lambda"  // a vantage at the path's own start
	ByReverse Measured = "reverse" // a vantage at its AWS end, against a host at the other
	ByClient  Measured = "client"  // people, with the command line
	ByNobody  Measured = "none"    // declared, not measured
)

// Path is one declared path.
type Path struct {
	Name     string       `json:"name"`
	Measured Measured     `json:"measured"`
	Vantage  string       `json:"vantage,omitempty"` // key of the vantage; for ByVantage and ByReverse
	Note     string       `json:"note,omitempty"`    // for people: from where and in which direction, or why not
	Target   *Target      `json:"target,omitempty"`  // for ByVantage, ByReverse and ByClient
	Zone     string       `json:"target_az_id,omitempty"`
	Phase    probe.Phase  `json:"phase,omitempty"`   // what people want to know of it (the main phase of its kind)
	Flows    int          `json:"flows,omitempty"`   // source ports to take in turn (0: any)
	Tunnels  int          `json:"tunnels,omitempty"` // parallel ways, if known
	Expect   probe.Expect `json:"expect,omitempty"`  // default: an answer
	SLO      string       `json:"slo,omitempty"`     // its objective, in the language of package slo

	// Bound is the round trip that physics allows at least; a shorter one was not measured on this path.
	Bound     probe.Micros `json:"bound_us,omitempty"`
	BoundNote string       `json:"bound_note,omitempty"` // for people: the legs it is made of

	// Ready makes the gate wait until the path works before anything is measured.
	Ready *Ready `json:"ready,omitempty"`

	// InStack says that everything the path needs lies in the gate's own stack, so that rolling this stack back would
	// mend it. Only such a path may fail a deployment.
	InStack bool `json:"in_stack,omitempty"`
}

// MeasuredHere reports whether the gate is to measure the path by a vantage.
func (p *Path) MeasuredHere() bool { return p.Measured == ByVantage || p.Measured == ByReverse }

// Ready says when a path counts as working.
type Ready struct {
	Within      probe.Micros `json:"within_us,omitempty"`   // how long to wait at most (10 minutes)
	Consecutive int          `json:"consecutive,omitempty"` // successes in a row that are needed (3)
	Poll        probe.Micros `json:"poll_us,omitempty"`     // between tries (5 s)
}

// Comparison asks which of some paths is faster. Two that are measured from one vantage are measured interleaved. Its
// outcome is shown and decides nothing: objectives do.
type Comparison struct {
	Paths     []string     `json:"paths"` // the first is compared with each of the others
	Phase     probe.Phase  `json:"phase"`
	Margin    probe.Micros `json:"margin_us,omitempty"`  // a difference that does not matter
	MarginRel float64      `json:"margin_rel,omitempty"` // the same as a share of the median; the larger counts
}

// Run is how paths are measured. It is the same for all: what is compared must be measured alike.
type Run struct {
	Count          int          `json:"count,omitempty"`           // probes of each path that count (100)
	ScheduledCount int          `json:"scheduled_count,omitempty"` // the same when a schedule asks (Count)
	Warmup         int          `json:"warmup,omitempty"`          // before them (3); negative: none
	Denials        int          `json:"denials,omitempty"`         // probes of each path that must not work, all of which count (10)
	Interval       probe.Micros `json:"interval_us,omitempty"`     // between probes of one path (50 ms)
	Timeout        probe.Micros `json:"timeout_us,omitempty"`      // of one probe (3 s)
	InFlight       int          `json:"in_flight,omitempty"`       // of one path at once (4)

	// Wait is how long the gate waits at most for functions to become usable (5 minutes). The wait for paths to work is
	// each path's own.
	Wait probe.Micros `json:"wait_us,omitempty"`

	// Budget bounds a whole run, waits included (12 minutes). When it is over, what has not been measured is reported so.
	// The function's own time limit ends a run earlier; only CodePipeline can wait for more than one invocation.
	Budget probe.Micros `json:"budget_us,omitempty"`
}

// Policy is what follows from verdicts.
type Policy struct {
	Latency    slo.Mode `json:"latency,omitempty"`    // how objectives on times are judged (lenient)
	Shares     slo.Mode `json:"shares,omitempty"`     // how objectives on losses are judged (point)
	Confidence float64  `json:"confidence,omitempty"` // of bounds (0.95)

	// OnDeploy says what CloudFormation is told when a path fails that lies wholly in the gate's stack (report). All other
	// paths are reported only, and so is anything in a rollback.
	OnDeploy Action `json:"on_deploy,omitempty"`

	// Pipeline says what CodePipeline is told when a path fails, or was to be measured and could not be (fail).
	Pipeline Action `json:"pipeline,omitempty"`

	// Inconclusive says what CodePipeline is told when nothing fails and something is inconclusive (report).
	Inconclusive Action `json:"inconclusive,omitempty"`
}

// Action is what a verdict leads to.
type Action string

// The actions.
const (
	ActReport Action = "report" // the caller is told and goes on
	ActFail   Action = "fail"   // the caller is told to stop
)

// RunKey is what a deployment passes to the gate's custom resource as its property RunKey: a hash of the document as it
// stands in the asset, placeholders unresolved. CloudFormation asks the gate to measure whenever it changes: when a path,
// an objective or a watched template did, and not otherwise.
func RunKey(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:16])
}
