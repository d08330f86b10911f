package topology

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
)

// Bound is the physical lower bound of a path's round trip: light in fibre (two thirds of c) along the great circles
// between the places on the way. AWS publishes a city per Region and no more, so every leg is shortened by how far from
// that city a Region may be; a round trip measured below the bound means a wrong place or a wrong clock.
type Bound struct {
	KM      float64  `json:"km"`      // one way, between the cities
	AtLeast float64  `json:"atLeast"` // one way in km, allowing for where a Region really is
	RTT     Millis   `json:"rttMs"`   // of AtLeast, there and back
	Legs    []string `json:"legs,omitempty"`
}

// Millis is a duration written to JSON in milliseconds with two decimals.
type Millis time.Duration

// MarshalJSON writes milliseconds.
func (m Millis) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.2f", float64(m)/float64(time.Millisecond)), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Millis) UnmarshalJSON(b []byte) error {
	ms, err := strconv.ParseFloat(string(b), 64)
	*m = Millis(math.Round(ms * float64(time.Millisecond)))
	return err
}

// bound adds up the legs between the hops' places; nil where a place is not known.
func (b *builder) bound(hops []Hop) *Bound {
	type spot struct {
		name     string
		lat, lon float64
		within   float64 // km
	}
	var spots []spot
	add := func(s spot) {
		if len(spots) == 0 || spots[len(spots)-1] != s {
			spots = append(spots, s)
		}
	}
	region := func(code string) bool {
		p, ok := awsdata.PlaceOf(code)
		if ok {
			add(spot{code, p.Lat, p.Lon, p.WithinKM})
		}
		return ok
	}
	for _, h := range hops {
		ok := true
		switch h.Kind {
		case TargetNetwork:
			ok = region(b.plan.Network(h.Name).Place.Region)
		case TargetTransitGateway:
			ok = region(b.plan.TransitGateway(h.Name).Place.Region)
		case TargetClient:
			l := b.f.Clients[config.Name(h.Name)].Location
			add(spot{"client/" + h.Name, l.Lat, l.Lon, 0})
		case TargetSite:
			l := b.plan.Site(h.Name).Location
			if ok = l != nil; ok {
				add(spot{"site/" + h.Name, l.Lat, l.Lon, 0})
			}
		}
		if !ok {
			return nil
		}
	}
	out := &Bound{}
	for i := 1; i < len(spots); i++ {
		x, y := spots[i-1], spots[i]
		km := awsdata.GreatCircleKM(x.lat, x.lon, y.lat, y.lon)
		out.KM += km
		out.AtLeast += max(0, km-x.within-y.within)
		out.Legs = append(out.Legs, fmt.Sprintf("%s to %s %.0f km", x.name, y.name, km))
	}
	out.RTT = Millis(awsdata.MinRTT(out.AtLeast))
	return out
}
