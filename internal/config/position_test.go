package config

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/problem"
)

func TestPosition(t *testing.T) {
	const text = `apiVersion: pathproof/v1
name: demo
regions:
  seoul: {region: ap-northeast-2}
networks:
  seoul/app: &vpc
    cidr: 10.0.0.0/16
    subnets: {public: {apne2-az1: 10.0.0.0/24, apne2-az2: {cidr: 10.0.1.0/24}}}
  seoul/web: *vpc
tags: {a.b: x, "c]d": y}
allow:
  - from: seoul/app
    to: [seoul/web, seoul/app]
    tcp:
      - 443
`
	doc, list := Parse("f", []byte(text))
	if doc.File == nil {
		t.Fatal(format(doc, list))
	}
	for _, tc := range []struct {
		path string
		want problem.Position
	}{
		{"name", problem.Position{Line: 2, Column: 7}},
		{"regions", problem.Position{Line: 4, Column: 3}},
		{"regions[seoul]", problem.Position{Line: 4, Column: 10}},
		{"regions[seoul].region", problem.Position{Line: 4, Column: 19}},
		{"networks[seoul/app]", problem.Position{Line: 7, Column: 5}},
		{"networks[seoul/app].cidr", problem.Position{Line: 7, Column: 11}},
		{"networks[seoul/app].subnets[public][apne2-az1]", problem.Position{Line: 8, Column: 35}},
		{"networks[seoul/app].subnets[public][apne2-az2].cidr", problem.Position{Line: 8, Column: 66}},
		{"tags[a.b]", problem.Position{Line: 10, Column: 13}},
		{"tags[c]d]", problem.Position{Line: 10, Column: 23}},
		{"allow[0]", problem.Position{Line: 12, Column: 5}},
		{"allow[0].from", problem.Position{Line: 12, Column: 11}},
		{"allow[0].from[0]", problem.Position{Line: 12, Column: 11}},
		{"allow[0].to[1]", problem.Position{Line: 13, Column: 21}},
		{"allow[0].tcp[0]", problem.Position{Line: 15, Column: 9}},
		// An alias is a place of its own; what it stands for is where the anchor is.
		{"networks[seoul/web]", problem.Position{Line: 9, Column: 14}},
		{"networks[seoul/web].cidr", problem.Position{Line: 7, Column: 11}},
		// Absent: the key of the nearest parent.
		{"networks[seoul/app].egress", problem.Position{Line: 6, Column: 3}},
		{"networks[seoul/app].subnets[public][apne2-az3].cidr", problem.Position{Line: 8, Column: 15}},
		{"allow[0].tcp[1]", problem.Position{Line: 14, Column: 5}},
		{"allow[1].from", problem.Position{Line: 11, Column: 1}},
		{"tags[x.y]", problem.Position{Line: 10, Column: 1}},
		{"sites[idc].connect.tunnel.dpdTimeout", problem.Position{Line: 1, Column: 1}},
		{"", problem.Position{Line: 1, Column: 1}},
	} {
		if got := doc.Position(tc.path); got != tc.want {
			t.Errorf("%q: got %v, want %v", tc.path, got, tc.want)
		}
	}
}

// TestLocate shows the way that checks after the loader take: a problem with a path gets its place from the document.
func TestLocate(t *testing.T) {
	doc, _ := Load("testdata/good/minimal.yaml")
	var list problem.List
	list.Addf(problem.NetworkSize, "networks[seoul/app].cidr", "too large, got 10.0.0.0/16; use /17")
	list.Locate(doc.Position)
	if got, want := format(doc, list), "networks: {seoul/app: {cidr: 10.0.0.0/16}}\n       | "+strings.Repeat(" ", 29)+"^\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant it to end in\n%s", got, want)
	}
}
