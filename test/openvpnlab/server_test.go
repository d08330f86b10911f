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
	text, err := bootstrap.OpenVPN{
		OS: bootstrap.Debian, Name: server, Region: "ap-northeast-2", Namespace: "lab", HealthPort: 7280, TCP: 1194, UDP: 1194,
		Pool: netip.MustParsePrefix("10.250.0.0/24"), Routes: []netip.Prefix{netip.MustParsePrefix("172.29.0.0/24")}, AllocationID: "eipalloc-1",
		PKI:       bootstrap.ServerPKI{Name: "main", Bucket: "pki", BucketRegion: "ap-northeast-2", Secret: server, TLSCrypt: "tls-crypt", TLSCryptRegion: "ap-northeast-2"},
		Responder: &bootstrap.Responder{Port: 7107, Bucket: "assets", Key: "pathproof", BucketRegion: "ap-northeast-2", SHA256: hex.EncodeToString(sum[:]), ZoneID: "apne2-az3"},
	}.UserData()
	check(t, err)
	return text
}

// show is a booted server, a target behind it, and people.
type show struct {
	*world
	*office
	server         *machine
	person, target *lab.Namespace
}

func newShow(t *testing.T) *show {
	needLab(t)
	s := &show{world: newWorld(t), office: newOffice(t), person: namespace(t), target: namespace(t)}
	s.connect(t, s.person, person, 2*time.Millisecond, "203.0.113.0/24")
	s.connect(t, s.target, target, 0, "172.29.0.0/24")
	respond(t, s.target, 7007)
	s.certify("seoul")
	began := time.Now()
	s.server = s.boot(t, "seoul-1", first, s.office.userData(t, "seoul"), s.folder)
	s.server.inService(s.world, elastic)
	t.Logf("booted and in service after %s", time.Since(began).Round(100*time.Millisecond))
	return s
}

func TestServer_FromItsUserData(t *testing.T) {
	s := newShow(t)
	t.Run("boots whole", s.bootsWhole)
	t.Run("lets people in over TCP and UDP", s.letsIn)
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
	if out, err := probeFrom(t, s.person, "tcp://"+target+":7007", "-n", "1", "--timeout", "500ms"); err == nil {
		t.Fatalf("the target can be reached without the tunnel: %s", out)
	}
	for _, remote := range []pki.Remote{overTCP, overUDP} {
		c := dial(t, s.person, s.profile("alice", "seoul", remote))
		t.Logf("connected over %s after %s", remote.Protocol, c.up(1, 15*time.Second).Round(time.Millisecond))
		out, err := probeFrom(t, s.person, "echo://"+target+":7007", "-n", "20", "--interval", "20ms")
		t.Logf("%s", out)
		if err != nil && !strings.Contains(err.Error(), "exit status 5") {
			t.Errorf("over %s: %v", remote.Protocol, err)
		}
		c.stop()
	}
}
