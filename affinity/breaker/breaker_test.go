package breaker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity/breaker"
)

const ms = time.Millisecond

func TestBreaker(t *testing.T) {
	small := breaker.Config{Window: 1000 * ms, FailureRatio: 0.5, MinCalls: 4, Consecutive: 3, OpenFor: 1000 * ms, MaxOpen: 3000 * ms, Trials: 2}
	for name, test := range map[string]struct {
		cfg   breaker.Config
		steps string // at a time in ms: s(uccess) l(ate) f(ailure) t(rial) o(k) b(ad) d(rop) x (reset) p (trip)
		want  breaker.State
	}{
		"starts closed":                         {small, "", breaker.Closed},
		"failures in a row":                     {small, "0f 1f 2f", breaker.Open},
		"a success between":                     {small, "0f 1f 2s 3f", breaker.Open}, // 3 of 4 failed
		"too few calls for a ratio":             {small, "0f 1s 2f", breaker.Closed},
		"the ratio":                             {small, "0s 1f 2s 3f", breaker.Open},
		"below the ratio":                       {small, "0s 1s 2s 3f 4f", breaker.Closed},
		"the window has passed":                 {small, "0f 1f 2s 1200f 1201s 1202s", breaker.Closed},
		"ratio off":                             {breaker.Config{FailureRatio: 2, Consecutive: 100}, "0f 1f 2f 3f 4f 5f 6f 7f 8f 9f 10f 11f", breaker.Closed},
		"slow answers are no failures":          {small, "0l 1l 2l 3l 4l", breaker.Closed},
		"no trial before OpenFor":               {small, "0f 1f 2f 700t", breaker.Open},
		"a trial after OpenFor":                 {small, "0f 1f 2f 1002t", breaker.HalfOpen},
		"one trial is not enough":               {small, "0f 1f 2f 1002t 1003o", breaker.HalfOpen},
		"trials close it":                       {small, "0f 1f 2f 1002t 1003o 1004t 1005o", breaker.Closed},
		"a failed trial opens it":               {small, "0f 1f 2f 1002t 1003o 1004t 1005b", breaker.Open},
		"and for longer":                        {small, "0f 1f 2f 1002t 1003b 2500t", breaker.Open},
		"but not for ever":                      {small, "0f 1f 2f 1002t 1003b 3003t 3004b 6004t 6005b 9005t", breaker.HalfOpen},
		"one trial at a time":                   {small, "0f 1f 2f 1002t 1003t", breaker.HalfOpen},
		"a lost trial is made up for":           {small, "0f 1f 2f 1002t 31100t 31101o 31102t 31103o", breaker.Closed},
		"a dropped trial is made up for":        {small, "0f 1f 2f 1002t 1003d 2003t 2004o 2005t 2006o", breaker.Closed},
		"late results of others change nothing": {small, "0f 1f 2f 3s 4f 5s", breaker.Open},
		"closed again it starts anew":           {small, "0f 1f 2f 1002t 1003o 1004t 1005o 1006f 1007f", breaker.Closed},
		"the next opening is short again":       {small, "0f 1f 2f 1002t 1003b 3003t 3004o 3005t 3006o 3007f 3008f 3009f 4009t", breaker.HalfOpen},
		"tripped":                               {small, "0s 1p", breaker.Open},
		"reset":                                 {small, "0p 1x", breaker.Closed},
		"defaults":                              {breaker.Config{}, "0f 1f 2f 3f", breaker.Closed},
		"defaults in a row":                     {breaker.Config{}, "0f 1f 2f 3f 4f", breaker.Open},
	} {
		t.Run(name, func(t *testing.T) {
			b := breaker.New(test.cfg)
			for _, step := range strings.Fields(test.steps) {
				var at int
				var what string
				if _, err := fmt.Sscanf(step, "%d%s", &at, &what); err != nil {
					t.Fatal(step, err)
				}
				act(b, time.Duration(at)*ms, what)
			}
			if b.State() != test.want {
				t.Errorf("%v after %s; want %v", b.State(), test.steps, test.want)
			}
		})
	}
}

func act(b *breaker.Breaker, now time.Duration, what string) {
	switch what {
	case "s":
		b.Success(now, false)
	case "l":
		b.Success(now, true)
	case "f":
		b.Failure(now)
	case "t":
		b.TryTrial(now)
	case "o":
		b.EndTrial(now, true)
	case "b":
		b.EndTrial(now, false)
	case "d":
		b.DropTrial(now)
	case "x":
		b.Reset(now)
	case "p":
		b.Trip(now)
	}
}

func TestBreaker_TellsWhatItDid(t *testing.T) {
	b := breaker.New(breaker.Config{Consecutive: 2, Trials: 1})
	if b.Failure(0) || !b.Failure(1) || b.Failure(2) {
		t.Error("Failure does not say that the second one opened it, and only that one")
	}
	if b.TryTrial(0) || !b.TryTrial(b.Due()) || b.TryTrial(b.Due()-1) {
		t.Error("TryTrial gives a trial too early, not at all, or twice")
	}
	if !b.EndTrial(b.Due(), true) || b.Since() == 0 || b.Row() != 0 {
		t.Error("EndTrial does not say that it closed")
	}
	b.Success(b.Due(), true)
	if n, bad, late := b.Ratios(b.Due()); n != 1 || bad != 0 || late != 1 {
		t.Errorf("%d calls, %v failed, %v late; want the one late since it closed", n, bad, late)
	}
	if b.Reset(0) || !b.Trip(0) || b.Trip(0) || !b.Reset(0) {
		t.Error("Trip and Reset do not say what they changed")
	}
	if breaker.HalfOpen.String() != "half-open" {
		t.Error(breaker.HalfOpen.String())
	}
}

// Clients that saw the same failure must not try at the same moment.
func TestBreaker_TrialsAreJittered(t *testing.T) {
	least, most := time.Hour, time.Duration(0)
	for range 200 {
		b := breaker.New(breaker.Config{})
		b.Trip(0)
		least, most = min(least, b.Due()), max(most, b.Due())
	}
	if least < 800*ms || most > 1000*ms || most-least < 100*ms {
		t.Errorf("trials begin between %v and %v; want spread over 800 ms to 1 s", least, most)
	}
}

// Long times doubled are not negative.
func TestBreaker_LongTimes(t *testing.T) {
	b := breaker.New(breaker.Config{OpenFor: 3 * time.Hour, MaxOpen: 100 * 365 * 24 * time.Hour})
	b.Trip(0)
	for n := range 30 {
		b.EndTrial(0, false)
		if due := b.Due(); due < time.Hour {
			t.Fatalf("after %d failed trials the next is due at %v", n+1, due)
		}
	}
}
