package published

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/stats"
)

// WriteAnalysis writes what the published figures can and cannot support, as text of at most 122 columns.
func WriteAnalysis(w io.Writer) error {
	var b bytes.Buffer
	rows := Published()
	fmt.Fprint(&b, `The figures of the 2019 article "Reducing Seoul-Tokyo latency, a failure story", read again

The article measures paths from Korea by 10 pings and 100 TCP connects each, one path after the other, and prints
minimum, maximum and average. The samples are gone. What follows holds for all samples that have these figures.
`)
	writeFigures(&b, rows)
	writeFlaws(&b, rows)
	writeRanges(&b, rows)
	writeAverages(&b, rows)
	writeOregon(&b, rows)
	writeFloor(&b, rows)
	writeTool(&b, rows)
	fmt.Fprint(&b, `
What it would take

Keep every sample. Measure the paths interleaved, in random order in each round, so that what changes with the hour
changes both. Take the time from the kernel. State the difference that matters before measuring, and say "equivalent" or
"inconclusive" where that is what came out.
`)
	_, err := w.Write(b.Bytes())
	return err
}

func writeFigures(w io.Writer, rows []Row) {
	fmt.Fprint(w, `
1. What the figures leave open

sd: standard deviation, the least and the most that samples with this minimum, maximum and average can have.
95%: half-width of the interval of the average that follows, if probes are independent. Times in ms, taken as exact.

`)
	t := newTable(w)
	for _, r := range only(rows, func(r Row) bool { return r.Method == "ICMP" }) {
		fmt.Fprintf(t, "%s\t%s\n", r.Path, r.Route)
	}
	t.Flush()
	fmt.Fprint(w, "\n")
	fmt.Fprintln(t, "path\tmethod\tn\tmin\tmax\taverage\tsd\t95%")
	for _, r := range rows {
		sd, margin := "-", "-" // whole milliseconds: their rounding is as large as their spread
		if r.Resolution < time.Millisecond {
			s := r.Spread()
			sd = ms(s.LeastSD, 3) + " to " + ms(s.MostSD, 3)
			margin = ms(s.LeastMargin, 2) + " to " + ms(s.MostMargin, 2)
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", r.Name(), r.Method, r.N, r.print(r.Min), r.print(r.Max), r.print(r.Avg), sd, margin)
	}
	t.Flush()
}

func writeFlaws(w io.Writer, rows []Row) {
	p := find(rows, "peering", "ICMP", 1)
	e := find(rows, "E", "ICMP", 1)
	slip := math.Sqrt(2 * float64(p.Avg) * float64(time.Microsecond)) // (x+1us)^2 - x^2
	fmt.Fprintf(w, `
2. Figures that cannot be right as printed

- The ping inside the peering prints a deviation of %s ms. No samples from %s to %s ms deviate by more than
  half their range, %s ms. A program that squares an average cut off to whole microseconds is off by up to %s ms:
  such a deviation says nothing about the path.
`, ms(p.Deviation, 3), r3(p.Min), r3(p.Max), ms(p.MostDeviation(), 4), ms(duration(slip), 3))
	if o := e.Others(); !o.Rounded {
		fmt.Fprintf(w, `- Path E's ten pings, in the whole milliseconds that the client knows, add up to at least %d + %d + %d x %d = %d.
  Their average is at least %.1f ms; printed is %s. So averages are cut off, and the others may be low by up to 1 ms.
`, e.whole(e.Min), e.whole(e.Max), o.N, e.whole(e.Min), e.sum(o.LeastSum), float64(e.sum(o.LeastSum))/float64(e.N), e.print(e.Avg))
	}
	fmt.Fprint(w, `- A and B probe 172.31.26.253, C and D 172.29.0.110. The article's line on routes reads as if Seoul were 172.29.0.0/24 and
  Tokyo 172.31.0.0/20, which does not hold 172.31.26.253. What compares A or B with C or D takes both for Tokyo's.
`)
}

func writeRanges(w io.Writer, rows []Row) {
	fmt.Fprint(w, `
3. ICMP: what ranges tell apart

The client knows whole milliseconds. Cut off or rounded, times that print n apart are more than n - 1 apart. Where even so
each probe of one path was faster than each probe of the other, no average is needed.

`)
	t := newTable(w)
	fmt.Fprintln(t, "pair\tranges\ttold apart")
	client := only(rows, func(r Row) bool { return r.Method == "ICMP" && r.Resolution == time.Millisecond })
	for _, pair := range pairsOf(client, func(a, b Row) bool { return (a.whole(a.Min) > 100) == (b.whole(b.Min) > 100) }) {
		a, b := pair[0], pair[1]
		reading := "no: the ranges touch"
		if Apart(a, b) {
			reading = "yes: at least " + atLeast(a, b)
		}
		fmt.Fprintf(t, "%s - %s\t%d-%d, %d-%d\t%s\n", a.Path, b.Path, a.whole(a.Min), a.whole(a.Max), b.whole(b.Min), b.whole(b.Max), reading)
	}
	t.Flush()
	fmt.Fprintf(w, `
If the 10 + 10 probes of a pair came in random order from one distribution, they would fall apart like this with
probability %.1g. They came one path after the other, so what is told apart for certain is two spans of about ten
seconds, and the paths only if nothing else changed in between.
`, byChance(10, 10))
}

func writeAverages(w io.Writer, rows []Row) {
	margin, pairs := BetweenRuns(rows)
	c1, c2 := find(rows, "C", "tcping", 1), find(rows, "C", "tcping", 2)
	fmt.Fprintf(w, `
4. tcping: what averages tell apart

least, most: half-width of the 95%% interval of the difference with the least and with the most spread that the figures
allow, if probes are independent. Path C was measured twice, and the average moved by %s ms without any change; D was,
too. By these %d pairs, averages of two runs of one path lie up to %s ms apart at 95%%, if runs are independent and
their averages normal. Two pairs are very few, which is why this is so wide.

`, ms((c1.Avg-c2.Avg).Abs(), 3), pairs, ms(margin, 1))
	t := newTable(w)
	fmt.Fprintln(t, "pair\tdifference\tleast\tmost\tsupported")
	tcp := only(rows, func(r Row) bool { return r.Method == "tcping" })
	for _, pair := range pairsOf(tcp, func(a, b Row) bool { return (a.whole(a.Min) > 100) == (b.whole(b.Min) > 100) }) {
		d := pair[0].Minus(pair[1])
		fmt.Fprintf(t, "%s - %s\t%+.3f\t%s\t%s\t%s\n", pair[0].Name(), pair[1].Name(), float64(d.Value)/1e6, ms(d.LeastMargin, 2), ms(d.MostMargin, 2), d.reading(margin))
	}
	t.Flush()
	a, b := find(rows, "A", "tcping", 1), find(rows, "B", "tcping", 1)
	fmt.Fprintf(w, `
The article's winner is B, by %s ms over A. That is less than C differs from itself.
`, ms(a.Avg-b.Avg, 3))
}

// reading says whether a difference of averages is supported.
func (d Difference) reading(betweenRuns time.Duration) string {
	switch size := d.Value.Abs(); {
	case size <= d.LeastMargin:
		return "no: chance with any spread"
	case size <= d.MostMargin:
		return "no: chance with a spread that the figures allow"
	case size <= betweenRuns:
		return "no: two runs of one path may differ as much"
	}
	return "only if runs to Oregon vary no more than those to Tokyo"
}

func writeOregon(w io.Writer, rows []Row) {
	e, f := find(rows, "E", "ICMP", 1), find(rows, "F", "ICMP", 1)
	o, p := e.Others(), f.Others()
	excess := o.MostSum - o.N*e.whole(e.Min)
	fmt.Fprintf(w, `
5. The accelerator on the way to Oregon

ICMP tells E and F apart (section 3), and the direction of tcping agrees. What is gained is less than the averages say.
Without one minimum (%d) and the maximum (%d), the %d other pings of E add up to %d to %d ms: at least %d of them
are %d, and so is the median. F's median is %d to %d ms. The accelerator saves %d to %d ms of the median, give or take
the 1 ms that is not seen. The averages lie %.1f to %.1f ms apart because of one ping of %d ms.
`, e.whole(e.Min), e.whole(e.Max), o.N, o.LeastSum, o.MostSum, o.N-excess, e.whole(e.Min), f.whole(f.Min), f.whole(f.Max),
		e.whole(e.Min)-f.whole(f.Max), e.whole(e.Min)-f.whole(f.Min),
		float64(e.sum(o.LeastSum)-f.sum(p.MostSum))/10, float64(e.sum(o.MostSum)-f.sum(p.LeastSum))/10, e.whole(e.Max))
}

func writeFloor(w io.Writer, rows []Row) {
	p, a, c := find(rows, "peering", "ICMP", 1), find(rows, "A", "ICMP", 1), find(rows, "C", "ICMP", 1)
	seoul, _ := awsdata.PlaceOf("ap-northeast-2")
	tokyo, _ := awsdata.PlaceOf("ap-northeast-1")
	km := awsdata.GreatCircleKM(seoul.Lat, seoul.Lon, tokyo.Lat, tokyo.Lon)
	straight := awsdata.MinRTT(km)
	nearest := awsdata.MinRTT(km - seoul.WithinKM - tokyo.WithinKM)
	fmt.Fprintf(w, `
6. The minimum, and the article's conclusion that the circuit is the limit

A minimum bounds the floor of a path from above: between the Regions it is at most %s ms. From below, only physics
does: light in straight fiber takes %s ms there and back for the %.0f km between the cities, %s ms for the nearest
that the Regions may be. The minimum is %.1f times what the cities ask for, and cables are not straight.
At most %.0f%% of further packets would be faster (95%%, if the %d are independent), and all %d lie within %s ms: this
looks like a floor and not like luck. Path A from the client takes less than %d ms by ICMP. So what goes by the cables of
the peering can gain at most %s ms over A. That supports the conclusion, as long as no shorter cable can be had; the
figures cannot show that none exists. Path C adds %.1f to %.1f ms to the peering for the way to Seoul.
`, r3(p.Min), ms(straight, 1), km, ms(nearest, 1), float64(p.Min)/float64(straight), 100*stats.NewRate(0, p.N, 0.95).Upper, p.N, p.N,
		ms(p.Max-p.Min, 3), a.whole(a.Max)+1, ms(a.Max+cut(a)-p.Min, 1), float64(c.Min-cut(c)/2-p.Max)/1e6, float64(c.Max+cut(c)-p.Min)/1e6)
}

func writeTool(w io.Writer, rows []Row) {
	least, most := time.Duration(math.MaxInt64), time.Duration(0)
	for _, path := range []string{"A", "B", "C", "D", "E", "F"} {
		i, t := find(rows, path, "ICMP", 1), find(rows, path, "tcping", 1)
		if path != "E" { // whose ICMP range holds one ping that says nothing about the tool
			least = min(least, t.Min-i.Max-cut(i))
		}
		most = max(most, t.Avg-i.Avg)
	}
	fmt.Fprintf(w, `
7. tcping against ICMP

On every path but E the fastest of 100 connects is slower than the slowest of 10 pings, by %s ms or more, and averages
lie up to %s ms apart. A handshake is one round trip, as a ping is. What adds the rest (the client, its driver, TCP inside
the TCP tunnel, the target) these figures cannot show; most of what tcping reports beyond ICMP is no property of the
routes that were to be compared.
`, ms(least, 1), ms(most, 0))
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }
