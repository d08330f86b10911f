package gateway

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/secret"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// plantedKey is a pre-shared key that must not appear where nobody asked for it.
const plantedKey = "Planted.pre_shared.key.0123456789"

// sample is a gateway with two VPN connections, everything known.
func sample() *Gateway {
	g := &Gateway{
		Network: "reference", Site: "idc", Name: "fw1",
		Public: netip.MustParseAddr("203.0.113.10"), ASN: 65010, AWSASN: 64512,
		Announce: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")},
		Accept:   []netip.Prefix{netip.MustParsePrefix("172.16.0.0/16"), netip.MustParsePrefix("172.29.0.0/24")},
		Timers:   tunnel.For(30 * time.Second),
		Algorithms: Algorithms{
			Phase1Encryption: []string{"AES256-GCM-16", "AES256"}, Phase1Integrity: []string{"SHA2-256", "SHA2-384", "SHA2-512"}, Phase1DHGroups: []int{19, 20, 21, 14},
			Phase2Encryption: []string{"AES256-GCM-16", "AES256"}, Phase2Integrity: []string{"SHA2-256", "SHA2-384", "SHA2-512"}, Phase2DHGroups: []int{19, 20, 21, 14},
		},
		Phase1Rekey: 28200 * time.Second, Phase1Life: 8 * time.Hour, Phase2Rekey: 3000 * time.Second, Phase2Life: time.Hour,
		ReplayWindow: 1024,
	}
	for i, inside := range []string{"169.254.110.0/30", "169.254.114.0/30", "169.254.118.0/30", "169.254.122.0/30"} {
		g.Tunnels = append(g.Tunnels, Tunnel{Connection: fmt.Sprintf("fw1-%c", 'a'+i/2), Number: i%2 + 1, ConnectionID: fmt.Sprintf("vpn-0123456789abcdef%d", i/2),
			Outside: netip.AddrFrom4([4]byte{198, 51, 100, byte(11 + i)}), Inside: netip.MustParsePrefix(inside), Key: secret.New(fmt.Sprintf("%s.%d", plantedKey, i))})
	}
	return g
}

func TestRender_Golden(t *testing.T) {
	for _, d := range Devices() {
		files, err := Render(sample(), d)
		if err != nil {
			t.Errorf("%s: %v", d, err)
			continue
		}
		for _, f := range files {
			golden.Compare(t, filepath.Join("testdata", string(d), filepath.FromSlash(f.Name)), string(f.Content()))
		}
	}
}

func find(t *testing.T, files []File, name string) File {
	t.Helper()
	for _, f := range files {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("there is no file %s in %v", name, files)
	return File{}
}
