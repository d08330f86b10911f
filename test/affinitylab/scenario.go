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

	// Targets. A zero value is: not judged.
	MaxFailed  float64       // share of calls that fail in the first 10 s of the fault
	CleanAfter time.Duration // from here on no call fails; 0: none may fail at all if MaxFailed is 0
	Leave      time.Duration // the faulty zone is left within
	Back       time.Duration // the own zone has 95 % of calls again within, from the repair
	Total      bool          // everything fails: only the load on the servers and the recovery are judged
	Stays      bool          // the own zone is well: no call may leave it
	Rests      string        // what the row rests on, for the report
	Fault10    time.Duration // length of the fault; 0: the usual
	After      time.Duration // watched after it; 0: the usual
}

// Scenarios are all ways to fail, in the order of the table.
func Scenarios() []Scenario {
	const percent = 0.01
	back := 10 * time.Second
	return []Scenario{
		{Name: "kill", Fault: "SIGKILL of the zone's servers: connections end, new ones are refused", Fast: true, MaxFailed: percent, CleanAfter: 2 * time.Second, Back: back},
		{Name: "blackhole", Fault: "a firewall drops all packets of the zone", Fast: true, MaxFailed: percent, CleanAfter: 2 * time.Second, Back: back,
			Rests: "an attempt timeout of " + attemptTimeout.String()},
		{Name: "freeze", Fault: "SIGSTOP of the zone's servers: the kernel accepts, nobody answers", MaxFailed: percent, CleanAfter: 2 * time.Second, Back: back,
			Rests: "an attempt timeout of " + attemptTimeout.String()},
		{Name: "slow", Fault: "the zone's answers take ten times as long", Fast: true, MaxFailed: percent, CleanAfter: 2 * time.Second, Leave: 5 * time.Second, Back: back},
		{Name: "flap", Fault: "a firewall resets the zone's connections for 1 s of every 2 s", MaxFailed: percent, CleanAfter: 2 * time.Second, Back: back},
		{Name: "errors", Fault: "the zone answers 503", MaxFailed: percent, CleanAfter: 2 * time.Second, Back: back},
		{Name: "one-endpoint", Fault: "SIGKILL of one of the zone's two servers", MaxFailed: percent, CleanAfter: 2 * time.Second, Back: back},
		{Name: "discovery", Fault: "the DNS server answers SERVFAIL, then nothing", Stays: true},
		{Name: "discovery-and-kill", Fault: "the DNS server is silent, and the zone's servers are killed", MaxFailed: percent, CleanAfter: 2 * time.Second, Back: back},
		{Name: "shift", Fault: "the zone's addresses are taken out of the Regional name (zonal shift); its servers are well", Fast: true,
			Leave: TTL + 5*time.Second, Back: back + TTL, Fault10: 14 * time.Second, After: 18 * time.Second,
			Rests: "a TTL of " + TTL.String() + ", which both the leaving and the return wait for"},
		{Name: "total", Fault: "SIGKILL of the servers of all zones", Total: true, Back: back},
	}
}

// scenario returns the one of this name.
func scenario(name string) (Scenario, bool) {
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}

// cell gives a scenario its times.
func (s Scenario) cell() Cell {
	c := Cell{Scenario: s.Name, Warm: 14 * time.Second, Fault: 10 * time.Second, After: 14 * time.Second}
	if s.Fault10 > 0 {
		c.Fault = s.Fault10
	}
	if s.After > 0 {
		c.After = s.After
	}
	return c
}
