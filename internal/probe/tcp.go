package probe

import (
	"context"
	"net"
	"time"

	"github.com/pathproof/pathproof/internal/probe/kernel"
)

// TCP measures how long a TCP connection takes to be set up: from SYN to SYN-ACK, by the kernel's clock where it tells.
// That is the time to whatever ends TCP: the host, or a proxy or accelerator in front of it. It sends nothing.
type TCP struct {
	Endpoint

	// Abort ends connections with a reset, so that this machine keeps nothing of them: more than some ten thousand probes
	// a minute would run out of ports. A probe from a given source port always ends so. Default: an orderly end.
	Abort bool
}

var _ Prober = (*TCP)(nil)

// Kind returns KindTCP.
func (p *TCP) Kind() Kind { return KindTCP }

// Probe connects once.
func (p *TCP) Probe(ctx context.Context, shot Shot) Outcome {
	c, o := p.connect(ctx, shot, p.Abort)
	if c != nil {
		c.Close()
	}
	return o
}

// connect dials and times it. The connection is nil if and only if the outcome is a failure.
func (e *Endpoint) connect(ctx context.Context, shot Shot, abort bool) (*net.TCPConn, Outcome) {
	start := time.Now()
	c, err := dial(ctx, "tcp", e.addrPort(), e.Source, shot.SourcePort)
	o := Outcome{Elapsed: MicrosOf(time.Since(start)), Timing: TimingKernel}
	if err != nil {
		o.Failure = classified("connect", err)
		o.Timing = ""
		return nil, o
	}
	tc := c.(*net.TCPConn)
	o.Phases.Connect, o.SYNRetransmits, o.Timing = connectTime(tc, o.Elapsed)
	o.Local = addrPortOf(tc.LocalAddr())
	if abort || shot.SourcePort != 0 { // in TIME_WAIT the port could not be used again
		_ = tc.SetLinger(0)
	}
	return tc, o
}

// connectTime returns the handshake's time by the best clock, and by which one. 0 is "no sample": a SYN was sent again,
// or the kernel did not measure.
func connectTime(c *net.TCPConn, elapsed Micros) (t Micros, retransmits int, by Timing) {
	h, err := kernel.ReadHandshake(c)
	switch {
	case err != nil:
		return elapsed, 0, TimingUserspace
	case h.Retransmits > 0 || h.RTT == 0:
		return 0, h.Retransmits, TimingKernel
	}
	return MicrosOf(h.RTT), 0, TimingKernel
}
