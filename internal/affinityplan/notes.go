package affinityplan

import "fmt"

// notes says what the figures rest on, and what they leave out.
func notes(c *Chain, e *Estimate) []string {
	out := []string{
		"p0 and p50 are sums of the parts' p0 and p50: the usual arithmetic. The sum of medians is not the median of the sum.",
		"A request meets one instance of a service, however often it calls it. Zones are chosen by weight, each service by itself.",
		fmt.Sprintf("Data between zones is charged to both sides: %g %s per GB each, so %g for a GB that crosses. Prices differ by Region.", c.PricePerGB, c.Currency, 2*c.PricePerGB),
	}
	if c.Latency.PerMessage {
		out = append(out, "Latency is declared for one message. Figures of ping and connect are round trips, and a message takes half of one: use for: roundTrip for those.")
	}
	if !e.Without.Exact || !e.With.Exact {
		out = append(out, fmt.Sprintf("There are more than %d placements, so they were drawn: averages have an error, and the worst case is the worst that was drawn.", MaxPlacements))
	}
	if e.With.Tails == nil {
		out = append(out, "No tails: they need p99 of all times. What is not declared is not made up.")
	} else {
		out = append(out, "Tails draw every time by itself. Times that are long together, as in a zone that is overloaded, make the true tail longer.")
	}
	for i := range c.Calls {
		if !c.Calls[i].Charged {
			return append(out, "Bytes are all that cross; calls with charged: false are in no cost.")
		}
	}
	return out
}
