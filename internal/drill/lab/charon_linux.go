package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// charon is one IKE daemon, and the settings that tell it from others on this machine.
type charon struct {
	world *world
	host  *host
	name  string
	env   []string // nil: everything is where it is in production
	uri   []string // swanctl's arguments to reach it
	*process
}

// plugins that a daemon of the lab loads. Its configuration is not the product's, but for what it includes.
const plugins = "random nonce openssl pem pkcs1 pkcs8 x509 revocation constraints pubkey hmac kdf aes sha1 sha2 gcm %s kernel-netlink socket-default vici updown"

// privateCharon is a daemon whose files and socket are its own. options are lines of strongswan.conf, for the daemon;
// before is text in front, such as an include.
func privateCharon(w *world, h *host, name, before, options, swanctl string) (*charon, error) {
	dir := filepath.Join("/run/lab", name)
	socket := filepath.Join(dir, "vici")
	extra := ""
	if w.cell.Tier == Plain {
		extra = "kernel-libipsec" // before kernel-netlink, which then only does addresses and routes
	}
	conf := fmt.Sprintf("%scharon-systemd {\n  load = "+plugins+"\n%s  plugins { vici { socket = unix://%s } }\n%s}\n", before, extra, options, socket, filelog(w.log(name)))
	c := &charon{world: w, host: h, name: name, uri: []string{"--uri", "unix://" + socket},
		env: []string{"STRONGSWAN_CONF=" + filepath.Join(dir, "strongswan.conf"), "SWANCTL_DIR=" + filepath.Join(dir, "swanctl")}}
	return c, firstError(
		writeFile(filepath.Join(dir, "strongswan.conf"), conf, 0o644),
		writeFile(filepath.Join(dir, "swanctl", "swanctl.conf"), swanctl, 0o600))
}

func filelog(name string) string {
	return fmt.Sprintf("  filelog { lab { path = %s\n    time_format = %%T\n    flush_line = yes\n    default = 1 } }\n", name)
}

// start starts the daemon and waits until it can be talked to. The socket of one that was killed is still there.
func (c *charon) start(ctx context.Context) error {
	var err error
	if c.process, err = c.host.start(c.world.log(c.name+"-out"), c.env, "charon-systemd"); err != nil {
		return err
	}
	return until(ctx, 20*time.Second, 50*time.Millisecond, c.name+" to listen", func() bool {
		_, err := c.swanctl(ctx, "--stats")
		return err == nil
	})
}

// load loads connections and secrets, as strongswan.service does after the daemon's start.
func (c *charon) load(ctx context.Context) error {
	out, err := c.swanctl(ctx, "--load-all")
	if err == nil {
		err = os.WriteFile(c.world.log(c.name+"-load"), []byte(out), 0o644)
	}
	return err
}

func (c *charon) startAndLoad(ctx context.Context) error {
	return inOrder(func() error { return c.start(ctx) }, func() error { return c.load(ctx) })
}

func (c *charon) swanctl(ctx context.Context, args ...string) (string, error) {
	return c.host.run(ctx, "/usr/bin/env", append(append(append([]string{}, c.env...), "swanctl"), append(args, c.uri...)...)...)
}

// awsSwanctl is AWS's end of a tunnel: it answers, and forgets a peer that is dead.
func awsSwanctl(w *world, tunnel int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `connections { vpn {
  version = 2
  local_addrs = %[1]s
  remote_addrs = %[2]s
  proposals = aes256gcm16-prfsha256-prfsha384-ecp256-ecp384,aes256-sha256-sha384-ecp256-ecp384
  mobike = no
  dpd_delay = 10s
  rekey_time = 0
  local { auth = psk
    id = %[1]s }
  remote { auth = psk
    id = %[2]s }
`, awsOutside[tunnel], customerPublic)
	if w.cell.Tier == Plain {
		b.WriteString("  encap = yes\n")
	}
	b.WriteString(`  children { vpn {
    local_ts = 0.0.0.0/0
    remote_ts = 0.0.0.0/0
    esp_proposals = aes256gcm16-ecp256-ecp384,aes256-sha256-sha384-ecp256-ecp384
    rekey_time = 0
    start_action = none
    dpd_action = clear
    close_action = none
`)
	if w.cell.Tier == UML {
		fmt.Fprintf(&b, "    mark_in = %[1]d\n    mark_out = %[1]d\n", tunnel+1)
	}
	fmt.Fprintf(&b, "  } }\n} }\nsecrets { ike { id = %s\n  secret = %q } }\n", customerPublic, labKey(tunnel))
	return b.String()
}

// awsOptions make a dead peer known after AWS's 30 seconds: 10 of silence, and 4 x 5 for the question and its repetitions.
const awsOptions = `  install_routes = no
  install_virtual_ip = no
  routing_table = 220
  routing_table_prio = 40000
  retransmit_timeout = 5
  retransmit_tries = 3
  retransmit_base = 1.0
`
