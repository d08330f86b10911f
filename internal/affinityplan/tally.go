package affinityplan

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// tally adds up placements.
type tally struct {
	chain    *Chain
	average  Average
	squares  float64 // of crossings
	worst    Case
	worstAt  placed
	shares   map[int]float64 // nil: not wanted
	between  [][]leg         // by zones
	ones     []one           // of the placement that is being added, by call
	rand     *rand.Rand      // draws calls of a share of requests; nil: both cases are added
	calls    []CallAverage
	load     [][]float64
	overhead [2]float64 // p0 and p50 of processing
}

// leg is what one message between two zones takes, in milliseconds.
type leg struct{ p0, p50 float64 }

func (c *Chain) legs() [][]leg {
	out := make([][]leg, len(c.Zones))
	for a := range out {
		out[a] = make([]leg, len(c.Zones))
		for b := range out[a] {
			times, share := c.Latency.of(a, b)
			out[a][b] = leg{share * ms(times.P0), share * ms(times.P50)}
		}
	}
	return out
}

func newTally(c *Chain) *tally {
	t := &tally{chain: c, shares: map[int]float64{}, load: make([][]float64, len(c.Services)), worst: Case{Crossings: -1}}
	for i := range c.Calls {
		t.calls = append(t.calls, CallAverage{Call: c.title(i), Times: c.Calls[i].Times})
	}
	for i := range t.load {
		t.load[i] = make([]float64, len(c.Zones))
	}
	t.overhead, t.between, t.ones = c.overhead(), c.legs(), make([]one, len(c.Calls))
	return t
}

// overhead is the processing of a request, p0 and p50.
func (c *Chain) overhead() [2]float64 {
	out := [2]float64{ms(c.Processing.P0), ms(c.Processing.P50)}
	for i := range c.Calls {
		for _, to := range c.Calls[i].To {
			p := c.Services[to].Processing
			out[0] += c.Calls[i].Times * ms(p.P0)
			out[1] += c.Calls[i].Times * ms(p.P50)
		}
	}
	return out
}

// title names a call like router → head → middle → tail.
func (c *Chain) title(i int) string {
	names := []string{callerName}
	if from := c.Calls[i].From; from != Caller {
		names[0] = c.Services[from].Name
	}
	for _, to := range c.Calls[i].To {
		names = append(names, c.Services[to].Name)
	}
	return strings.Join(names, " → ")
}

// visit goes through the placements of a chain, or draws them, and reports whether they are all there are. drawing is called before they
// are drawn.
func (c *Chain) visit(o Options, leaf func(placed, float64), drawing func()) (exact bool, count int) {
	v := newVisitor(c, func(placed, float64) {})
	if exact = v.all(); exact { // counting is cheap beside adding up
		v = newVisitor(c, leaf)
		v.all()
		return true, v.count
	}
	drawing()
	v = newVisitor(c, leaf)
	r := newRand(o.Seed, "placements")
	shares := make([]float64, len(c.Zones))
	for range o.Samples {
		leaf(v.draw(r, shares), 1/float64(o.Samples))
	}
	return false, o.Samples
}

func (t *tally) run(o Options) (exact bool, count int) {
	exact, count = t.chain.visit(o, t.add, func() { t.rand = newRand(o.Seed, "calls") })
	if !exact {
		variance := t.squares - t.average.Crossings*t.average.Crossings
		t.average.CrossingsCI = 1.96 * math.Sqrt(max(variance, 0)/float64(count))
	}
	return exact, count
}

// add adds one placement.
func (t *tally) add(at placed, probability float64) {
	crossings, worst := 0.0, Case{}
	for i := range t.chain.Calls {
		call := &t.chain.Calls[i]
		one := t.measure(call, at)
		t.ones[i] = one
		crossings += call.Times * float64(one.crossings)
		a := &t.average
		a.NetworkP0 += probability * call.Times * one.p0
		a.NetworkP50 += probability * call.Times * one.p50
		t.calls[i].Crossings += probability * call.Times * float64(one.crossings)
		t.calls[i].Bytes += probability * call.Times * one.bytes
		whole := math.Ceil(call.Times)
		worst.Crossings += int(whole) * one.crossings
		worst.NetworkP0 += whole * one.p0
		worst.NetworkP50 += whole * one.p50
		worst.Bytes += whole * one.bytes
		a.Bytes += probability * call.Times * one.bytes
		if call.Charged {
			a.Charged += probability * call.Times * one.bytes
			worst.Charged += whole * one.bytes
		}
	}
	t.average.Crossings += probability * crossings
	t.squares += probability * crossings * crossings
	t.distribution(probability)
	for i := range t.load {
		if z := at.zone(i); z >= 0 {
			t.load[i][z] += probability
		}
	}
	t.keepWorst(at, probability, worst)
}

