package retry

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

// After is what a Retry-After header asks for: seconds, or a date compared with now. 0 if there is none, or it is over. More than a
// Duration can be is the longest Duration.
func After(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	switch seconds, err := strconv.ParseUint(v, 10, 64); {
	case errors.Is(err, strconv.ErrRange), err == nil && seconds > uint64(math.MaxInt64/time.Second):
		return math.MaxInt64
	case err == nil:
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
