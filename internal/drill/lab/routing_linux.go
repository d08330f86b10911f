package lab

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/gateway"
)

const birdSocket = "/run/lab/bird-aws.ctl"

// prepareCustomer does what the rendered units do at boot: settings, interfaces, segment sizes, then IKE.
func (w *world) prepareCustomer(ctx context.Context) error {
	if _, err := w.idc.run(ctx, "sysctl", "-qp", "/"+gateway.FileSysctl); err != nil {
		return err
	}
	if err := w.tunnels.startCustomer(ctx); err != nil {
		return err
	}
	if w.cell.Tier == UML {
		return nil // its stock kernel has no nftables for IPv4
	}
	_, err := w.idc.run(ctx, "nft", "-f", "/"+gateway.FileFirewall)
	return err
}

// startRouting starts the customer's routing daemons with the files that were rendered, nothing changed.
func (w *world) startRouting(ctx context.Context) error {
	if w.cell.Device == gateway.StrongSwanFRR {
		return w.startFRR(ctx)
	}
	if err := os.MkdirAll("/run/bird", 0o755); err != nil {
		return err
	}
	p, err := w.idc.start(w.log("bird"), nil, "bird", "-f", "-c", "/"+gateway.FileBIRD)
	w.routing = append(w.routing, p)
	return err
}

// startFRR starts what Debian's frr.service would, and loads the one file that holds the configuration of all.
func (w *world) startFRR(ctx context.Context) error {
	if err := own("frr", "/run/frr", "/etc/frr", "/"+gateway.FileFRR); err != nil {
		return err
	}
	// vtysh asks PAM, whose usual files read the machine's passwords.
	if err := writeFile("/etc/pam.d/frr", "auth sufficient pam_permit.so\naccount sufficient pam_permit.so\n", 0o644); err != nil {
		return err
	}
	for _, d := range []string{"zebra", "staticd", "bgpd"} {
		p, err := w.idc.start(w.log(d), nil, "/usr/lib/frr/"+d, "-A", "127.0.0.1", "--log", "stdout", "--log-level", "informational")
		if err != nil {
			return err
		}
		w.routing = append(w.routing, p)
		err = until(ctx, 20*time.Second, 50*time.Millisecond, d+" to listen", func() bool {
			_, err := os.Stat("/run/frr/" + d + ".vty")
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	_, err := w.idc.run(ctx, "vtysh", "-b")
	return err
}

// own makes folders that are missing and gives everything to a user.
func own(name string, paths ...string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for _, p := range paths {
		if _, err := os.Stat(p); os.IsNotExist(err) {
			if err := os.MkdirAll(p, 0o755); err != nil {
				return err
			}
		}
		if err := os.Chown(p, uid, gid); err != nil {
			return err
		}
	}
	return nil
}

// awsBIRD is AWS's end of BGP: its hold time, a MED for each tunnel, and for its own direction the tunnels whose MED is the
// lowest. BIRD's keepalive is a third of the hold time that both ends agreed on. It keeps routes of a peer that says it
// restarts gracefully, so that a gateway which still says so would be found out.
func awsBIRD(w *world, meds [2]int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `log %q all;
router id 10.20.0.1;
protocol device { scan time 1; }
protocol direct { ipv4; interface "v0"; }
protocol kernel { scan time 10; merge paths yes; ipv4 { import none; export where source = RTS_BGP; }; }
`, w.log("bird-aws"))
	for i := range inside {
		aws := inside[i].Addr().Next()
		fmt.Fprintf(&b, `protocol bgp t%d {
  local %s as %d;
  neighbor %s as %d;
  interface "%s";
  direct;
  hold time 30;
  connect delay time 1;
  connect retry time 5;
  error wait time 1, 5;
  ipv4 {
    import filter { bgp_local_pref = %d; accept; };
    export filter { if source = RTS_DEVICE then { bgp_med = %d; accept; } reject; };
    next hop self;
  };
}
`, i+1, aws, awsASN, aws.Next(), customerASN, vpn(i), 1000-meds[i], meds[i])
	}
	return b.String()
}

// usual are the MEDs without maintenance; drained, those that steer away from tunnel 1.
var (
	usual   = [2]int{100, 100}
	drained = [2]int{200, 100}
)

func (w *world) startAWSRouting(context.Context) (err error) {
	if err := writeFile("/run/lab/bird-aws.conf", awsBIRD(w, usual), 0o644); err != nil {
		return err
	}
	w.bird, err = w.tgw.start(w.log("bird-aws-out"), nil, "bird", "-f", "-c", "/run/lab/bird-aws.conf", "-s", birdSocket)
	return err
}

// setMEDs changes what AWS prefers.
func (w *world) setMEDs(ctx context.Context, meds [2]int) error {
	if err := writeFile("/run/lab/bird-aws.conf", awsBIRD(w, meds), 0o644); err != nil {
		return err
	}
	out, err := w.birdc(ctx, "configure")
	if err == nil && !strings.Contains(out, "Reconfigur") { // "Reconfigured" or "Reconfiguration in progress"
		err = fmt.Errorf("AWS's BIRD does not take its new configuration: %s", strings.TrimSpace(out))
	}
	return err
}

func (w *world) birdc(ctx context.Context, command ...string) (string, error) {
	return w.tgw.run(ctx, "birdc", append([]string{"-s", birdSocket}, command...)...)
}

// established reports whether BGP is up over a tunnel, as AWS's end sees it.
func (w *world) established(ctx context.Context, tunnel int) bool {
	out, err := w.birdc(ctx, "show", "protocols", fmt.Sprintf("t%d", tunnel+1))
	return err == nil && strings.Contains(out, "Established")
}

var holdLine = regexp.MustCompile(`Hold timer:\s+[\d.]+/(\d+)`)

// negotiated returns the hold time that BGP runs on over tunnel 1.
func (w *world) negotiated(ctx context.Context) (time.Duration, error) {
	out, err := w.birdc(ctx, "show", "protocols", "all", "t1")
	if err != nil {
		return 0, err
	}
	m := holdLine.FindStringSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("AWS's BIRD names no hold time: %s", strings.TrimSpace(out))
	}
	seconds, err := strconv.Atoi(m[1])
	return time.Duration(seconds) * time.Second, err
}
