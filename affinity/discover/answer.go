package discover

import (
	"cmp"
	"slices"
)

// Equal says whether two answers lead to the same traffic; doubts do not matter to it.
func (a Answer) Equal(b Answer) bool {
	return slices.Equal(a.Endpoints, b.Endpoints) && slices.Equal(a.Evacuated, b.Evacuated)
}

// Zones returns the IDs of the zones that have endpoints, in order and each once. Endpoints without zone add nothing.
func (a Answer) Zones() []string {
	var zones []string
	for _, e := range a.Endpoints {
		if e.Zone != "" {
			zones = append(zones, e.Zone)
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// Normalize orders an answer and removes duplicates, as [Answer] promises, on copies of its slices. Sources call it last.
// Of endpoints with the same address and zone one stays; an address that is in two zones stays in both.
func (a Answer) Normalize() Answer {
	a.Endpoints = slices.Clone(a.Endpoints)
	slices.SortFunc(a.Endpoints, func(x, y Endpoint) int {
		return cmp.Or(cmp.Compare(x.Zone, y.Zone), cmp.Compare(x.Addr, y.Addr), cmp.Compare(x.ID, y.ID))
	})
	a.Endpoints = slices.CompactFunc(a.Endpoints, func(x, y Endpoint) bool { return x.Zone == y.Zone && x.Addr == y.Addr })
	a.Evacuated = slices.Clone(a.Evacuated)
	slices.Sort(a.Evacuated)
	a.Evacuated = slices.Compact(a.Evacuated)
	return a
}
