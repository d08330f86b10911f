package pki

import (
	"fmt"
	"strings"
)

// ClientVPNProfile is what an OpenVPN client needs for an AWS Client VPN endpoint. Its lines are those of files that AWS exports for
// endpoints, as people have published them, with the certificate and key. AWS's own client takes some of OpenVPN's directives, not all;
// which ones is not known here, so there are no others.
type ClientVPNProfile struct {
	// Comment says what the profile is, such as "alice at reference, clientVpn/people".
	Comment string
	// Host is the endpoint's DNS name, without the label that clients put before it.
	Host     string
	Port     int
	Protocol Protocol
	// ServerName is the name in the certificate of the endpoint. No other endpoint or server will do.
	ServerName string
	// SAML says that people log in by SAML as well. Only AWS's own client can.
	SAML bool
	// Authority is the certificate of the authority, in PEM.
	Authority string
	// Identity is the user's, without TLSCrypt.
	Identity Identity
}

// Text is the profile as a file with the extension .ovpn. It holds a private key.
func (p ClientVPNProfile) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# %s", p.Comment)
	line("# It holds a private key: whoever has this file is let in, until it is revoked.")
	if p.SAML {
		line("# And a login by SAML is needed: use the client that AWS provides.")
	}
	line("client\ndev tun\nproto %s\nremote %s %d\nremote-random-hostname\nresolv-retry infinite\nnobind\npersist-key\npersist-tun", p.Protocol, p.Host, p.Port)
	line("remote-cert-tls server\nverify-x509-name %s name\ncipher AES-256-GCM\nverb 3\nreneg-sec 0", p.ServerName)
	if p.SAML {
		line("auth-federate\nauth-retry interact\nauth-nocache")
	}
	inline := func(tag, text string) { line("<%s>\n%s\n</%s>", tag, strings.TrimSpace(text), tag) }
	inline("ca", p.Authority)
	inline("cert", p.Identity.Certificate)
	inline("key", p.Identity.Key)
	return b.String()
}
