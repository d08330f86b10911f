package topology

import (
	"fmt"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// Failover is how long the failure of one tunnel can stay unnoticed, beside the declared target.
type Failover struct {
	Target config.Duration `json:"target,omitempty"`
	// Worst is the longest time for which packets can go into a dead tunnel, Least the shortest when it dies without a word, in
	// whole seconds: the last keepalive came just as it died, or one interval before, and BIRD takes up to a quarter off each
	// hold time at random. A few tenths of a second for the routes come on top.
	Worst config.Duration `json:"worst"`
	Least config.Duration `json:"least,omitempty"`
	// OneWay is the longest time when only one direction is lost: a keepalive interval more than Worst. Zero with static routing.
	OneWay config.Duration `json:"oneWay,omitempty"`
	// Hold and Keepalive are what the gateway proposes, Session the hold time that both ends come to. Zero with static routing.
	Hold      config.Duration `json:"hold,omitempty"`
	Keepalive config.Duration `json:"keepalive,omitempty"`
	Session   config.Duration `json:"session,omitempty"`
	// DeadPeer is when a rendered gateway's IKE gives AWS up and starts again, AWSDeadPeer when AWS gives up the gateway.
	DeadPeer    config.Duration `json:"deadPeer,omitempty"`
	AWSDeadPeer config.Duration `json:"awsDeadPeer,omitempty"`
	Arithmetic  string          `json:"arithmetic"`
	// Directions says for each direction which side decides, and what IKE adds.
	Directions []string `json:"directions,omitempty"`
}

// Timers are those of the gateways.
func (f *Failover) Timers() tunnel.Timers { return tunnel.For(time.Duration(f.Hold)) }

// failover computes the time after which a silently dead tunnel is out of use. Both ends notice when no BGP message
// has come for the hold time (RFC 4271: the smaller of both ends' values), AWS also when dead peer detection gives up.
// AWS's end cannot do BFD on a Site-to-Site VPN.
func (b *builder) failover(s *Site, path string, c config.Connect) {
	b.holdRange(path, c.Hold)
	if s.Static {
		s.Failover = staticFailover(c)
		if c.Tunnel.DPDAction == "none" && c.Failover > 0 {
			b.addf(problem.FailoverTooFast, path+".failover", "never reached with static routing and dpdAction none, got %s; set dpdAction to clear or restart, or set routing: bgp", c.Failover)
		}
	} else {
		s.Failover = bgpFailover(c)
	}
	if f := s.Failover; c.Failover > 0 && c.Failover < f.Worst {
		b.addf(problem.FailoverTooFast, path+".failover", "below what can be reached, got %s; %s (%s)", c.Failover, f.remedy(s.Static, c.Hold > 0), f.Arithmetic)
	}
}

func (b *builder) holdRange(path string, hold config.Duration) {
	if h := time.Duration(hold); hold != 0 && (h < tunnel.MinHold || h > 65535*time.Second || h%time.Second != 0) {
		b.addf(problem.BadValue, path+".hold", "BGP hold time out of range, got %s; use whole seconds from 3s to 65535s", hold)
	}
}

func (f *Failover) remedy(static, holdGiven bool) string {
	remedy := fmt.Sprintf("allow at least %s", f.Worst)
	switch {
	case static:
		return remedy + ", or set routing: bgp"
	case holdGiven:
		return remedy + ", or leave hold out, which then follows from failover"
	}
	return remedy
}

// staticFailover is that of static routes, which follow AWS's dead peer detection at AWS's end.
func staticFailover(c config.Connect) *Failover {
	dpd := c.Tunnel.DPDTimeout
	return &Failover{Target: c.Failover, Worst: dpd, AWSDeadPeer: dpd,
		Arithmetic: fmt.Sprintf("static routing: AWS's DPD timeout %s; the gateway's own direction depends on its settings", dpd)}
}

// bgpFailover is that of BGP. Each end stops sending when its own hold timer runs out, or when the other end's last message
// says that the session is closed: dead peer detection takes no route away at the gateway's end.
func bgpFailover(c config.Connect) *Failover {
	hold := time.Duration(c.Hold)
	if hold == 0 {
		hold = tunnel.HoldFor(time.Duration(c.Failover))
	}
	t := tunnel.For(hold)
	session, dead, dpd := config.Duration(t.Session()), config.Duration(t.DeadPeer()), c.Tunnel.DPDTimeout
	f := &Failover{Target: c.Failover, Worst: session, OneWay: config.Duration(t.OneWay()), Least: config.Duration((t.Session()*3/4 - t.Keepalive).Truncate(time.Second)), Hold: config.Duration(t.Hold),
		Keepalive: config.Duration(t.Keepalive), Session: session, DeadPeer: dead, AWSDeadPeer: dpd}
	f.Arithmetic = fmt.Sprintf("BGP hold time min(gateway %s, AWS %s) = %s bounds both directions", f.Hold, config.Duration(awsdata.BGPHold), session)
	if t.Session() < awsdata.BGPHold {
		f.Arithmetic += "; AWS documents no hold time below its own, so look at the session's after the first deployment"
	}
	f.Directions = []string{
		f.oneWay(),
		fmt.Sprintf("to AWS: the gateway decides, %s to %s after the tunnel dies (hold time, of which BIRD takes up to a quarter off; keepalive every %s)", f.Least, f.Worst, f.Keepalive),
		fmt.Sprintf("from AWS: AWS decides, by the same hold time; its DPD timeout %s can only shorten it", dpd),
		fmt.Sprintf("tunnel: strongSwan as rendered gives it up %s after AWS's last word (%s + %d x %s), a FortiGate after %s + 93s, and starts it again; AWS waits for it (startup %s)",
			dead, config.Duration(t.DPDDelay), t.Tries+1, config.Duration(t.Retransmit), config.Duration(t.DPDDelay), c.Tunnel.Startup),
	}
	if c.Tunnel.Startup == "start" {
		f.Directions[3] = strings.Replace(f.Directions[3], "AWS waits for it", "AWS starts it too", 1)
	}
	return f
}

// oneWay says how long a loss in one direction lasts, and what would bring it below the target.
func (f *Failover) oneWay() string {
	text := fmt.Sprintf("lost in one direction only: at most %s, because the end that still hears counts from its last keepalive", f.OneWay)
	if f.Target == 0 || f.Target >= f.OneWay {
		return text
	}
	// With a third of it as keepalive, the hold time is three quarters of what a loss in one direction takes.
	if hold := ((time.Duration(f.Target) - tunnel.Spare) * 3 / 4).Truncate(3 * time.Second); hold >= tunnel.MinHold {
		return text + fmt.Sprintf("; that is above the target, hold: %s keeps it", config.Duration(hold))
	}
	return text + "; that is above the target, which no hold time keeps"
}