// keepWorst keeps the placement with the most crossings, of those the slowest.
func (t *tally) keepWorst(at placed, probability float64, c Case) {
	switch {
	case c.Crossings > t.worst.Crossings, c.Crossings == t.worst.Crossings && c.NetworkP50 > t.worst.NetworkP50+1e-12:
		if c.Crossings == t.worst.Crossings {
			probability += t.worst.Probability
		}
		t.worst, t.worst.Probability = c, probability
		t.worstAt = append(t.worstAt[:0], at...)
	case c.Crossings == t.worst.Crossings:
		t.worst.Probability += probability
	}
}

// one is a call made once.
type one struct {
	crossings      int
	p0, p50, bytes float64
}

func (t *tally) measure(call *Call, at placed) one {
	var out one
	for i := range call.messages() {
		from, to, bytes := call.message(i)
		a, b := at.zone(from), at.zone(to)
		out.p0 += t.between[a][b].p0
		out.p50 += t.between[a][b].p50
		if a != b {
			out.crossings++
			out.bytes += bytes
		}
	}
	return out
}

// distribution adds the placement's crossings. A call of a share of requests happens or not.
func (t *tally) distribution(probability float64) {
	if t.shares == nil {
		return
	}
	crossings, chance := 0, false
	for i := range t.chain.Calls {
		times, rest := math.Modf(t.chain.Calls[i].Times)
		if rest > 0 && t.rand != nil && t.rand.Float64() < rest {
			times++
		}
		crossings += int(times) * t.ones[i].crossings
		chance = chance || rest > 0
	}
	if !chance || t.rand != nil {
		t.shares[crossings] += probability
		return
	}
	shares := map[int]float64{crossings: probability}
	for i := range t.chain.Calls {
		_, rest := math.Modf(t.chain.Calls[i].Times)
		n := t.ones[i].crossings
		if rest == 0 || n == 0 {
			continue
		}
		next := make(map[int]float64, 2*len(shares))
		for k, p := range shares {
			next[k] += p * (1 - rest)
			next[k+n] += p * rest
		}
		shares = next
	}
	for k, p := range shares {
		t.shares[k] += p
	}
}

// scenario writes down what was added up.
func (t *tally) scenario() Scenario {
	c := t.chain
	a, w := t.average, t.worst
	a.TotalP0, a.TotalP50 = a.NetworkP0+t.overhead[0], a.NetworkP50+t.overhead[1]
	a.Cost = c.costPerMillion(a.Charged)
	a.CostMonth = a.Cost / 1e6 * c.RequestsPerSecond * secondsPerMonth
	whole := c.worstOverhead()
	w.TotalP0, w.TotalP50 = w.NetworkP0+whole[0], w.NetworkP50+whole[1]
	w.Cost = c.costPerMillion(w.Charged)
	w.Zones = c.namesAt(t.worstAt)
	out := Scenario{Worst: w, Expected: a, Calls: t.calls}
	for _, k := range slices.Sorted(maps.Keys(t.shares)) {
		out.Crossings = append(out.Crossings, CrossingShare{k, t.shares[k]})
	}
	for i := range c.Services {
		out.Load = append(out.Load, ZoneLoad{c.Services[i].Name, t.load[i]})
	}
	return out
}

// worstOverhead is processing where every call of a share of requests happens.
func (c *Chain) worstOverhead() [2]float64 {
	out := *c
	out.Calls = append([]Call(nil), c.Calls...)
	for i := range out.Calls {
		out.Calls[i].Times = math.Ceil(out.Calls[i].Times)
	}
	return out.overhead()
}

// costPerMillion is what a million requests cost that send so many charged bytes between zones: both sides pay.
func (c *Chain) costPerMillion(bytes float64) float64 { return bytes * 1e6 / 1e9 * 2 * c.PricePerGB }

func (c *Chain) namesAt(at placed) map[string]string {
	out := map[string]string{}
	for i, z := range at {
		switch {
		case z < 0:
		case i == 0:
			out[callerName] = c.Zones[z]
		default:
			out[c.Services[i-1].Name] = c.Zones[z]
		}
	}
	return out
}
