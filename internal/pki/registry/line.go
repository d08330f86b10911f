package registry

import (
	"context"
	"crypto/rsa"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
)

// Line is one of the two lines of certificates of a PKI. Each has an authority with a key of its own and a list of its own; the register
// is one, so revoking a user is one change.
type Line string

// The lines.
const (
	OfOpenVPN   Line = ""          // keys on P-256, for OpenVPN servers
	OfClientVPN Line = "clientVpn" // RSA, which is all that AWS Client VPN takes
)

// LineOf tells the line of an authority by its key.
func LineOf(a *pki.Authority) Line {
	if _, ok := a.Signer.Public().(*rsa.PublicKey); ok {
		return OfClientVPN
	}
	return OfOpenVPN
}

// ClientVPNAuthorityKey and ClientVPNListKey are the keys of the objects of the second line.
const (
	ClientVPNAuthorityKey = "client-vpn/ca.pem"
	ClientVPNListKey      = "client-vpn/crl.pem"
)

func (l Line) authorityKey() string {
	if l == OfClientVPN {
		return ClientVPNAuthorityKey
	}
	return AuthorityKey
}

func (l Line) listKey() string {
	if l == OfClientVPN {
		return ClientVPNListKey
	}
	return ListKey
}

// listLife is how long a list of the line is good, and listRenew how long before its end it is made anew.
func (l Line) listLife() time.Duration {
	if l == OfClientVPN {
		return pki.ClientVPNListLife
	}
	return pki.ListLife
}

func (l Line) listRenew() time.Duration {
	if l == OfClientVPN {
		return pki.ClientVPNListRenew
	}
	return pki.ListRenew
}

// subject is the common name of the line's authority.
func (p *PKI) subject(l Line) string {
	if l == OfClientVPN {
		return p.Name + " client-vpn"
	}
	return p.Name
}

// HasClientVPN reports whether the PKI issues for AWS Client VPN.
func (p *PKI) HasClientVPN() bool { return p.ConnectClientVPN != nil }

// Authority returns the authority of OpenVPN servers and their users, whose certificate it makes if there is none or if its end is near.
func (p *PKI) Authority(ctx context.Context) (*pki.Authority, error) {
	return p.authority(ctx, OfOpenVPN)
}

// ClientVPNAuthority is like Authority, for the endpoints of AWS Client VPN and their users.
func (p *PKI) ClientVPNAuthority(ctx context.Context) (*pki.Authority, error) {
	if !p.HasClientVPN() {
		return nil, fmt.Errorf("PKI %s: no Client VPN has certificates of it; name it as the pki of one, and deploy", p.Name)
	}
	return p.authority(ctx, OfClientVPN)
}

// ClientVPNList returns the list of the second line as it was published last, in PEM, or ErrMissing.
func (p *PKI) ClientVPNList(ctx context.Context) (string, error) {
	text, _, err := p.Objects.Get(ctx, ClientVPNListKey)
	return text, err
}
