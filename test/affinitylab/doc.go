// Package affinitylab lets Availability Zones fail before the client library, and measures what its callers feel.
//
// A cell is one scenario in a network namespace of its own. Three server processes are three zones, each with addresses of its own
// on loopback; a DNS server has the zones' names, which it answers at once, and the Regional name, which it answers as a resolver
// does that keeps answers for their TTL. One zone fails and comes back, while three clients call without a pause: the library, net/http
// with the Regional name, and net/http with the name of the own zone, as the article's pinned client. The clients do not know of the
// drill. What they felt is reckoned afterwards, from a record of every call and every attempt.
//
// What is not real: zones are on one machine. The way to another zone is a delay in its servers, so that connecting costs the same
// everywhere. A zone that fails in silence is a firewall rule that drops its packets.
package affinitylab
