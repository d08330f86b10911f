// Package affinityplan says what Availability Zone affinity does to a call chain: how often a request crosses from one zone to
// another, what that costs in time and money, and what becomes of it when a zone fails.
//
// A request meets one instance of each service. Where it is, is a matter of chance: of the zones that the service has instances
// in, of affinity, which keeps a call in the zone of its caller, and of replicas that have to be apart. All ways there are of
// placing a request are gone through, each with its probability, so that averages and extremes are exact. Only where there are
// more than MaxPlacements of them are they sampled, and the estimate says so.
//
// Sums of percentiles are what they are called: the sum of medians is the usual arithmetic, and not the median of the sum. The
// distribution of a request's time comes from drawing whole requests (Tails), with intervals that hold the error of drawing and,
// where times beyond the highest declared percentile matter, what cannot be known.
package affinityplan
