package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/vpn"
	"github.com/pathproof/pathproof/internal/vpn/vpntest"
)

const referenceFile = "../../pathproof.yaml"

// reference copies the reference network into a folder of the test's own, with some of its text replaced, and goes there.
func reference(t *testing.T, oldnew ...string) {
	t.Helper()
	data, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(string(data), oldnew[i]) {
			t.Fatalf("%q is not in the file", oldnew[i])
		}
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("pathproof.yaml", []byte(strings.NewReplacer(oldnew...).Replace(string(data))), 0o644); err != nil {
		t.Fatal(err)
	}
}

// deployReference goes to a copy of the reference network, and plays AWS with it deployed.
func deployReference(t *testing.T, oldnew ...string) *vpntest.Cloud {
	t.Helper()
	reference(t, oldnew...)
	r := check.File("pathproof.yaml")
	if !r.OK() {
		t.Fatal(r.Problems)
	}
	return vpntest.Deploy(t, r.Plan)
}

// files lists the files below a folder with their modes.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		rel, _ := filepath.Rel(dir, path)
		out = append(out, fmt.Sprintf("%s %04o", rel, info.Mode().Perm()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// noKeys fails the test if one of the texts shows a key.
func noKeys(t *testing.T, r result) {
	t.Helper()
	for _, key := range []string{vpntest.Key1, vpntest.Key2} {
		if strings.Contains(r.Stdout+r.Stderr, key) {
			t.Errorf("a key stands in:\n%s%s", r.Stdout, r.Stderr)
		}
	}
}

func TestGatewayRender_BeforeDeployment(t *testing.T) {
	reference(t)
	r := pathproof("gateway", "render", "--device", "strongswan-frr")
	want := "note: placeholders stand for outside addresses and pre-shared keys, which AWS decides; deploy, and render again with --deployed\n"
	if r.Code != 0 || r.Stderr != want {
		t.Errorf("got %d, %s", r.Code, r.Stderr)
	}
	for _, part := range []string{"### etc/frr/frr.conf (mode 0644)\n", "### etc/swanctl/conf.d/pathproof-secrets.conf (mode 0600)\n", "remote_addrs = AWS-OUTSIDE-ADDRESS-OF-fw1-1\n",
		`secret = "PRE-SHARED-KEY-OF-fw1-2"`, " neighbor 169.254.110.1 peer-group AWS\n", "  maximum-paths 2\n", "permit 172.29.0.0/24\n"} {
		if !strings.Contains(r.Stdout, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if r := pathproof("gateway", "render"); r.Code != 0 || !strings.Contains(r.Stdout, "### fortigate.conf (mode 0600)\n") || !strings.Contains(r.Stdout, "# Not complete: ") {
		t.Errorf("the file's device is not taken: %d, %.80q", r.Code, r.Stdout)
	}
}

func TestGatewayRender_Deployed(t *testing.T) {
	deployReference(t)
	hidden := pathproof("gateway", "render", "--deployed", "--device", "strongswan-bird")
	noKeys(t, hidden)
	if hidden.Code != 0 || hidden.Stderr != "" || !strings.Contains(hidden.Stdout, "remote_addrs = 198.51.100.10\n") || !strings.Contains(hidden.Stdout, `secret = "HIDDEN-PRE-SHARED-KEY-OF-fw1-1"`) {
		t.Errorf("got %d, %s, %.3000s", hidden.Code, hidden.Stderr, hidden.Stdout)
	}
	shown := pathproof("gateway", "render", "--deployed", "--device", "strongswan-bird", "--show-secrets")
	if shown.Code != 0 || strings.Count(shown.Stdout, vpntest.Key1) != 1 || strings.Count(shown.Stdout, vpntest.Key2) != 1 {
		t.Errorf("got %d, %s", shown.Code, shown.Stderr)
	}
	for range 2 { // the second time over the first
		written := pathproof("gateway", "render", "--deployed", "--device", "strongswan-bird", "--out", "gw/fw1")
		noKeys(t, written)
		if written.Code != 0 || written.Stdout != "" || !strings.Contains(written.Stderr, "wrote gw/fw1/etc/swanctl/conf.d/pathproof-secrets.conf (mode 0600)\n") {
			t.Errorf("got %+v", written)
		}
	}
	want := []string{"etc/bird/bird.conf 0644", "etc/nftables.d/pathproof.nft 0644", "etc/strongswan.d/pathproof.conf 0644", "etc/swanctl/conf.d/pathproof-secrets.conf 0600",
		"etc/swanctl/conf.d/pathproof.conf 0644", "etc/sysctl.d/90-pathproof.conf 0644", "etc/systemd/system/pathproof-firewall.service 0644", "etc/systemd/system/pathproof-tunnels.service 0644", "usr/local/sbin/pathproof-tunnels 0755"}
	if diff := gocmp.Diff(want, files(t, "gw/fw1")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	secrets, err := os.ReadFile("gw/fw1/etc/swanctl/conf.d/pathproof-secrets.conf")
	if err != nil || strings.Count(string(secrets), `secret = "`+vpntest.Key1+`"`) != 1 || strings.Count(string(secrets), `secret = "`+vpntest.Key2+`"`) != 1 {
		t.Errorf("%v, %d bytes", err, len(secrets))
	}
}

// Keys that nobody is to see are not asked for.
func TestGatewayRender_NeedsNoRightToKeysThatItHides(t *testing.T) {
	cloud := deployReference(t)
	cloud.Break(cfntest.Fault{Operation: "GetSecretValue", Code: "AccessDeniedException", Message: "not you"})
	if r := pathproof("gateway", "render", "--deployed"); r.Code != 0 {
		t.Errorf("got %+v", r)
	}
}

// Whatever is wrong, it is said in the words of the file, no key is shown, and nothing is written.
func TestGatewayRender_Fails(t *testing.T) {
	const twoGateways, oneGateway = "fw1: {ip: 203.0.113.10, asn: 65010}\n      fw2: {ip: 203.0.113.20, asn: 65010}", "fw1: {ip: 203.0.113.10, asn: 65010, device: fortigate}"
	out := []string{"--deployed", "--out", "gw"}
	for _, tt := range []struct {
		name   string
		edit   []string
		change func(*vpntest.Cloud)
		args   []string
		code   int
		want   string
	}{
		{"unknown device", nil, nil, []string{"--device", "cisco"}, 2, `--device: unknown device, got "cisco"; use one of strongswan-frr, strongswan-bird, fortigate, or AWS's sample with --vendor`},
		{"no device", []string{", device: fortigate", ""}, nil, nil, 2, "gateway fw1 of site idc has no device in the file; add device: to it, or give --device (strongswan-frr, strongswan-bird, fortigate) or --vendor"},
		{"unknown site", nil, nil, []string{"--site", "idx"}, 2, `--site: no such site, got "idx"; did you mean idc? use one of: idc`},
		{"unknown gateway", nil, nil, []string{"--gateway", "fw9"}, 2, `--gateway: no such gateway of site idc, got "fw9"; did you mean fw1? use one of: fw1`},
		{"one of two gateways", []string{oneGateway, twoGateways}, nil, nil, 2, "--gateway: site idc has 2 gateways; use one of: fw1, fw2"},
		{"static routes", []string{"capacity: {normal: 2.5Gbps, oneTunnelDown: 1.25Gbps, packetSize: 1200}", "routing: static"}, nil, nil, 2, "site idc has static routes, by which no gateway tells a dead tunnel"},
		{"two ways at once", nil, nil, []string{"--vendor", "x", "--device", "fortigate"}, 2, "--device and --vendor: "},
		{"secrets into files", nil, nil, []string{"--out", "gw", "--show-secrets", "--deployed"}, 2, "--show-secrets and --out: "},
		{"secrets before there are any", nil, nil, []string{"--show-secrets"}, 2, "--show-secrets: there are no keys before they are deployed"},
		{"an unreadable stack", nil, func(c *vpntest.Cloud) {
			c.Break(cfntest.Fault{Operation: "ListStackResources", Code: "AccessDenied", Message: "not you"})
		}, out, 1, "allow cloudformation:ListStackResources"},
		{"no right to connections", nil, func(c *vpntest.Cloud) {
			c.Break(cfntest.Fault{Operation: "DescribeVpnConnections", Code: "UnauthorizedOperation", Message: "not you"})
		}, out, 1, "allow ec2:DescribeVpnConnections"},
		{"no right to keys", nil, func(c *vpntest.Cloud) {
			c.Break(cfntest.Fault{Operation: "GetSecretValue", Code: "AccessDeniedException", Message: "not you"})
		}, out, 1, "allow secretsmanager:GetSecretValue on arn:"},
		{"a connection that is gone", nil, func(c *vpntest.Cloud) { c.Lose("idc/fw1") }, out, 1, "is gone; somebody deleted it"},
		{"a half configured connection", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) { v.Tunnels[1].Outside = "" })
		}, out, 1, "site/idc/vpnConnection/fw1: tunnel 2 is half configured"},
		{"one key of two", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) { c.SetSecret(v, `{"198.51.100.10": "`+vpntest.Key1+`"}`) })
		}, out, 1, "no pre-shared key of tunnel 2 (198.51.100.11)"},
		{"deployed with another kind", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) { v.Acceleration = true })
		}, out, 1, "site/idc/vpnConnection/fw1: sites[idc].connect.acceleration: deployed with true, the file says false; deploy the file first (without --deployed the plan alone is rendered)"},
		{"an address ahead of the deployment", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) { v.Address = "203.0.113.99" })
		}, out, 1, "site/idc/vpnConnection/fw1: sites[idc].gateways[fw1].ip: deployed with 203.0.113.99, the file says 203.0.113.10; deploy the file first"},
		{"an ASN ahead of the deployment, to AWS's sample", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) { v.ASN = "65099" })
		}, []string{"--vendor", "Fortinet", "--out", "gw"}, 1, "sites[idc].gateways[fw1].asn: deployed with 65099, the file says 65010"},
		{"options ahead of the deployment", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) {
				v.Tunnels[0].Site.Tunnel.Phase1Encryption = []config.Encryption{"AES128"}
				v.Tunnels[1].Site.Tunnel.IKEVersions = []config.IKEVersion{"ikev1"}
			})
		}, out, 1, "site/idc/vpnConnection/fw1: tunnel 1: sites[idc].connect.tunnel.phase1Encryption: deployed with AES128, the file says AES256, AES256-GCM-16; deploy the file first (without --deployed the plan alone is rendered)\n" +
			"site/idc/vpnConnection/fw1: tunnel 2: sites[idc].connect.tunnel.ikeVersions: deployed with ikev1, the file says ikev2; "},
		{"unknown vendor", nil, nil, []string{"--vendor", "Fortinat", "--out", "gw"}, 2, `--vendor: AWS has no sample for that, got "Fortinat"; --vendor list lists them`},
		{"a sample for a gateway without connections", []string{oneGateway, twoGateways}, nil, []string{"--vendor", "Fortinet", "--gateway", "fw2", "--out", "gw"}, 2, "gateway fw2 of site idc: no tunnels; declare a VPN connection that names it"},
		{"a sample to the screen", nil, nil, []string{"--vendor", "Fortinet"}, 2, "--vendor: AWS's sample may hold pre-shared keys, and nothing says where; write it with --out (mode 0600), or print it with --show-secrets"},
		{"a folder in a file's place", nil, func(*vpntest.Cloud) { _ = os.MkdirAll("gw/fortigate.conf", 0o755) }, out, 1, "--out gw: nothing is written: write fortigate.conf: something that is not a regular file is there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := deployReference(t, tt.edit...)
			if tt.change != nil {
				tt.change(cloud)
			}
			before := files(t, ".")
			r := pathproof(append([]string{"gateway", "render"}, tt.args...)...)
			if r.Code != tt.code || r.Stdout != "" || !strings.Contains(r.Stderr, tt.want) {
				t.Errorf("got %d, %q, %s\nwant %d, %s", r.Code, r.Stdout, r.Stderr, tt.code, tt.want)
			}
			noKeys(t, r)
			if diff := gocmp.Diff(before, files(t, ".")); diff != "" {
				t.Errorf("something was written:\n%s", diff)
			}
		})
	}
}

