// Package ridethrough is an example to copy: a plain net/http client whose calls survive the failover of a VPN tunnel.
//
// When a tunnel dies, packets of the flows that it carried vanish until BGP has noticed, up to the site's failover. net/http's
// defaults know no limit for an answer, put the next request into a pooled connection whose packets vanish, and try nothing
// twice. This client does four things about it, all sized from the failover target:
//
//   - Every attempt has a time limit, far shorter than the failover, and the whole call one that is longer.
//   - What may be repeated is repeated, after a random wait that grows (exponential backoff with full jitter), so that a thousand
//     clients do not come back at the same moment.
//   - An attempt that got no answer closes the idle connections, so that the next one is a new flow: another source port, which
//     routers with two equal paths may send through the tunnel that works, long before BGP has noticed.
//   - The kernel gives up a connection whose data or keepalives nobody acknowledges (TCP_USER_TIMEOUT and keepalive, Linux).
//
// A call that is not idempotent is never repeated unless it says by an Idempotency-Key that the server takes care of it.
package ridethrough
