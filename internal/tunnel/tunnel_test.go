package tunnel

import (
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/awsdata"
)

// What follows for each pair from the sizes in the RFCs, for a path of 1500 bytes.
func TestMTU(t *testing.T) {
	for _, tt := range []struct {
		encryption, integrity string
		plain, inUDP          int
	}{
		{"AES128-GCM-16", "", 1446, 1438}, // 1500 - 20 - 8 - 8 - 16 = 1448; - 2 for the trailer
		{"AES256-GCM-16", "", 1446, 1438},
		{"AES256-GCM-16", "SHA2-512", 1446, 1438}, // integrity is the cipher's own
		{"AES128", "SHA1", 1438, 1422},            // 1500 - 20 - 8 - 16 - 12 = 1444; 90 blocks are 1440
		{"AES256", "SHA1", 1438, 1422},
		{"AES128", "SHA2-256", 1438, 1422}, // 1440: 90 blocks exactly; in UDP 1432: 89
		{"AES256", "SHA2-256", 1438, 1422},
		{"AES256", "SHA2-384", 1422, 1422}, // 1432 and 1424: 89 blocks both times
		{"AES256", "SHA2-512", 1422, 1406}, // 1424: 89 blocks exactly; in UDP 1416: 88
	} {
		for natTraversal, want := range map[bool]int{false: tt.plain, true: tt.inUDP} {
			got, err := MTU(PathMTU, tt.encryption, tt.integrity, natTraversal)
			if err != nil || got != want {
				t.Errorf("%s %s, in UDP %t: got %d, %v; want %d", tt.encryption, tt.integrity, natTraversal, got, err, want)
			}
			outer := func(inner int) int { return outerSize(inner, tt.encryption, tt.integrity, natTraversal) }
			if outer(got) > PathMTU || outer(got+1) <= PathMTU {
				t.Errorf("%s %s, in UDP %t: %d bytes become %d, one more %d", tt.encryption, tt.integrity, natTraversal, got, outer(got), outer(got+1))
			}
		}
	}
	if _, err := MTU(PathMTU, "3DES", "SHA1", false); err == nil {
		t.Error("an unknown cipher has a size")
	}
	if _, err := MTU(PathMTU, "AES128", "MD5", false); err == nil {
		t.Error("an unknown integrity algorithm has a size")
	}
}

// outerSize builds the packet from the inside out, as a sender does.
func outerSize(inner int, encryption, integrity string, natTraversal bool) int {
	t := encryptions[encryption]
	if !AEAD(encryption) {
		t.check = integrities[integrity]
	}
	payload := inner + espTrailer
	for payload%t.align != 0 {
		payload++
	}
	size := outerIPv4 + espHeader + t.vector + payload + t.check
	if natTraversal {
		size += udp
	}
	return size
}

func TestMTU_LeanestIsWhatAWSPublishes(t *testing.T) {
	best, err := MTU(PathMTU, "AES128-GCM-16", "", false)
	if err != nil || best != awsdata.TunnelMTU || MSS(best) != awsdata.TunnelMSS {
		t.Errorf("got %d and %d, %v; AWS says %d and %d", best, MSS(best), err, awsdata.TunnelMTU, awsdata.TunnelMSS)
	}
}

func TestWorstMTU(t *testing.T) {
	both, all := []string{"AES256-GCM-16", "AES256"}, []string{"SHA2-256", "SHA2-384", "SHA2-512"}
	for _, tt := range []struct {
		name                  string
		encryption, integrity []string
		natTraversal          bool
		want                  int
	}{
		{"the defaults", both, all, false, 1422},
		{"the defaults in UDP", both, all, true, 1406},
		{"GCM only, integrity does not matter", both[:1], all, false, 1446},
		{"whatever the order", []string{"AES256", "AES256-GCM-16"}, []string{"SHA2-512", "SHA2-256"}, false, 1422},
		{"no SHA2-384 and SHA2-512", both, all[:1], false, 1438},
	} {
		if got, err := WorstMTU(PathMTU, tt.encryption, tt.integrity, tt.natTraversal); err != nil || got != tt.want {
			t.Errorf("%s: got %d, %v; want %d", tt.name, got, err, tt.want)
		}
	}
	if _, err := WorstMTU(PathMTU, []string{"AES256-GCM-16", "DES"}, all, false); err == nil {
		t.Error("an unknown cipher has a size")
	}
}

