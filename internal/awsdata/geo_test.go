package awsdata

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestGreatCircleKM(t *testing.T) {
	tests := map[string]struct {
		latA, lonA, latB, lonB float64
		want, within           float64
	}{
		"same point":                 {37.6, 127, 37.6, 127, 0, 0},
		"one degree on the equator":  {0, 0, 0, 1, 111.195, 0.001},
		"one degree of latitude":     {10, 20, 11, 20, 111.195, 0.001},
		"antipodes":                  {30, 40, -30, -140, math.Pi * earthRadiusKM, 0.001},
		"pole to pole":               {90, 0, -90, 77, math.Pi * earthRadiusKM, 0.001},
		"over the date line":         {0, 179.5, 0, -179.5, 111.195, 0.001},
		"Nashville to Los Angeles":   {36.12, -86.67, 33.94, -118.40, 2886.4, 0.2},   // the formula's usual worked example
		"London to New York airport": {51.4700, -0.4543, 40.6413, -73.7781, 5540, 5}, // 5,540 km in airline tables
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := GreatCircleKM(tt.latA, tt.lonA, tt.latB, tt.lonB)
			if math.Abs(got-tt.want) > tt.within {
				t.Errorf("got %.3f km, want %.3f", got, tt.want)
			}
			if back := GreatCircleKM(tt.latB, tt.lonB, tt.latA, tt.lonA); math.Abs(back-got) > 1e-9 {
				t.Errorf("%.6f km there, %.6f back", got, back)
			}
		})
	}
}

func TestPlaces_KnownDistances(t *testing.T) {
	tests := []struct {
		a, b         string
		want, within float64
	}{
		{"ap-northeast-2", "ap-northeast-1", 1150, 20}, // Seoul - Tokyo
		{"eu-central-1", "ap-southeast-1", 10260, 40},  // Frankfurt - Singapore
		{"eu-west-2", "eu-west-3", 344, 10},            // London - Paris
		{"ap-southeast-1", "ap-southeast-2", 6300, 30}, // Singapore - Sydney
		{"us-east-1", "eu-west-1", 5440, 60},           // Virginia - Dublin
	}
	for _, tt := range tests {
		a, b := mustPlace(t, tt.a), mustPlace(t, tt.b)
		if got := GreatCircleKM(a.Lat, a.Lon, b.Lat, b.Lon); math.Abs(got-tt.want) > tt.within {
			t.Errorf("%s to %s: got %.0f km, want %.0f", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestPlaces_CoverEveryRegion(t *testing.T) {
	for _, region := range Regions() {
		p := mustPlace(t, region)
		if p.Name == "" || math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180 || p.WithinKM < cityKM {
			t.Errorf("%s: bad place %+v", region, p)
		}
		for _, v := range []float64{p.Lat, p.Lon} {
			if r := math.Round(v*10) / 10; r != v {
				t.Errorf("%s: %v is not rounded to 0.1 degree", region, v)
			}
		}
	}
	for region := range places {
		if !KnownRegion(region) {
			t.Errorf("%s has a place but no zones", region)
		}
	}
	if _, ok := PlaceOf("ap-north-9"); ok {
		t.Error("an unknown Region has a place")
	}
}

func TestMinRTT(t *testing.T) {
	for km, want := range map[float64]time.Duration{
		0:                     0,
		299792.458 / 3:        time.Second, // there and back at two thirds of the speed of light
		299792.458 / 3 / 1000: time.Millisecond,
		1150:                  11508 * time.Microsecond,
	} {
		if got := MinRTT(km); (got - want).Abs() > time.Microsecond {
			t.Errorf("MinRTT(%v) = %v, want %v", km, got, want)
		}
	}
}

func TestTunnelFacts(t *testing.T) {
	if bps, pps := TunnelLimits(false); bps != 1.25e9 || pps != 140_000 {
		t.Errorf("standard tunnel: got %d bit/s and %d packets/s", bps, pps)
	}
	if bps, pps := TunnelLimits(true); bps != 5e9 || pps != 0 {
		t.Errorf("large tunnel: got %d bit/s and %d packets/s", bps, pps)
	}
	if TunnelMTU-TunnelMSS != 40 { // IPv4 and TCP headers without options
		t.Errorf("MSS %d does not belong to MTU %d", TunnelMSS, TunnelMTU)
	}
	for i, p := range ReservedInside {
		if p.Bits() != 30 || p != p.Masked() || !p.Addr().IsLinkLocalUnicast() || slices.Index(ReservedInside, p) != i {
			t.Errorf("%v is no inside CIDR block or stands twice", p)
		}
	}
}

func mustPlace(t *testing.T, region string) Place {
	t.Helper()
	p, ok := PlaceOf(region)
	if !ok {
		t.Fatalf("%s has no place", region)
	}
	return p
}
