package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/vpn/vpntest"
)

// drillCloud is the reference network behind a path that loses half of the flows for a second when tunnel 1 is replaced.
func drillCloud(t *testing.T) (*vpntest.Cloud, []string) {
	t.Helper()
	cloud, path := vpnCloud(t), vpntest.NewPath(t)
	cloud.Change("idc/fw1", func(v *vpntest.Connection) { v.Tunnels[0].Looks = 12 })
	cloud.OnReplace = func(*vpntest.Tunnel) {
		path.Fail(true)
		time.AfterFunc(time.Second, func() { path.Fail(false) })
	}
	return cloud, []string{"vpn", "drill", referenceFile, "--tunnel", "fw1/1", "--target", path.Addr.String(), "--flows", "4", "--interval", "250ms",
		"--before", "500ms", "--after", "300ms", "--poll", "100ms"}
}

// typing runs the program with something on standard input.
func typing(t *testing.T, typed string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRoot(&stdout, &stderr)
	root.SetIn(strings.NewReader(typed))
	code := runRoot(t.Context(), root, args, &stderr)
	r := result{code, stdout.String(), stderr.String()}
	noKeys(t, r)
	return r
}

// patiently drills until the machine is not too busy to measure.
func patiently(t *testing.T, drill func() result) (r result) {
	t.Helper()
	for range 10 {
		if r = drill(); !strings.Contains(r.Stderr, "too late to be sent") {
			break
		}
		t.Logf("again: %s", r.Stderr)
	}
	return r
}

func replaced(c *vpntest.Cloud) (times int) {
	c.Change("idc/fw1", func(v *vpntest.Connection) { times = v.Tunnels[0].Replaced + v.Tunnels[1].Replaced })
	return times
}

func idOf(c *vpntest.Cloud) (id string) {
	c.Change("idc/fw1", func(v *vpntest.Connection) { id = v.ID })
	return id
}

func TestVPNDrill(t *testing.T) {
	var cloud *vpntest.Cloud
	r := patiently(t, func() result {
		var args []string
		cloud, args = drillCloud(t)
		return typing(t, idOf(cloud)+"\n", append(args, "-o", "json")...)
	})
	var report drill.Report
	if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil || r.Code != exitOK || !report.OK() {
		t.Fatalf("exit status %d, %v\n%s%s", r.Code, err, r.Stdout, r.Stderr)
	}
	row := report.Rows[0]
	if report.Where != drill.Live || row.Hit != 2 || row.Silence.Duration() < time.Second || row.Target.Duration() != 30*time.Second || row.TwoPaths == nil || replaced(cloud) != 1 {
		t.Errorf("got %+v, %d replaced", row, replaced(cloud))
	}
}

// What is asked says exactly what will happen; only the id of the connection is a yes.
func TestVPNDrill_Asks(t *testing.T) {
	cloud, args := drillCloud(t)
	cloud.Change("idc/fw1", func(v *vpntest.Connection) {
		v.Tunnels[0].Pending, v.Tunnels[0].AutoApplied = "true", vpntest.Noon.AddDate(0, 1, 0)
	})
	for _, typed := range []string{"", "y\n", "yes\n", "fw1\n"} {
		r := typing(t, typed, args...)
		if r.Code != exitInput || r.Stdout != "" || replaced(cloud) > 0 || !strings.Contains(r.Stderr, "not confirmed") {
			t.Errorf("%q: exit status %d, %d replaced\n%s", typed, r.Code, replaced(cloud), r.Stderr)
		}
		if typed == "" {
			text := regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(r.Stderr, "10.20.0.10:7007")
			golden.Compare(t, filepath.Join("testdata", "vpn-drill-asks.txt"), text)
		}
	}
}

