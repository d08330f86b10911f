package published

import "time"

// Row is what the article printed about one run of probes.
type Row struct {
	Path     string // the letter used here, E and F for the two to Oregon
	Route    string // what the probes passed
	Method   string // "ICMP" or "tcping"
	Run      int    // 1, or 2 where a path was measured again
	N        int
	Min, Max time.Duration
	Avg      time.Duration
	// Resolution is the unit of the figures: the client's ping knows whole milliseconds.
	Resolution time.Duration
	// Deviation is the standard deviation that was printed ("mdev"); 0 where none was.
	Deviation time.Duration
}

// The routes. All begin at a client in Korea but the last, which is between two instances.
const (
	routeA = "OpenVPN -> Tokyo"
	routeB = "OpenVPN -> accelerator -> Tokyo"
	routeC = "OpenVPN -> Seoul -> VPC peering -> Tokyo"
	routeD = "OpenVPN -> accelerator -> Seoul -> VPC peering -> Tokyo"
	routeE = "OpenVPN -> Oregon"
	routeF = "OpenVPN -> accelerator -> Oregon"
	routeP = "Seoul instance -> VPC peering -> Tokyo instance"
)

// Published returns the article's figures, in its order within each method. No probe was lost in any run.
func Published() []Row {
	return []Row{
		icmp("A", routeA, 34, 35, 34),
		icmp("B", routeB, 34, 35, 34),
		icmp("C", routeC, 39, 40, 39),
		icmp("D", routeD, 40, 41, 40),
		icmp("E", routeE, 136, 193, 141),
		icmp("F", routeF, 126, 127, 126),
		tcping("A", routeA, 1, 43_180, 81_995, 64_100),
		tcping("B", routeB, 1, 43_065, 78_722, 61_323),
		tcping("C", routeC, 1, 45_206, 79_891, 60_589),
		tcping("C", routeC, 2, 46_106, 85_099, 64_571),
		tcping("D", routeD, 1, 46_406, 78_911, 65_489),
		tcping("D", routeD, 2, 45_652, 81_980, 66_764),
		tcping("E", routeE, 1, 145_219, 283_356, 168_073),
		tcping("F", routeF, 1, 132_458, 224_706, 154_244),
		peering(),
	}
}

// icmp is a run of 10 pings, in milliseconds.
func icmp(path, route string, low, high, avg int) Row {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	return Row{Path: path, Route: route, Method: "ICMP", Run: 1, N: 10, Min: ms(low), Max: ms(high), Avg: ms(avg), Resolution: time.Millisecond}
}

// tcping is a run of 100 TCP connects to port 22, in microseconds.
func tcping(path, route string, run, low, high, avg int) Row {
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	return Row{Path: path, Route: route, Method: "tcping", Run: run, N: 100, Min: us(low), Max: us(high), Avg: us(avg), Resolution: time.Microsecond}
}

// peering is the run of 22 pings from instance to instance.
func peering() Row {
	us := time.Microsecond
	return Row{Path: "peering", Route: routeP, Method: "ICMP", Run: 1, N: 22, Min: 33_540 * us, Max: 33_679 * us, Avg: 33_606 * us, Resolution: us, Deviation: 244 * us}
}

// Name is the path, with the number of the run where there were two.
func (r Row) Name() string {
	if r.Run > 1 {
		return r.Path + " again"
	}
	return r.Path
}
