package awsdata

import (
	"math"
	"time"
)

// earthRadiusKM is the mean Earth radius of IUGG, in kilometers. A sphere of it is within 0.6 % of the ellipsoid.
const earthRadiusKM = 6371.0088

// fiberKMPerSecond is how far light gets in glass in a second: two thirds of 299,792.458 km. It is the usual planning
// figure, not a law: common glass (index 1.468) is 2 % faster, and radio or hollow fiber is faster still.
const fiberKMPerSecond = 299792.458 * 2 / 3

// GreatCircleKM returns the length in kilometers of the shortest way over the Earth's surface between two points given
// in degrees north and east (haversine formula).
func GreatCircleKM(latA, lonA, latB, lonB float64) float64 {
	const degree = math.Pi / 180
	dLat, dLon := (latB-latA)*degree, (lonB-lonA)*degree
	h := haversine(dLat) + math.Cos(latA*degree)*math.Cos(latB*degree)*haversine(dLon)
	return 2 * earthRadiusKM * math.Asin(math.Sqrt(min(1, h))) // min: rounding may lift antipodes a hair above 1
}

func haversine(angle float64) float64 { return (1 - math.Cos(angle)) / 2 }

// MinRTT returns the round-trip time of light through km kilometers of straight fiber. No cable is straight: measured
// times are commonly 1.3 to 2 times as long. A result below this value means that the place or the clock is wrong.
func MinRTT(km float64) time.Duration {
	return time.Duration(math.Round(2 * km / fiberKMPerSecond * float64(time.Second)))
}
