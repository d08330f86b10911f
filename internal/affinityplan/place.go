package affinityplan

import "math/rand/v2"

// MaxPlacements is how many ways of placing a request are gone through one by one. Beyond it they are sampled.
const MaxPlacements = 200_000

// placed is where the caller (index 0) and each service (its index plus one) are, by zone.
type placed []int

func (p placed) zone(service int) int { return p[service+1] }

// step is a service that meets the request for the first time.
type step struct {
	service, from int
	affinity      float64
}

// steps lists the services in the order in which a request meets them.
func (c *Chain) steps() []step {
	var out []step
	met := map[int]bool{Caller: true}
	for i := range c.Calls {
		call := &c.Calls[i]
		for j, service := range call.To {
			if met[service] {
				continue
			}
			met[service] = true
			s := step{service: service, from: call.From, affinity: call.Affinity}
			if j > 0 { // a service that passes the request on, which affinity is not about
				s.from, s.affinity = call.To[j-1], 0
			}
			out = append(out, s)
		}
	}
	return out
}

// shares fills in the probability of each zone for a step, given where the earlier ones are. It reports whether the service
// has an instance at all, and whether it could be apart from those it has to be apart from.
func (c *Chain) shares(s step, at placed, out []float64) (some, apart bool) {
	service := &c.Services[s.service]
	copy(out, service.Weights)
	if sum(out) == 0 {
		return false, false
	}
	for _, other := range service.Apart {
		if z := at.zone(other); z >= 0 {
			out[z] = 0
		}
	}
	apart = true
	if sum(out) == 0 { // better in one zone with another replica than not at all
		apart = false
		copy(out, service.Weights)
	}
	total, own := sum(out), at.zone(s.from)
	stays := 0.0
	if out[own] > 0 {
		stays = s.affinity
	}
	for z := range out {
		out[z] *= (1 - stays) / total
	}
	out[own] += stays
	return true, apart
}

// visitor goes through placements.
type visitor struct {
	chain *Chain
	steps []step
	at    placed
	leaf  func(at placed, probability float64)
	count int
	limit int
	// crowded says that some service had to share a zone with one that it should be apart from.
	crowded map[int]bool
}

func newVisitor(c *Chain, leaf func(placed, float64)) *visitor {
	at := make(placed, len(c.Services)+1)
	for i := range at {
		at[i] = -1
	}
	return &visitor{chain: c, steps: c.steps(), at: at, leaf: leaf, limit: MaxPlacements, crowded: map[int]bool{}}
}

// all goes through all placements, and reports false if there are more than the limit.
func (v *visitor) all() bool {
	total := sum(v.chain.Callers)
	for z, weight := range v.chain.Callers {
		if weight == 0 {
			continue
		}
		v.at[0] = z
		if !v.from(0, weight/total) {
			return false
		}
	}
	return true
}

func (v *visitor) from(k int, probability float64) bool {
	if k == len(v.steps) {
		v.count++
		if v.count > v.limit {
			return false
		}
		v.leaf(v.at, probability)
		return true
	}
	s := v.steps[k]
	shares := make([]float64, len(v.chain.Zones))
	_, apart := v.chain.shares(s, v.at, shares)
	if !apart {
		v.crowded[s.service] = true
	}
	for z, share := range shares {
		if share == 0 {
			continue
		}
		v.at[s.service+1] = z
		if !v.from(k+1, probability*share) {
			return false
		}
	}
	v.at[s.service+1] = -1
	return true
}

// draw places one request by chance.
func (v *visitor) draw(r *rand.Rand, shares []float64) placed {
	for i := range v.at {
		v.at[i] = -1
	}
	v.at[0] = pick(r, v.chain.Callers)
	for _, s := range v.steps {
		if _, apart := v.chain.shares(s, v.at, shares); !apart {
			v.crowded[s.service] = true
		}
		v.at[s.service+1] = pick(r, shares)
	}
	return v.at
}

// pick returns an index with a probability in proportion to its weight.
func pick(r *rand.Rand, weights []float64) int {
	u := r.Float64() * sum(weights)
	last := 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		last = i
		if u -= w; u < 0 {
			return i
		}
	}
	return last
}

// unavailable lists the services that are called and have no instance left.
func (c *Chain) unavailable() []string {
	var out []string
	for _, s := range c.steps() {
		if sum(c.Services[s.service].Weights) == 0 {
			out = append(out, c.Services[s.service].Name)
		}
	}
	return out
}
