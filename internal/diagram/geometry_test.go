package diagram

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPolyline(t *testing.T) {
	for _, tt := range []struct {
		name     string
		line     polyline
		distance int
		want     polyline
	}{
		{"straight", polyline{{0, 0}, {10, 0}}, 3, polyline{{0, 3}, {10, 3}}},
		{"to the left", polyline{{0, 0}, {10, 0}}, -3, polyline{{0, -3}, {10, -3}}},
		{"a right turn is nested", polyline{{0, 0}, {10, 0}, {10, 20}}, 3, polyline{{0, 3}, {7, 3}, {7, 20}}},
		{"a left turn goes around", polyline{{0, 0}, {10, 0}, {10, -20}}, 3, polyline{{0, 3}, {13, 3}, {13, -20}}},
		{"there and over", polyline{{0, 0}, {10, 0}, {10, 20}, {30, 20}}, 2, polyline{{0, 2}, {8, 2}, {8, 22}, {30, 22}}},
		{"needless points", polyline{{0, 0}, {5, 0}, {5, 0}, {10, 0}}, 1, polyline{{0, 1}, {10, 1}}},
		{"a point", polyline{{4, 4}, {4, 4}}, 1, polyline{{4, 4}}},
	} {
		got := tt.line.beside(tt.distance)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(point{})); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}
