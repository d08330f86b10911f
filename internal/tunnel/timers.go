package tunnel

import (
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
)

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

// HoldFor is the longest BGP hold time within a failover target that three keepalives fit into: at most AWS's, at least
// MinHold. Without a target (0) it is AWS's.
func HoldFor(target time.Duration) time.Duration {
	if target <= 0 {
		return awsdata.BGPHold
	}
	return max(MinHold, min(awsdata.BGPHold, target).Truncate(3*time.Second))
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
