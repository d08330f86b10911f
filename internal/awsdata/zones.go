package awsdata

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
)

//go:embed az-ids.json
var azIDs []byte

// zoneTable is az-ids.json, read once, and its inverse.
type zoneTable struct {
	Regions  map[string][]string `json:"regions"`
	regionOf map[string]string
}

// zones parses on first use: a program that asks nothing pays nothing.
var zones = sync.OnceValue(func() zoneTable {
	t := zoneTable{regionOf: map[string]string{}}
	if err := json.Unmarshal(azIDs, &t); err != nil {
		panic(fmt.Errorf("read embedded az-ids.json: %w", err)) // the file is part of the program: a bug, never input
	}
	for region, ids := range t.Regions {
		for _, id := range ids {
			t.regionOf[id] = region
		}
	}
	return t
})

// Regions returns the codes of all known Regions, sorted. The table has the commercial and GovCloud Regions.
func Regions() []string { return slices.Sorted(maps.Keys(zones().Regions)) }

// KnownRegion reports whether region is a Region code in the table.
func KnownRegion(region string) bool {
	_, ok := zones().Regions[region]
	return ok
}

// ZonesOf returns the Availability Zone IDs of a Region, sorted, and nil for an unknown Region. They are the zones that
// exist: AWS closes some of them, such as apne1-az3 and usw1-az2, to many accounts.
func ZonesOf(region string) []string { return slices.Clone(zones().Regions[region]) }

// RegionOfZone returns the code of the Region a zone ID belongs to, and "" for an unknown zone ID.
func RegionOfZone(zoneID string) string { return zones().regionOf[zoneID] }

// AcceleratorLacks reports whether Global Accelerator does not support a zone: nothing there can be an endpoint (Global
// Accelerator guide, supported Regions).
func AcceleratorLacks(zoneID string) bool {
	return slices.Contains([]string{"apne1-az3", "usw1-az2", "cac1-az3"}, zoneID)
}
