// Package tunnel is the arithmetic of IPsec tunnels to AWS: the packet size that fits through one, and the timers by which
// both ends notice that one is dead.
package tunnel

import "fmt"

// PathMTU is the size in bytes of the largest packet that the Internet carries everywhere, between Ethernets.
const PathMTU = 1500

// Sizes in bytes of what IPsec in tunnel mode adds to a packet.
const (
	outerIPv4  = 20 // the packet between the endpoints, without options
	udp        = 8  // NAT traversal: ESP in UDP port 4500 (RFC 3948)
	espHeader  = 8  // security parameters index and sequence number (RFC 4303)
	espTrailer = 2  // pad length and next header, inside of what is padded and encrypted
	ipv4TCP    = 40 // IPv4 and TCP headers of the inner packet, without options
)

// A transform is what one algorithm adds to each packet, in bytes.
type transform struct {
	vector int // initialization vector
	align  int // what payload and trailer are padded to a multiple of
	check  int // integrity check value
}

// encryptions are AWS's names for phase 2 encryption. AES-GCM checks integrity itself.
var encryptions = map[string]transform{
	"AES128":        {vector: 16, align: 16}, // CBC (RFC 3602)
	"AES256":        {vector: 16, align: 16},
	"AES128-GCM-16": {vector: 8, align: 4, check: 16}, // RFC 4106; ESP itself pads to 4 bytes
	"AES256-GCM-16": {vector: 8, align: 4, check: 16},
}

// integrities are AWS's names for phase 2 integrity, with the length of their truncated check values.
var integrities = map[string]int{
	"SHA1":     12, // RFC 2404
	"SHA2-256": 16, // RFC 4868, as the others
	"SHA2-384": 24,
	"SHA2-512": 32,
}

// AEAD reports whether an encryption algorithm checks integrity itself, so that no integrity algorithm goes with it.
func AEAD(encryption string) bool { return encryptions[encryption].check > 0 }

// MTU is the largest inner packet, in bytes, that fits through a tunnel over a path that carries packets of path bytes. The
// names are AWS's; with an AEAD cipher integrity is not looked at.
func MTU(path int, encryption, integrity string, natTraversal bool) (int, error) {
	t, ok := encryptions[encryption]
	if !ok {
		return 0, fmt.Errorf("unknown encryption algorithm, got %q", encryption)
	}
	if t.check == 0 {
		if t.check, ok = integrities[integrity]; !ok {
			return 0, fmt.Errorf("unknown integrity algorithm, got %q", integrity)
		}
	}
	room := path - outerIPv4 - espHeader - t.vector - t.check
	if natTraversal {
		room -= udp
	}
	return room/t.align*t.align - espTrailer, nil
}

// WorstMTU is the MTU that every combination of the algorithms offered leaves: which of them is used, the other end decides.
func WorstMTU(path int, encryption, integrity []string, natTraversal bool) (int, error) {
	worst := path
	for _, e := range encryption {
		list := integrity
		if AEAD(e) {
			list = []string{""}
		}
		for _, i := range list {
			mtu, err := MTU(path, e, i, natTraversal)
			if err != nil {
				return 0, err
			}
			worst = min(worst, mtu)
		}
	}
	return worst, nil
}

// MSS is the TCP segment size that goes with an MTU, in bytes.
func MSS(mtu int) int { return mtu - ipv4TCP }