func TestTimers(t *testing.T) {
	s := time.Second
	for _, tt := range []struct {
		name   string
		target time.Duration // failover
		given  time.Duration // hold, 0: follows from failover
		want   Timers
		dead   time.Duration
		in     time.Duration // the session's hold time
	}{
		{"no target", 0, 0, Timers{30 * s, 10 * s, 10 * s, 4 * s, 4}, 30 * s, 30 * s},
		{"30s", 30 * s, 0, Timers{30 * s, 10 * s, 10 * s, 4 * s, 4}, 30 * s, 30 * s},
		{"29s", 29 * s, 0, Timers{21 * s, 7 * s, 7 * s, 2800 * time.Millisecond, 4}, 21 * s, 21 * s},
		{"10s", 10 * s, 0, Timers{6 * s, 2 * s, 2 * s, 800 * time.Millisecond, 4}, 6 * s, 6 * s},
		{"5s", 5 * s, 0, Timers{3 * s, s, s, 400 * time.Millisecond, 4}, 3 * s, 3 * s},
		{"1s, which nothing reaches", s, 0, Timers{3 * s, s, s, 400 * time.Millisecond, 4}, 3 * s, 3 * s},
		{"2m, longer than AWS's", 120 * s, 0, Timers{30 * s, 10 * s, 10 * s, 4 * s, 4}, 30 * s, 30 * s},
		{"an explicit 90s, which AWS shortens", 0, 90 * s, Timers{90 * s, 10 * s, 10 * s, 4 * s, 4}, 30 * s, 30 * s},
		{"an explicit 15s", 30 * s, 15 * s, Timers{15 * s, 5 * s, 5 * s, 2 * s, 4}, 15 * s, 15 * s},
		{"an explicit 4s", 30 * s, 4 * s, Timers{4 * s, s, s, 600 * time.Millisecond, 4}, 4 * s, 4 * s},
	} {
		hold := tt.given
		if hold == 0 {
			hold = HoldFor(tt.target)
		}
		got := For(hold)
		if got != tt.want || got.DeadPeer() != tt.dead || got.Session() != tt.in {
			t.Errorf("%s: got %+v, dead after %s, session %s; want %+v, %s, %s", tt.name, got, got.DeadPeer(), got.Session(), tt.want, tt.dead, tt.in)
		}
		if got.DeadPeer() > got.Session() {
			t.Errorf("%s: IKE gives up after %s, later than BGP after %s", tt.name, got.DeadPeer(), got.Session())
		}
	}
}

// A derived hold time keeps the target in one direction too, where AWS's own is not kept for the sake of being known.
func TestHoldFor_CoversOneDirection(t *testing.T) {
	for target := 5 * time.Second; target < 30*time.Second; target += time.Second {
		if got := For(HoldFor(target)); got.OneWay()+Spare > target {
			t.Errorf("failover %s: hold %s and a keepalive of %s take %s", target, got.Hold, got.Keepalive, got.OneWay())
		}
	}
	if got := For(HoldFor(30 * time.Second)).OneWay(); got != 40*time.Second {
		t.Errorf("with AWS's timers: got %s, want 40s", got)
	}
}

func TestRekey(t *testing.T) {
	s := time.Second
	for _, tt := range []struct {
		life, margin, want time.Duration
		ok                 bool
	}{
		{3600 * s, 270 * s, 3000 * s, true}, // AWS's defaults
		{28800 * s, 270 * s, 28200 * s, true},
		{900 * s, 60 * s, 720 * s, true},
		{900 * s, 270 * s, 300 * s, true},
		{900 * s, 271 * s, 300 * s, false}, // no time is left
		{900 * s, 450 * s, 300 * s, false},
	} {
		got, ok := Rekey(tt.life, tt.margin)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s, margin %s: got %s, %t; want %s, %t", tt.life, tt.margin, got, ok, tt.want, tt.ok)
		}
		if ok && tt.life-got <= 2*tt.margin {
			t.Errorf("%s, margin %s: %s is not before AWS", tt.life, tt.margin, got)
		}
	}
}
