package diagram

import "testing"

// netAt is a net from a hub to leaves, all given by their heights.
func netAt(outward bool, hub int, leaves ...int) *net {
	n := &net{outward: outward, hub: pin{y: hub, box: &box{}}}
	for _, y := range leaves {
		n.leaves = append(n.leaves, pin{y: y, box: &box{}})
	}
	return n
}

func TestChannel_Assign(t *testing.T) {
	for _, tt := range []struct {
		name      string
		nets      []*net
		tracks    int
		crossings int // between neighbouring tracks
	}{
		{"straight lines need no track", []*net{netAt(true, 10, 10), netAt(true, 50, 50)}, 0, 0},
		{"one below the other share a track", []*net{netAt(true, 10, 50), netAt(true, 90, 200)}, 1, 0},
		{"but not where they would look like one line", []*net{netAt(true, 10, 50), netAt(true, 70, 200)}, 2, 0},
		{"nested", []*net{netAt(false, 0, 0, 300), netAt(false, 100, 100, 200)}, 2, 1},
		{"the long one is inside if that is better", []*net{netAt(true, 300, 0), netAt(true, 410, 200)}, 2, 0},
		{"some must cross", []*net{netAt(false, 0, 0, 200), netAt(false, 100, 100, 300)}, 2, 1},
	} {
		c := &channel{nets: tt.nets}
		c.assign()
		got := 0
		for i := 1; i < len(c.tracks); i++ {
			got += crossings(c.tracks[i-1], c.tracks[i])
		}
		if len(c.tracks) != tt.tracks || got != tt.crossings {
			t.Errorf("%s: got %d tracks with %d crossings, want %d with %d", tt.name, len(c.tracks), got, tt.tracks, tt.crossings)
		}
	}
}
