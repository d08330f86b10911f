package probe

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/stats"
)

// fitConfidence is that of the interval of the share of dead flows; a number of dead ways fits if its share lies within.
const fitConfidence = 0.95

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
type fit struct{ dead, of int }

func (f fit) String() string { return fmt.Sprintf("%d of %d tunnels dead", f.dead, f.of) }

func (f fit) share() float64 { return float64(f.dead) / float64(f.of) }

// fitting returns what a number of dead flows may mean, the nearest first and fewer ways before more. Unless the number
// of ways is known, it is taken to be 2, 4 or 8: VPN connections have two tunnels each.
func fitting(dead, flows, tunnels int) []fit {
	of := []int{2, 4, 8}
	if tunnels > 0 {
		of = []int{tunnels}
	}
	seen := stats.NewRate(dead, flows, fitConfidence)
	var fits []fit
	for _, m := range of {
		for k := 1; k < m; k++ {
			f := fit{k, m}
			again := slices.ContainsFunc(fits, func(g fit) bool { return g.share() == f.share() }) // 2 of 4 is 1 of 2
			if seen.Lo <= f.share() && f.share() <= seen.Hi && !again {
				fits = append(fits, f)
			}
		}
	}
	slices.SortStableFunc(fits, func(a, b fit) int {
		return cmp.Compare(math.Abs(a.share()-seen.Value), math.Abs(b.share()-seen.Value))
	})
	return fits
}
