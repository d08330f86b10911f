//go:build linux

package openvpnlab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// within is how long it may take until everybody is back (issue 6).
const within = 60 * time.Second

// pair are alice over TCP and carol over UDP, both connected.
func (s *show) pair(t *testing.T) map[string]*client {
	t.Helper()
	other := namespace(t)
	s.connect(t, other, "198.51.100.3", 2*time.Millisecond, "203.0.113.0/24")
	clients := map[string]*client{"alice, over TCP": dial(t, s.person, s.profile("alice", "seoul", overTCP)), "carol, over UDP": dial(t, other, s.profile("carol", "seoul", overUDP))}
	for _, c := range clients {
		c.up(1, patience)
		check(t, reach(t, c.ns))
	}
	return clients
}

// back waits until all clients have connected again and reach the target, and says how long after something happened each did.
func back(t *testing.T, clients map[string]*client, since time.Time, what string) {
	t.Helper()
	again := map[string]time.Duration{}
	eventually(t, "everybody is back", within, func() bool {
		for name, c := range clients {
			if _, known := again[name]; !known && c.said(connected) > 1 {
				again[name] = time.Since(since)
			}
		}
		return len(again) == len(clients)
	})
	for name, took := range again {
		check(t, reach(t, clients[name].ns))
		t.Logf("%s: back %s after %s", name, took.Round(100*time.Millisecond), what)
		if took > within {
			t.Errorf("%s is back after %s, want %s", name, took, within)
		}
	}
}

// isReplaced: a new machine boots while the old one serves, takes the address when it is ready, and then the old one goes, as
// CloudFormation has it.
func (s *show) isReplaced(t *testing.T) {
	clients := s.pair(t)
	began := time.Now()
	next := s.boot(s.root, "seoul-2", second, s.office.userData(t, "seoul"), s.folder)
	s.elastic.add(next)
	eventually(t, "the new one has booted", 150*time.Second, func() bool { out, _ := next.run("cat", "/run/pathproof/boot"); return out == "done\n" })
	for name, c := range clients {
		if holder, _ := s.elastic.at(); holder == s.server.name && c.said(connected) != 1 {
			t.Errorf("%s lost the old server while it had the address", name)
		}
	}
	next.inService(s.elastic)
	_, lost := s.elastic.at()
	t.Logf("the new server took the address %s after it was started; the old one served until then", lost.Sub(began).Round(100*time.Millisecond))
	back(t, clients, lost, "the old server lost the address")
	eventually(t, "the new one signals", 20*time.Second, func() bool { return slices.Contains(s.elastic.signals(), "seoul-2 SUCCESS") })
	// The old one still runs, and must not take the address back: nobody lost it.
	s.server.must("systemctl", "start", "pathproof-address.service")
	s.server.must("systemctl", "restart", "pathproof-boot.service")
	if holder, since := s.elastic.at(); holder != "seoul-2" || since != lost {
		t.Errorf("the two fight for the address: %s has it", holder)
	}
	s.old, s.server = s.server, next
	for _, c := range clients {
		c.stop()
	}
}

// takesItBack: a deployment that fails after all ends the new machine. The old one, which still runs, takes the address back.
func (s *show) takesItBack(t *testing.T) {
	clients := s.pair(t)
	s.elastic.terminate(s.server)
	_, lost := s.elastic.at()
	s.old.inService(s.elastic)
	_, taken := s.elastic.at()
	t.Logf("the old server took the address back after %s", taken.Sub(lost).Round(100*time.Millisecond))
	s.server, s.old = s.old, nil
	back(t, clients, lost, "the new server was gone")
	for _, c := range clients {
		c.stop()
	}
}

// staysWhenTheNewOneFails: a machine whose boot fails again and again says so at once, and takes the address from nobody.
func (s *show) staysWhenTheNewOneFails(t *testing.T) {
	clients := s.pair(t)
	_, since := s.elastic.at()
	text, err := s.openVPN("seoul", strings.Repeat("0", 64)).UserData()
	check(t, err)
	began := time.Now()
	bad := s.boot(s.root, "seoul-3", third, text, s.folder)
	s.elastic.add(bad)
	eventually(t, "the new one signals", 3*time.Minute, func() bool { return slices.Contains(s.elastic.signals(), "seoul-3 FAILURE") })
	t.Logf("a server whose boot fails said FAILURE %s after it was started", time.Since(began).Round(100*time.Millisecond))
	if holder, now := s.elastic.at(); holder != s.server.name || now != since {
		t.Errorf("%s has the address", holder)
	}
	for name, c := range clients {
		if n := c.said(connected); n != 1 || reach(t, c.ns) != nil {
			t.Errorf("%s: connected %d times", name, n)
		}
		c.stop()
	}
	s.elastic.terminate(bad)
}

// isLost: the only machine is gone at once. Whoever finds that out starts another one; here that takes no time.
func (s *show) isLost(t *testing.T) {
	clients := s.pair(t)
	s.elastic.terminate(s.server)
	_, lost := s.elastic.at()
	s.server = s.boot(s.root, "seoul-4", fourth, s.office.userData(t, "seoul"), s.folder)
	s.server.inService(s.elastic)
	_, taken := s.elastic.at()
	t.Logf("the new server took the address %s after the old one was gone", taken.Sub(lost).Round(100*time.Millisecond))
	back(t, clients, taken, "that")
	for _, c := range clients {
		c.stop()
	}
}

// asksForAnother: a server that has served, and then has a fault of its own for ten minutes, asks its group for another one, once. One that
// another machine would have, too, is none.
func (s *show) asksForAnother(t *testing.T) {
	asked := func() string { b, _ := os.ReadFile(filepath.Join(s.folder, "unhealthy")); return string(b) }
	look := func(fault string) {
		t.Helper()
		// As if it had served for half an hour, and had a fault of its own for eleven minutes, if it has one.
		s.server.must("bash", "-c", "systemctl stop pathproof-health.timer pathproof-pki@list.timer; touch -d '40 minutes ago' /var/lib/pathproof-served; "+fault+
			"; systemctl start pathproof-health; [ ! -e /run/pathproof/fault ] || touch -d '11 minutes ago' /run/pathproof/fault; systemctl start pathproof-health; cat "+bootstrap.HealthFile)
	}
	look("touch -d '11 minutes ago' /run/pathproof/list")
	if health := s.server.must("cat", bootstrap.HealthFile); !strings.Contains(health, "not fetched") || asked() != "" {
		t.Errorf("for %q it asked %q", health, asked())
	}
	s.server.must("/opt/pathproof/pki", "list")
	look("nft delete table inet pathproof")
	if got := asked(); got != s.server.name+"\n" {
		t.Errorf("it asked for %q", got)
	}
	look("true")
	if got := asked(); got != s.server.name+"\n" {
		t.Errorf("it asks again: %q", got)
	}
	s.server.must("bash", "-c", "nft -f /etc/pathproof/nft.conf; systemctl start pathproof-health pathproof-health.timer pathproof-pki@list.timer")
	if health := s.server.must("cat", bootstrap.HealthFile); health != "healthy" || s.server.must("ls", "/run/pathproof") == "" {
		t.Errorf("it is %q", health)
	}
}