// A folder is of one device: the files of another would be loaded with its own.
func TestGatewayRender_RefusesFilesOfAnotherDevice(t *testing.T) {
	foreign := map[string][]string{
		"strongswan-frr":  {"etc/frr/daemons", "etc/frr/frr.conf"},
		"strongswan-bird": {"etc/bird/bird.conf"},
		"fortigate":       {"fortigate.conf"},
	}
	for first, left := range foreign {
		for second := range foreign {
			t.Run(second+" over "+first, func(t *testing.T) {
				reference(t)
				if r := pathproof("gateway", "render", "--out", "gw", "--device", first); r.Code != 0 {
					t.Fatalf("got %+v", r)
				}
				before := files(t, ".")
				r := pathproof("gateway", "render", "--out", "gw", "--device", second)
				if (r.Code == 0) != (first == second) || r.Code == 1 {
					t.Errorf("got %+v", r)
				}
				for _, name := range left {
					if want := "--out gw: " + name + " of another device than " + second + " is there; delete it, or use another folder\n"; first != second && !strings.Contains(r.Stderr, want) {
						t.Errorf("got %s\nwant %s", r.Stderr, want)
					}
				}
				if diff := gocmp.Diff(before, files(t, ".")); diff != "" {
					t.Errorf("something was written:\n%s", diff)
				}
			})
		}
	}
}

