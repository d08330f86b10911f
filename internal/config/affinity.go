package config

// AffinityFile is one affinity document: a call chain whose services are spread over Availability Zones.
type AffinityFile struct {
	// Version of this format: pathproof/affinity/v1.
	APIVersion AffinityVersion `yaml:"apiVersion" required:"true"`
	// Name of the chain.
	Name Name `yaml:"name" required:"true"`
	// Zones of the Region that are used, by AZ ID.
	Zones []ZoneID `yaml:"zones" required:"true"`
	// How the requests that enter the chain are spread over zones, as weights. Default: the same from every zone.
	Callers map[ZoneID]float64 `yaml:"callers"`
	// How long messages take.
	Latency AffinityLatency `yaml:"latency" required:"true"`
	// Time outside of the network that one request takes in all services together.
	Processing AffinityTimes `yaml:"processing"`
	// The services of the chain, by name. The name caller is taken: it is where requests come from.
	Services map[Name]AffinityService `yaml:"services" required:"true"`
	// The calls of one request, in their order.
	Calls []AffinityCall `yaml:"calls" required:"true"`
	// What data between zones costs.
	Price AffinityPrice `yaml:"price"`
	// Requests per second, for the cost of a month of 730 hours. Default: the cost of a million requests only.
	RequestsPerSecond float64 `yaml:"requestsPerSecond"`
}

// AffinityLatency says how long messages take.
type AffinityLatency struct {
	// What the times are for: roundTrip (there and back, as ping and connect measure it; a message takes half of it) or message (one way).
	For AffinityUnit `yaml:"for" default:"roundTrip"`
	// Within a zone.
	SameZone AffinityTimes `yaml:"sameZone" required:"true"`
	// Between two zones.
	CrossZone AffinityTimes `yaml:"crossZone" required:"true"`
	// Pairs of zones that differ from that. A zone with itself is a pair too.
	Pairs []AffinityPair `yaml:"pairs"`
}

// AffinityPair is how long messages take between two zones. Give times or measured.
type AffinityPair struct {
	// The two zones, in any order.
	Between []ZoneID `yaml:"between" required:"true"`
	// Times in place of those of sameZone or crossZone.
	Times AffinityTimes `yaml:"times"`
	// Path of the probe result of --measured that was measured between them. Its times are round trips.
	Measured Name `yaml:"measured"`
}

// AffinityTimes are percentiles of a time. p0 and p50 go together; tails need p99 too.
type AffinityTimes struct {
	// The shortest.
	P0 Duration `yaml:"p0"`
	// The median.
	P50 Duration `yaml:"p50"`
	// 90 of 100 are no longer.
	P90 Duration `yaml:"p90"`
	// 99 of 100 are no longer.
	P99 Duration `yaml:"p99"`
	// 999 of 1000 are no longer.
	P999 Duration `yaml:"p999"`
}

// AffinityService is a service. One request meets one instance of it, however often it is called.
type AffinityService struct {
	// Zones it has instances in, with their weights. Default: all zones, with equal weights.
	Zones map[ZoneID]float64 `yaml:"zones"`
	// Services whose instances for the same request are in other zones, such as the other replicas.
	ApartFrom []Name `yaml:"apartFrom" list:"one-or-many"`
	// Time outside of the network of one call to it.
	Processing AffinityTimes `yaml:"processing"`
}

// AffinityCall is a request and its response.
type AffinityCall struct {
	// The service that calls, or caller.
	From Name `yaml:"from" required:"true"`
	// The service that is called. With a list, each passes the request on to the next one, and the last one answers from.
	To []Name `yaml:"to" list:"one-or-many" required:"true"`
	// Size of the request, such as 64KB. Default: 0B.
	Request Bytes `yaml:"request"`
	// Size of the response. Default: 0B.
	Response Bytes `yaml:"response"`
	// Times that one request makes this call, one after the other. 0.2 means every fifth request.
	Times float64 `yaml:"times" default:"1"`
	// Share of these calls that stay in the zone of from if the first of to has an instance there. The others go to any zone. Default: 0%.
	Affinity Percent `yaml:"affinity"`
	// Whether data of this call between zones is charged. It is not from an Application Load Balancer to its targets.
	Charged bool `yaml:"charged" default:"true"`
}

// AffinityPrice is what data between zones costs.
type AffinityPrice struct {
	// Price of a GB (a thousand million bytes) for each of both sides, which are both charged. Default: that of most Regions in USD.
	PerGB float64 `yaml:"perGB" default:"0.01"`
	// Currency, for display.
	Currency string `yaml:"currency" default:"USD"`
}
