package awsdata

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestZones_EveryRegionIsWellFormed(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+-az[1-9]$`)
	regions := Regions()
	if len(regions) != 36 || !slices.IsSorted(regions) {
		t.Fatalf("want 36 sorted Regions, got %d: %v", len(regions), regions)
	}
	prefixes := map[string]string{}
	for _, region := range regions {
		ids := ZonesOf(region)
		if len(ids) < 3 || !slices.IsSorted(ids) {
			t.Errorf("%s: want at least 3 sorted zones, got %v", region, ids)
		}
		for _, id := range ids {
			if !form.MatchString(id) {
				t.Errorf("%s: %q is not a zone ID", region, id)
			}
			if got := RegionOfZone(id); got != region {
				t.Errorf("RegionOfZone(%q) = %q, want %q", id, got, region)
			}
			prefix, _, _ := strings.Cut(id, "-")
			if other := prefixes[prefix]; other != "" && other != region {
				t.Errorf("prefix %s stands for %s and %s", prefix, other, region)
			}
			prefixes[prefix] = region
		}
	}
}

// A Region's zone prefix is its code in short; a typo in the table would break this rule.
func TestZones_PrefixFollowsFromTheRegion(t *testing.T) {
	short := strings.NewReplacer("gov-", "g", "central", "c", "northeast", "ne", "southeast", "se", "north", "n",
		"south", "s", "east", "e", "west", "w", "-", "")
	for _, region := range Regions() {
		if id := ZonesOf(region)[0]; !strings.HasPrefix(id, short.Replace(region)+"-az") {
			t.Errorf("%s: zone %s does not start with %s", region, id, short.Replace(region))
		}
	}
}

func TestZones_SeoulHasFour(t *testing.T) {
	want := []string{"apne2-az1", "apne2-az2", "apne2-az3", "apne2-az4"}
	if got := ZonesOf("ap-northeast-2"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := ZonesOf("ca-central-1"); slices.Contains(got, "cac1-az3") {
		t.Errorf("ca-central-1 has no az3, got %v", got)
	}
}

func TestZones_Unknown(t *testing.T) {
	if KnownRegion("ap-north-9") || ZonesOf("ap-north-9") != nil || RegionOfZone("apne2-az9") != "" {
		t.Error("an unknown Region or zone was answered")
	}
	if !KnownRegion("us-west-2") {
		t.Error("us-west-2 is not known")
	}
}

func TestZones_CallersCannotChangeTheTable(t *testing.T) {
	ZonesOf("us-west-2")[0] = "changed"
	if got := ZonesOf("us-west-2")[0]; got != "usw2-az1" {
		t.Errorf("the table changed to %q", got)
	}
}

func ExampleRegionOfZone() {
	fmt.Println(RegionOfZone("apne1-az4"))
	// Output: ap-northeast-1
}
