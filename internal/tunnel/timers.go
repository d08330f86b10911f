package tunnel

import (
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
)

// Spare is what detection takes beyond the timers: a daemon's own clock, and routes on their way into the kernel.
const Spare = time.Second

// MinHold is the shortest BGP hold time that RFC 4271 allows.
const MinHold = 3 * time.Second

// Timers are those of a customer gateway.
type Timers struct {
	Hold       time.Duration // BGP hold time that it proposes
	Keepalive  time.Duration // BGP keepalive interval
	DPDDelay   time.Duration // silence after which IKE asks whether the peer lives
	Retransmit time.Duration // wait for an answer before each retransmission, and after the last one
	Tries      int           // retransmissions
}

// tries is how often IKE repeats a question. A path that loses 5 % of all packets each way then
// gives up a live peer once in 100,000 questions.
const tries = 4

// HoldFor is the longest BGP hold time, in steps of three seconds, with which a loss in one direction too ends within a
// failover target (see OneWay), with a second to spare for clocks and routes; at least MinHold. Without a target (0), and for one of AWS's hold time or more, it is AWS's:
// that one is known to work, although a target below 4/3 of it does not cover a loss in one direction.
func HoldFor(target time.Duration) time.Duration {
	if target <= 0 || target >= awsdata.BGPHold {
		return awsdata.BGPHold
	}
	return max(MinHold, ((target - Spare) * 3 / 4).Truncate(3*time.Second))
}

// For returns the timers that go with a BGP hold time, which it bounds by AWS's: keepalive is a third of it, and dead peer
// detection ends with it, so that IKE starts again at the time when BGP gives up.
func For(hold time.Duration) Timers {
	bound := min(hold, awsdata.BGPHold)
	keepalive := max(time.Second, (bound / 3).Truncate(time.Second))
	return Timers{
		Hold:       hold,
		Keepalive:  keepalive,
		DPDDelay:   keepalive,
		Retransmit: ((bound - keepalive) / (tries + 1)).Truncate(100 * time.Millisecond),
		Tries:      tries,
	}
}

// Session is the hold time that BGP runs on: the smaller one of both ends' values.
func (t Timers) Session() time.Duration { return min(t.Hold, awsdata.BGPHold) }

// OneWay is how long packets can go into a tunnel that loses one direction only. The end that hears nothing gives up after
// the hold time, but its last word waits behind what TCP repeats in vain. The other end still gets one keepalive, up to an
// interval after the fault; the next one waits for an answer to it that never comes, and the hold time runs out.
func (t Timers) OneWay() time.Duration { return t.Session() + t.Keepalive }

// DeadPeer is how long after its last message a peer is given up: the delay, and a wait after the first request and after each
// retransmission.
func (t Timers) DeadPeer() time.Duration {
	return t.DPDDelay + time.Duration(t.Tries+1)*t.Retransmit
}

// Rekey is the time after which a gateway rekeys what AWS's end keeps for life, so that it always comes first: AWS starts at
// a random moment, at most two margins before the end. ok is false where the margin leaves no time for that.
func Rekey(life, margin time.Duration) (after time.Duration, ok bool) {
	after = (life - 2*margin - rekeySlack).Truncate(time.Second)
	return max(after, minRekey), after >= minRekey
}

// rekeySlack is how much earlier than AWS a gateway rekeys; minRekey is the shortest interval that is worth it.
const (
	rekeySlack = time.Minute
	minRekey   = 5 * time.Minute
)
