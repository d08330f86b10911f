package gate

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestAllowList(t *testing.T) {
	list, err := ParseAllow("tcp://10.0.0.7:7007 tcp://db.Internal:5432 tcp://10.20.0.0/16:443 tcp://[fd00::1]:80 tcp://[fd01::/64]:81 dns://10.0.0.2:53")
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[Target]bool{
		{Kind: probe.KindTCP, Host: "10.0.0.7", Port: 7007}:         true,
		{Kind: probe.KindTCP, Host: "::ffff:10.0.0.7", Port: 7007}:  true,
		{Kind: probe.KindTCP, Host: "10.0.0.7", Port: 22}:           false,
		{Kind: probe.KindTCP, Host: "10.0.0.8", Port: 7007}:         false,
		{Kind: probe.KindTCP, Host: "db.internal", Port: 5432}:      true,
		{Kind: probe.KindTCP, Host: "DB.INTERNAL", Port: 5432}:      true,
		{Kind: probe.KindTCP, Host: "evil.db.internal", Port: 5432}: false,
		{Kind: probe.KindTCP, Host: "10.20.255.1", Port: 443}:       true,
		{Kind: probe.KindTCP, Host: "10.21.0.1", Port: 443}:         false,
		{Kind: probe.KindTCP, Host: "fd00::1", Port: 80}:            true,
		{Kind: probe.KindTCP, Host: "fd01::9", Port: 81}:            true,
		{Kind: probe.KindTCP, Host: "fd00::2", Port: 80}:            false,
		{Kind: probe.KindTCP, Host: "", Port: 7007}:                 false,
		{Host: "10.0.0.7", Kind: probe.KindDNS}:                     false,
		{Kind: probe.KindTCP, Host: "10.0.0.7:7007", Port: 7007}:    false,
		{Kind: probe.KindTCP, Host: "10.20.0.0/16", Port: 443}:      false,
		{Kind: probe.KindTCP, Host: "169.254.169.254", Port: 80}:    false,
		{Host: "10.0.0.7", Port: 7007, Kind: probe.KindHTTP}:        false,
		{Host: "10.0.0.7", Port: 7007}:                              false,
		{Host: "10.0.0.2", Kind: probe.KindDNS}:                     true,
		{Host: "10.0.0.2", Port: 53, Kind: probe.KindTCP}:           false,
	} {
		if got := list.Permits(target); got != want {
			t.Errorf("%s: permitted %t, want %t", target, got, want)
		}
	}
	if none, err := ParseAllow(" "); err != nil || none.Permits(Target{Kind: probe.KindTCP, Host: "10.0.0.7", Port: 7007}) {
		t.Errorf("an empty list permits something, or is an error: %v", err)
	}
}

func TestParseAllow_Refuses(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.7:7007":        "no kind of",
		"icmp://10.0.0.7:1":    "no kind of",
		"tcp://10.0.0.7":       "no port, got",
		"tcp://10.0.0.7:0":     "no port from 1 to 65535",
		"tcp://10.0.0.7:70000": "no port from 1 to 65535",
		"tcp://*:80":           "no host, address or prefix",
		"tcp://:80":            "no host, address or prefix",
		"tcp://10.0.0.0/40:80": "no host, address or prefix",
	} {
		if _, err := ParseAllow(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// What a document asks of a vantage is what the constructs let it probe.
func TestAllowFor(t *testing.T) {
	c := loaded(t, twoVantages())
	c.Paths[2].Target.Host = "fd00::7"
	c.Paths[3].Target.Host = "${Isolated}"
	for _, v := range c.Vantages {
		list, err := LoadAllow(c.AllowFor(v.Key), `{"Isolated": "172.16.0.9"}`)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.of(v.Key) {
			if p.Target.Host == "${Isolated}" {
				p.Target.Host = "172.16.0.9"
			}
			if !list.Permits(*p.Target) {
				t.Errorf("%s may not probe %s", v.Key, p.Target)
			}
		}
		if len(list) != 2 {
			t.Errorf("%s: %q", v.Key, c.AllowFor(v.Key))
		}
	}
	if _, err := LoadAllow("tcp://${Nix}:80", ""); err == nil || !strings.Contains(err.Error(), "PATHPROOF_TARGETS: no value for ${Nix}") {
		t.Errorf("got %v", err)
	}
}
