package bgpstate

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// frrNeighbor is as much as this package needs of what FRR prints for a neighbor (seen with 8.4).
type frrNeighbor struct {
	RemoteAS     int64  `json:"remoteAs"`
	State        string `json:"bgpState"`
	HoldMsec     *int64 `json:"bgpTimerHoldTimeMsecs"`
	KeepMsec     *int64 `json:"bgpTimerKeepAliveIntervalMsecs"`
	Capabilities struct {
		GracefulRestart string `json:"gracefulRestartCapability"`
	} `json:"neighborCapabilities"`
	Families map[string]struct {
		Accepted int `json:"acceptedPrefixCounter"`
	} `json:"addressFamilyInfo"`
}

func parseFRR(text []byte) ([]Neighbor, error) {
	var found map[string]json.RawMessage
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, fmt.Errorf("not JSON: %w; give the whole output of vtysh -c 'show bgp neighbors json'", err)
	}
	var out []Neighbor
	var errs []error
	for name, body := range found {
		address, err := netip.ParseAddr(name)
		if err != nil {
			continue // the name of a view or a group
		}
		var n frrNeighbor
		if err := json.Unmarshal(body, &n); err != nil {
			errs = append(errs, fmt.Errorf("neighbor %s: %w", name, err))
			continue
		}
		if n.HoldMsec == nil || n.KeepMsec == nil || n.State == "" {
			errs = append(errs, fmt.Errorf("neighbor %s: no state or timers; give the output of show bgp neighbors json", name))
			continue
		}
		out = append(out, Neighbor{Address: address, RemoteAS: n.RemoteAS, State: n.State, Hold: time.Duration(*n.HoldMsec) * time.Millisecond,
			Keepalive: time.Duration(*n.KeepMsec) * time.Millisecond, Accepted: n.Families["ipv4Unicast"].Accepted,
			GracefulRestart: n.Capabilities.GracefulRestart == "advertisedAndReceived"})
	}
	return out, errors.Join(errs...)
}
