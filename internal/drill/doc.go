// Package drill measures what traffic feels while a VPN tunnel fails and comes back, and reports it beside what was
// promised.
//
// A [Stream] keeps several UDP flows going, each with its own source port so that routers spread them over equal paths,
// and records when every answer came. A [Report] puts scenarios into a table for people and into JSON for programs. Who
// causes the fault is somebody else's business: a laboratory, or the replacement of a real tunnel.
package drill
