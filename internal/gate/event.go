package gate

// Caller is who asked the gate.
type Caller string

// The callers.
const (
	ByCloudFormation Caller = "cloudformation" // custom resource of type ResourceType
	ByCodePipeline   Caller = "codepipeline"   // Lambda invoke action
	BySchedule       Caller = "schedule"       // EventBridge rule or schedule
	ByDirect         Caller = "direct"         // lambda:InvokeFunction, by the command line
)

// ResourceType is the gate's custom resource. Its properties: ServiceToken, RunKey, and ServiceTimeout, which should be the
// function's timeout and 60 s. Its attributes, for Fn::GetAtt: Verdict, Summary, RunId, RunKey, Report (an s3:// URI) and
// Paths (a line for each, cut to what fits).
const ResourceType = "Custom::PathproofGate"

// RunKeyProperty is the property of the custom resource that makes CloudFormation ask for a new measurement.
const RunKeyProperty = "RunKey"

// Direct is the event of direct callers, and the constant input of a schedule that is not an EventBridge rule.
type Direct struct {
	Pathproof Command  `json:"pathproof"`
	RunID     string   `json:"run_id,omitempty"`  // default: the invocation's id. A stored run is not measured again
	Paths     []string `json:"paths,omitempty"`   // only these; default: all
	Samples   bool     `json:"samples,omitempty"` // return the samples too, as far as they fit
	Result    []byte   `json:"result,omitempty"`  // of Submit: what PackResult made
}

// Command is what a direct caller wants.
type Command string

// The commands.
const (
	Verify   Command = "verify"   // measure and return the Report
	Schedule Command = "schedule" // measure, write metrics, return nothing: what a scheduled event does
	Submit   Command = "submit"   // judge, store and count what people measured of paths that are ByClient
)

// CodePipeline is the event of a Lambda invoke action.
type CodePipeline struct {
	ID   string `json:"id"`
	Data struct {
		ActionConfiguration struct {
			Configuration struct {
				UserParameters string // empty, or a Direct without command: {"paths": ["a", "b"]}
			} `json:"configuration"`
		} `json:"actionConfiguration"`
		ContinuationToken string `json:"continuationToken"`
	} `json:"data"`
}
