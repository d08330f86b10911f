package gateway

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/secret"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func render(t *testing.T, g *Gateway, d Device) []File {
	t.Helper()
	files, err := Render(g, d)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Keys are in the files that say so, which only their owner may read, and nowhere else.
func TestRender_KeysAreWhereTheyBelong(t *testing.T) {
	for _, d := range Devices() {
		for _, f := range render(t, sample(), d) {
			n := strings.Count(string(f.Content()), plantedKey)
			if f.Secret != (n > 0) || f.Secret && (n != 4 || f.Mode != 0o600) || !f.Secret && f.Mode&0o077 == 0 {
				t.Errorf("%s: %s of mode %04o has %d keys, secret %t", d, f.Name, f.Mode, n, f.Secret)
			}
		}
	}
}

func TestRender_HidesKeys(t *testing.T) {
	var out strings.Builder
	g := sample()
	g.HideKeys = true
	for _, d := range Devices() {
		files := render(t, g, d)
		if err := WriteText(&out, files); err != nil {
			t.Fatal(err)
		}
		full := render(t, sample(), d) // these hold the keys
		text, err := json.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %v %+v %#v %s %x", text, full, full, full, full, full[1:])
	}
	text, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "%s %v %+v %#v %+v %v", text, g, g, *g, g.Tunnels, &g.Tunnels[0])
	g.Tunnels[0].Key = secret.New(plantedKey + `"`)
	fmt.Fprint(&out, g.Validate())
	for _, form := range []string{plantedKey, fmt.Sprintf("%x", plantedKey), fmt.Sprintf("%d", []byte(plantedKey))[1:40]} {
		if i := strings.Index(out.String(), form); i >= 0 {
			t.Errorf("a key stands in %q", out.String()[max(0, i-100):min(out.Len(), i+60)])
		}
	}
	if !strings.Contains(out.String(), `secret = "HIDDEN-PRE-SHARED-KEY-OF-fw1-a-1"`) {
		t.Error("nothing stands for the key")
	}
}

func TestRender_Refuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		d    Device
		edit func(*Gateway)
		want string
	}{
		{"an unknown device", "cisco", func(*Gateway) {}, `unknown device, got "cisco"; use one of strongswan-frr, strongswan-bird, fortigate`},
		{"half a tunnel", StrongSwanBIRD, func(g *Gateway) { g.Tunnels[1].Outside = netip.Addr{} },
			"gateway fw1 of site idc: tunnel 2 of VPN connection fw1-a: a key without an outside address: half of it is known"},
		{"a key that would end its quotes", FortiGate, func(g *Gateway) { g.Tunnels[1].Key = secret.New(`a"b`) },
			"gateway fw1 of site idc: tunnel 2 of VPN connection fw1-a: the pre-shared key holds characters that AWS does not use"},
		{"no /30", FortiGate, func(g *Gateway) { g.Tunnels[0].Inside = netip.MustParsePrefix("169.254.10.0/29") },
			"gateway fw1 of site idc: tunnel 1 of VPN connection fw1-a: not an inside network, got 169.254.10.0/29; it is a /30"},
		{"groups that FortiOS does not know", FortiGate, func(g *Gateway) { g.Algorithms.Phase1DHGroups = []int{22, 24} },
			"FortiOS knows none of the Diffie-Hellman groups [22 24]; add one of 14 to 21"},
		{"IKEv1 with AEAD only", StrongSwanFRR, func(g *Gateway) {
			g.Algorithms.OnlyIKEv1, g.Algorithms.Phase1Encryption = true, []string{"AES256-GCM-16"}
		}, "gateway fw1 of site idc: IKEv1 alone has no AEAD ciphers in phase 1, got [AES256-GCM-16]; add AES256 to phase1Encryption, or use ikev2"},
		{"an unknown cipher", StrongSwanFRR, func(g *Gateway) { g.Algorithms.Phase2Encryption = []string{"DES"} }, `gateway fw1 of site idc: unknown encryption algorithm, got "DES"`},
		{"no tunnels", StrongSwanFRR, func(g *Gateway) { g.Tunnels = nil }, "gateway fw1 of site idc: no tunnels; declare a VPN connection that names it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := sample()
			tt.edit(g)
			files, err := Render(g, tt.d)
			if err == nil || !strings.HasSuffix(err.Error(), tt.want) || files != nil {
				t.Errorf("got %d files, %v\nwant %s", len(files), err, tt.want)
			}
		})
	}
}

func TestProposals(t *testing.T) {
	g := view{Gateway: sample()}
	g.Algorithms = Algorithms{Phase1Encryption: []string{"AES256", "AES128-GCM-16", "AES128"}, Phase1Integrity: []string{"SHA2-256", "SHA1"}, Phase1DHGroups: []int{24, 14, 20, 19, 21},
		Phase2Encryption: []string{"AES128-GCM-16", "AES256"}, Phase2Integrity: []string{"SHA2-512"}, Phase2DHGroups: []int{5}}
	groups, err := g.FortiGateGroups1()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"aes256-aes128-sha256-sha1-modp2048s256-modp2048-ecp384-ecp256-ecp521,aes128gcm16-prfsha256-prfsha1-modp2048s256-modp2048-ecp384-ecp256-ecp521",
		"aes128gcm16-modp1536,aes256-sha512-modp1536",
		"aes256-sha256 aes256-sha1 aes128gcm-prfsha256 aes128gcm-prfsha1 aes128-sha256 aes128-sha1",
		"aes128gcm aes256-sha512",
		"14 20 19",
	}
	if diff := cmp.Diff(want, []string{g.IKE(), g.ESP(), g.FortiGateIKE(), g.FortiGateESP(), groups}); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Interfaces and ids stay as they are when other tunnels come and go, and no two tunnels share one.
