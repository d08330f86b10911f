package vpnwatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"
)

// HandlerPrefixes is the handler of the function that checks prefixes: one program serves custom resources and this.
const HandlerPrefixes = "prefixes"

// MaxEvent is the most characters that EventBridge takes as the constant input of a target.
const MaxEvent = 8192

// Check is the event that asks what a site announces. A rule sends it.
type Check struct {
	Network string `json:"network"`
	Site    string `json:"site"`
	// RouteTable is the transit gateway route table that learns what the site announces.
	RouteTable string `json:"routeTable"`
	// VPNConnections are the ids of the site's VPN connections.
	VPNConnections []string `json:"vpnConnections"`
	// Prefixes are the contract: what the site has to announce, and nothing else.
	Prefixes []netip.Prefix `json:"prefixes"`
}

// ParseCheck reads an event, and reports everything that is wrong with it.
func ParseCheck(event []byte) (*Check, error) {
	var c Check
	if err := json.Unmarshal(event, &c); err != nil {
		return nil, fmt.Errorf("not a check of prefixes: %w; only the network's own rule invokes this function", err)
	}
	var errs []error
	for _, f := range []struct {
		name    string
		missing bool
	}{{"network", c.Network == ""}, {"site", c.Site == ""}, {"routeTable", c.RouteTable == ""},
		{"vpnConnections", len(c.VPNConnections) == 0 || slices.Contains(c.VPNConnections, "")}, {"prefixes", len(c.Prefixes) == 0}} {
		if f.missing {
			errs = append(errs, fmt.Errorf("%s: missing; deploy the rule and the function from the same version", f.name))
		}
	}
	return &c, errors.Join(errs...)
}

// Compare returns what was learned beyond the contract, and what of the contract was not learned, both sorted. A prefix counts
// as it is written: the plan is made of exactly these, so neither a part of one nor a larger one will do.
func (c *Check) Compare(learned []netip.Prefix) (unexpected, missing []netip.Prefix) {
	return without(learned, c.Prefixes), without(c.Prefixes, learned)
}

func without(list, other []netip.Prefix) []netip.Prefix {
	out := []netip.Prefix{}
	for _, p := range list {
		if !slices.Contains(other, p) && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return out
}

// WriteMetrics writes the numbers of a check as one line of CloudWatch's embedded metric format, from which CloudWatch makes
// the metrics, with the prefixes beside them. It needs no permission but that to log.
func (c *Check) WriteMetrics(w io.Writer, at time.Time, unexpected, missing []netip.Prefix) error {
	type metric struct{ Name, Unit string }
	line, err := json.Marshal(map[string]any{
		DimensionNetwork: c.Network, DimensionSite: c.Site, MetricUnexpected: len(unexpected), MetricMissing: len(missing),
		"unexpected": unexpected, "missing": missing,
		"_aws": map[string]any{"Timestamp": at.UnixMilli(), "CloudWatchMetrics": []any{map[string]any{
			"Namespace": Namespace, "Dimensions": [][]string{{DimensionNetwork, DimensionSite}},
			"Metrics": []metric{{MetricUnexpected, "Count"}, {MetricMissing, "Count"}}}}},
	})
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("metrics of site %s: %w", c.Site, err)
	}
	return nil
}
