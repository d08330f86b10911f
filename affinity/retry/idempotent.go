package retry

import (
	"context"
	"net/http"
)

// Idempotent says whether a request may be made again although the server may have carried it out. It is net/http's own rule: GET,
// HEAD, OPTIONS and TRACE, and whatever has an Idempotency-Key or X-Idempotency-Key header. PUT and DELETE are left out as there, since
// many servers' are not idempotent; WithIdempotent says that this one's are.
func Idempotent(r *http.Request) bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	if len(r.Header["Idempotency-Key"]) > 0 || len(r.Header["X-Idempotency-Key"]) > 0 {
		return true
	}
	said, _ := r.Context().Value(idempotentKey{}).(bool)
	return said
}

// Rewindable says whether a request's body can be sent again.
func Rewindable(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
}

type idempotentKey struct{}

// WithIdempotent marks a request's context: whatever its method, it may be made again.
func WithIdempotent(ctx context.Context) context.Context {
	return context.WithValue(ctx, idempotentKey{}, true)
}
