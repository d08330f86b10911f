package config

import "encoding/json"

// The scalar types write themselves to JSON as they stand in the file, so that a plan reads like its configuration.

// MarshalText writes the duration like 30s.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalText writes the tier as name/prefix length.
func (t Tier) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText writes the port or range.
func (r PortRange) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalText writes the reference.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalJSON writes the bandwidth as a number of bits per second, ready for arithmetic.
func (w Bandwidth) MarshalJSON() ([]byte, error) { return json.Marshal(int64(w)) }

// UnmarshalJSON reads the number of bits per second that MarshalJSON writes.
func (w *Bandwidth) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, (*int64)(w)) }
