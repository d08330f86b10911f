package gateway

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/tunnel"
)

// What strongSwan calls AWS's algorithms (strongSwan documentation, "IKEv2 Cipher Suites").
var (
	strongswanEncryption = map[string]string{"AES128": "aes128", "AES256": "aes256", "AES128-GCM-16": "aes128gcm16", "AES256-GCM-16": "aes256gcm16"}
	strongswanIntegrity  = map[string]string{"SHA1": "sha1", "SHA2-256": "sha256", "SHA2-384": "sha384", "SHA2-512": "sha512"}
	strongswanGroup      = map[int]string{2: "modp1024", 5: "modp1536", 14: "modp2048", 15: "modp3072", 16: "modp4096", 17: "modp6144", 18: "modp8192",
		19: "ecp256", 20: "ecp384", 21: "ecp521", 22: "modp1024s160", 23: "modp2048s224", 24: "modp2048s256"}
)

// phase1Encryption leaves out AEAD ciphers where only IKEv1 is offered, which has none in phase 1.
func (a Algorithms) phase1Encryption() []string {
	if !a.OnlyIKEv1 {
		return a.Phase1Encryption
	}
	return slices.DeleteFunc(slices.Clone(a.Phase1Encryption), tunnel.AEAD)
}

// strongswanProposals writes a proposal for the AEAD ciphers and one for the others, which do not mix in one (RFC 5282), that
// of the first cipher first. In IKE an AEAD proposal names its pseudorandom functions, which others take from the integrity
// algorithms.
func strongswanProposals(encryption, integrity []string, groups []int, ike bool) string {
	var combined, plain, order []string
	for _, e := range encryption {
		if tunnel.AEAD(e) {
			combined = append(combined, strongswanEncryption[e])
		} else {
			plain = append(plain, strongswanEncryption[e])
		}
	}
	var checks, functions, dh []string
	for _, i := range integrity {
		checks = append(checks, strongswanIntegrity[i])
		functions = append(functions, "prf"+strongswanIntegrity[i])
	}
	for _, g := range groups {
		dh = append(dh, strongswanGroup[g])
	}
	write := func(ciphers, with []string) {
		if len(ciphers) > 0 {
			order = append(order, strings.Join(append(append(ciphers, with...), dh...), "-"))
		}
	}
	if !ike {
		functions = nil
	}
	if len(encryption) > 0 && tunnel.AEAD(encryption[0]) {
		write(combined, functions)
		write(plain, checks)
	} else {
		write(plain, checks)
		write(combined, functions)
	}
	return strings.Join(order, ",")
}
