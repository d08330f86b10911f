package stats

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var simulate = flag.Bool("simulate", false, "simulate false positives at full size and print the table (minutes)")

// noise returns n values of an autoregressive process with variance 1; rho 0 is white noise.
func noise(random *rand.Rand, rho float64, n int) []float64 {
	out, x := make([]float64, n), random.NormFloat64()
	for i := range out {
		out[i] = x
		x = rho*x + math.Sqrt(1-rho*rho)*random.NormFloat64()
	}
	return out
}

// levels returns white noise on a level that jumps every 50 values on average, as routes and queues do.
func levels(random *rand.Rand, n int) []float64 {
	out, level := noise(random, 0, n), 0.0
	for i := range out {
		if random.IntN(50) == 0 {
			level = 2 * random.NormFloat64()
		}
		out[i] += level
	}
	return out
}

var processes = []struct {
	name string
	draw func(random *rand.Rand, n int) []float64
}{
	{"iid", func(r *rand.Rand, n int) []float64 { return noise(r, 0, n) }},
	{"AR(1) 0.5", func(r *rand.Rand, n int) []float64 { return noise(r, 0.5, n) }},
	{"AR(1) 0.9", func(r *rand.Rand, n int) []float64 { return noise(r, 0.9, n) }},
	{"levels", levels},
}

// rtt turns noise into times: 35 ms and a skewed part of about 1 ms.
func rtt(x float64) Latency { return 35*ms + Latency(1e6*math.Exp(0.5*x)) }

// How two paths that do not differ are measured.
const (
	interleaved = "interleaved" // in random order within each round, under the same weather
	sequential  = "sequential"  // one after the other, under the same weather
	private     = "private"     // interleaved, each path with weather of its own
)

// falsePositives returns in how many runs two paths that do not differ are called different, with no margin to hide in.
func falsePositives(t *testing.T, draw func(*rand.Rand, int) []float64, how string, runs, n, resamples int) (different int) {
	random := rand.New(rand.NewPCG(11, uint64(n)))
	for run := range runs {
		a, b := measure(random, draw, how, n)
		o := Options{Sequential: how == sequential, Resampling: Resampling{Resamples: resamples, Seed: uint64(run)}}
		c, err := Compare(a, b, o)
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict == Faster || c.Verdict == Slower {
			different++
		}
	}
	return different
}

func measure(random *rand.Rand, draw func(*rand.Rand, int) []float64, how string, n int) (a, b []Latency) {
	x := draw(random, 2*n)
	if how == private {
		x = append(draw(random, n), draw(random, n)...)
	}
	for i := range n {
		first, second := x[i], x[n+i]
		if how == interleaved {
			order := random.IntN(2)
			first, second = x[2*i+order], x[2*i+1-order]
		}
		a, b = append(a, rtt(first)), append(b, rtt(second))
	}
	return a, b
}

// A true rate of 5 % stays within 30 of 400 with probability 0.985.
func TestCompare_FalsePositives(t *testing.T) {
	if testing.Short() {
		t.Skip("1,600 comparisons take seconds")
	}
	for _, p := range processes {
		if got := falsePositives(t, p.draw, interleaved, 400, 100, 250); got > 30 {
			t.Errorf("%s: %d of 400 runs find a difference that is not there", p.name, got)
		} else {
			t.Logf("%s: %d of 400", p.name, got)
		}
	}
}

// Why compared paths are interleaved: measured one after the other, the same paths under the same weather look different.
func TestCompare_SequentialRunsAreWorse(t *testing.T) {
	if testing.Short() {
		t.Skip("400 comparisons take seconds")
	}
	const runs = 100
	for _, p := range processes[2:] {
		apart := falsePositives(t, p.draw, sequential, runs, 100, 200)
		mixed := falsePositives(t, p.draw, interleaved, runs, 100, 200)
		if apart < mixed+5 {
			t.Errorf("%s: %d of %d sequential and %d interleaved runs find a difference that is not there", p.name, apart, runs, mixed)
		}
	}
}

// A shift of 5 % is found under every kind of weather: with these seeds in at least 45 of 50 runs.
func TestCompare_FindsFivePercent(t *testing.T) {
	for _, p := range processes {
		random := rand.New(rand.NewPCG(12, 12))
		found := 0
		for run := range 50 {
			a, b := measure(random, p.draw, interleaved, 100)
			for i := range b {
				b[i] += b[i] / 20
			}
			c, err := Compare(a, b, Options{Margin: DefaultMargin, Resampling: Resampling{Resamples: 200, Seed: uint64(run)}})
			if err != nil {
				t.Fatal(err)
			}
			if c.Verdict == Faster {
				found++
			}
		}
		if found < 45 {
			t.Errorf("%s: found in %d of 50 runs", p.name, found)
		}
	}
}

// TestSimulation prints the table of ADR 0020.
func TestSimulation(t *testing.T) {
	if !*simulate {
		t.Skip("takes minutes; run with -simulate")
	}
	for _, n := range []int{100, 400} {
		for _, p := range processes {
			row := fmt.Sprintf("| %d | %s |", n, p.name)
			for _, how := range []string{interleaved, sequential, private} {
				row += fmt.Sprintf(" %.1f %% |", float64(falsePositives(t, p.draw, how, 400, n, 1000))/4)
			}
			fmt.Println(row)
		}
	}
}
