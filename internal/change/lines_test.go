package change_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/problem"
)

// AWS does not know what the file calls a Region: another alias is one line, whatever lies there.
func TestDifferences_RegionRenamed(t *testing.T) {
	data := read(t, accounts)
	now := strings.NewReplacer("seoul/", "korea/", "seoul:", "korea:").Replace(data)
	r := change.Compare(change.Deployed{Plan: written(t, plan(t, "before.yaml", data).Plan, [2]string{})}, plan(t, "after.yaml", now).Plan, nil)
	want := []change.Difference{{Section: "settings", Subject: "Region ap-northeast-2 (net) is renamed", Before: "seoul", After: "korea"}}
	if diff := cmp.Diff(want, r.Differences, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".section" }, cmp.Ignore())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(r.Resources) > 0 || messages(r, problem.ResourceMoved) != nil {
		t.Errorf("got %+v and %q", r.Resources, messages(r, problem.ResourceMoved))
	}
	// A network that changes at the same time is not only renamed.
	other := strings.Replace(now, "cidr: 10.2.0.0/16", "cidr: 10.9.0.0/16", 1)
	r = change.Compare(change.Deployed{Plan: plan(t, "before.yaml", data).Plan}, plan(t, "after.yaml", other).Plan, nil)
	if messages(r, problem.Destroyed) == nil || len(r.Differences) < 5 {
		t.Errorf("got %+v", r.Differences)
	}
}

// One network among many is a few lines, not one for each of the others; programs still get everything.
func TestWrite_FoldsRoutes(t *testing.T) {
	network := func(n int) string {
		var b strings.Builder
		b.WriteString("apiVersion: pathproof/v1\nname: many\nregions: {seoul: {region: ap-northeast-2}}\nnetworks:\n")
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprintf("seoul/n%d", i))
			fmt.Fprintf(&b, "  seoul/n%d: {cidr: 10.%d.0.0/16, zones: [apne2-az1], tiers: [private/20, attach/28]}\n", i, i)
		}
		list := strings.Join(keys, ", ")
		fmt.Fprintf(&b, "transitGateways: {hub: {region: seoul, asn: 64512, segments: {cloud: {attach: [%s], reaches: [cloud]}}}}\n", list)
		return b.String()
	}
	r := change.Compare(change.Deployed{Plan: plan(t, "before.yaml", network(14)).Plan}, plan(t, "after.yaml", network(13)).Plan, nil)
	var out bytes.Buffer
	if err := change.Write(&out, r, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  - 13 networks to 10.13.0.0/16  transitGateway/hub\n", "  - seoul/n13 to 13 destinations  transitGateway/hub\n"} {
		if strings.Count(out.String(), want) != 1 {
			t.Errorf("not once in the report: %q\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "seoul/n3 to ") {
		t.Errorf("single routes are still there:\n%s", out.String())
	}
	all := 0
	for _, d := range r.Differences {
		if d.Section == "routes of networks" {
			all++
		}
	}
	if all != 26 {
		t.Errorf("got %d differences of routes, want 26", all)
	}
}
