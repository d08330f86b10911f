package affinityplan

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pathproof/pathproof/internal/stats"
)

// Tails is the distribution of a request's time, drawn: placement, calls of a share of requests, and every message's and
// service's time, each by itself.
type Tails struct {
	Samples   int       `json:"samples"`
	Quantiles []TailRow `json:"quantiles"`

	// Beyond is the share of requests with some time beyond the highest declared percentile. Those times are taken for that
	// percentile's, the least they can be.
	Beyond float64 `json:"beyond_declared"`
}

// TailRow is one percentile of a request's time, in milliseconds.
type TailRow struct {
	Percentile float64 `json:"percentile"`
	AtLeast    float64 `json:"at_least_ms"` // with 97.5 % confidence
	Value      float64 `json:"value_ms"`    // of the sample, if times beyond the declared ones were no longer

	// AtMost is an upper bound whatever the times beyond the declared percentiles are, with 97.5 % confidence; nil: there is none.
	AtMost *float64 `json:"at_most_ms"`
}

// tailConfidence is that of both bounds together.
const tailConfidence = 0.95

// newRand draws the same numbers for the same purpose, whatever else is drawn.
func newRand(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(purpose)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// drawer draws whole requests.
type drawer struct {
	chain   *Chain
	rand    *rand.Rand
	visitor *visitor
	shares  []float64
	network [][]quantiles // by zones
	parts   [][]float64   // share of them that one message takes
	service []quantiles
	whole   quantiles
}

// tails draws the distribution. Without tails of all times there is none.
func (c *Chain) tails(o Options) *Tails {
	if !c.tailsKnown() || len(c.unavailable()) > 0 {
		return nil
	}
	d := newDrawer(c, o)
	totals := make([]float64, o.Samples)
	beyond := 0
	for i := range totals {
		total, past := d.request()
		totals[i] = total
		if past {
			beyond++
		}
	}
	slices.Sort(totals)
	out := &Tails{Samples: o.Samples, Beyond: float64(beyond) / float64(o.Samples)}
	for _, q := range []stats.Quantile{stats.P50, stats.P90, stats.P99, stats.P999} {
		out.Quantiles = append(out.Quantiles, tailRow(totals, q, out.Beyond))
	}
	return out
}

// tailsKnown reports whether there is a tail of every time that is drawn.
func (c *Chain) tailsKnown() bool {
	known := c.Latency.Same.hasTail() && c.Latency.Cross.hasTail() && (c.Processing == Times{} || c.Processing.hasTail())
	for _, p := range c.Latency.Pairs {
		known = known && p.Times.hasTail()
	}
	for i := range c.Services {
		known = known && (c.Services[i].Processing == Times{} || c.Services[i].Processing.hasTail())
	}
	return known
}

// tailRow bounds a percentile. Times beyond the declared ones were drawn too short in a share of requests, so a percentile q of
// the true times is at most the percentile q + share of the drawn ones.
func tailRow(sorted []float64, q stats.Quantile, beyond float64) TailRow {
	n := len(sorted)
	lo, _ := stats.QuantileRanks(q, n, tailConfidence)
	row := TailRow{Percentile: float64(q) / 10_000, Value: sorted[q.Rank(n)-1], AtLeast: sorted[0]}
	if lo != stats.NoRank {
		row.AtLeast = sorted[lo-1]
	}
	// What was seen beyond is a sample too, so its own upper bound is added.
	share := stats.NewRate(int(math.Round(beyond*float64(n))), n, tailConfidence).Hi
	shifted := stats.Quantile(math.Ceil(float64(q) + share*float64(stats.Maximum)))
	if shifted < stats.Maximum {
		if _, hi := stats.QuantileRanks(shifted, n, tailConfidence); hi != stats.NoRank {
			row.AtMost = &sorted[hi-1]
		}
	}
	return row
}

func newDrawer(c *Chain, o Options) *drawer {
	d := &drawer{
		chain: c, rand: newRand(o.Seed, "times"), visitor: newVisitor(c, nil), shares: make([]float64, len(c.Zones)),
		whole: newQuantiles(c.Processing),
	}
	for a := range c.Zones {
		d.network = append(d.network, make([]quantiles, len(c.Zones)))
		d.parts = append(d.parts, make([]float64, len(c.Zones)))
		for b := range c.Zones {
			times, share := c.Latency.of(a, b)
			d.network[a][b], d.parts[a][b] = newQuantiles(times), share
		}
	}
	for i := range c.Services {
		d.service = append(d.service, newQuantiles(c.Services[i].Processing))
	}
	return d
}

// request draws one request's time, and whether some part of it was beyond what is declared.
func (d *drawer) request() (total float64, beyond bool) {
	at := d.visitor.draw(d.rand, d.shares)
	add := func(q quantiles, share float64) {
		v, past := q.at(d.rand.Float64())
		total += share * v
		beyond = beyond || past
	}
	add(d.whole, 1)
	for i := range d.chain.Calls {
		call := &d.chain.Calls[i]
		times, rest := math.Modf(call.Times)
		if d.rand.Float64() < rest {
			times++
		}
		for range int(times) {
			for k := range call.messages() {
				from, to, _ := call.message(k)
				a, b := at.zone(from), at.zone(to)
				add(d.network[a][b], d.parts[a][b])
			}
			for _, to := range call.To {
				add(d.service[to], 1)
			}
		}
	}
	return total, beyond
}
