package probe

import (
	"net"
	"net/http/httptrace"
	"testing"
)

// The transport's goroutines may tell things in another order than they happened.
func TestRecorder_AnswerToldBeforeTheRequest(t *testing.T) {
	rec := &recorder{}
	trace := httptrace.ContextClientTrace(rec.context(t.Context()))
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	trace.GetConn("example.com:80")
	trace.GotConn(httptrace.GotConnInfo{Conn: here})
	trace.GotFirstResponseByte()
	trace.WroteRequest(httptrace.WroteRequestInfo{})
	rec.received()
	if o := rec.outcome(); o.Phases.Send != 0 || o.Phases.Wait < 1 || o.Phases.Receive < 1 {
		t.Errorf("got %+v, want no send, all of it in wait", o.Phases)
	}
}

// A transport may dial for a request and then give it a connection that came free meanwhile. The dial's times are not
// that request's.
func TestRecorder_ForgetsAConnectionItDidNotTake(t *testing.T) {
	rec := &recorder{}
	trace := httptrace.ContextClientTrace(rec.context(t.Context()))
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	trace.GetConn("example.com:80")
	rec.update(func(a *attempt) { a.phases.DNS, a.phases.Connect, a.timing, a.retransmits = 5, 7, TimingKernel, 1 })
	trace.GotConn(httptrace.GotConnInfo{Conn: here, Reused: true})
	trace.WroteRequest(httptrace.WroteRequestInfo{})
	trace.GotFirstResponseByte()
	o := rec.outcome()
	if o.Phases.DNS != 0 || o.Phases.Connect != 0 || o.SYNRetransmits != 0 || o.Timing != "" || o.Phases.Send < 1 || o.Phases.Wait < 1 {
		t.Errorf("got %+v", o)
	}
}

func TestPing_OnlyItsOwnReply(t *testing.T) {
	request := newPing(true, 7)
	if internetChecksum(request) != 0 {
		t.Error("the checksum does not check")
	}
	reply := append([]byte{pong4}, request[1:]...)
	header := append([]byte{0x45}, make([]byte, 19)...)
	change := func(i int) []byte {
		b := append([]byte(nil), reply...)
		b[i]++
		return b
	}
	for name, test := range map[string]struct {
		packet []byte
		want   bool
	}{
		"reply":             {reply, true},
		"with a header":     {append(header, reply...), true},
		"another id":        {change(5), true}, // the kernel puts in its own
		"another sequence":  {change(7), false},
		"another payload":   {change(20), false},
		"our request":       {request, false},
		"shorter":           {reply[:10], false},
		"nothing":           {nil, false},
		"half a header":     {header[:10], false},
		"reply over ICMPv6": {append([]byte{pong6}, request[1:]...), false},
	} {
		if got := answersPing(test.packet, request); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
