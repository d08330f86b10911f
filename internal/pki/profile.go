package pki

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Protocol is what OpenVPN runs over.
type Protocol string

// The protocols.
const (
	TCP Protocol = "tcp"
	UDP Protocol = "udp"
)

// Remote is a way to a server.
type Remote struct {
	Host     string // an address or a name
	Port     int
	Protocol Protocol
}

// Identity is what a user proves themselves with. All of it is secret but Certificate.
type Identity struct{ Certificate, Key, TLSCrypt string }

// Profile is what an OpenVPN client needs.
type Profile struct {
	// Comment says what the profile is, such as "alice at reference, server seoul".
	Comment string
	// Remotes are tried in order, and again from the first.
	Remotes []Remote
	// ServerName is the name in the certificate of the server. No other server of the same authority will do.
	ServerName string
	// ServerPrefix says that ServerName is only how the name begins: one of several servers answers.
	ServerPrefix bool
	// Authority is the certificate of the authority, in PEM.
	Authority string
	Identity  Identity
}

// How soon a client notices that its server is gone, and how often it tries: it is back within 60 s after a server answers again.
const (
	PingEvery    = 5 * time.Second
	PingRestart  = 20 * time.Second
	connectWait  = 10 * time.Second // for one remote
	retryPause   = 1 * time.Second
	retryPauseTo = 5 * time.Second
)

// Ciphers are those of the data channel: authenticated ones only. The last is for phones without AES in hardware.
const Ciphers = "AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305"

// Text is the profile as a file with the extension .ovpn. It holds a private key.
func (p Profile) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# %s", p.Comment)
	line("# It holds a private key: whoever has this file is let in, until it is revoked.")
	line("client\ndev tun\nnobind\npersist-key\npersist-tun")
	for _, r := range p.Remotes {
		line("remote %s %d %s", r.Host, r.Port, r.client())
	}
	line("resolv-retry infinite\nserver-poll-timeout %d\nconnect-retry %d %d\nhand-window %d", seconds(connectWait), seconds(retryPause), seconds(retryPauseTo), seconds(2*connectWait))
	line("ping %d\nping-restart %d", seconds(PingEvery), seconds(PingRestart))
	if p.has(TCP) { // Nagle's algorithm doubles and triples the latency of TCP in TCP
		line("socket-flags TCP_NODELAY")
	}
	if p.has(UDP) { // or the server keeps the client's place for a while
		line("explicit-exit-notify 1")
	}
	kind := "name"
	if p.ServerPrefix {
		kind = "name-prefix"
	}
	line("remote-cert-tls server\nverify-x509-name %s %s\ntls-version-min 1.2", p.ServerName, kind)
	line("data-ciphers %s\nauth SHA256\nauth-nocache\nverb 3", Ciphers)
	inline := func(tag, text string) { line("<%s>\n%s\n</%s>", tag, strings.TrimSpace(text), tag) }
	inline("ca", p.Authority)
	inline("cert", p.Identity.Certificate)
	inline("key", p.Identity.Key)
	inline("tls-crypt-v2", p.Identity.TLSCrypt)
	return b.String()
}

func (p Profile) has(protocol Protocol) bool {
	return slices.ContainsFunc(p.Remotes, func(r Remote) bool { return r.Protocol == protocol })
}

// client is the protocol as OpenVPN's client names it. Servers have IPv4 addresses.
func (r Remote) client() string {
	if r.Protocol == UDP {
		return "udp4"
	}
	return "tcp4-client"
}

func seconds(d time.Duration) int { return int(d / time.Second) }
