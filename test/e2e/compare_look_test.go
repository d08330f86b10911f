package e2e

import "testing"

// TestCompareLook: an answer may tell more than a template says, and nothing else of it.
func TestCompareLook(t *testing.T) {
	type m = map[string]any
	list := func(v ...any) []any { return v }
	says := func() m {
		return m{"Port": 80.0, "Attributes": list(m{"Key": "cross_zone", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "a"}), "Groups": list("g1", "g2")}
	}
	for _, c := range []struct {
		name string
		got  m
		same bool
	}{
		{"the same in texts", m{"Port": "80", "Attributes": list(m{"Key": "cross_zone", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "a"}), "Groups": list("g2", "g1")}, true},
		{"more of it", m{"Port": "80", "State": "active", "Attributes": list(m{"Key": "other", "Value": "1"}, m{"Key": "cross_zone", "Value": "true"}),
			"Actions": list(m{"Type": "forward", "To": "a", "Order": "1"}), "Groups": list("g1", "g2")}, true},
		{"another scalar", m{"Port": "81", "Attributes": list(m{"Key": "cross_zone", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "a"}), "Groups": list("g1", "g2")}, false},
		{"another attribute", m{"Port": "80", "Attributes": list(m{"Key": "cross_zone", "Value": "false"}), "Actions": list(m{"Type": "forward", "To": "a"}), "Groups": list("g1", "g2")}, false},
		{"no attribute", m{"Port": "80", "Attributes": list(m{"Key": "other", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "a"}), "Groups": list("g1", "g2")}, false},
		{"another value inside", m{"Port": "80", "Attributes": list(m{"Key": "cross_zone", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "b"}), "Groups": list("g1", "g2")}, false},
		{"one more in a list", m{"Port": "80", "Attributes": list(m{"Key": "cross_zone", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "a"}, m{"Type": "forward", "To": "a"}), "Groups": list("g1", "g2")}, false},
		{"one less in a list", m{"Port": "80", "Attributes": list(m{"Key": "cross_zone", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "a"}), "Groups": list("g1")}, false},
		{"a property is not told", m{"Attributes": list(m{"Key": "cross_zone", "Value": "true"}), "Actions": list(m{"Type": "forward", "To": "a"}), "Groups": list("g1", "g2")}, false},
	} {
		want, have := compareLook(says(), c.got)
		same := true
		for name, value := range want {
			if have[name] != value {
				same = false
			}
		}
		if same != c.same {
			t.Errorf("%s: the same: got %v\n got %v\nwant %v", c.name, same, have, want)
		}
	}
}
