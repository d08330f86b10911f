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

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/golden"
)

func server() bootstrap.OpenVPN {
	return bootstrap.OpenVPN{
		OS: bootstrap.AmazonLinux2023, Name: "seoul", Region: "ap-northeast-2", Namespace: "pathproof/reference", HealthPort: 7280,
		TCP: 1194, UDP: 1194, MoreTCP: []int{1195}, Pool: netip.MustParsePrefix("10.250.0.0/24"),
		Routes:       []netip.Prefix{netip.MustParsePrefix("172.16.0.0/16"), netip.MustParsePrefix("172.31.16.0/20")},
		AllocationID: "eipalloc-0123456789abcdef0",
		PKI: bootstrap.ServerPKI{Name: "main", Bucket: "pki", BucketRegion: "ap-northeast-2", Secret: "arn:aws:secretsmanager:ap-northeast-2:111122223333:secret:seoul",
			TLSCrypt: "arn:aws:secretsmanager:ap-northeast-2:111122223333:secret:tls", TLSCryptRegion: "ap-northeast-2"},
		Responder: &bootstrap.Responder{Port: 7107, Bucket: "assets", Key: "pathproof", BucketRegion: "ap-northeast-2", SHA256: strings.Repeat("0", 64), ZoneID: "apne2-az3"},
		LogGroup:  "reference-openvpn",
	}
}

func variants() map[string]bootstrap.OpenVPN {
	debian, udp, routed := server(), server(), server()
	debian.OS, debian.UDP, debian.Responder, debian.LogGroup = bootstrap.Debian, 0, nil, ""
	udp.TCP, udp.FullTunnel, udp.DNS = 0, true, []netip.Addr{netip.MustParseAddr("172.29.0.2")}
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
		for _, f := range c.Packed() {
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
			o.TCP, o.MoreTCP = 0, nil
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

// What clients can reach is what the plan says, whatever routes they make for themselves.
func TestOpenVPN_FilterLetsOnlyRoutesThrough(t *testing.T) {
	for name, o := range variants() {
		text, err := o.UserData()
		if err != nil {
			t.Fatal(err)
		}
		_, files := parse(t, text)
		filter := files["/etc/pathproof/nft.conf"]
		if nft, err := exec.LookPath("nft"); err == nil && os.Geteuid() == 0 {
			file := filepath.Join(t.TempDir(), "nft.conf")
			if err := os.WriteFile(file, []byte(filter), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(nft, "--check", "--file", file).CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", name, err, out)
			}
		}
		if open := strings.Contains(filter, "\n    iifname \"tun-*\" accept\n"); open != o.FullTunnel {
			t.Errorf("%s: everything is let through: %t, want %t", name, open, o.FullTunnel)
		}
		if nat := strings.Contains(filter, "masquerade"); nat != (o.Interface == nil) {
			t.Errorf("%s: NAT %t", name, nat)
		}
		if !strings.Contains(filter, "ip daddr 169.254.0.0/16 counter drop") {
			t.Errorf("%s: clients reach the instance's credentials", name)
		}
	}
}

func TestOpenVPN_SaysEverythingThatIsWrong(t *testing.T) {
	o := bootstrap.OpenVPN{Name: "x", TCP: 70000, Pool: netip.MustParsePrefix("10.250.0.1/29"), Routes: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/8")}}
	_, err := o.UserData()
	for _, want := range []string{"not a port, got 70000", "pool: not an IPv4 block", "routes: not an IPv4 block, got 10.0.0.1/8", "pki.name: missing", "pki.tlsCryptRegion: missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
}
