//go:build linux

package edgelab_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// becomes asks until the status is the wanted one, for some seconds.
func (s *site) becomes(what string, want int) {
	s.Helper()
	var got int
	for range 100 {
		if got, _ = s.get("http://127.0.0.1/api", nil); got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.want(what, got, want)
}

// stays asks for three seconds, in which a proxy here has asked DNS three times.
func (s *site) stays(what string, want int) {
	s.Helper()
	for range 60 {
		if got, _ := s.get("http://127.0.0.1/api", nil); got != want {
			s.want(what, got, want)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// What each kind of nginx makes of a DNS server in trouble. The difference is in docs/EDGE-PROXY.md: an answer that says
// there is no such name, or no address, takes the addresses away from an nginx that follows names itself.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, b := range builds {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			build := b.get(t)
			w := newWorld(t, oneWay, http.HandlerFunc(answerRequest))
			w.dns.say(silent)
			s := &site{newMachine(t, build, w.edge, plain()), w, w.client()}
			s.boot()
			watched := build.os == bootstrap.Debian
			if watched {
				s.start("/var/log/origin.out", bootstrap.Folder+"/origin")
			}
			status, _ := s.get("http://127.0.0.1/.pathproof/health", nil)
			s.want("health, started without DNS", status, http.StatusOK)
			s.stays("started without DNS", http.StatusBadGateway)
			w.dns.say(willing)
			s.becomes("DNS is there", http.StatusOK)
			for name, m := range map[string]mood{"no such name": nxdomain, "no address": empty} {
				w.dns.say(m)
				if watched {
					s.stays(name, http.StatusOK)
				} else {
					s.becomes(name, http.StatusBadGateway)
				}
				w.dns.say(willing)
				s.becomes("after "+name, http.StatusOK)
			}
			before := s.workers()
			w.dns.say(shuffling)
			s.stays("addresses in another order", http.StatusOK)
			if after := s.workers(); !slices.Equal(before, after) {
				s.Errorf("workers %v became %v: nginx was reloaded for the same addresses", before, after)
			}
		})
	}
}
