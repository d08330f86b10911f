package drill

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Span is a duration that JSON has in seconds, to the millisecond, and text as people read a drill: "0.31 s".
type Span time.Duration

// SpanOf returns a pointer to a span: nil means that something did not happen, or that nobody watched it.
func SpanOf(d time.Duration) *Span {
	s := Span(d)
	return &s
}

// Duration returns the span as a time.Duration.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// String returns seconds with two digits.
func (s Span) String() string { return fmt.Sprintf("%.2f s", time.Duration(s).Seconds()) }

// MarshalJSON writes seconds, rounded to milliseconds.
func (s Span) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', 3, 64), nil
}

// UnmarshalJSON reads seconds.
func (s *Span) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	*s = Span((time.Duration(seconds * float64(time.Second))).Round(time.Millisecond))
	return nil
}
