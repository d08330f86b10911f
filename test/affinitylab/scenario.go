package affinitylab

import "time"

// Cell is one scenario with its times.
type Cell struct {
	Scenario string        `json:"scenario"`
	Warm     time.Duration `json:"warm"`  // before the fault; the first half is not measured
	Fault    time.Duration `json:"fault"` // how long it lasts
	After    time.Duration `json:"after"` // watched after the repair
}

// Numbers of every cell.
const (
	// TTL is that of all records. A load balancer's is 60 s; this is shorter so that a cell is.
	TTL = 5 * time.Second
	// callTimeout is how long a caller waits for a call, whichever client it uses.
	callTimeout = 2 * time.Second
	// attemptTimeout is what the library is given: the one figure that decides how long a silent zone is felt.
	attemptTimeout = 300 * time.Millisecond
	// window is that over which the amplification is bounded.
	window = 10 * time.Second
)

// Zones of the lab. The clients are in the first, which is the one that fails.
var zoneIDs = []string{"apne2-az1", "apne2-az2", "apne2-az3"}

// Scenario is one way to fail.
type Scenario struct {
	Name  string
	Fault string // what is done
	Fast  bool   // it is in the part that go test runs
	Rests string // what the row rests on, for the report

	// What calls. Zero values are the usual: 250 calls/s, GET, attemptTimeout, beside the controls.
	PerSecond      int
	Post           bool          // calls that must not be repeated once they may have reached a server
	AttemptTimeout time.Duration // negative: the library's default
	Single         bool          // one server a zone, as with a load balancer's one address there
	CloudMap       bool          // servers are found in Cloud Map in place of DNS
	Cold           bool          // the fault is there before the clients begin
	Alone          bool          // without controls, whose load would blur the row

	Lasts, Watched time.Duration // how long the fault lasts, and is watched after it. Zero values are the usual

	Targets Targets
}

// Targets are what a row is judged by, beside those of all rows: no failure and no call to another zone before the fault.
type Targets struct {
	MaxFailed float64       // share of the calls of the fault's first 10 s that may fail
	Clean     time.Duration // from then on no call fails; 0: not judged
	Leave     time.Duration // the own zone is left within; 0: not judged
	Back      time.Duration // the own zone has 95 % of calls again within, from the repair; 0: not judged
	MaxCross  *float64      // share of attempts to other zones during the fault, at most; nil: not judged
	MinServed float64       // calls per second that succeed during the fault, at least
	Attempts  float64       // attempts per call in any 10 s stay below; 0: 1.2
}

// share returns a pointer for MaxCross.
func share(v float64) *float64 { return &v }

// scenario returns the one of this name.
func scenario(name string) (Scenario, bool) {
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}

// perSecond is how many calls the library makes.
func (s Scenario) perSecond() int {
	if s.PerSecond > 0 {
		return s.PerSecond
	}
	return 250
}

// cell gives a scenario its times.
func (s Scenario) cell() Cell {
	c := Cell{Scenario: s.Name, Warm: 14 * time.Second, Fault: 10 * time.Second, After: 14 * time.Second}
	if s.Cold {
		c.Warm = 0
	}
	if s.Lasts > 0 {
		c.Fault = s.Lasts
	}
	if s.Watched > 0 {
		c.After = s.Watched
	}
	return c
}
