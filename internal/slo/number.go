package slo

import (
	"fmt"
	"strings"
)

// Number is a decimal number that is not negative, in billionths: up to 9,000,000,000 with nine decimals, exact.
type Number int64

const (
	one       Number = 1_000_000_000
	maxNumber        = 9_000_000_000 * one
)

// nanoseconds of the units of time.
var nanoseconds = map[string]int64{"us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}

// parseNumber reads digits with an optional fraction; the lexer lets nothing else through.
func parseNumber(text string) (Number, error) {
	units, decimals, _ := strings.Cut(text, ".")
	units, decimals = strings.TrimLeft(units, "0"), strings.TrimRight(decimals, "0")
	if len(decimals) > 9 {
		return 0, fmt.Errorf("more than nine decimals, got %s; round it", text)
	}
	n := Number(0)
	for _, digit := range units + (decimals + "000000000")[:9] {
		if n > maxNumber/10 {
			return 0, fmt.Errorf("number too large, got %s; use at most 9000000000", text)
		}
		n = n*10 + Number(digit-'0')
	}
	if n > maxNumber {
		return 0, fmt.Errorf("number too large, got %s; use at most 9000000000", text)
	}
	return n, nil
}

// String prints the number without needless zeros.
func (n Number) String() string {
	s := fmt.Sprintf("%d.%09d", n/one, n%one)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Float returns the number in floating point.
func (n Number) Float() float64 { return float64(n) / float64(one) }

// scaled returns n*unit for a unit up to one; false unless that is a whole number.
func (n Number) scaled(unit int64) (int64, bool) {
	divisor := int64(one) / unit
	return int64(n) / divisor, int64(n)%divisor == 0
}
