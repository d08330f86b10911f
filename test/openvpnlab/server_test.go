//go:build linux

package openvpnlab

import (
	"crypto/sha256"
	"encoding/hex"
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

// Addresses of the first show.
const (
	elastic  = "203.0.113.10"
	first    = "172.29.0.68"
	second   = "172.29.0.69"
	third    = "172.29.0.70"
	fourth   = "172.29.0.71"
	target   = "172.29.0.110"
	person   = "198.51.100.2"
	stranger = "198.51.100.66"
)

var (
	overTCP = pki.Remote{Host: elastic, Port: 1194, Protocol: pki.TCP}
	overUDP = pki.Remote{Host: elastic, Port: 1194, Protocol: pki.UDP}
)

// userData is that of a server with everything.
func (o *office) userData(t *testing.T, server string) string {
	t.Helper()
	b, err := os.ReadFile(program(t))
	check(t, err)
	sum := sha256.Sum256(b)
	check(t, os.MkdirAll(filepath.Join(o.folder, "objects/assets"), 0o755), os.WriteFile(filepath.Join(o.folder, "objects/assets/pathproof"), b, 0o755))
	text, err := o.openVPN(server, hex.EncodeToString(sum[:])).UserData()
	check(t, err)
	return text
}

// openVPN is a server with everything, whose responder has to have a SHA-256.
func (o *office) openVPN(server, sum string) bootstrap.OpenVPN {
	return bootstrap.OpenVPN{
		OS: bootstrap.Debian, Name: server, Region: "ap-northeast-2", Namespace: "lab", HealthPort: 7280, TCP: 1194, UDP: 1194, MoreTCP: []int{1195},
		Pool: netip.MustParsePrefix("10.250.0.0/24"), Routes: []netip.Prefix{netip.MustParsePrefix("172.29.0.0/24")}, AllocationID: "eipalloc-1",
		Rules:     []bootstrap.Rule{{To: netip.MustParsePrefix("172.29.0.0/24"), Protocol: "tcp", First: 7007, Last: 7007}},
		PKI:       bootstrap.ServerPKI{Name: "main", Bucket: "pki", BucketRegion: "ap-northeast-2", Secret: server, TLSCrypt: "tls-crypt", TLSCryptRegion: "ap-northeast-2"},
		Responder: &bootstrap.Responder{Port: 7107, Bucket: "assets", Key: "pathproof", BucketRegion: "ap-northeast-2", SHA256: sum, ZoneID: "apne2-az3"},
		EdgeTCP:   []int{1195}, Signal: bootstrap.Signal{Stack: "lab-ops", Resource: "Group"}, Replaced: true,
	}
}

// show is a booted server, a target behind it, and people.
type show struct {
	root *testing.T // of all parts, which machines outlive
	*world
	*office
	server, old    *machine
	elastic        *elasticIP
	person, target *lab.Namespace
}

func newShow(t *testing.T) *show {
	needLab(t)
	s := &show{root: t, world: newWorld(t), office: newOffice(t), person: namespace(t), target: namespace(t)}
	s.connect(t, s.person, person, 2*time.Millisecond, "203.0.113.0/24")
	s.connect(t, s.target, target, 0, "172.29.0.0/24")
	respond(t, s.target, 7007)
	respond(t, s.target, 443)
	s.certify("seoul")
	began := time.Now()
	s.server = s.boot(t, "seoul-1", first, s.office.userData(t, "seoul"), s.folder)
	s.elastic = s.newElasticIP(t, elastic, s.folder)
	s.server.inService(s.elastic)
	t.Logf("booted and in service after %s", time.Since(began).Round(100*time.Millisecond))
	return s
}

func TestServer_FromItsUserData(t *testing.T) {
	s := newShow(t)
	t.Run("boots whole", s.bootsWhole)
	t.Run("lets people in over TCP and UDP", s.letsIn)
	t.Run("stays when the boot is tried again", s.staysWhenBootedAgain)
	t.Run("keeps clients off its credentials and of what is no route", s.filters)
	t.Run("keeps revoked users out", s.revokes)
	t.Run("keeps a good list", s.keepsGoodList)
	t.Run("stands garbage, scans and floods", s.standsAbuse)
	t.Run("takes a new certificate when nobody is connected", s.renews)
	t.Run("stands a flood from the address that everybody has", s.standsFloodOfAnEdge)
	t.Run("asks once for another machine", s.asksForAnother)
	t.Run("is replaced by one that serves already", s.isReplaced)
	t.Run("takes its address back from one that is gone", s.takesItBack)
	t.Run("stays when the new one does not serve", s.staysWhenTheNewOneFails)
	t.Run("is lost", s.isLost)
}

func (s *show) bootsWhole(t *testing.T) {
	if got := s.server.must("cloud-init", "status", "--wait"); !strings.Contains(got, "status: done") {
		t.Errorf("cloud-init says %q", got)
	}
	eventually(t, "healthy", 20*time.Second, func() bool { out, _ := s.server.run("cat", bootstrap.HealthFile); return out == "healthy\n" })
	if got, err := run(s.target, "curl", "-sS", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "http://"+first+":7280/"); err != nil || got != "200" {
		t.Errorf("the health port says %s, %v", got, err)
	}
}

func (s *show) letsIn(t *testing.T) {
	if answered(t, s.person, "tcp://"+target+":7007", 1) > 0 {
		t.Fatal("the target can be reached without the tunnel")
	}
	another := overTCP
	another.Port = 1195
	for _, remote := range []pki.Remote{overTCP, overUDP, another} {
		c := dial(t, s.person, s.profile("alice", "seoul", remote))
		t.Logf("connected over %s after %s", remote.Protocol, c.up(1, patience).Round(time.Millisecond))
		if got := answered(t, s.person, "echo://"+target+":7007", 20); got != 20 {
			t.Errorf("over %s: %d of 20 probes were answered", remote.Protocol, got)
		}
		c.stop()
	}
	// A profile for several servers takes this one by how its name begins.
	c := dial(t, s.person, s.profile("alice", "", overTCP))
	c.up(1, patience)
	check(t, reach(t, s.person))
	c.stop()
}

// staysWhenBootedAgain: a boot runs again whatever failed in it. Who is connected stays, unless something changed.
func (s *show) staysWhenBootedAgain(t *testing.T) {
	process := func(protocol string) string {
		return s.server.must("systemctl", "show", "-p", "MainPID", "--value", "pathproof-openvpn@"+protocol)
	}
	tcp, udp := process("tcp"), process("udp")
	s.server.must("systemctl", "restart", "pathproof-boot.service")
	if process("tcp") != tcp || process("udp") != udp {
		t.Error("a boot that changes nothing restarts OpenVPN")
	}
	s.server.must("sh", "-c", "echo '# changed' >>/etc/pathproof/openvpn/tcp.conf")
	s.server.must("systemctl", "restart", "pathproof-boot.service")
	if process("tcp") == tcp || process("udp") != udp {
		t.Error("a boot restarts what did not change, or does not restart what did")
	}
}

func (s *show) filters(t *testing.T) {
	c := dial(t, s.person, s.profile("alice", "seoul", overTCP))
	c.up(1, patience)
	check(t, reach(t, s.person), s.person.IP("route add 169.254.169.254 dev tun0\nroute add "+stranger+" dev tun0"))
	for _, to := range []string{"169.254.169.254:80", first + ":7280", stranger + ":7007", target + ":443"} {
		if answered(t, s.person, "tcp://"+to, 1) > 0 {
			t.Errorf("a client reaches %s", to)
		}
	}
	if answered(t, s.person, "echo://"+first+":7107", 2) != 2 {
		t.Error("the server's own responder does not answer")
	}
	c.stop()
}

func (s *show) revokes(t *testing.T) {
	bob := s.profile("bob", "seoul", overTCP)
	c := dial(t, s.person, bob)
	c.up(1, patience)
	check(t, reach(t, s.person))
	c.stop()
	connectedBob := namespace(t) // with keys that last 5 s in place of an hour
	s.connect(t, connectedBob, "198.51.100.5", 2*time.Millisecond, "203.0.113.0/24")
	stays := dial(t, connectedBob, bob, "--reneg-sec", "5")
	stays.up(1, patience)
	check(t, reach(t, connectedBob))
	if n, err := s.Revoke(t.Context(), "bob"); n != 1 || err != nil {
		t.Fatalf("revoked %d, %v", n, err)
	}
	s.handOut()
	if got := s.server.must("/opt/pathproof/pki", "list"); !strings.Contains(got, "is in use") {
		t.Fatalf("the server says %q", got)
	}
	c = dial(t, s.person, bob)
	eventually(t, "bob is refused", patience, func() bool {
		return strings.Contains(s.server.must("cat", "/var/log/pathproof/openvpn-tcp.log"), "certificate revoked")
	})
	if n := c.said(connected); n != 0 || reach(t, s.person) == nil {
		t.Errorf("a revoked user is let in, connected %d times", n)
	}
	c.stop()
	took := eventually(t, "a revoked user who is connected is thrown out", 60*time.Second, func() bool { return reach(t, connectedBob) != nil })
	t.Logf("a connection of a revoked user ended %s later, its keys lasting 5 s", took.Round(time.Second))
	stays.stop()
	c = dial(t, s.person, s.profile("alice", "seoul", overTCP))
	c.up(1, patience)
	c.stop()
}

// checkServer is the server's own check, as its health asks it.
const checkServer = "set -a; . /etc/pathproof/boot.env; set +a; bash -euo pipefail /opt/pathproof/checks.d/openvpn"

// A list is replaced by one of the same authority that has not ended and is not older, and by nothing else.
func (s *show) keepsGoodList(t *testing.T) {
	file := filepath.Join(s.folder, "objects/pki/main/crl.pem")
	good, err := os.ReadFile(file)
	check(t, err)
	stranger := newOffice(t)
	stranger.certify("seoul")
	before := s.server.must("sha256sum", "/etc/pathproof/openvpn/crl.pem")
	a, err := s.PKI.Authority(t.Context())
	check(t, err)
	older, err := a.Revoke(t.Context(), 0, nil, time.Now())
	check(t, err)
	ended, err := a.Revoke(t.Context(), 1000, nil, time.Now().Add(-2*pki.ListLife))
	check(t, err)
	for want, text := range map[string]string{
		"not of this authority": stranger.objects.Text("crl.pem"), "the list is older": pki.EncodeList(older),
		"the list has ended": pki.EncodeList(ended), "not of this authority ": string(good[:len(good)/2]), "not of this authority  ": "",
	} {
		check(t, os.WriteFile(file, []byte(text), 0o600))
		out, err := s.server.run("/opt/pathproof/pki", "list")
		if err == nil || !strings.Contains(out, strings.TrimSpace(want)) {
			t.Errorf("want %q, got %v: %s", want, err, out)
		}
	}
	// The timer fetches, too: it must not do so between the two.
	if out, err := s.server.run("bash", "-c", "systemctl stop pathproof-pki@list.timer; touch -d '11 minutes ago' /run/pathproof/list; /opt/pathproof/pki list; "+checkServer); err == nil || !strings.Contains(out, "not fetched for 10 minutes") {
		t.Errorf("a server that gets no list says %q, %v", out, err)
	}
	check(t, os.WriteFile(file, good, 0o600))
	s.server.must("/opt/pathproof/pki", "list")
	s.server.must("bash", "-c", "systemctl start pathproof-pki@list.timer; "+checkServer)
	if after := s.server.must("sha256sum", "/etc/pathproof/openvpn/crl.pem"); after != before {
		t.Error("a good list was replaced by a bad one")
	}
}

// renews: a new certificate waits while somebody is connected.
func (s *show) renews(t *testing.T) {
	c := dial(t, s.person, s.profile("alice", "seoul", overTCP))
	c.up(1, patience)
	facts := s.certify("seoul")
	serial := func() string {
		return strings.ToLower(s.server.must("openssl", "x509", "-in", "/etc/pathproof/openvpn/cert.pem", "-noout", "-serial"))
	}
	eventually(t, "the client is in the status", patience, func() bool {
		return strings.Contains(s.server.must("cat", "/run/pathproof-openvpn-tcp/status"), "CLIENT_LIST\talice")
	})
	if got := s.server.must("/opt/pathproof/pki", "renew"); !strings.Contains(got, "waits") || serial() == "serial="+facts.Serial {
		t.Errorf("it does not wait for a client: %q", got)
	}
	check(t, reach(t, s.person))
	if got := c.said(connected); got != 1 {
		t.Errorf("the client connected %d times", got)
	}
	c.stop()
	eventually(t, "a new certificate", 2*patience, func() bool {
		return strings.Contains(s.server.must("/opt/pathproof/pki", "renew"), "is in use")
	})
	if serial() != "serial="+facts.Serial {
		t.Errorf("got %s, want %s", serial(), facts.Serial)
	}
	c = dial(t, s.person, s.profile("alice", "seoul", overTCP))
	c.up(1, patience)
	c.stop()
}
