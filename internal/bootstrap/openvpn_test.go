package bootstrap_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/golden"
)

func server() bootstrap.OpenVPN {
	return bootstrap.OpenVPN{
		OS: bootstrap.AmazonLinux2023, Name: "seoul", Region: "ap-northeast-2", Namespace: "pathproof/reference", HealthPort: 7280,
		TCP: 1194, UDP: 1194, MoreTCP: []int{1195}, Pool: netip.MustParsePrefix("10.250.0.0/24"),
		Routes: []netip.Prefix{netip.MustParsePrefix("172.16.0.0/16"), netip.MustParsePrefix("172.31.16.0/20")},
		Rules: []bootstrap.Rule{
			rule("172.31.26.253/32", "tcp", 7007, 7007), rule("172.31.16.0/20", "tcp", 8000, 8010), rule("172.31.16.0/20", "tcp", 443, 443),
			rule("172.31.16.0/20", "tcp", 8005, 8011), rule("172.31.16.0/20", "udp", 53, 53),
			rule("172.16.0.0/16", "icmp", 8, -1), rule("172.16.0.0/16", "icmp", 0, -1), rule("172.16.0.0/16", "icmp", 3, 4),
		},
		AllocationID: "eipalloc-0123456789abcdef0",
		PKI: bootstrap.ServerPKI{Name: "main", Bucket: "pki", BucketRegion: "ap-northeast-2", Secret: "arn:aws:secretsmanager:ap-northeast-2:111122223333:secret:seoul",
			TLSCrypt: "arn:aws:secretsmanager:ap-northeast-2:111122223333:secret:tls", TLSCryptRegion: "ap-northeast-2"},
		Responder: &bootstrap.Responder{Port: 7107, Bucket: "assets", Key: "pathproof", BucketRegion: "ap-northeast-2", SHA256: strings.Repeat("0", 64), ZoneID: "apne2-az3"},
		LogGroup:  "reference-openvpn", EdgeTCP: []int{1195}, Signal: bootstrap.Signal{Stack: "reference-ops-seoul", Resource: "OpenVpnseoulGroup12345678"}, Replaced: true,
	}
}

func rule(to, protocol string, first, last int) bootstrap.Rule {
	return bootstrap.Rule{To: netip.MustParsePrefix(to), Protocol: protocol, First: first, Last: last}
}

func variants() map[string]bootstrap.OpenVPN {
	debian, udp, routed := server(), server(), server()
	debian.OS, debian.UDP, debian.Responder, debian.LogGroup = bootstrap.Debian, 0, nil, ""
	debian.EdgeTCP, debian.Signal, debian.Replaced = nil, bootstrap.Signal{}, false
	udp.EdgeTCP, udp.EdgeUDP, udp.MoreTCP = nil, []int{1194}, nil
	udp.TCP, udp.FullTunnel, udp.DNS = 0, true, []netip.Addr{netip.MustParseAddr("172.29.0.2")}
	udp.Rules = []bootstrap.Rule{rule("0.0.0.0/0", "tcp", 443, 443)}
	routed.Interface = &bootstrap.Interface{ID: "eni-0123456789abcdef0", Gateway: netip.MustParseAddr("172.29.0.65")}
	return map[string]bootstrap.OpenVPN{"al2023": server(), "debian-tcp": debian, "al2023-udp-full": udp, "al2023-routed": routed}
}

func TestOpenVPN_Golden(t *testing.T) {
	for name, o := range variants() {
		text, err := o.UserData()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Logf("%s: %d bytes of %d", name, len(text), bootstrap.MaxUserData)
		golden.Compare(t, filepath.Join("testdata", "openvpn-"+name+".yaml"), text)
		bashReads(t, text)
	}
}

// The archive of each role is kept, so that another version of Go replaces no server; and its files can be read in a review.
func TestPacked_ArchivesAreKept(t *testing.T) {
	for name, o := range variants() {
		c, err := o.Config()
		if err != nil {
			t.Fatal(err)
		}
		bootstrap.Keep(t, c)
		var all strings.Builder
		for _, f := range append(c.Packed(), c.Own()...) {
			fmt.Fprintf(&all, "==> %s %s\n%s", f.Path, f.Mode, f.Content)
		}
		golden.Compare(t, filepath.Join("testdata", "openvpn-"+name+".packed.txt"), all.String())
	}
}

