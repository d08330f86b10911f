package drill

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

func series100(n int, lost ...int) recorded {
	f := recorded{port: 20000}
	for i := range n {
		f.sent = append(f.sent, time.Duration(i)*100*ms)
		f.got = append(f.got, time.Duration(i)*100*ms+10*ms)
	}
	for _, i := range lost {
		f.got[i] = 0
	}
	return f
}

func TestRecording_Between(t *testing.T) {
	never := series100(10)
	clear(never.got)
	tests := []struct {
		name     string
		flow     recorded
		from, to time.Duration
		want     Flow
	}{
		{"nothing lost", series100(10), 0, time.Second, Flow{Sent: 10, Received: 10, Silence: Span(100 * ms), SilenceAt: Span(10 * ms)}},
		{"three lost", series100(10, 4, 5, 6), 0, time.Second, Flow{Sent: 10, Received: 7, Lost: 3, Silence: Span(400 * ms), SilenceAt: Span(310 * ms)}},
		{"first lost: silent since the first probe", series100(10, 0, 1, 2), 0, time.Second, Flow{Sent: 10, Received: 7, Lost: 3, Silence: Span(310 * ms)}},
		{"last lost: silent until the last probe", series100(10, 7, 8, 9), 0, time.Second, Flow{Sent: 10, Received: 7, Lost: 3, Silence: Span(290 * ms), SilenceAt: Span(610 * ms)}},
		{"no answer at all", never, 0, time.Second, Flow{Sent: 10, Lost: 10, Silence: Span(900 * ms)}},
		{"the window is before the loss", series100(10, 7, 8), 0, 500 * ms, Flow{Sent: 5, Received: 5, Silence: Span(100 * ms), SilenceAt: Span(10 * ms)}},
		{"a silence that reaches in counts whole", series100(10, 2, 3, 4), 400 * ms, time.Second, Flow{Sent: 6, Received: 5, Lost: 1, Silence: Span(400 * ms), SilenceAt: Span(110 * ms)}},
		{"never sent", recorded{}, 0, time.Second, Flow{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.want.Port = test.flow.port
			r := Recording{flows: []recorded{test.flow}}
			if diff := cmp.Diff([]Flow{test.want}, r.Between(test.from, test.to)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Packets overtake each other; the gap is between arrivals, not between sequence numbers.
func TestRecording_ArrivalsOutOfOrder(t *testing.T) {
	f := series100(6)
	f.got[2], f.got[3] = 390*ms, 320*ms
	r := Recording{flows: []recorded{f}}
	if got := r.Flows()[0]; got.Lost != 0 || got.Silence != Span(210*ms) {
		t.Errorf("got %+v, want a silence of 210ms and nothing lost", got)
	}
}