func TestGatewayRender_ChecksTheFile(t *testing.T) {
	reference(t, "failover: 30s", "failover: 2s")
	if r := pathproof("gateway", "render", "--out", "gw"); r.Code != 2 || r.Stdout != "" || !strings.Contains(r.Stderr, "error NET409") || len(files(t, ".")) != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestChooseVendor(t *testing.T) {
	types := []vpn.DeviceType{{ID: "1", Vendor: "Cisco Systems, Inc.", Platform: "ASA 5500 Series", Software: "ASA 8.2+"}, {ID: "2", Vendor: "Cisco Systems, Inc.", Platform: "ISR Series Routers", Software: "IOS 12.4+"},
		{ID: "3", Vendor: "Yamaha", Platform: "RT107e", Software: "Rev.8"}, {ID: "4", Vendor: "Yamaha", Platform: "RT107e", Software: "Rev.8.03"}}
	for _, tt := range []struct{ want, id, problem string }{
		{"2", "2", ""},
		{"cisco systems, inc./isr", "2", ""},
		{"Yamaha/RT107e/Rev.8", "3", ""}, // it is one of them, not only a beginning
		{"Cisco", "", `--vendor: several device types begin so, got "Cisco"; name one: Cisco Systems, Inc./ASA 5500 Series/ASA 8.2+ (1), Cisco Systems, Inc./ISR Series Routers/IOS 12.4+ (2)`},
		{"Yamaha/RT107e/Rev.9", "", `--vendor: AWS has no sample for that, got "Yamaha/RT107e/Rev.9"; did you mean Yamaha/RT107e/Rev.8? --vendor list lists them`},
		{"list ", "", `--vendor: AWS has no sample for that, got "list "; --vendor list lists them`},
	} {
		id, err := chooseVendor(types, tt.want)
		if id != tt.id || fmt.Sprint(err) != cmp.Or(tt.problem, "<nil>") {
			t.Errorf("%s: got %q, %v", tt.want, id, err)
		}
	}
}

func TestGatewayRender_Vendor(t *testing.T) {
	deployReference(t)
	list := pathproof("gateway", "render", "--vendor", "list")
	if want := "7125681a  Fortinet/Fortigate 40+ Series/FortiOS 6.4.4+ (GUI)\n9005b6c1  Strongswan/Ubuntu 16.04/Strongswan 5.5.1+\n"; list.Code != 0 || list.Stdout != want {
		t.Errorf("got %+v", list)
	}
	for _, name := range []string{"7125681a", "Fortinet", "fortinet/fortigate 40+ series/FortiOS 6.4.4+ (GUI)"} {
		r := pathproof("gateway", "render", "--vendor", name, "--out", "gw")
		noKeys(t, r)
		text, err := os.ReadFile("gw/fw1.txt")
		if r.Code != 0 || err != nil || !strings.HasPrefix(string(text), "# 7125681a for vpn-") || !strings.Contains(string(text), vpntest.Key1) {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
		if diff := gocmp.Diff([]string{"fw1.txt 0600"}, files(t, "gw")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if r := pathproof("gateway", "render", "--vendor", "Strong", "--show-secrets"); r.Code != 0 || !strings.Contains(r.Stdout, vpntest.Key1) {
		t.Errorf("got %+v", r)
	}
}
