package affinitylab

import (
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// An answer is kept for its TTL, and not longer: whoever asks meanwhile gets what was true before.
func TestNames_KeepForTheTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{names: newNames(), size: perZone}
		w.regional(0, 1, 2)
		addresses := func() int {
			name := dnsmessage.MustNewName(serviceName + ".")
			reply, ok := w.names.reply(dnsmessage.Message{Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}})
			if !ok {
				t.Fatal("no answer")
			}
			return len(reply.Answers)
		}
		if got := addresses(); got != 6 {
			t.Errorf("got %d addresses, want 6", got)
		}
		w.regional(1, 2)
		time.Sleep(TTL - time.Millisecond)
		if got := addresses(); got != 6 {
			t.Errorf("before the TTL: got %d addresses, want 6", got)
		}
		time.Sleep(time.Millisecond)
		if got := addresses(); got != 4 {
			t.Errorf("after the TTL: got %d addresses, want 4", got)
		}
		w.names.damage(dnsServFail)
		if got := addresses(); got != 0 {
			t.Errorf("broken: got %d addresses", got)
		}
	})
}

// A server carries what its rate allows, over a second and at once.
func TestZoneServer_Admits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &zoneServer{}
		n := 0
		for range 1000 {
			if z.admit(40) {
				n++
			}
			time.Sleep(time.Millisecond)
		}
		if n < 39 || n > 45 {
			t.Errorf("got %d calls in a second, want 40", n)
		}
		if !z.admit(0) {
			t.Error("no rate: refused")
		}
	})
}
