package scaletest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/scaletest"
)

// Whoever measures a large network must not measure a wrong one.
func TestYAML_IsProven(t *testing.T) {
	for _, c := range []struct{ regions, vpcs, zones, paths, unreachable int }{
		{1, 1, 1, 0, 0}, {1, 3, 2, 6, 0}, {2, 1, 3, 2, 0}, {3, 10, 3, 60, 6}, {1, 20, 6, 20, 2}, {5, 20, 3, 200, 20}, {20, 5, 3, 30, 3},
	} {
		t.Run(fmt.Sprintf("%dx%dx%d", c.regions, c.vpcs, c.zones), func(t *testing.T) {
			r := check.Data("scale.yaml", []byte(scaletest.YAML(c.regions, c.vpcs, c.zones, c.paths)))
			for _, p := range r.Problems {
				if p.Severity != problem.Note {
					t.Errorf("%s %s: %s", p.Code, p.Path, p.Message)
				}
			}
			if r.Plan == nil {
				t.Fatal("no plan")
			}
			if got, want := len(r.Plan.TransitGateways)*(len(r.Plan.TransitGateways)-1)/2, len(r.Plan.Peerings); got != want {
				t.Errorf("peerings: got %d, want %d", got, want)
			}
			if len(r.Plan.Regions) != c.regions || len(r.Plan.Networks) != c.regions*c.vpcs || len(r.Plan.Sites) != c.regions || len(r.Plan.Paths) != c.paths {
				t.Errorf("got %d Regions, %d networks, %d sites, %d paths", len(r.Plan.Regions), len(r.Plan.Networks), len(r.Plan.Sites), len(r.Plan.Paths))
			}
			unreachable := 0
			for _, p := range r.Plan.Paths {
				if !p.Proven {
					t.Errorf("path %s is not proven", p.Name)
				}
				if p.Expect == "unreachable" {
					unreachable++
				}
			}
			if unreachable != c.unreachable {
				t.Errorf("paths that must be unreachable: got %d, want %d", unreachable, c.unreachable)
			}
			for _, n := range r.Plan.Networks {
				if len(n.Subnets) != 2*c.zones {
					t.Errorf("%s: got %d subnets, want %d", n.Key, len(n.Subnets), 2*c.zones)
				}
			}
		})
	}
}

func TestYAML_IsTheSameEachTime(t *testing.T) {
	first := scaletest.YAML(3, 4, 2, 20)
	if again := scaletest.YAML(3, 4, 2, 20); again != first {
		t.Error("the same numbers gave another text")
	}
}

func TestYAML_RefusesWhatDoesNotExist(t *testing.T) {
	for _, c := range []struct {
		regions, vpcs, zones, paths int
		want                        string
	}{
		{0, 1, 1, 0, "0 Regions"}, {99, 1, 1, 0, "99 Regions"}, {1, 1, 0, 0, "0 zones"}, {1, 1, 7, 0, "7 zones"}, {2, 1, 6, 0, "2 Regions with 6 zones"},
		{1, 0, 1, 0, "0 VPCs"}, {1, 4097, 1, 0, "4097 VPCs"}, {1, 1, 1, 1, "1 paths"}, {1, 3, 1, 7, "7 paths"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("%v: got %q, want %q in it", c, got, c.want)
				}
			}()
			scaletest.YAML(c.regions, c.vpcs, c.zones, c.paths)
		}()
	}
}
