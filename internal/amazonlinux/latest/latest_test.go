package latest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/amazonlinux"
	"github.com/pathproof/pathproof/internal/topology"
)

// at is a pin: REGION RELEASE, or REGION ami-ID.
func at(text string) Pin {
	region, image, _ := strings.Cut(text, " ")
	p := Pin{Key: text, Image: image, Place: topology.Place{Region: region}}
	if r, err := amazonlinux.Parse(image); err == nil {
		p.Pins = &r
	}
	return p
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name   string
		pins   []string
		offers map[string]string // by Region; ! fails
		newest string
		states string
		places string // asked, in order
		wrong  string // in the one problem
	}{
		{"nothing", nil, nil, "<nil>", "", "", ""},
		{"newest common, not newest", []string{"a 2023.1.20230101", "b 2023.1.20230101"}, map[string]string{"a": "2023.3.20230301 2023.2.20230201", "b": "2023.2.20230201 2023.1.20230101"},
			"2023.2.20230201", "outdated outdated", "a b", ""},
		{"a place is asked once", []string{"b 2023.2.20230201", "a 2023.2.20230201", "b 2023.1.20230101"}, map[string]string{"a": "2023.2.20230201", "b": "2023.2.20230201"},
			"2023.2.20230201", "newest newest outdated", "b a", ""},
		{"the place of an id does not count", []string{"a 2023.1.20230101", "b ami-00000001"}, map[string]string{"a": "2023.2.20230201"}, "2023.2.20230201", "outdated id", "a", ""},
		{"ahead where it is offered", []string{"a 2023.2.20230201.1", "b 2023.2.20230201"}, map[string]string{"a": "2023.2.20230201.1 2023.2.20230201", "b": "2023.2.20230201"},
			"2023.2.20230201", "ahead newest", "a b", ""},
		{"missing where it is not", []string{"a 2023.2.20230201", "b 2023.2.20230201.1"}, map[string]string{"a": "2023.2.20230201.1 2023.2.20230201", "b": "2023.2.20230201"},
			"2023.2.20230201", "newest missing", "a b", "b 2023.2.20230201.1: not offered in b"},
		{"nothing in common", []string{"a 2023.1.20230101", "b 2023.1.20230101"}, map[string]string{"a": "2023.2.20230201", "b": "2023.3.20230301"}, "<nil>", "unknown unknown", "a b", "offered in all of a, b"},
		{"one place is silent", []string{"a 2023.1.20230101", "b 2023.1.20230101"}, map[string]string{"a": "!", "b": "2023.3.20230301"}, "<nil>", "unknown unknown", "a b", "a: no answer"},
		{"one place is empty", []string{"a 2023.1.20230101", "b 2023.1.20230101"}, map[string]string{"a": "2023.3.20230301", "b": ""}, "<nil>", "unknown unknown", "a b", "b: no release is offered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var pins []Pin
			for _, p := range tt.pins {
				pins = append(pins, at(p))
			}
			var asked, states []string
			r := Read(t.Context(), "demo", pins, func(_ context.Context, p topology.Place) (out []amazonlinux.Release, err error) {
				asked = append(asked, p.Region)
				if tt.offers[p.Region] == "!" {
					return nil, errors.New("no answer")
				}
				for _, text := range strings.Fields(tt.offers[p.Region]) {
					out = append(out, *at(p.Region + " " + text).Pins)
				}
				return out, nil
			})
			for _, i := range r.Images {
				states = append(states, string(i.State))
				if (i.Release != nil) != (i.State == Outdated) {
					t.Errorf("%s is %s, proposed %v", i.Key, i.State, i.Release)
				}
			}
			got := []string{fmt.Sprint(r.Newest), strings.Join(states, " "), strings.Join(asked, " ")}
			if diff := cmp.Diff([]string{tt.newest, tt.states, tt.places}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if problems := strings.Join(r.Problems, "\n"); (tt.wrong == "") != (problems == "") || len(r.Problems) > 1 || !strings.Contains(problems, tt.wrong) {
				t.Errorf("problems %q, want %q", problems, tt.wrong)
			}
		})
	}
}
