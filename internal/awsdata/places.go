package awsdata

// Place is where a Region is, as far as AWS says. AWS publishes a name, never an address: the coordinates are those of
// the city that the name, or the Region's announcement, gives, rounded to 0.1 degree.
type Place struct {
	// Name is AWS's name of the Region, such as "Asia Pacific (Seoul)".
	Name string
	// Lat and Lon are degrees north and east.
	Lat, Lon float64
	// WithinKM says how far from the coordinates the data centers may be, in kilometers. It is cityKM where AWS names
	// a city and more where AWS names a state or a country. A bound on latency has to allow for it.
	WithinKM float64
}

// cityKM: AWS states that the zones of a Region lie within 100 km of each other ("AWS Global Infrastructure, Regions
// and Availability Zones"). That the named city is among or beside them is our assumption.
const cityKM = 100

// PlaceOf returns where a Region is.
func PlaceOf(region string) (Place, bool) {
	p, ok := places[region]
	return p, ok
}

// places follows the AWS documentation, "AWS Regions" (names, 2026). Coordinates: the city's own, from general
// geography. Where AWS names an area, the comment names the town that AWS's filings or the press put data centers in.
var places = map[string]Place{
	"af-south-1":     {"Africa (Cape Town)", -33.9, 18.4, cityKM},
	"ap-east-1":      {"Asia Pacific (Hong Kong)", 22.3, 114.2, cityKM},
	"ap-east-2":      {"Asia Pacific (Taipei)", 25.0, 121.6, cityKM},
	"ap-northeast-1": {"Asia Pacific (Tokyo)", 35.7, 139.7, cityKM},
	"ap-northeast-2": {"Asia Pacific (Seoul)", 37.6, 127.0, cityKM},
	"ap-northeast-3": {"Asia Pacific (Osaka)", 34.7, 135.5, cityKM},
	"ap-south-1":     {"Asia Pacific (Mumbai)", 19.1, 72.9, cityKM},
	"ap-south-2":     {"Asia Pacific (Hyderabad)", 17.4, 78.5, cityKM},
	"ap-southeast-1": {"Asia Pacific (Singapore)", 1.4, 103.8, cityKM},
	"ap-southeast-2": {"Asia Pacific (Sydney)", -33.9, 151.2, cityKM},
	"ap-southeast-3": {"Asia Pacific (Jakarta)", -6.2, 106.8, cityKM},
	"ap-southeast-4": {"Asia Pacific (Melbourne)", -37.8, 145.0, cityKM},
	"ap-southeast-5": {"Asia Pacific (Malaysia)", 3.1, 101.7, 300},      // Kuala Lumpur
	"ap-southeast-6": {"Asia Pacific (New Zealand)", -36.8, 174.8, 200}, // Auckland
	"ap-southeast-7": {"Asia Pacific (Thailand)", 13.8, 100.5, 200},     // Bangkok
	"ca-central-1":   {"Canada (Central)", 45.5, -73.6, 200},            // Montreal
	"ca-west-1":      {"Canada West (Calgary)", 51.0, -114.1, cityKM},
	"eu-central-1":   {"Europe (Frankfurt)", 50.1, 8.7, cityKM},
	"eu-central-2":   {"Europe (Zurich)", 47.4, 8.5, cityKM},
	"eu-north-1":     {"Europe (Stockholm)", 59.3, 18.1, 150}, // Eskilstuna, Katrineholm and Västerås lie west of it
	"eu-south-1":     {"Europe (Milan)", 45.5, 9.2, cityKM},
	"eu-south-2":     {"Europe (Spain)", 41.6, -0.9, 200},   // Aragon: Zaragoza
	"eu-west-1":      {"Europe (Ireland)", 53.3, -6.3, 200}, // Dublin
	"eu-west-2":      {"Europe (London)", 51.5, -0.1, cityKM},
	"eu-west-3":      {"Europe (Paris)", 48.9, 2.4, cityKM},
	"il-central-1":   {"Israel (Tel Aviv)", 32.1, 34.8, cityKM},
	"me-central-1":   {"Middle East (UAE)", 24.9, 55.1, 200},        // between Dubai and Abu Dhabi
	"me-south-1":     {"Middle East (Bahrain)", 26.1, 50.6, cityKM}, // the whole country is smaller
	"mx-central-1":   {"Mexico (Central)", 20.6, -100.4, 200},       // Querétaro
	"sa-east-1":      {"South America (Sao Paulo)", -23.6, -46.6, cityKM},
	"us-east-1":      {"US East (N. Virginia)", 39.0, -77.5, 150},    // Ashburn
	"us-east-2":      {"US East (Ohio)", 40.0, -83.0, 200},           // Columbus
	"us-gov-east-1":  {"AWS GovCloud (US-East)", 40.0, -83.0, 500},   // said to be in Ohio
	"us-gov-west-1":  {"AWS GovCloud (US-West)", 45.8, -119.7, 500},  // said to be in Oregon
	"us-west-1":      {"US West (N. California)", 37.4, -121.9, 200}, // San Jose
	"us-west-2":      {"US West (Oregon)", 45.8, -119.7, 200},        // Boardman and Umatilla, Morrow County
}
