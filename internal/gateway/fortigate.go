package gateway

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/tunnel"
)

// FortiOS: names of algorithms (FortiOS CLI Reference, vpn ipsec phase1-interface and phase2-interface) and the groups that it
// knows of those AWS offers.
var (
	fortiGateEncryption = map[string]string{"AES128": "aes128", "AES256": "aes256", "AES128-GCM-16": "aes128gcm", "AES256-GCM-16": "aes256gcm"}
	fortiGateIntegrity  = map[string]string{"SHA1": "sha1", "SHA2-256": "sha256", "SHA2-384": "sha384", "SHA2-512": "sha512"}
	fortiGateGroups     = []int{2, 5, 14, 15, 16, 17, 18, 19, 20, 21}
)

// fortiGateMaxGroups is how many Diffie-Hellman groups a phase may offer (What's New in FortiOS 5.2).
const fortiGateMaxGroups = 3

// fortiGateProposals writes every pair of algorithms. An AEAD cipher has no integrity algorithm; in phase 1 it names the
// pseudorandom function instead.
func fortiGateProposals(encryption, integrity []string, phase1 bool) string {
	var out []string
	for _, e := range encryption {
		name := fortiGateEncryption[e]
		if tunnel.AEAD(e) && !phase1 {
			out = append(out, name)
			continue
		}
		for _, i := range integrity {
			if tunnel.AEAD(e) {
				out = append(out, name+"-prf"+fortiGateIntegrity[i])
			} else {
				out = append(out, name+"-"+fortiGateIntegrity[i])
			}
		}
	}
	return strings.Join(out, " ")
}

// fortiGateDH picks the groups that FortiOS knows, as many as it takes.
func fortiGateDH(groups []int) (string, error) {
	var out []string
	for _, g := range groups {
		if slices.Contains(fortiGateGroups, g) && len(out) < fortiGateMaxGroups {
			out = append(out, fmt.Sprint(g))
		}
	}
	if len(out) == 0 {
		return "", fmt.Errorf("FortiOS knows none of the Diffie-Hellman groups %v; add one of 14 to 21", groups)
	}
	return strings.Join(out, " "), nil
}

// FortiGateIKE are the proposals of phase 1.
func (v view) FortiGateIKE() string {
	return fortiGateProposals(v.Algorithms.phase1Encryption(), v.Algorithms.Phase1Integrity, true)
}

// FortiGateESP are the proposals of phase 2.
func (v view) FortiGateESP() string {
	return fortiGateProposals(v.Algorithms.Phase2Encryption, v.Algorithms.Phase2Integrity, false)
}

// FortiGateGroups1 are the Diffie-Hellman groups of phase 1.
func (v view) FortiGateGroups1() (string, error) { return fortiGateDH(v.Algorithms.Phase1DHGroups) }

// FortiGateGroups2 are the Diffie-Hellman groups of phase 2.
func (v view) FortiGateGroups2() (string, error) { return fortiGateDH(v.Algorithms.Phase2DHGroups) }

// WANName is the interface to the Internet, which FortiOS wants to know.
func (v view) WANName() string { return cmp.Or(v.WAN, "wan1") }

// LANName is the interface to the site.
func (v view) LANName() string { return cmp.Or(v.LAN, "internal") }
