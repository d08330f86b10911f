package problem

import (
	"fmt"
	"testing"
)

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("network%02d", i)
	}
	return out
}

func TestOneOf(t *testing.T) {
	for _, tt := range []struct {
		name, got string
		names     []string
		want      string
	}{
		{"none declared", "corp", nil, "declare it"},
		{"few, one is close", "tokio", []string{"app", "tokyo"}, "did you mean tokyo? use one of: app, tokyo"},
		{"few, none is close", "nowhere", []string{"app", "tokyo"}, "use one of: app, tokyo"},
		{"twelve are listed", "nowhere", names(12)[:12], "use one of: network00, network01, network02, network03, network04, network05, network06, network07, network08, network09, network10, network11"},
		{"many, one is close", "netwrk12", names(13), "did you mean network12? 13 are declared"},
		{"many, none is close", "db", names(13), "use one of the 13 declared: network00, network01, network02, network03, network04, network05, network06, network07, network08, network09, network10, network11, ..."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := OneOf(tt.got, tt.names); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestClosest(t *testing.T) {
	for _, tt := range []struct {
		got   string
		names []string
		want  string
	}{
		{"CIDR", []string{"account", "cidr", "id"}, "cidr"},
		{"tokio", []string{"kyoto", "tokyo"}, "tokyo"},
		{"same", []string{"sama", "same"}, "same"},
		{"app1", []string{"app2", "app3"}, "app2"}, // of two as close, the first
		{"transitGatway", []string{"sites", "transitGateways"}, "transitGateways"},
		{"gateway12", []string{"gatewayabc"}, "gatewayabc"}, // three letters away, a third of nine
		{"gateway12", []string{"gatewayabcd"}, ""},
		{"ab", []string{"xy", "x", ""}, ""}, // nothing of the name is left
		{"", []string{"app"}, ""},
		{"app", nil, ""},
	} {
		if got := Closest(tt.got, tt.names); got != tt.want {
			t.Errorf("Closest(%q, %q) = %q, want %q", tt.got, tt.names, got, tt.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"same", "same", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"ab", "ba", 2}, {"abcdef", "abdf", 2},
	} {
		if got, back := distance(tt.a, tt.b), distance(tt.b, tt.a); got != tt.want || back != tt.want {
			t.Errorf("distance(%q, %q) = %d and %d back, want %d", tt.a, tt.b, got, back, tt.want)
		}
	}
}
