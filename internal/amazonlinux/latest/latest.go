// Package latest compares the images that a file pins with the newest release of Amazon Linux 2023 that is offered wherever the
// file uses one.
package latest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/amazonlinux"
	"github.com/pathproof/pathproof/internal/topology"
)

// Pin is an image as the file pins it.
type Pin struct {
	Key   string // key path in the file
	At    string // FILE:LINE:COLUMN
	Proxy bool   // of edge proxies, else of an OpenVPN server
	Place topology.Place
	Image string               // as written
	Pins  *amazonlinux.Release // nil: it is an id
}

// State is what a pinned image is, compared with the newest release.
type State string

// The states of an image.
const (
	Outdated State = "outdated" // a newer release is offered in all places
	Newest   State = "newest"
	Ahead    State = "ahead"   // newer than what is offered in all places, and offered in its own
	Missing  State = "missing" // newer than that, and not offered in its own place: a deployment finds it only if it is deprecated
	ByID     State = "id"      // pinned by an id, which is not looked up
	Unknown  State = "unknown" // what is newest could not be found out
)

// Report is what was found.
type Report struct {
	Network string `json:"network"`
	// Newest is the newest release that is offered in all places; nil if there is none or some place did not answer.
	Newest *amazonlinux.Release `json:"newest,omitempty"`
	Places []Place              `json:"places"`
	Images []Image              `json:"images"`
	// Problems say what could not be found out, and which image is missing.
	Problems []string `json:"problems,omitempty"`
}

// Place is where images are pinned by a release.
type Place struct {
	Place string `json:"place"`
	// Newest is the newest release there; nil if none was found.
	Newest *amazonlinux.Release `json:"newest,omitempty"`
	offers []amazonlinux.Release
}

// Image is a pinned image, judged.
type Image struct {
	Key   string `json:"key"`
	At    string `json:"at"`
	Place string `json:"place"`
	Image string `json:"image"`
	State State  `json:"state"`
	// Release is what is proposed; nil unless outdated.
	Release *amazonlinux.Release `json:"release,omitempty"`
	proxy   bool
}

// List lists the releases that a place offers.
type List func(context.Context, topology.Place) ([]amazonlinux.Release, error)

// Read asks each place once, in the order of the pins, and judges each pin. What fails is in the report.
func Read(ctx context.Context, network string, pins []Pin, list List) *Report {
	r := &Report{Network: network, Places: []Place{}, Images: []Image{}}
	for _, at := range placesOf(pins) {
		p := Place{Place: at.String()}
		var err error
		p.offers, err = list(ctx, at)
		switch {
		case err != nil:
			r.addf("%s: %w", at, err)
		case len(p.offers) == 0:
			r.addf("%s: no release is offered, got no image of Amazon's named %s; check what the account allows (Allowed AMIs)", at, amazonlinux.AnyName)
		default:
			p.Newest = maxOf(p.offers)
		}
		r.Places = append(r.Places, p)
	}
	r.common()
	for i := range pins {
		r.judge(&pins[i])
	}
	return r
}

func (r *Report) addf(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Errorf(format, args...).Error())
}

// placesOf are the places of pins that are releases, each once.
func placesOf(pins []Pin) []topology.Place {
	var out []topology.Place
	for _, p := range pins {
		if p.Pins != nil && !slices.Contains(out, p.Place) {
			out = append(out, p.Place)
		}
	}
	return out
}

// maxOf is the newest of releases, nil if there are none.
func maxOf(list []amazonlinux.Release) *amazonlinux.Release {
	if len(list) == 0 {
		return nil
	}
	newest := slices.MaxFunc(list, amazonlinux.Release.Compare)
	return &newest
}

// common finds the newest release that all places offer. A place that did not answer might offer none of them.
func (r *Report) common() {
	if len(r.Problems) > 0 || len(r.Places) == 0 {
		return
	}
	shared := slices.Clone(r.Places[0].offers)
	for _, p := range r.Places[1:] {
		shared = slices.DeleteFunc(shared, func(x amazonlinux.Release) bool { return !slices.Contains(p.offers, x) })
	}
	if r.Newest = maxOf(shared); r.Newest == nil {
		r.addf("no release is offered in all of %s; try again in some days, or pin by hand what each place offers", r.where())
	}
}

// where names the places.
func (r *Report) where() string {
	var names []string
	for _, p := range r.Places {
		names = append(names, p.Place)
	}
	return strings.Join(names, ", ")
}

// judge adds a pinned image.
func (r *Report) judge(p *Pin) {
	i := Image{Key: p.Key, At: p.At, Place: p.Place.String(), Image: p.Image, proxy: p.Proxy}
	switch {
	case p.Pins == nil:
		i.State = ByID
	case r.Newest == nil:
		i.State = Unknown
	case p.Pins.Compare(*r.Newest) < 0:
		i.State, i.Release = Outdated, r.Newest
	case *p.Pins == *r.Newest:
		i.State = Newest
	case r.offered(i.Place, *p.Pins):
		i.State = Ahead
	default:
		i.State = Missing
		r.addf("%s: not offered in %s, got %s, so it is misspelled, not there yet or withdrawn; pin al2023@%s, the newest that is offered in all places", p.Key, i.Place, p.Image, r.Newest)
	}
	r.Images = append(r.Images, i)
}

func (r *Report) offered(place string, release amazonlinux.Release) bool {
	return slices.ContainsFunc(r.Places, func(p Place) bool { return p.Place == place && slices.Contains(p.offers, release) })
}

// Outdated lists the images for which a newer release is proposed.
func (r *Report) Outdated() []Image {
	return slices.DeleteFunc(slices.Clone(r.Images), func(i Image) bool { return i.State != Outdated })
}
