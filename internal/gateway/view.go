package gateway

import (
	"fmt"
	"net/netip"
	"strings"
	"text/template"
	"time"

	"github.com/pathproof/pathproof/internal/tunnel"
)

// view is what templates see: the gateway, and what they cannot work out themselves.
type view struct {
	*Gateway
	Device Device
}

var functions = template.FuncMap{
	"seconds": seconds,
	"list":    func(list []netip.Prefix) string { return prefixes(list, ", ") },
	"under":   func(s string) string { return strings.ReplaceAll(s, "-", "_") },
	"add":     func(a, b int) int { return a + b },
	"mul":     func(a, b int) int { return a * b },
	"mask":    mask,
}

// seconds writes a duration as a plain number of seconds.
func seconds(d time.Duration) string { return fmt.Sprintf("%g", d.Seconds()) }

func prefixes(list []netip.Prefix, sep string) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return strings.Join(out, sep)
}

// mask writes a prefix as address and mask: 10.20.0.0 255.255.0.0.
func mask(p netip.Prefix) string {
	bits := ^uint32(0) << (32 - p.Bits())
	if p.Bits() == 0 {
		bits = 0
	}
	return fmt.Sprintf("%s %d.%d.%d.%d", p.Addr(), bits>>24, bits>>16&255, bits>>8&255, bits&255)
}

// IsVTI reports whether the tunnels are VTI devices.
func (v view) IsVTI() bool { return v.Interfaces == VTI }

// Daemon is the unit of the routing daemon.
func (v view) Daemon() string {
	if v.Device == StrongSwanFRR {
		return "frr"
	}
	return "bird"
}

// LastResort lists what is dropped while no better route leads there: what is behind this gateway, and what is meant for AWS. A
// default route is not among them: without the Internet's own no tunnel would ever come up.
func (v view) LastResort() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range append(v.Announce[:len(v.Announce):len(v.Announce)], v.Accept...) {
		if p.Bits() > 0 {
			out = append(out, p)
		}
	}
	return out
}

// Devs lists the tunnels' interfaces as nftables does.
func (v view) Devs() string {
	var out []string
	for _, t := range v.Tunnels {
		out = append(out, fmt.Sprintf("%q", t.Interface()))
	}
	return strings.Join(out, ", ")
}

// OutsideOf is AWS's address of a tunnel, or a placeholder that no parser takes for one.
func (v view) OutsideOf(t Tunnel) string {
	if !t.Outside.IsValid() {
		return "AWS-OUTSIDE-ADDRESS-OF-" + t.Name()
	}
	return t.Outside.String()
}

// KeyOf is the pre-shared key of a tunnel, or a placeholder.
func (v view) KeyOf(t Tunnel) string {
	switch {
	case v.HideKeys && t.Outside.IsValid():
		return "HIDDEN-PRE-SHARED-KEY-OF-" + t.Name()
	case t.Key.Empty():
		return "PRE-SHARED-KEY-OF-" + t.Name()
	}
	return t.Key.Reveal()
}

// Complete reports whether nothing is left to fill in.
func (v view) Complete() bool {
	for _, t := range v.Tunnels {
		if !t.Outside.IsValid() || t.Key.Empty() || v.HideKeys {
			return false
		}
	}
	return true
}

// IKE are the proposals of phase 1 as strongSwan writes them.
func (v view) IKE() string {
	a := v.Algorithms
	return strongswanProposals(a.phase1Encryption(), a.Phase1Integrity, a.Phase1DHGroups, true)
}

// ESP are the proposals of phase 2 as strongSwan writes them.
func (v view) ESP() string {
	a := v.Algorithms
	return strongswanProposals(a.Phase2Encryption, a.Phase2Integrity, a.Phase2DHGroups, false)
}

// IKEVersion is 2 wherever AWS offers it.
func (v view) IKEVersion() int {
	if v.Algorithms.OnlyIKEv1 {
		return 1
	}
	return 2
}

// WhyEncapsulated says why ESP always travels in UDP.
func (v view) WhyEncapsulated() string {
	switch {
	case v.Accelerated:
		return "accelerated VPN needs it"
	case v.BehindNAT():
		return "this gateway is behind NAT"
	}
	return "asked for"
}

// AcquireSeconds is how long the kernel waits for the answer to a packet's wish for a tunnel: a little longer than IKE does for
// its peer's.
func (v view) AcquireSeconds() int {
	return int((v.Timers.DeadPeer()-v.Timers.DPDDelay)/time.Second) + 1
}

// BehindNAT reports whether the device sends from another address than AWS sees.
func (v view) BehindNAT() bool { return v.LocalAddress() != v.Public }

// WhyMTU says what the MTU is made for.
func (v view) WhyMTU() string {
	natt := ""
	if v.Encapsulated() {
		natt = " in UDP"
	}
	return fmt.Sprintf("%d bytes less ESP%s with the largest of the algorithms offered; no path MTU discovery at AWS's end", tunnel.PathMTU, natt)
}
