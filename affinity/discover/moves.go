package discover

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// settle is how long names may disagree about addresses that changed: longer than the TTL of a load balancer's records, 60 s.
const settle = 90 * time.Second

// moves remembers which addresses zones had and which the Regional name showed. Where servers are replaced, one of the names shows the
// new addresses first, since resolvers keep each for its own TTL; the zone is not gone meanwhile.
type moves struct {
	zones map[netip.Addr]sighting  // addresses in zones' own answers, when last seen
	shown map[netip.Addr]time.Time // addresses of the Regional name, when first seen
}

type sighting struct {
	endpoint Endpoint
	at       time.Time
}

// note takes down what the names show now.
func (m *moves) note(endpoints []Endpoint, regional []netip.Addr, now time.Time) {
	if m.zones == nil {
		m.zones, m.shown = map[netip.Addr]sighting{}, map[netip.Addr]time.Time{}
	}
	for _, e := range endpoints {
		if addr, ok := addrOf(e); ok {
			m.zones[addr] = sighting{e, now}
		}
	}
	for addr, s := range m.zones {
		if now.Sub(s.at) > settle {
			delete(m.zones, addr)
		}
	}
	for addr := range m.shown {
		if !slices.Contains(regional, addr) {
			delete(m.shown, addr)
		}
	}
	for _, addr := range regional {
		if _, known := m.shown[addr]; !known {
			m.shown[addr] = now
		}
	}
}

// recent adds to endpoints those that their zones had a moment ago: an address that the Regional name still shows is the zone's.
func (m *moves) recent(endpoints []Endpoint) []Endpoint {
	out, zones := slices.Clone(endpoints), map[string]bool{}
	for _, e := range endpoints {
		zones[e.Zone] = true
	}
	for _, s := range m.zones {
		if zones[s.endpoint.Zone] && !slices.Contains(endpoints, s.endpoint) {
			out = append(out, s.endpoint)
		}
	}
	return out
}

// unsettled says whether the Regional name shows an address that no zone has, and has not for long: it may be of a zone whose own name
// still shows old addresses.
func (m *moves) unsettled(now time.Time) bool {
	for addr, since := range m.shown {
		if _, known := m.zones[addr]; !known && now.Sub(since) <= settle {
			return true
		}
	}
	return false
}

// addrOf is the address of an endpoint with a zone; false where its host is a name.
func addrOf(e Endpoint) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(e.Addr)
	if err != nil || e.Zone == "" {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(host)
	return addr.Unmap(), err == nil
}
