package affinityplan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
)

// Document is an affinity document as internal/config loads it.
type Document = config.DocumentOf[config.AffinityFile]

// callerName is what documents call the place where requests come from.
const callerName = "caller"

// Build makes a chain of a document, whose File must not be nil. measured is a probe result for pairs of zones that name a path
// of one; nil if there is none. The chain is only fit for use if the list holds no error.
func Build(doc *Document, measured *probe.Result) (*Chain, problem.List) {
	b := builder{file: doc.File, measured: measured, zones: map[config.ZoneID]int{}, services: map[config.Name]int{}}
	b.chain.Name = string(doc.File.Name)
	b.places()
	b.names()
	b.latency()
	b.serviceDetails()
	b.calls()
	b.money()
	if !b.problems.Has(problem.Error) {
		b.room()
	}
	b.problems.Locate(doc.Position)
	b.problems.Sort()
	return &b.chain, b.problems
}

type builder struct {
	file     *config.AffinityFile
	measured *probe.Result
	chain    Chain
	zones    map[config.ZoneID]int
	services map[config.Name]int
	problems problem.List
}

func (b *builder) bad(path, format string, args ...any) {
	b.problems.Addf(problem.BadValue, path, format, args...)
}

// most bounds lists, so that a document is gone through in moments. No Region has more zones.
const (
	maxZones    = 16
	maxServices = 64
	maxCalls    = 256
	maxMessages = 2000
)

func (b *builder) places() {
	if len(b.file.Zones) > maxZones {
		b.bad("zones", "too many zones, got %d; use at most %d", len(b.file.Zones), maxZones)
	}
	for i, zone := range b.file.Zones {
		if _, twice := b.zones[zone]; twice {
			b.bad(fmt.Sprintf("zones[%d]", i), "a zone that stands twice, got %s; remove one", zone)
			continue
		}
		b.zones[zone] = len(b.chain.Zones)
		b.chain.Zones = append(b.chain.Zones, string(zone))
	}
	b.chain.Callers = b.weights("callers", b.file.Callers)
}

// weights reads weights by zone; none at all are equal ones.
func (b *builder) weights(path string, given map[config.ZoneID]float64) []float64 {
	out := make([]float64, len(b.chain.Zones))
	if len(given) == 0 {
		for i := range out {
			out[i] = 1
		}
		return out
	}
	for _, zone := range slices.Sorted(maps.Keys(given)) {
		at := fmt.Sprintf("%s[%s]", path, zone)
		i, ok := b.zones[zone]
		switch weight := given[zone]; {
		case !ok:
			b.problems.Addf(problem.UnknownName, at, "not one of the zones, got %s; %s", zone, problem.OneOf(string(zone), b.chain.Zones))
		case weight < 0 || weight > 1e9:
			b.bad(at, "weight out of range, got %v; use 0 to 1000000000", weight)
		default:
			out[i] = weight
		}
	}
	if sum(out) == 0 {
		b.bad(path, "no zone with a weight, got only zeros; give one of them more than 0")
	}
	return out
}

// names lists the services by name, so that the order of a file's keys means nothing.
func (b *builder) names() {
	if len(b.file.Services) > maxServices {
		b.bad("services", "too many services, got %d; use at most %d", len(b.file.Services), maxServices)
	}
	for _, name := range slices.Sorted(maps.Keys(b.file.Services)) {
		if name == callerName {
			b.bad("services[caller]", "a name that is taken, got caller; it is where requests come from, so give the service another one")
		}
		b.services[name] = len(b.chain.Services)
		b.chain.Services = append(b.chain.Services, Service{Name: string(name)})
	}
}

func (b *builder) serviceDetails() {
	for i := range b.chain.Services {
		s := &b.chain.Services[i]
		path := "services[" + s.Name + "]"
		given := b.file.Services[config.Name(s.Name)]
		s.Weights = b.weights(path+".zones", given.Zones)
		s.Processing = b.times(path+".processing", given.Processing, false)
		for k, other := range given.ApartFrom {
			at := fmt.Sprintf("%s.apartFrom[%d]", path, k)
			j, ok := b.services[other]
			switch {
			case !ok:
				b.unknown(at, other)
			case j == i:
				b.bad(at, "the service itself, got %s; name the others", other)
			default: // whichever of the two comes second avoids the first
				s.Apart = append(s.Apart, j)
				b.chain.Services[j].Apart = append(b.chain.Services[j].Apart, i)
			}
		}
	}
	b.chain.Processing = b.times("processing", b.file.Processing, false)
}

func (b *builder) unknown(path string, name config.Name) {
	names := make([]string, 0, len(b.chain.Services))
	for i := range b.chain.Services {
		names = append(names, b.chain.Services[i].Name)
	}
	b.problems.Addf(problem.UnknownName, path, "not a service, got %s; %s", name, problem.OneOf(string(name), names))
}

func (b *builder) money() {
	p := b.file.Price
	if p.PerGB < 0 {
		b.bad("price.perGB", "out of range, got %v; use 0 or more", p.PerGB)
	}
	if b.file.RequestsPerSecond < 0 {
		b.bad("requestsPerSecond", "out of range, got %v; use 0 or more", b.file.RequestsPerSecond)
	}
	b.chain.PricePerGB, b.chain.Currency, b.chain.RequestsPerSecond = p.PerGB, p.Currency, b.file.RequestsPerSecond
}

// room looks for services that cannot be apart from others although they have to be.
func (b *builder) room() {
	for _, c := range []*Chain{&b.chain, b.chain.WithoutAffinity()} {
		v := newVisitor(c, func(placed, float64) {})
		v.limit = roomLimit
		v.all()
		for _, i := range slices.Sorted(maps.Keys(v.crowded)) {
			name := b.chain.Services[i].Name
			b.problems.Addf(problem.Conflict, "services["+name+"]", "no zone left apart from the others, got %d zones with instances of %s; add zones, or ask for less in apartFrom",
				positive(b.chain.Services[i].Weights), name)
		}
		if len(v.crowded) > 0 {
			return
		}
	}
}

// roomLimit is how many placements are looked through for such services; more would repeat them.
const roomLimit = 100_000

func positive(weights []float64) int {
	n := 0
	for _, w := range weights {
		if w > 0 {
			n++
		}
	}
	return n
}
