//go:build linux

package openvpnlab

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/pathproof/pathproof/internal/clientprofile"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/acmcert"
	"github.com/pathproof/pathproof/internal/pki/acmcert/acmtest"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
	"github.com/pathproof/pathproof/internal/probe/lab"
)

const (
	endpointHost    = "cvpn-endpoint-0123456789abcdef0.prod.clientvpn.ap-northeast-2.amazonaws.com"
	endpointAddress = "198.51.100.7"
	endpointInside  = "10.251.0.1"
)

// resolver answers every name with one address, from the loopback interface of a namespace, and keeps the names.
type resolver struct {
	mu    sync.Mutex
	names []string
}

func newResolver(t *testing.T, n *lab.Namespace, address string) *resolver {
	t.Helper()
	var conn net.PacketConn
	check(t, n.IP("link set lo up"), n.Do(func() (err error) { conn, err = net.ListenPacket("udp4", "127.0.0.1:53"); return err }))
	t.Cleanup(func() { _ = conn.Close() })
	r := &resolver{}
	to := dnsmessage.AResource{A: [4]byte(net.ParseIP(address).To4())}
	go func() {
		b := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:size]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				r.mu.Lock()
				r.names = append(r.names, q.Name.String())
				r.mu.Unlock()
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &to}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return r
}

// managed is a stand-in for an AWS Client VPN endpoint: OpenVPN with what ACM holds, what AWS says that it offers, and the list that it was
// given.
type managed struct {
	t      *testing.T
	n      *lab.Namespace
	folder string
	runs   int
	log    string
	stop   func()
}

func (m *managed) start(c *acmtest.Certificate, list string) {
	m.t.Helper()
	m.runs++
	m.log = filepath.Join(m.folder, "endpoint-"+string(rune('0'+m.runs))+".log")
	file := func(name, text string) string {
		f := filepath.Join(m.folder, name)
		check(m.t, os.WriteFile(f, []byte(text), 0o600))
		return f
	}
	cmd := start(m.t, m.n, m.log, "openvpn", "--dev", "tun", "--proto", "udp4", "--port", "443", "--server", "10.251.0.0", "255.255.252.0", "--topology", "subnet",
		"--ca", file("ca.pem", c.Chain), "--cert", file("cert.pem", c.PEM), "--key", file("key.pem", c.Key), "--dh", "none", "--crl-verify", file("crl.pem", list),
		"--remote-cert-tls", "client", "--data-ciphers", "AES-256-GCM", "--keepalive", "1", "4", "--verb", "3")
	m.stop = func() { _ = cmd.Process.Kill() }
	eventually(m.t, "endpoint answers", patience, func() bool { return m.said(connected) })
}

func (m *managed) said(text string) bool {
	b, _ := os.ReadFile(m.log)
	return strings.Contains(string(b), text)
}

// dialManaged starts OpenVPN with a profile as it was rendered, but for the file: names are asked of the namespace's resolver.
func dialManaged(t *testing.T, n *lab.Namespace, text string) *client {
	t.Helper()
	dir := t.TempDir()
	profile, resolv := filepath.Join(dir, "profile.ovpn"), filepath.Join(dir, "resolv.conf")
	check(t, os.WriteFile(profile, []byte(text), 0o600), os.WriteFile(resolv, []byte("nameserver 127.0.0.1\n"), 0o644))
	c := &client{t: t, ns: n, log: filepath.Join(dir, "client.log")}
	c.cmd = start(t, n, c.log, "unshare", "--mount", "sh", "-c", `mount --bind "$1" /etc/resolv.conf && exec openvpn --config "$2"`, "sh", resolv, profile)
	return c
}

