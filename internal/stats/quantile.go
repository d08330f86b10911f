package stats

import (
	"fmt"
	"strconv"
	"strings"
)

// Quantile is a share of a distribution in millionths: 999,000 is the 99.9th percentile. Integers keep ranks exact:
// in floating point, 0.07*100 is above 7 and its rank would be 8.
type Quantile int

// Quantiles with a name. Minimum and Maximum are those of the sample.
const (
	Minimum Quantile = 0
	P50     Quantile = 500_000
	P90     Quantile = 900_000
	P95     Quantile = 950_000
	P99     Quantile = 990_000
	P999    Quantile = 999_000
	Maximum Quantile = whole
)

const whole = 1_000_000

// ParseQuantile reads a percentile from 0 to 100 with at most four decimals, such as "99.9".
func ParseQuantile(percent string) (Quantile, error) {
	units, decimals, point := strings.Cut(percent, ".")
	bad := len(units) == 0 || len(units) > 3 || len(decimals) > 4 || point && decimals == ""
	n, err := strconv.ParseUint(units+(decimals + "0000")[:4], 10, 32)
	if bad || err != nil || n > whole {
		return 0, fmt.Errorf("not a percentile, got %q; use 0 to 100 with at most four decimals, such as 99.9", percent)
	}
	return Quantile(n), nil
}

// Percent returns the percentile without trailing zeros, such as "99.9".
func (q Quantile) Percent() string {
	s := fmt.Sprintf("%d.%04d", q/10_000, q%10_000)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// String returns a name such as "p99.9".
func (q Quantile) String() string { return "p" + q.Percent() }

// Rank returns the nearest rank in a sample of n, from 1 to n: ceil(q*n), and 1 for the minimum.
func (q Quantile) Rank(n int) int {
	units, rest := n/whole, n%whole // in two parts, for n*q may overflow
	return max(1, units*int(q)+(rest*int(q)+whole-1)/whole)
}

func (q Quantile) share() float64 { return float64(q) / whole }