func TestTunnel_NamesAreStableAndShort(t *testing.T) {
	seen := map[string]bool{}
	for third := range 256 {
		for fourth := 0; fourth < 256; fourth += 4 {
			x := Tunnel{Inside: netip.PrefixFrom(netip.AddrFrom4([4]byte{169, 254, byte(third), byte(fourth)}), 30)}
			if third+fourth == 0 {
				continue // AWS reserves it, and 0 is no id
			}
			key := fmt.Sprint(x.ID())
			if seen[key] || seen[x.Interface()] || len(x.Interface()) > 10 || x.ID() < 1 || x.ID() > 65535 {
				t.Fatalf("%s: %s, %d", x.Inside, x.Interface(), x.ID())
			}
			seen[key], seen[x.Interface()] = true, true
		}
	}
	x := Tunnel{Inside: netip.MustParsePrefix("169.254.110.4/30")}
	if x.AWS().String() != "169.254.110.5" || x.Own().String() != "169.254.110.6" {
		t.Errorf("got %s and %s", x.AWS(), x.Own())
	}
}

// scriptRun runs the rendered script with stand-ins for ip and sysctl that write down how they are called. Interfaces are there
// if exists says so.
func scriptRun(t *testing.T, g *Gateway, exists bool, verb string) []string {
	t.Helper()
	needs(t, false, "sh")
	dir := t.TempDir()
	show := "exit 1"
	if exists {
		show = "exit 0"
	}
	for name, body := range map[string]string{
		"ip":     `case "$1 $2" in "link show") ` + show + `;; esac; echo "ip $*" >>` + dir + `/log`,
		"sysctl": `echo "sysctl $*" >>` + dir + `/log`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	root := write(t, g, StrongSwanBIRD)
	if out, err := run(t, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}, filepath.Join(root, FileScript), verb); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(dir + "/log"); err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(readFile(t, dir+"/log")), "\n")
}

func TestScript(t *testing.T) {
	short := func(kind Interfaces) *Gateway {
		g := sample()
		g.Interfaces, g.Tunnels = kind, g.Tunnels[:1]
		return g
	}
	finish := []string{"sysctl -qw net.ipv4.conf.aws110-0.rp_filter=2", "ip addr replace 169.254.110.2/30 dev aws110-0", "ip link set dev aws110-0 mtu 1422 up"}
	var dropped []string
	for _, p := range []string{"10.20.0.0/16", "172.16.0.0/16", "172.29.0.0/24"} {
		finish = append(finish, "ip route replace blackhole "+p+" metric 4294967295")
		dropped = append(dropped, "ip route del blackhole "+p+" metric 4294967295")
	}
	for _, tt := range []struct {
		name   string
		g      *Gateway
		exists bool
		verb   string
		want   []string
	}{
		{"xfrm", short(XFRM), false, "up", append([]string{"ip link add dev aws110-0 type xfrm if_id 28160"}, finish...)},
		{"vti", short(VTI), false, "up", append([]string{"ip link add dev aws110-0 type vti local 203.0.113.10 remote 198.51.100.11 key 28160",
			"sysctl -qw net.ipv4.conf.aws110-0.disable_policy=1"}, finish...)},
		{"already there", short(XFRM), true, "up", finish},
		{"down", short(XFRM), true, "down", append([]string{"ip link del dev aws110-0"}, dropped...)},
		{"down already", short(XFRM), false, "down", dropped},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, scriptRun(t, tt.g, tt.exists, tt.verb)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// FortiOS reads blocks: each config has its end, each edit its next, and names have their limits.
func TestFortiGate_Form(t *testing.T) {
	for name, g := range variants() {
		if name == "AES128 and every group" || name == "IKEv1 only" {
			g.LAN, g.WAN = "port2", "port1"
		}
		var open []string
		for i, line := range strings.Split(strings.TrimSpace(string(render(t, g, FortiGate)[0].Content())), "\n") {
			words := strings.Fields(line)
			if len(words) == 0 || strings.HasPrefix(words[0], "#") {
				continue
			}
			switch word, top := words[0], strings.Join(open[max(0, len(open)-1):], ""); {
			case word == "config", word == "edit" && top == "config":
				open = append(open, word)
			case word == "end" && top == "config", word == "next" && top == "edit":
				open = open[:len(open)-1]
			case (word == "set" || word == "unset") && top != "":
			default:
				t.Fatalf("%s: line %d: %q inside of %v", name, i+1, line, open)
			}
			if m := regexp.MustCompile(`^edit "(aws\d.*)"$`).FindStringSubmatch(strings.TrimSpace(line)); m != nil && len(m[1]) > 15 && !strings.Contains(m[1], "/") {
				t.Errorf("%s: the name of a tunnel is too long: %s", name, m[1])
			}
			if len(line) > 1000 || strings.Contains(line, "  set") && len(words) < 3 && words[0] == "set" {
				t.Errorf("%s: line %d sets nothing: %q", name, i+1, line)
			}
		}
		if len(open) > 0 {
			t.Errorf("%s: %v stay open", name, open)
		}
	}
}
