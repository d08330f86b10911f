package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/vpn/status"
	"github.com/pathproof/pathproof/internal/vpn/vpntest"
)

// vpnCloud deploys the reference network. What the test prints may not hold a key.
func vpnCloud(t *testing.T) *vpntest.Cloud {
	t.Helper()
	r := check.File(referenceFile)
	if !r.OK() {
		t.Fatalf("%+v", r.Problems)
	}
	return vpntest.Deploy(t, r.Plan)
}

// runVPN runs the program as main does.
func runVPN(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	for _, key := range []string{vpntest.Key1, vpntest.Key2} {
		if strings.Contains(out.String()+errs.String(), key) {
			t.Errorf("%q prints a pre-shared key:\n%s%s", args, out.String(), errs.String())
		}
	}
	return code, out.String(), errs.String()
}

var clockNow = regexp.MustCompile(`reference at [0-9: -]+ UTC`)

func TestVPNStatus(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		change func(*vpntest.Cloud)
		code   int
	}{
		{"up", nil, func(*vpntest.Cloud) {}, exitOK},
		{"degraded", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) {
				one, two := v.Tunnels[0], v.Tunnels[1]
				one.Routes, one.Message = 0, "0 BGP ROUTES"
				one.Pending, one.AutoApplied, one.LastApplied = "true", vpntest.Noon.AddDate(0, 0, 12), vpntest.Noon.AddDate(0, -2, 0)
				two.Status, two.Routes, two.Message, two.Lifecycle = "DOWN", 0, "IPSEC IS DOWN", false
			})
		}, exitOther},
		{"denied", nil, func(c *vpntest.Cloud) {
			for _, operation := range []string{"GetVpnTunnelReplacementStatus", "GetActiveVpnTunnelStatus"} {
				c.Break(cfntest.Fault{Operation: operation, Code: "UnauthorizedOperation", Status: 403,
					Message: "You are not authorized to perform this operation. Encoded authorization failure message: abcDEF123"})
			}
		}, exitOK},
		{"half", nil, func(c *vpntest.Cloud) {
			c.Change("idc/fw1", func(v *vpntest.Connection) { v.State, v.Tunnels[0].Outside, v.Tunnels[1].Status = "pending", "", "" })
		}, exitOther},
		{"unreadable", nil, func(c *vpntest.Cloud) {
			c.Break(cfntest.Fault{Operation: "ListStackResources", Code: "AccessDenied", Message: "not you", Status: 403})
		}, exitOther},
		{"gateway", []string{"--gateway", "../../internal/bgpstate/testdata/frr-8.4.json"}, func(*vpntest.Cloud) {}, exitOK},
		{"gateway-down", []string{"--gateway", "../../internal/bgpstate/testdata/fortigate.txt"}, func(*vpntest.Cloud) {}, exitOther},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := vpnCloud(t)
			tt.change(cloud)
			code, stdout, stderr := runVPN(t, append([]string{"vpn", "status", referenceFile}, tt.args...)...)
			if code != tt.code {
				t.Errorf("exit status %d, want %d\n%s%s", code, tt.code, stdout, stderr)
			}
			golden.Compare(t, filepath.Join("testdata", "vpn-status-"+tt.name+".txt"), clockNow.ReplaceAllString(stdout, "reference at NOW"))
		})
	}
}

func TestVPNStatus_JSON(t *testing.T) {
	vpnCloud(t)
	code, stdout, stderr := runVPN(t, "vpn", "status", referenceFile, "-o", "json", "--site", "idc")
	var r status.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitOK || r.Verdict != status.Up {
		t.Fatalf("exit status %d, %v\n%s%s", code, err, stdout, stderr)
	}
	tunnel := r.Sites[0].Connections[0].Tunnels[1]
	if tunnel.Name != "fw1/2" || tunnel.Inside != "169.254.114.0/30" || tunnel.Negotiated.IKEVersion != "ikev2" || !tunnel.LastChange.Equal(vpntest.Noon) || time.Since(r.At) > time.Minute {
		t.Errorf("got %+v at %s", tunnel, r.At)
	}
}

// A gateway's admin may have no account at hand: what the gateway says is judged all the same.
func TestVPNStatus_GatewayWithoutCredentials(t *testing.T) {
	cloud := vpnCloud(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	code, stdout, _ := runVPN(t, "vpn", "status", referenceFile, "--gateway", "../../internal/bgpstate/testdata/frr-8.4.json")
	if code != exitOther || !strings.Contains(stdout, "no AWS credentials") || !strings.Contains(stdout, "169.254.114.1") || !strings.Contains(stdout, "9 s") {
		t.Errorf("exit status %d\n%s", code, stdout)
	}
	if calls := cloud.Calls(); len(calls) > 0 {
		t.Errorf("AWS was called: %v", calls)
	}
}

func TestVPNStatus_WrongInput(t *testing.T) {
	other := filepath.Join(t.TempDir(), "bird.txt")
	if err := os.WriteFile(other, []byte("t1 BGP --- up 12:00:00 Established\n  BGP state: Established\n    Neighbor address: 10.0.0.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"status", referenceFile, "--site", "icd"}, `--site: no such site, got "icd"; did you mean idc?`},
		{[]string{"status", referenceFile, "-o", "yaml"}, `--output: unknown format, got "yaml"; use text or json`},
		{[]string{"status", referenceFile, "--gateway", "nowhere"}, "--gateway: open nowhere: no such file or directory; give a file, or - for standard input"},
		{[]string{"status", referenceFile, "--gateway", referenceFile}, "--gateway " + referenceFile + ": not the output of a gateway that is known; give that of vtysh"},
		{[]string{"status", referenceFile, "--gateway", other}, "no neighbor is AWS's end of a tunnel, got 10.0.0.1; expected one of 169.254.110.1, 169.254.114.1, so give the output of a gateway of these sites"},
		{[]string{"status", "nowhere.yaml"}, "nowhere.yaml"},
		{[]string{"sttus"}, `unknown command, got "sttus"`},
	} {
		vpnCloud(t)
		code, stdout, stderr := runVPN(t, append([]string{"vpn"}, tt.args...)...)
		if code != exitInput || !strings.Contains(stderr, tt.want) || stdout != "" {
			t.Errorf("%q: exit status %d\n%s%s\nwant %q", tt.args, code, stdout, stderr, tt.want)
		}
	}
}
