package topology

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/problem"
)

// PKI is a certificate authority whose key is in KMS.
type PKI struct {
	Name     string `json:"name"`
	Home     Place  `json:"home"`     // of the key, the CA's certificate and the list of revoked certificates
	KeyAlias string `json:"keyAlias"` // by which servers' functions and the command line find the key
	// ClientVPNKeyAlias is that of the second key, of RSA; empty if no Client VPN has certificates of it.
	ClientVPNKeyAlias string `json:"clientVpnKeyAlias,omitempty"`
	// TLSCryptSecret is the name of the secret at home with the key by which servers know people's machines before any certificate.
	TLSCryptSecret string `json:"tlsCryptSecret"`
	ServerDays     int    `json:"serverDays"`
	ClientDays     int    `json:"clientDays"`
	// Replicas are the other places in which servers read the CA's certificate and the list.
	Replicas []Place `json:"replicas,omitempty"`
	// Servers are those with certificates of it: openvpn/NAME and clientVpn/NAME.
	Servers []string `json:"servers,omitempty"`
}

const day = 24 * time.Hour

func (b *builder) pkis() {
	for _, name := range sortedKeys(b.f.PKI) {
		c := b.f.PKI[name]
		path := fmt.Sprintf("pki[%s]", name)
		b.wholeDays(path+".serverValidity", c.ServerValidity, 7, 825)
		b.wholeDays(path+".clientValidity", c.ClientValidity, 1, 1095)
		if r := b.region(path+".home", c.Home); r != nil {
			b.plan.PKIs = append(b.plan.PKIs, &PKI{Name: string(name), Home: r.Place, KeyAlias: naming.PKIKeyAlias(b.plan.Name, string(name)), TLSCryptSecret: "pathproof/" + b.plan.Name + "/pki/" + string(name) + "/tls-crypt",
				ServerDays: c.ServerValidity.Days(), ClientDays: c.ClientValidity.Days()})
		}
	}
}

func (b *builder) wholeDays(path string, got config.Duration, least, most int) {
	if d := got.Days(); d < least || d > most || time.Duration(got)%day != 0 {
		b.addf(problem.BadValue, path, "out of range, got %s; use whole days from %dd to %dd", got, least, most)
	}
}

// issuer finds the PKI of a server and notes that it issues for it. It is in the account of the server: a key signs for its own account only.
func (b *builder) issuer(path string, name config.Name, server config.Ref, at Place) *PKI {
	p := resolve(b, path, "PKI", name, b.f.PKI, b.plan.PKI)
	if p == nil {
		return nil
	}
	if p.Home.Account != at.Account {
		b.addf(problem.CertificateMissing, path, "a PKI of another account, got %s in %s for %s in %s; declare one in the server's account", name, p.Home, server, at)
		return nil
	}
	p.Servers = append(p.Servers, server.String())
	if server.Kind == config.KindClientVPN { // its list is brought to it
		p.ClientVPNKeyAlias = naming.PKIClientVPNKeyAlias(b.plan.Name, p.Name)
		return p
	}
	if at != p.Home && !slices.Contains(p.Replicas, at) {
		p.Replicas = append(p.Replicas, at)
		slices.SortFunc(p.Replicas, func(x, y Place) int { return cmp.Compare(x.Region, y.Region) })
	}
	return p
}

// PKI returns a certificate authority by name, or nil.
func (p *Plan) PKI(name string) *PKI {
	return find(p.PKIs, func(x *PKI) bool { return x.Name == name })
}
