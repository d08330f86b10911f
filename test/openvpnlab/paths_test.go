//go:build linux

package openvpnlab

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/probe/lab"
)

// The four paths of the article of 2019: from Korea to a host in Tokyo, straight or through an accelerator, in Tokyo or by way
// of Seoul and a peering. What a path takes is what its cables take, there and back:
//
//	A  client - Tokyo                       32
//	B  client - edge - Tokyo            2 + 27    a little shorter
//	C  client - Seoul - peering          6 + 33.5
//	D  client - edge - Seoul - peering   2 + 4 + 33.5    as long as C
const (
	clientTokyo = 32 * time.Millisecond / 2
	clientSeoul = 6 * time.Millisecond / 2
	clientEdge  = 2 * time.Millisecond / 2
	edgeTokyo   = 27 * time.Millisecond / 2
	edgeSeoul   = 4 * time.Millisecond / 2
	peering     = 33500 * time.Microsecond / 2
)

// Addresses of the second show.
const (
	seoulPublic  = "203.0.113.10"
	tokyoPublic  = "203.0.113.20"
	accelerated  = "203.0.113.99"
	seoulPrivate = "172.29.0.68"
	tokyoPrivate = "172.31.24.10"
)

var (
	seoulVPC = netip.MustParsePrefix("172.29.0.0/24")
	tokyoVPC = netip.MustParsePrefix("172.31.16.0/20")
)

// paths is the lab of the four paths.
type paths struct {
	t                                       *testing.T
	office                                  *office
	client, edge, seoul, tokyo, vpc, target *lab.Namespace
}

func newPaths(t *testing.T) *paths {
	needLab(t)
	p := &paths{t: t, office: newOffice(t)}
	for _, n := range []**lab.Namespace{&p.client, &p.edge, &p.seoul, &p.tokyo, &p.vpc, &p.target} {
		*n = namespace(t)
		check(t, (*n).Set("ipv4.ip_forward=1", "ipv4.conf.all.rp_filter=0", "ipv4.conf.default.rp_filter=0"))
	}
	// A peering carries what goes from one of its VPCs to the other, and drops the rest.
	crosses := func(q lab.Packet) bool {
		return seoulVPC.Contains(q.From) && tokyoVPC.Contains(q.To) || tokyoVPC.Contains(q.From) && seoulVPC.Contains(q.To)
	}
	p.cable("ct", p.client, p.tokyo, clientTokyo, nil)
	p.cable("cs", p.client, p.seoul, clientSeoul, nil)
	p.cable("ce", p.client, p.edge, clientEdge, nil)
	p.cable("et", p.edge, p.tokyo, edgeTokyo, nil)
	p.cable("es", p.edge, p.seoul, edgeSeoul, nil)
	p.cable("pe", p.seoul, p.vpc, peering, func(q lab.Packet) bool { return !crosses(q) })
	p.cable("tv", p.tokyo, p.vpc, 0, nil)
	p.cable("tt", p.vpc, p.target, 0, nil)
	check(t,
		p.client.IP(`address add 198.51.100.2/32 dev lo
			route add `+tokyoPublic+` dev ct src 198.51.100.2
			route add `+seoulPublic+` dev cs src 198.51.100.2
			route add `+accelerated+` dev ce src 198.51.100.2`),
		p.edge.IP(`address add `+accelerated+`/32 dev lo
			address add 198.18.0.1/32 dev lo
			route add 198.51.100.2 dev ce
			route add `+tokyoPublic+` dev et src 198.18.0.1
			route add `+seoulPublic+` dev es src 198.18.0.1`),
		p.seoul.IP(`address add `+seoulPublic+`/32 dev lo
			address add `+seoulPrivate+`/32 dev pe
			route add 198.51.100.2 dev cs
			route add 198.18.0.1 dev es
			route add `+tokyoVPC.String()+` dev pe src `+seoulPrivate),
		p.tokyo.IP(`address add `+tokyoPublic+`/32 dev lo
			address add `+tokyoPrivate+`/32 dev tv
			route add 198.51.100.2 dev ct
			route add 198.18.0.1 dev et
			route add `+tokyoVPC.String()+` dev tv src `+tokyoPrivate),
		p.vpc.IP(`route add `+seoulVPC.String()+` dev pe
			route add 10.250.0.0/24 dev pe
			route add `+tokyoPrivate+` dev tv
			route add 172.31.26.240/28 dev tt`),
		p.target.IP("route add default dev tt"))
	for i := range 4 { // one address for each path, so that the client's routes tell the tunnels apart
		check(t, p.target.IP(fmt.Sprintf("address add %s/32 dev tt", p.at(i))))
	}
	respond(t, p.target, 7007)
	respond(t, p.seoul, 7107)
	respond(t, p.tokyo, 7107)
	return p
}

func (p *paths) at(path int) string { return fmt.Sprintf("172.31.26.%d", 250+path) }