func TestOpenVPN_SchemaOfCloudInit(t *testing.T) {
	program, err := exec.LookPath("cloud-init")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI must have cloud-init")
		}
		t.Skip("NOT TESTED: cloud-init is missing")
	}
	for name, o := range variants() {
		text, err := o.UserData()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "user-data")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(program, "schema", "--config-file", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

// A probe or a log that fails must keep nobody out: the address is taken as soon as the server serves.
func TestOpenVPN_TakesItsAddressBeforeWhatNobodyNeeds(t *testing.T) {
	o := server()
	o.Interface = &bootstrap.Interface{ID: "eni-0123456789abcdef0", Gateway: netip.MustParseAddr("172.29.0.65")}
	c, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range c.Steps {
		got = append(got, s.Name)
	}
	if want := []string{"pki", "interface", "serve", "address", "responder", "logs"}; !slices.Equal(got, want) {
		t.Errorf("got steps %v, want %v", got, want)
	}
}

// CloudWatch's agent sends only one file of a pattern, the one that changed last.
func TestOpenVPN_SendsTheLogOfEachListener(t *testing.T) {
	for protocols, want := range map[string][]string{
		"tcp udp": {"/var/log/pathproof/openvpn-tcp.log openvpn/seoul/{instance_id}/openvpn-tcp.log", "/var/log/pathproof/openvpn-udp.log openvpn/seoul/{instance_id}/openvpn-udp.log"},
		"udp":     {"/var/log/pathproof/openvpn-udp.log openvpn/seoul/{instance_id}"},
	} {
		o := server()
		if protocols == "udp" {
			o.TCP, o.MoreTCP, o.EdgeTCP = 0, nil, nil
		}
		text, err := o.UserData()
		if err != nil {
			t.Fatal(err)
		}
		_, files := parse(t, text)
		var agent struct {
			Logs struct {
				Collected struct {
					Files struct {
						List []struct {
							Path   string `json:"file_path"`
							Stream string `json:"log_stream_name"`
						} `json:"collect_list"`
					}
				} `json:"logs_collected"`
			}
		}
		if err := json.Unmarshal([]byte(files["/etc/pathproof/cloudwatch-agent.json"]), &agent); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range agent.Logs.Collected.Files.List {
			got = append(got, f.Path+" "+f.Stream)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", protocols, got, want)
		}
	}
}

func TestOpenVPN_SharesThePool(t *testing.T) {
	text, err := server().UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	for file, want := range map[string]string{
		"tcp": "server 10.250.0.0 255.255.255.128\n", "udp": "server 10.250.0.128 255.255.255.128\n",
	} {
		if got := files["/etc/pathproof/openvpn/"+file+".conf"]; !strings.Contains(got, want) {
			t.Errorf("%s has not %q:\n%s", file, want, got)
		}
	}
}

// What clients can reach is what allow entries say, whatever routes they make for themselves and whatever the tunnel takes in.
func TestOpenVPN_FilterLetsOnlyRulesThrough(t *testing.T) {
	common := []string{
		"ip daddr 172.16.0.0/16 icmp type 0 accept", "ip daddr 172.16.0.0/16 icmp type 3 icmp code 4 accept", "ip daddr 172.16.0.0/16 icmp type 8 accept",
		"ip daddr 172.31.16.0/20 tcp dport { 443, 8000-8011 } accept", "ip daddr 172.31.16.0/20 udp dport 53 accept",
		"ip daddr 172.31.26.253 tcp dport 7007 accept",
	}
	nothing := server()
	nothing.Rules, nothing.FullTunnel = nil, true
	all := variants()
	all["nothing"] = nothing
	for name, o := range all {
		filter := filterOf(t, o)
		nftReads(t, filter)
		want := common
		switch name {
		case "al2023-udp-full":
			want = []string{"ip daddr 172.29.0.2 meta l4proto { tcp, udp } th dport 53 accept", "ip daddr 0.0.0.0/0 tcp dport 443 accept"}
		case "nothing":
			want = nil
		}
		if diff := cmp.Diff(want, accepts(chain(filter, "people"))); diff != "" {
			t.Errorf("%s: people begin (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]string{"ct state established,related accept"}, accepts(chain(filter, "forward"))); diff != "" {
			t.Errorf("%s: beside these (-want +got):\n%s", name, diff)
		}
		if nat := strings.Contains(filter, "masquerade"); nat != (o.Interface == nil) {
			t.Errorf("%s: NAT %t", name, nat)
		}
		if forward := chain(filter, "forward"); !strings.Contains(forward, "policy drop;") || !strings.Contains(forward, "ip daddr 169.254.0.0/16 counter drop") {
			t.Errorf("%s: clients reach the instance's credentials, or what nothing names:\n%s", name, forward)
		}
	}
}

// User data ends at 16 KB: what is said of it in docs/OPENVPN.md. Each rule is for a block and ports of its own, which is the most
// that a number of rules can take.
func TestOpenVPN_ManyRulesFit(t *testing.T) {
	for name, o := range variants() {
		fit := 0
		for n := 10; ; n += 10 {
			o.Rules = nil
			for i := range n {
				o.Rules = append(o.Rules, rule(fmt.Sprintf("172.31.%d.%d/32", i*37%256, i*101%256), "tcp", 10000+7*i, 10003+7*i))
			}
			if _, err := o.UserData(); err != nil {
				if !strings.Contains(err.Error(), "too long, got ") {
					t.Fatal(err)
				}
				break
			}
			fit = n
		}
		t.Logf("%s: %d rules fit", name, fit)
		if fit < 100 {
			t.Errorf("%s: only %d rules fit", name, fit)
		}
	}
}

// Of the same ports one block of nft says it for all, and a block within another adds nothing: nft refuses what overlaps.
func TestOpenVPN_BlocksShareWhatIsSaidOfThem(t *testing.T) {
	o := server()
	o.Rules = []bootstrap.Rule{rule("172.31.0.0/16", "tcp", 443, 443), rule("172.31.9.0/24", "tcp", 443, 443), rule("10.0.0.0/8", "tcp", 443, 443),
		rule("172.31.9.0/24", "tcp", 80, 80), rule("10.0.0.7/32", "icmp", 8, -1), rule("172.31.0.0/16", "icmp", 8, -1)}
	filter := filterOf(t, o)
	nftReads(t, filter)
	want := []string{"ip daddr { 10.0.0.0/8, 172.31.0.0/16 } tcp dport 443 accept", "ip daddr { 10.0.0.7, 172.31.0.0/16 } icmp type 8 accept",
		"ip daddr 172.31.9.0/24 tcp dport { 80, 443 } accept"}
	if diff := cmp.Diff(want, accepts(chain(filter, "people"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Who comes by an accelerator has an address of it, which others have, too.
func TestOpenVPN_EdgesMayBeginMore(t *testing.T) {
	o := server()
	o.EdgeTCP, o.EdgeUDP = []int{1195, 1194}, nil
	want := map[string]string{
		"tcp": "ct state new ct original proto-dst { 1194, 1195 } meter edge-tcp { ip saddr timeout 10s limit rate over 150/second burst 500 packets } counter drop",
		"udp": "udp dport 1194 ct state new meter new-udp { ip saddr timeout 10s limit rate over 50/second burst 200 packets } counter drop"}
	filter := filterOf(t, o)
	nftReads(t, filter)
	for protocol, line := range want {
		if !strings.Contains(filter, line) {
			t.Errorf("%s: there is no %q in\n%s", protocol, line, filter)
		}
	}
	if strings.Contains(filter, "edge-udp") {
		t.Error("there is no accelerator for UDP")
	}
	o.EdgeUDP = []int{1196}
	if _, err := o.UserData(); err == nil || !strings.Contains(err.Error(), "an accelerator leads where nobody listens, got udp port 1196") {
		t.Errorf("got %v", err)
	}
}

func filterOf(t *testing.T, o bootstrap.OpenVPN) string {
	t.Helper()
	text, err := o.UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	return files["/etc/pathproof/nft.conf"]
}

// chain is the text of one chain of a filter.
func chain(filter, name string) string {
	_, after, _ := strings.Cut(filter, "chain "+name+" {\n")
	body, _, _ := strings.Cut(after, "\n  }")
	return body
}

// accepts are the lines that let something through.
func accepts(chain string) []string {
	var out []string
	for line := range strings.Lines(chain) {
		if line = strings.TrimSpace(line); strings.HasSuffix(line, "accept") {
			out = append(out, line)
		}
	}
	return out
}

func nftReads(t *testing.T, filter string) {
	t.Helper()
	nft, err := exec.LookPath("nft")
	if err != nil || os.Geteuid() != 0 {
		return
	}
	file := filepath.Join(t.TempDir(), "nft.conf")
	if err := os.WriteFile(file, []byte(filter), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(nft, "--check", "--file", file).CombinedOutput(); err != nil {
		t.Errorf("%v: %s\n%s", err, out, filter)
	}
}

func TestOpenVPN_SaysEverythingThatIsWrong(t *testing.T) {
	o := bootstrap.OpenVPN{Name: "x", TCP: 70000, Pool: netip.MustParsePrefix("10.250.0.1/29"), Routes: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/8")},
		Rules: []bootstrap.Rule{rule("10.0.0.1/8", "tcp", 1, 1), rule("10.0.0.0/8", "tcp", 0, 70000), rule("10.0.0.0/8", "esp", 1, 1)}}
	_, err := o.UserData()
	for _, want := range []string{"not a port, got 70000", "pool: not an IPv4 block", "routes: not an IPv4 block, got 10.0.0.1/8",
		"rules: not an IPv4 block, got 10.0.0.1/8", "got tcp 0-70000", "got esp 1-1", "pki.name: missing", "pki.tlsCryptRegion: missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
}

// A set that is full limits no further address: without an end, packets from 65,535 made-up ones would switch the limit off until the next boot.
func TestOpenVPN_LimitsForgetAddresses(t *testing.T) {
	o := server()
	o.EdgeTCP = []int{o.TCP}
	c, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range c.Files {
		for line := range strings.Lines(f.Content) {
			if _, meter, ok := strings.Cut(line, " meter "); ok {
				found++
				if !strings.Contains(meter, "{ ip saddr timeout 10s limit rate over") {
					t.Errorf("it keeps every address: %s", line)
				}
			}
		}
	}
	if found < 2 {
		t.Errorf("got %d limits", found)
	}
}