// TestClientVPN_RealOpenVPNTakesWhatThePKIIssues shows as far as OpenVPN can show it that an endpoint and its people get on with the PKI: what
// ACM was given, the profiles as they are rendered, the list, and a renewed certificate.
func TestClientVPN_RealOpenVPNTakesWhatThePKIIssues(t *testing.T) {
	needLab(t)
	p, objects, _ := pkitest.New(t)
	pkitest.WithClientVPN(t, p)
	start := time.Now()
	p.Now = func() time.Time { return start.Add(pki.ServerRenew - pki.ServerLife) } // so the certificate is near its end
	acm := &acmtest.Fake{Region: "ap-northeast-2"}
	name := naming.ClientVPNCertificate(network, "people", "seoul/vpn")
	certificate := acmcert.Endpoint{PKI: p, ACM: acm, Region: acm.Region, Name: name, Tags: map[string]string{naming.TagNetwork: network, naming.TagClientVPN: name}}
	first, err := certificate.Ensure(t.Context(), nil)
	check(t, err)
	p.Now = time.Now
	users := &clientprofile.Users{PKI: p, Network: network, Name: "main"}
	profile := func(user, server string) string {
		t.Helper()
		_, err := users.Add(t.Context(), user, pki.ClientLife)
		check(t, err)
		text, _, err := users.GetClientVPN(t.Context(), user, pki.ClientVPNProfile{Comment: user, Host: endpointHost, Port: 443, Protocol: pki.UDP, ServerName: server})
		check(t, err)
		return text
	}
	alice, bob := profile("alice", name), profile("bob", name)
	a, err := p.ClientVPNAuthority(t.Context())
	check(t, err, p.Publish(t.Context(), a))

	w := newWorld(t)
	server, laptop := namespace(t), namespace(t)
	w.connect(t, server, endpointAddress, time.Millisecond, "203.0.113.0/24")
	w.connect(t, laptop, "203.0.113.7", time.Millisecond, "198.51.100.0/24")
	names := newResolver(t, laptop, endpointAddress)
	folder := t.TempDir()
	endpoint := &managed{t: t, n: server, folder: folder}
	endpoint.start(acm.Get(first.ARN), objects.Text(registry.ClientVPNListKey))

	c := dialManaged(t, laptop, alice)
	c.up(1, patience)
	if out, err := run(laptop, "ping", "-c", "3", "-i", "0.2", "-W", "2", endpointInside); err != nil {
		t.Errorf("nothing comes through the tunnel: %v: %s", err, out)
	}
	for _, want := range []string{"VERIFY OK: depth=1, CN=reference main client-vpn", "VERIFY X509NAME OK: CN=" + name, "cipher 'AES-256-GCM'"} {
		if c.said(want) == 0 {
			t.Errorf("the client did not say %q", want)
		}
	}
	names.mu.Lock()
	if asked := strings.Join(names.names, " "); !regexp.MustCompile(`^[0-9a-f]{12}\.` + regexp.QuoteMeta(endpointHost) + `\.`).MatchString(asked) {
		t.Errorf("the client asked for %s", asked)
	}
	names.mu.Unlock()
	c.stop()

	other := dialManaged(t, laptop, profile("alice", "other.seoul.vpn.client-vpn.lab"))
	eventually(t, "an endpoint of another name is refused", patience, func() bool { return other.said("VERIFY X509NAME ERROR") > 0 })
	other.stop()

	_, err = users.Revoke(t.Context(), "bob")
	check(t, err, os.WriteFile(filepath.Join(folder, "crl.pem"), []byte(objects.Text(registry.ClientVPNListKey)), 0o600))
	out := dialManaged(t, laptop, bob)
	eventually(t, "bob is refused", patience, func() bool { return endpoint.said("certificate revoked: CN=bob") })
	out.stop()
	if out.said(connected) != 0 {
		t.Error("bob was let in")
	}

	second, err := certificate.Ensure(t.Context(), nil)
	check(t, err)
	if second.ARN != first.ARN || second.Serial == first.Serial {
		t.Fatalf("got %+v after %+v", second, first)
	}
	endpoint.stop()
	endpoint.start(acm.Get(second.ARN), objects.Text(registry.ClientVPNListKey))
	c = dialManaged(t, laptop, alice)
	c.up(1, patience)
	c.stop()

	ended, err := a.Revoke(t.Context(), 1000, nil, time.Now().Add(-2*pki.ClientVPNListLife))
	check(t, err, os.WriteFile(filepath.Join(folder, "crl.pem"), []byte(pki.EncodeList(ended)), 0o600))
	c = dialManaged(t, laptop, alice)
	eventually(t, "with a list that ended nobody gets in", patience, func() bool { return endpoint.said("CRL has expired: CN=alice") })
	c.stop()
}