func (p *paths) cable(device string, a, b *lab.Namespace, oneWay time.Duration, drop func(lab.Packet) bool) {
	p.t.Helper()
	r, err := lab.Cable{A: a, B: b, Device: device, Delay: oneWay, Drop: drop}.Connect()
	check(p.t, err)
	p.t.Cleanup(func() { check(p.t, r.Close()) })
}

// config is a server's, as it would be deployed.
func (p *paths) config(name, pool string, routed bool) bootstrap.Config {
	p.t.Helper()
	o := bootstrap.OpenVPN{
		OS: bootstrap.AmazonLinux2023, Name: name, Region: "ap-northeast-1", TCP: 1194, Pool: netip.MustParsePrefix(pool), Routes: []netip.Prefix{tokyoVPC},
		Rules:     []bootstrap.Rule{{To: tokyoVPC, Protocol: "tcp", First: 7007, Last: 7007}},
		PKI:       bootstrap.ServerPKI{Name: "main", Bucket: "pki", BucketRegion: "ap-northeast-2", Secret: name, TLSCrypt: "tls-crypt", TLSCryptRegion: "ap-northeast-2"},
		Responder: &bootstrap.Responder{Port: 7107},
	}
	if routed {
		o.Interface = &bootstrap.Interface{ID: "eni-0", Gateway: netip.MustParseAddr("172.29.0.65")}
	}
	c, err := o.Config()
	check(p.t, err)
	return c
}

// fileOf is one file of a configuration.
func fileOf(c bootstrap.Config, path string) string {
	for _, f := range c.Files {
		if f.Path == path {
			return f.Content
		}
	}
	return ""
}

// filter loads the packet filter of a configuration.
func (p *paths) filter(n *lab.Namespace, c bootstrap.Config) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "nft.conf")
	check(p.t, os.WriteFile(file, []byte(fileOf(c, "/etc/pathproof/nft.conf")), 0o600))
	if out, err := run(n, "nft", "-f", file); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

// serve runs OpenVPN with the rendered configuration and filter, without booting a whole system.
func (p *paths) serve(n *lab.Namespace, name, pool string) {
	p.t.Helper()
	c := p.config(name, pool, false)
	p.filter(n, c)
	p.office.certify(name)
	dir := p.t.TempDir()
	var secret struct{ Authority, Certificate, Key string }
	check(p.t, json.Unmarshal([]byte(p.office.secrets.All()[name]), &secret))
	conf := strings.NewReplacer("/var/lib/pathproof/", dir+"/", "/run/pathproof-openvpn-tcp/", dir+"/").Replace(fileOf(c, "/etc/pathproof/openvpn/tcp.conf"))
	tlsCrypt, err := p.office.PKI.TLSCryptKey(p.t.Context())
	check(p.t, err)
	for file, text := range map[string]string{"tcp.conf": conf, "ca.pem": secret.Authority, "cert.pem": secret.Certificate, "key.pem": secret.Key,
		"tls-crypt.key": tlsCrypt, "crl.pem": p.office.objects.Text("crl.pem")} {
		check(p.t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
	log := filepath.Join(dir, "openvpn.log")
	command, args := prompt("openvpn", "--cd", dir, "--config", "tcp.conf")
	start(p.t, n, log, command, args...)
	eventually(p.t, name+" serves", patience, func() bool { b, _ := os.ReadFile(log); return strings.Contains(string(b), connected) })
}

// enter has a user connect, and sends what is for one of the target's addresses through that tunnel.
func (p *paths) enter(path int, user, server string, remote pki.Remote) {
	p.t.Helper()
	profile := p.office.profile(user, server, remote)
	dial(p.t, p.client, profile, "--dev", "tun"+user, "--route-nopull").up(1, patience)
	// By device: two tunnels into one server have the same gateway.
	check(p.t, p.client.IP("route add "+p.at(path)+"/32 dev tun"+user))
}

// TestPaths_FourWaysFromKoreaToTokyo prints a table; make lab-paths shows it.
func TestPaths_FourWaysFromKoreaToTokyo(t *testing.T) {
	p := newPaths(t)
	p.serve(p.seoul, "seoul", "10.250.0.0/24")
	p.serve(p.tokyo, "tokyo", "10.250.1.0/24")
	p.accelerate(t, "1194="+seoulPublic+":1194", "1195="+tokyoPublic+":1194", "7107="+seoulPublic+":7107", "7108="+tokyoPublic+":7107")
	tcp := func(host string, port int) pki.Remote { return pki.Remote{Host: host, Port: port, Protocol: pki.TCP} }
	p.enter(0, "a", "tokyo", tcp(tokyoPublic, 1194))
	p.enter(1, "b", "tokyo", tcp(accelerated, 1195))
	p.enter(2, "c", "seoul", tcp(seoulPublic, 1194))
	p.enter(3, "d", "seoul", tcp(accelerated, 1194))
	t.Run("the order that the delays dictate", p.compares)
	t.Run("connect to an accelerator is a trap", p.trap)
	t.Run("a peering drops what is not of its VPCs", p.peeringDrops)
}
