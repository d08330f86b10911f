package stats

// Summary describes one series.
type Summary struct {
	Sent int // slots that count: everything that is not Absent
	OK   int // of these, with a measured time
	// Min, Max, Avg and SD are of the measured times; Absent when there is none. SD has n-1 in its denominator and is
	// Absent for fewer than two.
	Min, Max, Avg, SD Latency
	// Jitter is the mean absolute difference between the times of consecutive slots (IPDV of RFC 3393). A pair counts
	// only when both probes were answered: a lost packet has no delay, so both its pairs drop out and the gap is not
	// bridged. Absent without a pair.
	Jitter Latency
	Pairs  int // pairs behind Jitter
	// Spread is p90 - p50 with losses as infinite: Lost when p90 is.
	Spread Latency

	sorted []Latency // all that count; the first OK are measured
}

// Summarize describes a series. It takes O(n log n) time and one copy of the series.
func Summarize(series []Latency) *Summary {
	s := &Summary{Min: Absent, Max: Absent}
	s.sorted, s.OK = ranked(series)
	s.Sent = len(s.sorted)
	measured := s.sorted[:s.OK]
	if s.OK > 0 {
		s.Min, s.Max = measured[0], measured[s.OK-1]
	}
	s.Avg, s.SD = mean(measured), deviation(measured)
	deltas, pairs := ranked(Deltas(series))
	s.Jitter, s.Pairs = mean(deltas), pairs
	s.Spread = spread(s.at, s.Sent)
	return s
}

// Deltas returns for each slot the absolute difference to the slot before, Absent where either has no time.
func Deltas(series []Latency) []Latency {
	out := make([]Latency, len(series))
	for i := range out {
		out[i] = Absent
		if i == 0 {
			continue
		}
		_, before := series[i-1].Duration()
		if _, now := series[i].Duration(); now && before {
			out[i] = max(series[i]-series[i-1], series[i-1]-series[i])
		}
	}
	return out
}

// spread is p90 - p50 of n ordered values.
func spread(at func(rank int) Latency, n int) Latency {
	if n == 0 {
		return Absent
	}
	high := at(P90.Rank(n))
	if high == Lost {
		return Lost
	}
	return high - at(P50.Rank(n))
}

func (s *Summary) at(rank int) Latency { return s.sorted[rank-1] }

// All estimates a percentile of all probes; lost ones rank as infinite. Confidence is from 0 to 1, usually 0.95.
func (s *Summary) All(q Quantile, confidence float64) Estimate {
	return estimate(q, s.Sent, s.at, confidence)
}

// Answered estimates a percentile of the answered probes alone. It improves when slow probes are lost: show it beside
// All and the loss, never instead.
func (s *Summary) Answered(q Quantile, confidence float64) Estimate {
	return estimate(q, s.OK, s.at, confidence)
}

// Loss returns the share of probes that were lost.
func (s *Summary) Loss(confidence float64) Rate {
	return NewRate(s.Sent-s.OK, s.Sent, confidence)
}

// Histogram counts the measured times for display.
func (s *Summary) Histogram(rows int) Bars { return newBars(s.sorted[:s.OK], rows) }
