// Package affinity calls a service in the caller's own Availability Zone, and survives the loss of one.
//
// A [Service] hides what the AWS SDK hides: where endpoints are, which of them are well, when a call may be made again, and how long to
// wait. It is used as an http.RoundTripper ([Service.Transport]), as a dialer ([Service.DialContext]), around any function
// ([Service.Do]), or step by step ([Service.Pick]); package affinitygrpc is the way in for gRPC.
//
//	source, err := discover.DNS(discover.DNSConfig{ ... }) // apne2-az1.foo.internal and its neighbours
//	service, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source})
//	client := service.HTTPClient()
//	response, err := client.Get("http://foo.internal/things/7")
//
// # Composition
//
// Every call goes through the same policies, outermost first:
//
//	Shed(Retry(Budget, Hedge(Zone(share, breaker, Endpoint(breaker, least busy, AttemptTimeout(call))))))
//
// Shed refuses what most probably fails. Retry makes attempts until one succeeds, as long as that is safe, in time, and within the budget
// that all calls share; hedges come out of the same budget. Each attempt goes to a zone by the zones' shares, and there to the less busy
// of two endpoints. Its outcome is recorded for both.
//
// # Shares
//
// A zone can take health x gate of the calls: health is min(1, Overprovision x usable endpoints / endpoints), gate is 0 while its breaker
// is not closed and rises from 0.1 to 1 within Spill.Back afterwards. The own zone gets what it can take; the others share the rest in
// proportion to their endpoints times health x gate. So a healthy zone gets everything, one that loses a quarter of its endpoints still
// does, one that loses half of them gets 70 %, and a dead one nothing but trials. Evacuated zones get nothing unless all are.
//
// # What makes a zone sick
//
// Consecutive failures that are not one endpoint's; a share of failures; the loss of all endpoints; silence, when calls wait and none is
// answered; answers that take several times the usual median, when a comparison with another zone shows that it answers faster. Failures
// and slowness count only while something better is there: where everything is overloaded or slow, leaving one zone after the other would
// make it worse. When every zone is sick, calls go to all of them by what share still succeeds, and Shed bounds how many.
//
// # Costs
//
// Choosing and recording take a few atomic operations and no allocation. There is no goroutine but discovery's: health is judged by calls,
// ten times a second and after failures.
package affinity
