package stats

// hodgesLehmann returns the Hodges-Lehmann estimate of how far a lies above b: the median of all differences a[i]-b[j].
// Both are sorted, measured and not empty. guess is where to look first.
//
// The differences are never listed. Counting those up to d takes one walk over both series, and bisection over integer
// nanoseconds finds the median in at most 2*63 walks: O((n+m) log range), exact.
func hodgesLehmann(a, b []Latency, guess Latency) Latency {
	pairs := len(a) * len(b)
	k := (pairs + 1) / 2
	lo, hi := bracket(a, b, k, guess)
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		if countUpTo(a, b, mid) >= k {
			hi = mid
		} else {
			lo = mid
		}
	}
	if pairs%2 == 1 || countUpTo(a, b, hi) > k {
		return hi
	}
	return hi + (nextAbove(a, b, hi)-hi)/2
}

// bracket returns lo and hi with fewer than k differences up to lo and at least k up to hi.
func bracket(a, b []Latency, k int, guess Latency) (lo, hi Latency) {
	least, most := a[0]-b[len(b)-1]-1, a[len(a)-1]-b[0]
	guess = min(max(guess, least+1), most)
	const first = 1 << 14 // ns
	if countUpTo(a, b, guess) >= k {
		for step := Latency(first); ; step *= 2 {
			lo, hi = max(guess-step, least), guess
			if lo == least || countUpTo(a, b, lo) < k {
				return lo, hi
			}
			guess = lo
		}
	}
	for step := Latency(first); ; step *= 2 {
		lo, hi = guess, min(guess+step, most)
		if hi == most || countUpTo(a, b, hi) >= k {
			return lo, hi
		}
		guess = hi
	}
}

// countUpTo returns how many differences a[i]-b[j] are at most d.
func countUpTo(a, b []Latency, d Latency) int {
	n, j := 0, 0
	for _, x := range a {
		for j < len(b) && b[j] < x-d {
			j++
		}
		n += len(b) - j
	}
	return n
}

// nextAbove returns the smallest difference above d; there is one.
func nextAbove(a, b []Latency, d Latency) Latency {
	next, j := a[len(a)-1]-b[0], 0
	for _, x := range a {
		for j < len(b) && b[j] < x-d {
			j++
		}
		if j > 0 {
			next = min(next, x-b[j-1])
		}
	}
	return next
}
