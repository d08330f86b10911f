package bootstrap_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/golden"
)

// edges are proxies that together have every line of every template.
func edges() map[string]bootstrap.EdgeProxy {
	plain := bootstrap.EdgeProxy{
		OS: bootstrap.AmazonLinux2023, Name: "weverse", Region: "us-west-2",
		Origin: bootstrap.Origin{Name: "api.example.com"},
		Front:  bootstrap.Front{HTTP: 80},
	}
	full := plain
	full.Namespace, full.LogGroup, full.Drain = "pathproof/reference", "/pathproof/reference/edge/weverse", 30*time.Second
	full.Origin = bootstrap.Origin{Name: "${Token[TOKEN.7]}", TLS: true, CertificateName: "api.example.com", Host: "api.example.com", IdleTimeout: 2 * time.Minute, KeepAlive: 128}
	full.Front = bootstrap.Front{HTTP: 80, HTTPS: 443, TLSSecret: "${Token[TOKEN.8]}"}
	full.Signal = bootstrap.Signal{Stack: "reference-ops-oregon", Resource: "EdgeProxyweverseGroup12345678"}
	full.TargetGroups = []string{"${Token[TOKEN.9]}", "${Token[TOKEN.10]}"}
	full.Limits = bootstrap.Limits{RequestsPerSecond: 50, Connections: 20, BodyMiB: 1}
	nlb := plain
	nlb.Front = bootstrap.Front{HTTP: 8080, TLSInFront: true, ClientAddress: bootstrap.FromProxyProtocol, Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.1.0/27"), netip.MustParsePrefix("10.0.1.32/27")}}
	alb := plain
	alb.Front = bootstrap.Front{HTTP: 8080, ClientAddress: bootstrap.FromForwardedFor, Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.1.0/27")}}
	all := map[string]bootstrap.EdgeProxy{"plain": plain, "full": full, "nlb": nlb, "alb": alb}
	for _, name := range []string{"plain", "full", "nlb", "alb"} {
		e := all[name]
		e.OS = bootstrap.Debian
		all[name+"-debian"] = e
	}
	return all
}

func TestEdgeProxy_Golden(t *testing.T) {
	for name, e := range edges() {
		text, err := e.UserData()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Logf("%s: %d bytes of %d", name, len(text), bootstrap.MaxUserData)
		golden.Compare(t, "testdata/edge-"+name+".yaml", text)
		bashReads(t, text)
	}
}

// The archives of proxies are kept, so that another version of Go replaces none; and their files can be read in a review.
func TestEdgeProxy_ArchivesAreKept(t *testing.T) {
	for _, name := range []string{"plain", "full", "plain-debian"} {
		c, err := edges()[name].Config()
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, f := range append(c.Packed(), c.Own()...) {
			fmt.Fprintf(&all, "==> %s %s\n%s", f.Path, f.Mode, f.Content)
		}
		golden.Compare(t, "testdata/edge-"+name+".packed.txt", all.String())
	}
	for _, e := range edges() {
		c, err := e.Config()
		if err != nil {
			t.Fatal(err)
		}
		bootstrap.Keep(t, c)
	}
}

// Tokens of CDK belong into one file, where nothing depends on what they become.
func TestEdgeProxy_TokensAreValuesOnly(t *testing.T) {
	text, err := edges()["full"].UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	for path, content := range files {
		if path != bootstrap.EnvFile && strings.Contains(content, "${Token") {
			t.Errorf("%s has a token", path)
		}
	}
	if got := strings.Count(files[bootstrap.EnvFile], "${Token"); got != 4 {
		t.Errorf("%d tokens arrived, want 4", got)
	}
}

func TestEdgeProxy_SaysEverythingThatIsWrong(t *testing.T) {
	e := bootstrap.EdgeProxy{
		OS: bootstrap.Debian, Name: "weverse", Region: "us-west-2",
		Origin:  bootstrap.Origin{Name: "Seoul-api-1.ap-northeast-2.elb.amazonaws.com", TLS: true, Port: 70000, Host: "a b", IdleTimeout: 5 * time.Second, KeepAlive: -1},
		Front:   bootstrap.Front{HTTP: 80, HTTPS: 80, TLSInFront: true, ClientAddress: bootstrap.FromForwardedFor},
		Limits:  bootstrap.Limits{BodyMiB: -1},
		Refresh: time.Millisecond, Drain: time.Hour, HealthPath: "/", Resolver: netip.MustParseAddr("fd00:ec2::253"),
	}
	_, err := e.UserData()
	if err == nil {
		t.Fatal("no error")
	}
	golden.Compare(t, "testdata/edge-errors.txt", err.Error()+"\n")
}

func TestEdgeProxy_Refuses(t *testing.T) {
	for name, change := range map[string]func(*bootstrap.EdgeProxy){
		"origin.name: missing":                 func(e *bootstrap.EdgeProxy) { e.Origin.Name = "" },
		"origin.name: not a DNS name":          func(e *bootstrap.EdgeProxy) { e.Origin.Name = "x.com;" },
		"front: no port":                       func(e *bootstrap.EdgeProxy) { e.Front = bootstrap.Front{} },
		"front.tlsSecret: nothing uses it":     func(e *bootstrap.EdgeProxy) { e.Front.TLSSecret = "arn" },
		"front.trusted: nothing uses it":       func(e *bootstrap.EdgeProxy) { e.Front.Trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} },
		"front.trusted: not a subnet":          func(e *bootstrap.EdgeProxy) { e.Front.Trusted = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} },
		"front.clientAddress: unknown":         func(e *bootstrap.EdgeProxy) { e.Front.ClientAddress = "guess" },
		"front: port 9180 is where":            func(e *bootstrap.EdgeProxy) { e.Front.HTTP = 9180 },
		`os: unknown value, got "windows"`:     func(e *bootstrap.EdgeProxy) { e.OS = "windows" },
		"healthPath: not a path of its own":    func(e *bootstrap.EdgeProxy) { e.HealthPath = "/a b" },
		"targetGroups: nobody waits":           func(e *bootstrap.EdgeProxy) { e.TargetGroups = []string{"arn"} },
		"targetGroups[1]: not an ARN":          func(e *bootstrap.EdgeProxy) { e.TargetGroups = []string{"arn", ""} },
		"origin.certificateName: not a DNS na": func(e *bootstrap.EdgeProxy) { e.Origin.TLS, e.Origin.CertificateName = true, "*.example.com" },
	} {
		e := edges()["plain"]
		change(&e)
		if _, err := e.UserData(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		}
	}
}
