// Package discover finds the endpoints of a service and the Availability Zone of each.
//
// A [Source] asks once; a [Cache] asks again in the background, keeps the last good answer when asking fails, and never makes a
// caller wait after the first answer. Everything here is safe for concurrent use.
package discover

import "context"

// Endpoint is one address of a service.
type Endpoint struct {
	// Addr is what to dial: host:port, where host is an IP address or a name.
	Addr string
	// Zone is the ID of the Availability Zone it is in, such as apne2-az1; empty when the source does not know.
	// Zone names such as ap-northeast-2a are never put here: they mean different zones in different accounts.
	Zone string
	// ID is the instance's, where the source has one; empty otherwise.
	ID string
}

// Answer is what a source knows about a service at one moment.
type Answer struct {
	// Endpoints are ordered by zone, then by address, without duplicates.
	Endpoints []Endpoint
	// Evacuated are the zones, by ID and in order, that are to get no traffic although they have endpoints,
	// because zonal shift took them out of the service's Regional name.
	Evacuated []string
	// Doubts say, for people, what the source could not tell: a zone whose name was not answered, a Regional answer that may not
	// be complete. They change nothing about how the answer is used.
	Doubts []string
}

// Source asks for the endpoints of one service.
type Source interface {
	// Discover asks once. It returns an error when nothing can be said; an answer without endpoints says that there are none.
	// Nobody changes an answer's slices once it is returned: they may be shared.
	Discover(ctx context.Context) (Answer, error)
}
