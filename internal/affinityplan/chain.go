package affinityplan

// Caller is the index of the place where requests come from, in Call.From.
const Caller = -1

// Chain is a call chain, ready for arithmetic. Zones and services are known by their index.
type Chain struct {
	Name       string
	Zones      []string
	Callers    []float64 // weight of each zone
	Services   []Service
	Calls      []Call
	Latency    Latency
	Processing Times // of a whole request, outside of the network

	PricePerGB        float64 // for each side
	Currency          string
	RequestsPerSecond float64 // 0: not known
}

// Service is one service of a chain.
type Service struct {
	Name       string
	Weights    []float64 // of its instances, by zone
	Apart      []int     // services whose zones it avoids, as far as it can
	Processing Times     // of one call to it
}

// Call is a request that each of To passes on to the next, and the last one's response to From.
type Call struct {
	From              int
	To                []int
	Request, Response float64 // bytes
	Times             float64 // per request of the chain
	Affinity          float64 // 0 to 1: share that stays in the caller's zone if it can
	Charged           bool
}

// messages returns how many messages a call is.
func (c *Call) messages() int { return len(c.To) + 1 }

// message returns where message i comes from and goes to, and its size. The last one is the response.
func (c *Call) message(i int) (from, to int, bytes float64) {
	from, to, bytes = c.From, c.From, c.Request
	if i > 0 {
		from = c.To[i-1]
	}
	if i < len(c.To) {
		return from, c.To[i], bytes
	}
	return from, to, c.Response
}

// Latency is how long a message takes, by the zones that it comes from and goes to.
type Latency struct {
	Same, Cross Times
	PerMessage  bool            // Same and Cross are of one message, and else of a round trip
	Pairs       map[[2]int]Pair // keys are sorted
}

// Pair is a pair of zones with times of its own.
type Pair struct {
	Times      Times
	PerMessage bool
	Measured   string // the path that they come from; empty: declared
}

// of returns the times between two zones, and what share of them one message takes.
func (l *Latency) of(a, b int) (Times, float64) {
	if p, ok := l.Pairs[[2]int{min(a, b), max(a, b)}]; ok {
		return p.Times, shareOf(p.PerMessage)
	}
	if a == b {
		return l.Same, shareOf(l.PerMessage)
	}
	return l.Cross, shareOf(l.PerMessage)
}

func shareOf(perMessage bool) float64 {
	if perMessage {
		return 1
	}
	return 0.5
}

// WithoutAffinity returns the chain with calls that go to any zone.
func (c *Chain) WithoutAffinity() *Chain {
	out := *c
	out.Calls = append([]Call(nil), c.Calls...)
	for i := range out.Calls {
		out.Calls[i].Affinity = 0
	}
	return &out
}

// WithoutZone returns the chain with no instances in a zone, and with no callers there if they are gone too.
func (c *Chain) WithoutZone(zone int, callersToo bool) *Chain {
	out := *c
	out.Services = append([]Service(nil), c.Services...)
	for i := range out.Services {
		out.Services[i].Weights = without(out.Services[i].Weights, zone)
	}
	if callersToo {
		out.Callers = without(c.Callers, zone)
	}
	return &out
}

func without(weights []float64, zone int) []float64 {
	out := append([]float64(nil), weights...)
	out[zone] = 0
	return out
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}
