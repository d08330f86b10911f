package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// fakeVPN is every Region's Client VPN endpoints.
type fakeVPN struct {
	calls  []string
	region string
	bring  error // for cvpn-endpoint-2
	end    error
	given  map[string]string // lists by endpoint
}

func (f *fakeVPN) in(region string) *fakeVPN { f.region = region; return f }

func (f *fakeVPN) Remote(_ context.Context, endpoint string) (pki.Remote, error) {
	return pki.Remote{Host: endpoint + ".prod.clientvpn." + f.region + ".amazonaws.com", Port: 443, Protocol: pki.UDP}, nil
}

func (f *fakeVPN) Bring(ctx context.Context, p *registry.PKI, endpoint string) (bool, error) {
	f.calls = append(f.calls, "bring "+endpoint+" in "+f.region)
	if endpoint == "cvpn-endpoint-2" && f.bring != nil {
		return false, f.bring
	}
	text, err := p.ClientVPNList(ctx)
	if f.given == nil {
		f.given = map[string]string{}
	}
	was := f.given[endpoint]
	f.given[endpoint] = text
	return was != text, err
}

func (f *fakeVPN) End(_ context.Context, endpoint, user string) (int, error) {
	f.calls = append(f.calls, "end "+user+" at "+endpoint)
	return 1, f.end
}

func newVPNDesk(t *testing.T) *desk {
	d := newDesk(t)
	d.config = "../../internal/check/testdata/good/client-vpn.yaml"
	return d
}

func TestClientProfile_OfClientVPN(t *testing.T) {
	d := newVPNDesk(t)
	dir := t.TempDir()
	d.want(exitOK, "alice  added until ", "add", "alice")
	d.want(exitOK, "alice  in already until ", "add", "alice")
	config, _ := filepath.Abs(d.config)
	d.config = config
	t.Chdir(dir)
	d.want(exitOK, "alice-clientVpn-home.ovpn\n", "get", "alice", "--server", "clientVpn/home")
	info, err := os.Stat("alice-clientVpn-home.ovpn")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v; want a file that nobody else can read", info, err)
	}
	text, err := os.ReadFile("alice-clientVpn-home.ovpn")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# alice at people, clientVpn/home\n", "remote cvpn-endpoint-1.prod.clientvpn.ap-northeast-2.amazonaws.com 443\nremote-random-hostname\n",
		"verify-x509-name home.seoul.vpn.client-vpn.people name\n", "<key>\n-----BEGIN PRIVATE KEY-----"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in the profile", want)
		}
	}
	if strings.Contains(string(text), "tls-crypt") || strings.Contains(string(text), "auth-federate") {
		t.Error("the profile has what an endpoint without SAML does not know")
	}
	if code, stdout, stderr := d.raw("get", "alice", "--server", "clientVpn/partners", "--out", "-"); code != exitOK ||
		!strings.Contains(stdout, "cvpn-endpoint-2.prod.clientvpn.ap-northeast-1") || !strings.Contains(stdout, "\nauth-federate\n") {
		t.Errorf("status %d: %s", code, stderr)
	}
	d.want(exitOther, "/client-vpn/staff in ap-northeast-2: not there; deploy the network first", "get", "alice", "--server", "clientVpn/staff")
	d.want(exitInput, "name one of openvpn/seoul, clientVpn/home, clientVpn/partners, clientVpn/staff", "get", "alice")
	d.want(exitInput, `clientVpn/home: no way is left by --through "" and --protocol "tcp"`, "get", "alice", "--server", "clientVpn/home", "--protocol", "tcp")
}

func TestClientProfile_RevokePutsOutOfEveryEndpoint(t *testing.T) {
	d := newVPNDesk(t)
	d.want(exitOK, "added", "add", "alice")
	d.vpn.bring = errors.New("cvpn-endpoint-2: not allowed; allow ec2:ImportClientVpnClientCertificateRevocationList on it, or use other credentials")
	code, said := d.run("revoke", "alice")
	if code != exitOther || !strings.Contains(said, "clientVpn/partners: cvpn-endpoint-2: not allowed; allow ec2:ImportClientVpnClientCertificateRevocationList on it, or use other credentials; "+
		"until it has the list, alice gets in there: its schedule brings it within a day, or run this again") {
		t.Errorf("status %d: %s", code, said)
	}
	for _, want := range []string{"clientVpn/home  has the list now, 1 of alice's connections ended\n", "clientVpn/staff  not deployed\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	if len(d.secrets.All()) != 1 { // the tls-crypt key
		t.Errorf("the profile is still there: %d secrets", len(d.secrets.All()))
	}
	d.vpn.bring, d.vpn.end = nil, errors.New("no")
	code, said = d.run("revoke", "alice")
	for _, want := range []string{"alice  revoked already\n", "clientVpn/home  has the list; connections were not looked at: no\n"} {
		if code != exitOK || !strings.Contains(said, want) {
			t.Errorf("again: status %d, no %q in %s", code, want, said)
		}
	}
	l, err := pki.DecodeList(d.vpn.given["cvpn-endpoint-2"])
	if err != nil || len(l.RevokedCertificateEntries) != 1 {
		t.Errorf("the endpoint was given %v, %v", err, l)
	}
	if calls := strings.Join(d.vpn.calls, ", "); !strings.Contains(calls, "bring cvpn-endpoint-2 in ap-northeast-1, end alice at cvpn-endpoint-2") {
		t.Errorf("calls: %s", calls)
	}
}
