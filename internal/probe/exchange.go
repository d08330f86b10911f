package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/pathproof/pathproof/internal/probe/kernel"
)

// conversation is one question and its answer.
type conversation struct {
	request []byte
	answer  []byte // room for the answer

	// length returns how long the answer is that begins with what has been read of a stream. A datagram is an answer.
	length func(read []byte) int

	// accept reports whether it is the answer to the request. Datagrams that are not are ignored: they may be late
	// answers to earlier requests.
	accept func(answer []byte) bool
}

// exchanged says how a conversation went.
type exchanged struct {
	n      int    // length of the answer
	wait   Micros // request written -> first byte of the answer
	timing Timing
}

// exchange writes the request and reads the answer.
func exchange(ctx context.Context, c net.Conn, talk conversation) (exchanged, *Failure) {
	deadline, _ := ctx.Deadline()
	_ = c.SetDeadline(deadline)
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	kc := c.(kernel.Conn)
	stamped := kernel.StampArrivals(kc) == nil
	_, stream := c.(*net.TCPConn)
	if !stream {
		_ = kernel.ReportErrors(kc)
	}

	start := time.Now()
	if _, err := c.Write(talk.request); err != nil {
		return exchanged{}, interrupted(ctx, "send", err)
	}
	for {
		n, arrived, err := kernel.Receive(kc, talk.answer)
		if err != nil {
			return exchanged{}, interrupted(ctx, "wait", err)
		}
		got := exchanged{n: n}
		got.wait, got.timing = sinceStart(start, time.Now(), arrived, stamped)
		if stream {
			if got.n, err = readRest(c, talk, n); err != nil {
				return exchanged{}, interrupted(ctx, "receive", err)
			}
		}
		if talk.accept(talk.answer[:got.n]) {
			return got, nil
		}
		if stream {
			return exchanged{}, failed(Assertion, "receive", "the answer is not one to what was asked")
		}
	}
}

// readRest reads the answer to its end, after n bytes, and returns its length.
func readRest(r io.Reader, talk conversation, n int) (int, error) {
	for {
		end := min(talk.length(talk.answer[:n]), len(talk.answer))
		if n >= end {
			return n, nil
		}
		m, err := io.ReadFull(r, talk.answer[n:end])
		if n += m; err != nil {
			return n, err
		}
	}
}

// interrupted tells the end of the run from the end of a probe's time, which both look like a passed deadline.
func interrupted(ctx context.Context, op string, err error) *Failure {
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		err = ctx.Err()
	}
	return classified(op, err)
}

// sinceStart returns the time from start to a packet's arrival. The kernel's stamp is by the wall clock, which may be set
// at any time; so it only serves to take off how long the packet lay unread, and only if that is sensible.
func sinceStart(start, now, arrived time.Time, stamped bool) (Micros, Timing) {
	elapsed := now.Sub(start)
	if !stamped || arrived.IsZero() {
		return MicrosOf(elapsed), TimingUserspace
	}
	unread := now.Round(0).Sub(arrived)
	if unread < 0 || unread > elapsed {
		return MicrosOf(elapsed), TimingUserspace
	}
	return MicrosOf(elapsed - unread), TimingKernel
}
