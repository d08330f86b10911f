package probe

import (
	"fmt"
	"math"
	"strings"
)

// unlikely is the probability below which a share of dead flows does not fit a number of dead ways.
const unlikely = 0.05

// read says what the failures of the flows look like.
func (t *FlowTable) read(tunnels int) {
	dead, lossy, failing, worked := 0, 0, 0, 0
	for i := range t.Flows {
		f := &t.Flows[i]
		switch {
		case f.dead():
			dead++
		case f.lossy():
			lossy++
		}
		if f.OK < f.Sent {
			failing++
		}
		worked += f.OK + f.ReprobedOK
	}
	n := len(t.Flows)
	switch {
	case failing == 0 && lossy == 0:
		t.Reading = fmt.Sprintf("all %d flows work", n)
	case worked == 0:
		t.Reading = fmt.Sprintf("none of %d flows works: the path is down, not one of its ways", n)
	case t.Identity == NotObservable:
		t.Reading = fmt.Sprintf("%d of %d source ports failed, %d always; flow identity not observable, so this says nothing about parallel ways", failing, n, dead)
	case dead == 0:
		t.Reading = fmt.Sprintf("%d of %d flows lost probes and worked at other times: loss that does not follow flows", failing, n)
	default:
		t.readDead(dead, lossy, tunnels)
	}
}

func (t *FlowTable) readDead(dead, lossy, tunnels int) {
	n := len(t.Flows)
	t.Reading = fmt.Sprintf("%d of %d flows never worked", dead, n)
	if lossy > 0 {
		t.Reading += fmt.Sprintf(", %d more lost some probes", lossy)
	}
	fits := fitting(dead, n, tunnels)
	if len(fits) == 0 {
		t.Reading += fmt.Sprintf(": fits no number of %s dead", ways(tunnels))
		return
	}
	t.Dead, t.Of = fits[0].dead, fits[0].of
	t.Reading += ": consistent with " + fits[0].String()
	if len(fits) > 1 {
		var others []string
		for _, f := range fits[1:] {
			others = append(others, f.String())
		}
		t.Reading += " (less likely " + strings.Join(others, ", or ") + ")"
	}
}

func ways(tunnels int) string {
	if tunnels > 0 {
		return fmt.Sprintf("%d tunnels", tunnels)
	}
	return "2, 4 or 8 tunnels"
}

// fit is a number of dead ways among several that share flows evenly.
type fit struct {
	dead, of int
	p        float64 // of just this many dead flows
}

func (f fit) String() string { return fmt.Sprintf("%d of %d tunnels dead", f.dead, f.of) }

// fitting returns what a number of dead flows may mean, the likeliest first and the fewest ways before more. Unless the
// number of ways is known, it is taken to be 2, 4 or 8: VPN connections have two tunnels each.
func fitting(dead, flows, tunnels int) []fit {
	of := []int{2, 4, 8}
	if tunnels > 0 {
		of = []int{tunnels}
	}
	var fits []fit
	seen := map[float64]bool{}
	for _, m := range of {
		for k := 1; k < m; k++ {
			share := float64(k) / float64(m)
			if seen[share] || tail(dead, flows, share) < unlikely/2 {
				continue
			}
			seen[share] = true
			f := fit{k, m, binomial(dead, flows, share)}
			at := len(fits)
			for at > 0 && fits[at-1].p < f.p {
				at--
			}
			fits = append(fits[:at], append([]fit{f}, fits[at:]...)...)
		}
	}
	return fits
}

// tail is the probability of so many dead flows, or a number farther out on the same side.
func tail(dead, flows int, share float64) float64 {
	below, above := 0.0, 0.0
	for i := 0; i <= flows; i++ {
		if i <= dead {
			below += binomial(i, flows, share)
		}
		if i >= dead {
			above += binomial(i, flows, share)
		}
	}
	return min(below, above)
}

// binomial is the probability of k of n at share p each, for 0 < p < 1.
func binomial(k, n int, p float64) float64 {
	choose := lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)
	return math.Exp(choose + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func lgamma(n int) float64 {
	v, _ := math.Lgamma(float64(n))
	return v
}
