package affinityplan

// Schema names the form of an Estimate in JSON.
const Schema = "pathproof/affinity-estimate/v1"

// Options say how much is drawn.
type Options struct {
	// Samples that times and, where there are too many placements, crossings are drawn with. Default: 200,000.
	Samples int
	// Seed of drawing. The same seed gives the same figures. Default: 1.
	Seed uint64
}

func (o Options) withDefaults() Options {
	if o.Samples == 0 {
		o.Samples = 200_000
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	return o
}

// Estimate is what affinity does to a chain. Times are in milliseconds.
type Estimate struct {
	Schema   string    `json:"schema"`
	Name     string    `json:"name"`
	Zones    []string  `json:"zones"`
	Messages float64   `json:"messages"` // of one request, on average
	Price    Price     `json:"price"`
	Seed     uint64    `json:"seed"`
	Without  Scenario  `json:"without_affinity"`
	With     Scenario  `json:"with_affinity"`
	Failures []Failure `json:"failures"`
	Notes    []string  `json:"notes"`
}

// Price is what the costs are made of.
type Price struct {
	PerGBEachSide     float64 `json:"per_gb_each_side"`
	Currency          string  `json:"currency"`
	RequestsPerSecond float64 `json:"requests_per_second,omitempty"`
}

// Scenario is the chain with or without affinity.
type Scenario struct {
	Placements int  `json:"placements"` // that were gone through, or drawn
	Exact      bool `json:"exact"`      // all there are; else they were drawn, and Worst is the worst that was

	Worst    Case    `json:"worst"`    // placement with the most crossings
	Expected Average `json:"expected"` // over all placements by their probability

	Crossings []CrossingShare `json:"crossings"` // their distribution, in rising order
	Calls     []CallAverage   `json:"calls"`
	Load      []ZoneLoad      `json:"load"`

	// Tails is the distribution of a request's time; nil where no p99 is known to draw it from.
	Tails *Tails `json:"tails,omitempty"`
}

// Case is one placement.
type Case struct {
	Crossings   int               `json:"crossings"` // every call of a share of requests counted in full
	NetworkP0   float64           `json:"network_p0_ms"`
	NetworkP50  float64           `json:"network_p50_ms"`
	TotalP0     float64           `json:"total_p0_ms"`
	TotalP50    float64           `json:"total_p50_ms"`
	Bytes       float64           `json:"bytes_across_zones"`
	Charged     float64           `json:"charged_bytes"`
	Cost        float64           `json:"cost_per_million"`
	Probability float64           `json:"probability"` // of all placements with as many crossings
	Zones       map[string]string `json:"zones"`       // where the caller and each service are
}

// Average is over all placements. P0 and P50 are averages of sums of percentiles.
type Average struct {
	Crossings   float64 `json:"crossings"`
	CrossingsCI float64 `json:"crossings_ci95,omitempty"` // half an interval, of drawn placements
	NetworkP0   float64 `json:"network_p0_ms"`
	NetworkP50  float64 `json:"network_p50_ms"`
	TotalP0     float64 `json:"total_p0_ms"`
	TotalP50    float64 `json:"total_p50_ms"`
	Bytes       float64 `json:"bytes_across_zones"`
	Charged     float64 `json:"charged_bytes"`
	Cost        float64 `json:"cost_per_million"`
	CostMonth   float64 `json:"cost_per_month,omitempty"`
}

// CrossingShare is how probable a number of crossings is.
type CrossingShare struct {
	Crossings   int     `json:"crossings"`
	Probability float64 `json:"probability"`
}

// CallAverage is what a call contributes.
type CallAverage struct {
	Call      string  `json:"call"`
	Times     float64 `json:"times"`
	Crossings float64 `json:"crossings"`
	Bytes     float64 `json:"bytes_across_zones"`
}

// ZoneLoad is the share of requests that meet a service's instances in each zone.
type ZoneLoad struct {
	Service string    `json:"service"`
	Share   []float64 `json:"share"` // in the order of Estimate.Zones
}

// secondsPerMonth are those of 730 hours, AWS's month.
const secondsPerMonth = 730 * 3600

// New estimates a chain that Build found good.
func New(c *Chain, o Options) *Estimate {
	o = o.withDefaults()
	out := &Estimate{
		Schema: Schema, Name: c.Name, Zones: c.Zones, Seed: o.Seed,
		Price:   Price{c.PricePerGB, c.Currency, c.RequestsPerSecond},
		Without: scenario(c.WithoutAffinity(), o), With: scenario(c, o),
	}
	for i := range c.Calls {
		out.Messages += float64(c.Calls[i].messages()) * c.Calls[i].Times
	}
	out.Failures = failures(c, o)
	out.Notes = notes(c, out)
	return out
}

func scenario(c *Chain, o Options) Scenario {
	t := newTally(c)
	exact, count := t.run(o)
	out := t.scenario()
	out.Exact, out.Placements = exact, count
	out.Tails = c.tails(o)
	return out
}
