package affinitylab

import "time"

// overloadPerServer is what a server of the overload scenario carries, in calls per second; the four that are left carry four times as much.
const overloadPerServer = 40

// overloadServed is the share of that which has to be served. A server of the four that is left out for failing most, as all do, costs a quarter.
const overloadServed = 0.7

// drain is how long servers that are replaced go on: everybody has seen the new names then.
const drain = TTL + 5*time.Second

// Scenarios are all ways to fail, in the order of the table.
func Scenarios() []Scenario {
	const within = 10 * time.Second
	death := Targets{MaxFailed: 0.01, Clean: 2 * time.Second, Back: within}
	quiet := death
	quiet.Attempts = 1.25 // a window may hold a retry whose call began before it
	stays := Targets{Clean: time.Nanosecond, MaxCross: share(0)}
	timeout := "an attempt timeout of " + attemptTimeout.String()
	return []Scenario{
		{Name: "kill", Fast: true, Fault: "SIGKILL of the zone's servers: connections end, new ones are refused", Targets: death},
		{Name: "blackhole", Fast: true, Fault: "a firewall drops all packets of the zone", Rests: timeout, Targets: death},
		{Name: "blackhole-default", Fault: "the same, with the library's default attempt timeout", Rests: "an attempt timeout of 1s", AttemptTimeout: -1, Targets: death},
		{Name: "blackhole-quiet", Fault: "the same, for a client with 5 calls/s", PerSecond: 5, Targets: quiet,
			Rests: timeout + ", and on the 10 retries in 10 s that every client may make: with 50 calls they are 1.2 attempts per call"},
		{Name: "blackhole-cold", Fault: "the same, there already when the client begins: its zone has never answered", Cold: true, Rests: timeout, Targets: death},
		{Name: "kill-single", Fault: "SIGKILL of the zone's server; each zone has one, as a load balancer has one address there", Single: true, Targets: death},
		{Name: "blackhole-single", Fault: "a firewall drops all packets of the zone; each zone has one server", Single: true, Rests: timeout, Targets: death},
		{Name: "freeze", Fault: "SIGSTOP of the zone's servers: the kernel accepts, nobody answers", Rests: timeout, Targets: death},
		{Name: "slow", Fast: true, Fault: "the zone's answers take ten times as long",
			Targets: Targets{MaxFailed: 0.01, Clean: 2 * time.Second, Leave: 5 * time.Second, Back: within}},
		{Name: "slow-everywhere", Fault: "the answers of all zones take ten times as long: leaving would not help",
			Targets: Targets{MaxFailed: 0.01, Clean: 2 * time.Second, MaxCross: share(0.15), Back: within}},
		{Name: "flap", Fault: "a firewall resets the zone's connections for 1 s of every 2 s", Targets: death},
		{Name: "errors", Fault: "the zone answers 503", Targets: death},
		{Name: "one-endpoint", Fault: "SIGKILL of one of the zone's two servers", Targets: death},
		{Name: "one-blackhole", Fault: "a firewall drops all packets of one of the zone's two servers", Rests: timeout, Targets: death},
		{Name: "two-zones", Fault: "SIGKILL of the servers of the own zone and of the next one", Targets: death},
		{Name: "other-zone", Fault: "SIGKILL of another zone's servers", Targets: stays},
		{Name: "discovery", Fault: "the DNS server answers SERVFAIL for 5 s, then nothing", Targets: stays},
		{Name: "discovery-and-kill", Fault: "the DNS server is silent, and the zone's servers are killed", Targets: death},
		{Name: "shift", Fast: true, Fault: "the zone's addresses are taken out of the Regional name (zonal shift); its servers are well",
			Rests: "a TTL of " + TTL.String() + ", which leaving and returning both wait for", Lasts: 14 * time.Second, Watched: 20 * time.Second,
			Targets: Targets{Clean: time.Nanosecond, Leave: TTL + 5*time.Second, Back: within + TTL}},
		{Name: "replace", Fault: "no fault: the zone's servers are replaced by others with other addresses, and ended " + drain.String() + " after the names changed",
			Lasts: drain + 4*time.Second, Targets: stays},
		{Name: "cloudmap-kill", Fault: "SIGKILL of the zone's servers, which stay registered in Cloud Map", CloudMap: true, Targets: death},
		{Name: "cloudmap-down", Fault: "the same while Cloud Map's API is frozen", CloudMap: true, Targets: death},
		{Name: "kill-post", Fault: "SIGKILL of the zone's servers, under POST without a key", Post: true, Targets: death},
		{Name: "blackhole-post", Fault: "a firewall drops all packets of the zone, under POST without a key: what may have arrived is not repeated, so it fails",
			Rests: timeout, Post: true, Targets: Targets{MaxFailed: 0.1, Clean: 2 * time.Second, Back: within}},
		{Name: "overload", Fault: "SIGKILL of the zone's servers; the others carry 160 calls/s in all and answer 503 to the rest", Alone: true,
			Targets: Targets{MaxFailed: 1, MinServed: overloadServed * 4 * overloadPerServer, Back: within}},
		{Name: "total", Fault: "SIGKILL of the servers of all zones", Targets: Targets{MaxFailed: 1, Back: within}},
	}
}
