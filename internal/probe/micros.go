package probe

import "time"

// Micros is a time in whole microseconds, the unit of every time in a result.
type Micros int64

// MicrosOf rounds a duration to microseconds. What took place counts at least 1, because 0 in a result means "did not
// take place"; a negative duration, which only a clock that was set can cause, counts 1 too.
func MicrosOf(d time.Duration) Micros {
	return max(1, Micros(d.Round(time.Microsecond)/time.Microsecond))
}

// Duration returns the time as a time.Duration.
func (m Micros) Duration() time.Duration { return time.Duration(m) * time.Microsecond }

// signed rounds like MicrosOf but keeps 0.
func signed(d time.Duration) Micros { return Micros(d.Round(time.Microsecond) / time.Microsecond) }
