package bgpstate

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The samples of FRR and BIRD come from the daemons themselves; one of FRR's sessions and one of FortiGate's is not up, and prints
// timers all the same.
func TestParse(t *testing.T) {
	at := netip.MustParseAddr
	for _, tt := range []struct {
		file, software string
		want           []Neighbor
	}{
		{"frr-8.4.json", FRR, []Neighbor{
			{Address: at("169.254.110.1"), RemoteAS: 64512, State: "Established", Hold: 30 * time.Second, Keepalive: 10 * time.Second, Accepted: 1},
			{Address: at("169.254.114.1"), RemoteAS: 64512, State: "Established", Hold: 9 * time.Second, Keepalive: 3 * time.Second, Accepted: 1},
			{Address: at("169.254.118.1"), RemoteAS: 64512, State: "Active"},
		}},
		{"bird-2.0.12.txt", BIRD, []Neighbor{
			{Address: at("169.254.110.2"), RemoteAS: 65010, State: "Established", Hold: 30 * time.Second, Keepalive: 10 * time.Second, Accepted: 1},
			{Address: at("169.254.114.2"), RemoteAS: 65010, State: "Established", Hold: 9 * time.Second, Keepalive: 3 * time.Second, Accepted: 1},
		}},
		{"fortigate.txt", FortiGate, []Neighbor{
			{Address: at("169.254.110.1"), RemoteAS: 64512, State: "Established", Hold: 30 * time.Second, Keepalive: 10 * time.Second, Accepted: 1},
			{Address: at("169.254.114.1"), RemoteAS: 64512, State: "Active"},
		}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []string{string(text), "\n" + strings.ReplaceAll(string(text), "\n", "\r\n")} {
				software, got, err := Parse([]byte(form))
				if err != nil || software != tt.software {
					t.Fatalf("got %s, %v", software, err)
				}
				if diff := cmp.Diff(tt.want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

func TestParse_GracefulRestart(t *testing.T) {
	for name, text := range map[string]string{
		"FRR": `{"169.254.110.1": {"remoteAs": 64512, "bgpState": "Established", "bgpTimerHoldTimeMsecs": 9000, "bgpTimerKeepAliveIntervalMsecs": 3000,
			"neighborCapabilities": {"gracefulRestartCapability": "advertisedAndReceived"}}}`,
		"BIRD": "t1 BGP --- up 12:00:00.000 Established\n  BGP state: Established\n    Neighbor address: 169.254.110.1\n    Neighbor AS: 64512\n" +
			"    Local capabilities\n      Graceful restart\n    Neighbor capabilities\n      Graceful restart\n    Hold timer: 1.000/9\n    Keepalive timer: 1.000/3\n",
		"FortiGate": "BGP neighbor is 169.254.110.1, remote AS 64512\n BGP state = Established\n Graceful restart: advertised, received\n",
	} {
		if _, got, err := Parse([]byte(text)); err != nil || len(got) != 1 || !got[0].GracefulRestart {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if _, got, err := Parse([]byte(strings.Replace(strings.ReplaceAll(text, "advertisedAndReceived", "received"), "raceful restart", "nothing", 1))); err != nil || len(got) != 1 || got[0].GracefulRestart {
			t.Errorf("%s, by one end: got %+v, %v", name, got, err)
		}
	}
}

func TestParse_Fails(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{" \n", "no output of a gateway, got nothing; give that of vtysh"},
		{"interface Vlan1\n", "not the output of a gateway that is known; give that of vtysh"},
		{`{"169.254.110.1": `, "output of FRR: not JSON: unexpected end of JSON input; give the whole output of vtysh -c 'show bgp neighbors json'"},
		{`{"169.254.110.1": {"remoteAs": 64512}}`, "output of FRR: neighbor 169.254.110.1: no state or timers; give the output of show bgp neighbors json"},
		{"BGP neighbor is 169.254.110.1, remote AS 64512, local AS 65010, external link", "output of FortiGate: neighbor 169.254.110.1: no BGP state; give the whole output"},
		{"t1 BGP --- up 12:00:00 Established\n  BGP state: Established\n    Hold timer: 30\n", "output of BIRD: Hold timer: not understood, got \"30\""},
		{"t1 BGP --- up 12:00:00 Established\n  BGP state: Established\n", "output of BIRD: a BGP protocol without a neighbor address"},
	} {
		if _, got, err := Parse([]byte(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) || got != nil {
			t.Errorf("%q: got %v and %v, want %q", tt.text, got, err, tt.want)
		}
	}
}
