package retry

import (
	"net/http"
	"strconv"
	"time"
)

// After is what a Retry-After header asks for: seconds, or a date compared with now. 0 if there is none, or it is over.
func After(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
