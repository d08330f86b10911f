// Package affinityotel has OpenTelemetry say where calls of package affinity go and what became of them: spans, metrics and
// trace headers.
//
// Each call is a span, and each of its attempts a child of kind client with the zone, the endpoint, whether it left the own zone, what
// the breaker said and how it ended. Whatever the service notices meanwhile, such as a breaker that opens, is an event of the call's span.
// Metrics count calls and attempts by zone and outcome; no attribute of a metric grows with endpoints, paths or errors.
//
// It is a package of its own so that only programs that use OpenTelemetry link it.
package affinityotel
