package affinity

import (
	"net/http"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

// Config says how a service is called. Name and Source are required; the zero value of every other field is a default that suits
// calls of milliseconds inside one Region. A negative duration or ratio turns its feature off where the field says so.
type Config struct {
	// Name is the service's DNS name, as in its URLs, without a port: "foo.internal".
	Name string
	// Hosts are the hosts whose requests the HTTP transport sends to this service, without ports: whatever port a URL has, the
	// connection goes to the endpoint's. Requests for other hosts, such as redirects elsewhere, go the ordinary way. Default: Name
	// alone; a list replaces it.
	Hosts []string
	// Source finds the endpoints. A source that is not a *discover.Cache is put into one, with its defaults.
	Source discover.Source
	// Zone is the AZ ID this process runs in: "apne2-az1", not the name "ap-northeast-2a", which means another zone in another
	// account. Default: unknown; calls are then spread over all zones, which Observer is told once.
	Zone string

	// AttemptTimeout bounds an attempt until the response's headers, or until the function given to Do returns. It decides how
	// long a call is lost in a zone that swallows packets. Default: 1 s. Negative: no bound but the call's own deadline.
	AttemptTimeout time.Duration
	// ConnectTimeout bounds the TCP connect of the transport and the dialer. Default: 500 ms, at most AttemptTimeout.
	ConnectTimeout time.Duration

	Retry    Retry
	Breaker  Breaker
	Slow     Slow
	Ejection Ejection
	Hedge    Hedge
	Shed     Shed
	Spill    Spill
	// PacingRate is the most a connection sends, in bytes per second, enforced by the kernel (SO_MAX_PACING_RATE, Linux only).
	// It holds for HTTP, gRPC and the dialer, also where Transport is given dial functions; those have to return sockets. Default: 0,
	// no limit.
	PacingRate uint64
	// Classify says what an HTTP response means for its endpoint, and whether another attempt may do better. Default: Classify.
	Classify func(*http.Response) (o Outcome, again bool)
	// Observer is told what happens. Default: nil, which costs nothing.
	Observer Observer
}

// Retry says when a call is tried again, and how often all calls together may be.
type Retry struct {
	// MaxAttempts is the most attempts of one call, the first one included. Default: 3. 1: no retries.
	MaxAttempts int
	// Budget is the most retries and hedges, as a share of the calls of the last 10 s. Default: 0.19, so that attempts stay under
	// 1.2 times the calls. Negative: none but Floor.
	Budget float64
	// Floor is how many retries 10 s may always have, so that a client with few calls can fail over: finding out about a dead zone
	// takes up to 10. Below 53 calls in 10 s it allows more than Budget does. It does not hold while every zone is sick.
	// Default: 10. Negative: none.
	Floor int
	// Base and Max bound the backoff: before retry n a call waits a random time between 0 and min(Max, Base x 2^(n-1)).
	// A retry in a zone that the call has not tried yet does not wait. Defaults: 10 ms, 1 s.
	Base, Max time.Duration
}

// Breaker says when an endpoint or a zone gets no more calls.
type Breaker struct {
	// Window is the time that FailureRatio looks back on. Default: 2 s.
	Window time.Duration
	// FailureRatio of the calls in Window opens a breaker, once there are MinCalls. Defaults: 0.5, 10.
	FailureRatio float64
	MinCalls     int
	// Consecutive failures open a breaker at once; a zone's, if at least two of them come from other endpoints than the worst one.
	// Default: 5.
	Consecutive int
	// OpenFor is how long a breaker stays open before one call tries it; it doubles with each failed trial up to MaxOpen.
	// Defaults: 1 s, 3 s.
	OpenFor, MaxOpen time.Duration
	// Trials is how many trials in a row must succeed to close a breaker. Default: 3.
	Trials int
}

// Slow says when answers are so late that the zone or the endpoint counts as sick although it answers.
type Slow struct {
	// Factor times the usual median makes an answer slow. Default: 5. Negative: only Duration counts.
	Factor float64
	// Excess is the least by which a slow answer exceeds the usual median: leaving a zone costs 1 to 2 ms a call. Default: 2 ms.
	Excess time.Duration
	// Ratio of slow calls makes the zone suspect. Default: 0.5.
	Ratio float64
	// Duration makes an answer slow whatever is usual, and Ratio of such calls opens the breaker without a comparison with other
	// zones. Default: 0, none.
	Duration time.Duration
	// Compare is the share of calls that tries other zones while the own one is suspect, to see whether they are any better.
	// Default: 0.1.
	Compare float64
}

// Ejection bounds how many endpoints of a zone may be left out at once for being worse than their neighbours.
type Ejection struct {
	// MaxRatio of a zone's endpoints may be ejected; one always may if the zone has more than one. Beyond it, the zone's share of
	// calls shrinks instead. Default: 0.5.
	MaxRatio float64
}

// Hedge sends a second attempt when the first one takes long. Only for idempotent calls, and within Retry.Budget.
type Hedge struct {
	// On turns hedging on. Default: off.
	On bool
	// After is the wait before the second attempt. Default: the zone's 95th percentile of the last seconds, at least 1 ms.
	After time.Duration
}

// Shed refuses calls locally when most of them fail anyway, so that zones which take over are not trampled.
type Shed struct {
	// Multiplier: when calls exceed Multiplier times the calls that succeed, the surplus is refused. Default: 2. Negative: never.
	Multiplier float64
	// MaxRatio of calls is refused at most: the rest finds out when the service is back. Default: 0.9.
	MaxRatio float64
}

// Spill says how calls move between zones.
type Spill struct {
	// Overprovision is how much more than its share a zone's endpoints are trusted to carry: with 1.4, calls begin to leave the
	// own zone when fewer than 1/1.4 = 71 % of its endpoints are usable. Default: 1.4.
	Overprovision float64
	// Back is how long a recovered zone takes to get all its calls back. Default: 3 s.
	Back time.Duration
}