func TestVPNDrill_MissedTarget(t *testing.T) {
	var cloud *vpntest.Cloud
	r := patiently(t, func() result {
		var args []string
		cloud, args = drillCloud(t)
		cloud.Change("idc/fw1", func(v *vpntest.Connection) { v.Tunnels[0].Looks = 0 })
		return typing(t, "", append(args, "--yes", "--limit", "1s")...)
	})
	if r.Code != exitOther || replaced(cloud) != 1 || !strings.Contains(r.Stdout, "fw1/1 was not up again within 1s") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// Refusals come before the question, all in one run, and on a dry run too.
func TestVPNDrill_Refuses(t *testing.T) {
	cloud, args := drillCloud(t)
	cloud.Change("idc/fw1", func(v *vpntest.Connection) { v.Tunnels[1].Status, v.Tunnels[1].Message = "DOWN", "IPSEC IS DOWN" })
	cloud.Break(cfntest.Fault{Operation: "ReplaceVpnTunnel", Code: "UnauthorizedOperation", Message: "not you", Status: 403})
	for _, flag := range []string{"--yes", "--dry-run"} {
		r := typing(t, idOf(cloud)+"\n", append(args, flag)...)
		for _, want := range []string{
			"refused: site/idc/vpnConnection/fw1: the other tunnel, 2, is not UP, got DOWN (IPSEC IS DOWN); the site would be cut off, so repair it first\n",
			"refused: site/idc/vpnConnection/fw1: ec2 ReplaceVpnTunnel failed, got \"UnauthorizedOperation: not you\"; allow ec2:ReplaceVpnTunnel\n"} {
			if !strings.Contains(r.Stderr, want) {
				t.Errorf("%s: no %q in\n%s", flag, want, r.Stderr)
			}
		}
		if r.Code != exitOther || r.Stdout != "" || replaced(cloud) > 0 || strings.Contains(r.Stderr, "Type the id") {
			t.Errorf("%s: exit status %d\n%s", flag, r.Code, r.Stderr)
		}
	}
}

func TestVPNDrill_DryRun(t *testing.T) {
	cloud, args := drillCloud(t)
	r := typing(t, "", append(args, "--dry-run")...)
	if r.Code != exitOK || r.Stdout != "" || replaced(cloud) > 0 || !strings.HasSuffix(r.Stderr, "nothing speaks against it; nothing was replaced (--dry-run)\n") {
		t.Errorf("exit status %d, %d replaced\n%s", r.Code, replaced(cloud), r.Stderr)
	}
}

func TestVPNDrill_WrongInput(t *testing.T) {
	vpnCloud(t)
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"--tunnel: missing; use one of: fw1/1, fw1/2", "--target: missing"}},
		{[]string{"--tunnel", "fw1/3", "--target", "host/idc-targt"}, []string{`--tunnel: site idc has no such tunnel, got "fw1/3"; did you mean fw1/1?`, `--target host/idc-targt: no such host, got "idc-targt"; did you mean idc-target?`}},
		{[]string{"--tunnel", "fw1/1", "--target", "10.20.0.10"}, []string{`not HOST:PORT, got "10.20.0.10"`}},
		{[]string{"--tunnel", "fw1/1", "--target", "10.20.0.10:0"}, []string{`not a port, got "0"`}},
		{[]string{"--tunnel", "fw1/1", "--target", "host/idc-target", "--source", "eth0"}, []string{`--source: not an address, got "eth0"`}},
		{[]string{"--tunnel", "fw1/1", "--target", "host/idc-target", "--poll", "0s", "--flows", "900"}, []string{"--poll: out of range, got 0s"}},
		{[]string{"--tunnel", "fw1/1", "--target", "host/idc-target", "--flows", "900"}, []string{"stream: flows out of range, got 900"}},
		{[]string{"--site", "nowhere"}, []string{`--site: no such site, got "nowhere"; use one of: idc`}},
		{[]string{"-o", "csv"}, []string{`--output: unknown format, got "csv"`}},
	} {
		r := typing(t, "", append([]string{"vpn", "drill", referenceFile}, tt.args...)...)
		for _, want := range tt.want {
			if r.Code != exitInput || !strings.Contains(r.Stderr, want) {
				t.Errorf("%q: exit status %d, no %q in\n%s", tt.args, r.Code, want, r.Stderr)
			}
		}
	}
}
