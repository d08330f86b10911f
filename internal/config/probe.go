package config

// ProbeFile is one probe document: paths to measure, and what is asked of them.
type ProbeFile struct {
	// Version of this format: pathproof/probe/v1.
	APIVersion ProbeVersion `yaml:"apiVersion" required:"true"`
	// How all paths are measured: they share one schedule, so that they can be compared.
	Defaults ProbeDefaults `yaml:"defaults"`
	// What to measure, by name.
	Paths map[Name]ProbePath `yaml:"paths" required:"true"`
	// Objectives in the language of docs/PROBE.md, each under the path it is about, or under compare if it compares paths.
	SLO []map[Name]string `yaml:"slo"`
	// Paths to compare with each other.
	Compare []ProbePair `yaml:"compare"`
	// How the result is judged.
	Policy ProbePolicy `yaml:"policy"`
}

// ProbeDefaults are the numbers of a run.
type ProbeDefaults struct {
	// Probes of each path that count.
	Count int `yaml:"count" default:"100"`
	// Ends the run in place of count, for example 10m.
	Duration Duration `yaml:"duration"`
	// Mean time between probes of one path. Each comes up to 20% earlier or later, at random.
	Interval Duration `yaml:"interval" default:"50ms"`
	// How long one probe may take.
	Timeout Duration `yaml:"timeout" default:"3s"`
	// Probes of each path before those that count.
	Warmup int `yaml:"warmup" default:"3"`
	// Probes of one path that may be under way at once.
	InFlight int `yaml:"inFlight" default:"4"`
	// Confidence of objectives and comparisons, below 1.
	Confidence float64 `yaml:"confidence" default:"0.95"`
}

// ProbePath is one path. Give exactly one of tcp, echo, udp, http, dns and icmp.
type ProbePath struct {
	// Time a TCP connect to host:port, by the kernel's clock.
	TCP HostPort `yaml:"tcp"`
	// Time a payload to a pathproof probe serve and back, over TCP.
	Echo HostPort `yaml:"echo"`
	// The same over UDP.
	UDP HostPort `yaml:"udp"`
	// Time the phases of a request to an http or https URL.
	HTTP ProbeURL `yaml:"http"`
	// Time a question to a DNS server, given as host or host:port.
	DNS string `yaml:"dns"`
	// Time an ICMP echo ("ping") to a host.
	ICMP string `yaml:"icmp"`
	// What to ask a DNS server.
	Query ProbeQuery `yaml:"query"`
	// What to send to an HTTP server.
	Request ProbeRequest `yaml:"request"`
	// v4 or v6, for a name that has addresses of both. Default: the first that the resolver gives.
	Family ProbeFamily `yaml:"family"`
	// Local address to send from. Default: the routing table decides.
	Source IPAddr `yaml:"source"`
	// Number of source ports, taken in turn, so that each of several parallel ways is measured. Default: a new one for each probe.
	SourcePorts int `yaml:"sourcePorts"`
	// Parallel ways there are, for the reading of failures by source port. Default: unknown.
	Tunnels int `yaml:"tunnels"`
	// What is expected of answers, or that there must be none.
	Expect ProbeExpect `yaml:"expect"`
	// Wait until the path works before measuring it.
	WaitFor *ProbeWait `yaml:"waitFor"`
}

// ProbeQuery is a question to a DNS server.
type ProbeQuery struct {
	// Name to ask for. Required with dns.
	Name string `yaml:"name"`
	// Type of record.
	Type RecordType `yaml:"type" default:"A"`
}

// ProbeRequest is an HTTP request.
type ProbeRequest struct {
	// Method of the request.
	Method string `yaml:"method" default:"GET"`
	// Headers to send. Host sets the host.
	Header map[string]string `yaml:"header"`
	// Body to send.
	Body string `yaml:"body"`
	// HTTP version to insist on. Default: what both ends agree on.
	Version HTTPVersion `yaml:"version"`
	// Connect to this address instead of resolving the name.
	Connect IPAddr `yaml:"connect"`
	// Keep connections between probes. Most probes then have neither dns nor connect nor tls.
	Reuse bool `yaml:"reuse" default:"false"`
}

// ProbeExpect is what is expected of a path.
type ProbeExpect struct {
	// never: no probe may get a connection or an answer. unreachable: not even a refusal may come back.
	Connect ProbeConnect `yaml:"connect"`
	// Good statuses of HTTP. Default: 200 to 299.
	Status []int `yaml:"status" list:"one-or-many"`
	// Headers of the answer, with their exact values.
	Header map[string]string `yaml:"header"`
	// Regular expression that the body has to match.
	Body Regexp `yaml:"body"`
	// How long the certificate still has to be valid, for example 30d.
	Certificate Duration `yaml:"certificate"`
	// Where every address that a DNS server answers has to lie.
	Within []IPPrefix `yaml:"within" list:"one-or-many"`
}

// ProbeWait waits for a path.
type ProbeWait struct {
	// How long at most.
	Within Duration `yaml:"within" default:"10m"`
	// Successes in a row that are needed.
	Consecutive int `yaml:"consecutive" default:"3"`
	// Time between tries.
	Every Duration `yaml:"every" default:"5s"`
}

// ProbePair is a comparison of two paths.
type ProbePair struct {
	// The path.
	Path Name `yaml:"path" required:"true"`
	// The path that it is compared with.
	With Name `yaml:"with" required:"true"`
	// Phase to compare. Default: connect for tcp, else wait.
	Phase ProbePhase `yaml:"phase"`
}

// ProbePolicy says how a result is judged.
type ProbePolicy struct {
	// What an inconclusive verdict does: warn (exit status 0) or fail (exit status 2).
	OnInconclusive OnInconclusive `yaml:"onInconclusive" default:"warn"`
	// Objectives on times: strict passes when the interval proves them, lenient fails when it refutes them, point looks at the estimate alone.
	Latency JudgeMode `yaml:"latency" default:"lenient"`
	// The same for fail and synloss.
	Shares JudgeMode `yaml:"shares" default:"point"`
	// An objective that no outcome of so few probes could prove: error refuses the document, warn leaves it inconclusive.
	Undersampled Undersampled `yaml:"undersampled" default:"error"`
	// Difference of compared paths that does not matter: a time, a share of the second path's median, or the larger of both.
	Margin Margin `yaml:"margin" default:"0.25ms,2%"`
	// Measure on while something is inconclusive, with twice the probes each time, up to so many looks at the samples in all. Each look costs certainty.
	Looks int `yaml:"looks" default:"1"`
}
