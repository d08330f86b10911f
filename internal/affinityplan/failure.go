package affinityplan

import "slices"

// Failure is what the loss of a zone does to the chain with affinity.
type Failure struct {
	Zone string `json:"zone"`

	// Stays is the chain whose instances in the zone are gone while its callers are not; Gone is without those callers too, and nil
	// if there are no others.
	Stays *AfterFailure `json:"callers_stay"`
	Gone  *AfterFailure `json:"callers_gone"`
}

// AfterFailure is the chain after the loss of a zone.
type AfterFailure struct {
	// Unavailable are services that had instances in no other zone. Then nothing else is known.
	Unavailable []string `json:"unavailable,omitempty"`

	Exact    bool    `json:"exact"`
	Worst    int     `json:"worst_crossings"`
	Expected Average `json:"expected"`

	// Busiest is the place that has to carry the most more than before: that share of all requests, and how many times what it was.
	Busiest Busiest `json:"busiest"`

	// Crowded are services that had to share a zone with one that they should be apart from.
	Crowded []string `json:"crowded,omitempty"`
}

// Busiest is a service's instances in one zone.
type Busiest struct {
	Service string  `json:"service"`
	Zone    string  `json:"zone"`
	Share   float64 `json:"share"`
	Factor  float64 `json:"factor"`
}

// failureSamples is how many placements are drawn for each failure where there are too many: their averages need no more.
const failureSamples = 20_000

func failures(c *Chain, o Options) []Failure {
	o.Samples = min(o.Samples, failureSamples)
	healthy := newTally(c)
	healthy.shares = nil
	healthy.run(o)
	var out []Failure
	for z, zone := range c.Zones {
		f := Failure{Zone: zone, Stays: after(c.WithoutZone(z, false), healthy.load, o)}
		if gone := c.WithoutZone(z, true); sum(gone.Callers) > 0 {
			f.Gone = after(gone, healthy.load, o)
		}
		out = append(out, f)
	}
	return out
}

func after(c *Chain, healthy [][]float64, o Options) *AfterFailure {
	if names := c.unavailable(); len(names) > 0 {
		return &AfterFailure{Unavailable: names}
	}
	t := newTally(c)
	t.shares = nil
	exact, _ := t.run(o)
	s := t.scenario()
	out := &AfterFailure{Exact: exact, Worst: s.Worst.Crossings, Expected: s.Expected, Crowded: c.crowded()}
	for i, load := range t.load {
		for z, share := range load {
			if healthy[i][z] > 0 && share/healthy[i][z] > out.Busiest.Factor {
				out.Busiest = Busiest{c.Services[i].Name, c.Zones[z], share, share / healthy[i][z]}
			}
		}
	}
	return out
}

// crowded lists the services that cannot always be apart from those that they should be apart from.
func (c *Chain) crowded() []string {
	v := newVisitor(c, func(placed, float64) {})
	v.limit = roomLimit
	v.all()
	var out []string
	for i := range v.crowded {
		out = append(out, c.Services[i].Name)
	}
	slices.Sort(out)
	return out
}
