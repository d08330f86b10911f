//go:build linux

package bootstrap_test

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// routed is a routed server's network after both of its interfaces are there, with what the step asks AWS for.
const routed = `set -euo pipefail
ip link set lo up
ip tuntap add dev eth1 mode tap
ip link set eth1 address 0a:00:00:00:00:02 up
ip addr add 172.29.0.150/26 dev eth1
ip tuntap add dev tun-tcp mode tun
ip addr add 10.250.0.1/25 dev tun-tcp
ip link set tun-tcp up
curl() { case "$*" in *api/token*) echo TOKEN ;; *network/interfaces/macs/) echo 0a:00:00:00:00:02/ ;; esac; }
aws() { echo 0a:00:00:00:00:02; }
sysctl() { :; }
export -f curl aws sysctl
export POOL=10.250.0.0/24 INTERFACE_ID=eni-1 INTERFACE_GATEWAY=172.29.0.129
bash -euo pipefail "$0"
bash -euo pipefail "$0"
echo "own $(ip route get 10.250.0.5 from 10.250.0.1)"
echo "passing $(ip route get 172.16.0.10 from 10.250.0.5 iif tun-tcp)"
ip rule
`

// A routed server answers its clients at its tunnel address through the tunnel, and sends what they send to others through its
// interface. Another boot changes nothing.
func TestOpenVPN_RoutedAnswersAtItsTunnelAddress(t *testing.T) {
	o := server()
	o.Interface = &bootstrap.Interface{ID: "eni-1", Gateway: netip.MustParseAddr("172.29.0.129")}
	text, err := o.UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	step := filepath.Join(t.TempDir(), "interface")
	if err := os.WriteFile(step, []byte(files[bootstrap.Folder+"/boot.d/02-interface"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("unshare", "--net", "ip", "tuntap", "add", "dev", "tun0", "mode", "tun").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must have network namespaces: %v", err)
		}
		t.Skipf("NOT TESTED: no network namespace of one's own: %v", err)
	}
	out, err := exec.Command("unshare", "--net", "bash", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward\n"+routed, step).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"own 10.250.0.5 from 10.250.0.1 dev tun-tcp", "passing 172.16.0.10 from 10.250.0.5 via 172.29.0.129 dev eth1"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("there is no %q in:\n%s", want, out)
		}
	}
	if n := strings.Count(string(out), "10.250.0.0/24 lookup"); n != 2 {
		t.Errorf("%d rules after two boots, want 2:\n%s", n, out)
	}
}
