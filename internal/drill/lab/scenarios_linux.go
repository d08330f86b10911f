package lab

import (
	"context"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// A scenario is one fault of tunnel 1 and its end.
type scenario struct {
	name, fault string
	side        drill.Side

	// exposes says whether the fault concerns a flow that goes by these tunnels.
	exposes func(forward, back int) bool

	// oneWay says that the fault concerns one direction of the path only.
	oneWay bool

	// play causes the fault, waits for what follows and undoes what does not undo itself.
	play func(s *stage, ctx context.Context) error

	// expected is what the offline arithmetic says about the longest silence. slack is what the lab adds at most.
	expected func(t tunnel.Timers) *drill.Range
}

// slack is what detection takes beyond the timers, and a probe's interval.
const slack = tunnel.Spare

// Restart delays: systemd starts strongSwan again at once (Restart=on-abnormal); 2 seconds are on the safe side. How long AWS
// takes to replace an endpoint is not known; 5 seconds stand for it.
const (
	customerRestart = 2 * time.Second
	awsRestart      = 5 * time.Second
)

func anyLeg(forward, back int) bool  { return forward == 1 || back == 1 }
func forwardLeg(forward, _ int) bool { return forward == 1 }
func everyLeg(int, int) bool         { return true } // one daemon has all tunnels
func noLeg(int, int) bool            { return false }

// untilHold is what a loss in both directions takes. The last message is up to a keepalive old, and BIRD, which plays AWS's
// end and may be the customer's, takes up to a quarter off each hold time at random.
func untilHold(t tunnel.Timers) *drill.Range {
	hold := t.Session()
	return &drill.Range{Low: drill.Span(hold*3/4 - t.Keepalive - slack), High: drill.Span(hold + slack),
		Why: fmt.Sprintf("hold %s, of which BIRD takes up to a quarter off, after the last keepalive, which is up to %s old", hold, t.Keepalive)}
}

// untilOneWay is what a loss in one direction only may take: see [tunnel.Timers.OneWay].
func untilOneWay(t tunnel.Timers) *drill.Range {
	r := untilHold(t)
	r.High = drill.Span(t.OneWay() + slack)
	r.Why = fmt.Sprintf("hold %s at the end that still hears, from its last keepalive, up to %s after the fault", t.Session(), t.Keepalive)
	return r
}

func atMostHold(t tunnel.Timers) *drill.Range {
	return &drill.Range{High: drill.Span(t.Session() + slack), Why: fmt.Sprintf("the tunnel is back, or hold %s ends", t.Session())}
}

func nothing(tunnel.Timers) *drill.Range {
	return &drill.Range{High: drill.Span(slack / 2), Why: "traffic leaves the tunnel before it goes down"}
}

var scenarios = []scenario{
	{"steady", "none: both tunnels up", drill.Path, noLeg, false, (*stage).steady, nothing},
	{"link-customer", "the customer's interface of tunnel 1 goes down, and later up", drill.Customer, anyLeg, false, (*stage).linkCustomer, untilHold},
	{"link-aws", "AWS's interface of tunnel 1 goes down, and later up", drill.AWS, anyLeg, false, (*stage).linkAWS, untilHold},
	{"blackhole", "the path of tunnel 1 silently loses everything, and later nothing", drill.Path, anyLeg, false, (*stage).blackhole, untilHold},
	{"blackhole-out", "the path of tunnel 1 silently loses what goes to AWS", drill.Path, forwardLeg, true, (*stage).blackholeOut, untilOneWay},
	// The customer's IKE hears nothing either, and gives the tunnel up, both ways, at about the time when BGP does.
	{"blackhole-in", "the path of tunnel 1 silently loses what comes from AWS", drill.Path, anyLeg, true, (*stage).blackholeIn, untilOneWay},
	{"daemon-customer", fmt.Sprintf("the customer's IKE daemon is killed, and started again after %s", customerRestart), drill.Customer, everyLeg, false, (*stage).daemonCustomer, atMostHold},
	{"daemon-aws", fmt.Sprintf("AWS's endpoint of tunnel 1 is killed, and comes back after %s knowing nothing", awsRestart), drill.AWS, anyLeg, false, (*stage).daemonAWS, atMostHold},
	{"maintenance", "AWS prefers tunnel 2 by MED, replaces the endpoint of tunnel 1, and prefers none again", drill.AWS, noLeg, false, (*stage).maintenance, nothing},
	{"flap", "the customer's interface of tunnel 1 goes down and up three times", drill.Customer, anyLeg, false, (*stage).flap, atMostHold},
}

// Scenarios lists the names of all scenarios, in the order of a report.
func Scenarios() []string {
	var names []string
	for i := range scenarios {
		names = append(names, scenarios[i].name)
	}
	return names
}

func scenarioNamed(name string) *scenario {
	for i := range scenarios {
		if scenarios[i].name == name {
			return &scenarios[i]
		}
	}
	return nil
}
