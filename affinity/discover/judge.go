package discover

import (
	"fmt"
	"net/netip"
	"slices"
)

// verdict is what a Regional answer says about zones.
type verdict struct {
	missing []string // the zones to evacuate, in order
	several bool     // the answer has addresses of two zones or more
	doubt   string   // why an absence was not believed; empty if there was none
}

// judge compares the zones' endpoints with the addresses of the Regional name. seenSeveral says that an earlier answer of the same
// name had addresses of several zones, which a name that gives one zone at a time never has.
func judge(endpoints []Endpoint, regional []netip.Addr, trust RegionalTrust, seenSeveral bool) verdict {
	present, absent := compare(endpoints, regional)
	v := verdict{several: len(present) > 1}
	switch {
	case len(absent) == 0:
	case len(regional) == 0:
		v.doubt = "has no address; no zone is taken as evacuated"
	case len(present) == 0:
		v.doubt = "has no address of any zone; it may not be the same service's name, and no zone is taken as evacuated"
	case full(regional):
		v.doubt = fmt.Sprintf("answers with %d addresses, which may not be all of them; no zone is taken as evacuated", len(regional))
	case len(present) == 1 && !seenSeveral && trust != RegionalComplete:
		v.doubt = fmt.Sprintf("has only ever shown one zone at a time, now %s; no zone is taken as evacuated", present[0])
	default:
		v.missing = absent
	}
	return v
}

// full says whether an answer of either family is as long as Route 53's answers get: there may be more.
func full(regional []netip.Addr) bool {
	four := 0
	for _, a := range regional {
		if a.Is4() {
			four++
		}
	}
	return four >= multivalueLimit || len(regional)-four >= multivalueLimit
}

// compare tells zones with an address in the Regional answer from zones without. Endpoints whose host is a name, or that have no
// zone, say nothing.
func compare(endpoints []Endpoint, regional []netip.Addr) (present, absent []string) {
	shown := map[string]bool{}
	for _, e := range endpoints {
		if addr, ok := addrOf(e); ok {
			shown[e.Zone] = shown[e.Zone] || slices.Contains(regional, addr)
		}
	}
	for zone, is := range shown {
		if is {
			present = append(present, zone)
		} else {
			absent = append(absent, zone)
		}
	}
	slices.Sort(present)
	slices.Sort(absent)
	return present, absent
}
