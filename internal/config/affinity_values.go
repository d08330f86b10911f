package config

import (
	"encoding"
	"fmt"
	"regexp"
	"strconv"
)

// The types of affinity documents that have a set of values.
type (
	// AffinityVersion is the version of the format.
	AffinityVersion string
	// AffinityUnit is what times of latency are for.
	AffinityUnit string
)

// AffinityV1 is the version of affinity documents.
const AffinityV1 AffinityVersion = "pathproof/affinity/v1"

// What times of latency are for.
const (
	ForRoundTrip AffinityUnit = "roundTrip"
	ForMessage   AffinityUnit = "message"
)

func (AffinityVersion) Values() []string { return []string{string(AffinityV1)} }
func (AffinityUnit) Values() []string    { return []string{string(ForRoundTrip), string(ForMessage)} }

// The types of affinity documents with a text form of their own.
type (
	// Bytes is a size in bytes, written like 200B, 64KB or 1.5MiB.
	Bytes int64
	// Percent is a share from 0 to 1, written like 85%.
	Percent float64
)

var (
	_ encoding.TextUnmarshaler = (*Bytes)(nil)
	_ encoding.TextUnmarshaler = (*Percent)(nil)
)

var (
	bytesRE    = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(B|KB|MB|GB|KiB|MiB|GiB)$`)
	bytesUnits = map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
)

// maxBytesValue is the largest size that a message may have: larger ones are mistakes.
const maxBytesValue = 1e12

// UnmarshalText reads a size with its unit.
func (s *Bytes) UnmarshalText(b []byte) error {
	m := bytesRE.FindStringSubmatch(string(b))
	if m == nil {
		return fmt.Errorf("not a size, got %s; write a number and B, KB, MB, GB, KiB, MiB or GiB, like 64KB", quote(b))
	}
	n, err := strconv.ParseFloat(m[1], 64)
	v := n * bytesUnits[m[2]]
	if err != nil || v > maxBytesValue {
		return fmt.Errorf("size out of range, got %s; use at most 1000GB", quote(b))
	}
	*s = Bytes(v)
	return nil
}

// UnmarshalText reads a percentage.
func (p *Percent) UnmarshalText(b []byte) error {
	n := percentRE.FindStringSubmatch(string(b))
	if n == nil {
		return fmt.Errorf("not a percentage, got %s; write it like 85%%", quote(b))
	}
	v, err := strconv.ParseFloat(n[1], 64)
	if err != nil || v > 100 {
		return fmt.Errorf("percentage out of range, got %s; use 0%% to 100%%", quote(b))
	}
	*p = Percent(v / 100)
	return nil
}
