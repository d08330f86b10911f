//go:build linux

package edgelab_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/probe/lab"
)

func plain() bootstrap.EdgeProxy {
	return bootstrap.EdgeProxy{
		Name: "weverse", Region: "us-west-2", Refresh: time.Second,
		Origin: bootstrap.Origin{Name: originName}, Front: bootstrap.Front{HTTP: 80},
	}
}

// variants are proxies that differ in what nginx has to accept.
func variants() map[string]bootstrap.EdgeProxy {
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	all := map[string]bootstrap.EdgeProxy{"plain": plain()}
	e := plain()
	e.Front = bootstrap.Front{HTTP: 80, HTTPS: 443, TLSSecret: "edge"}
	e.Origin.TLS, e.Origin.Host, e.Origin.KeepAlive = true, "www.example.com", 128
	e.Limits = bootstrap.Limits{RequestsPerSecond: 50, Connections: 20, BodyMiB: 1}
	e.Drain, e.LogGroup, e.Namespace = 2*time.Second, "/edge", "pathproof"
	all["tls and limits"] = e
	e = plain()
	e.Front = bootstrap.Front{HTTPS: 8443, TLSSecret: "edge", ClientAddress: bootstrap.FromProxyProtocol, Trusted: trusted}
	all["tls behind an NLB"] = e
	e = plain()
	e.Front = bootstrap.Front{HTTP: 8080, TLSInFront: true, ClientAddress: bootstrap.FromProxyProtocol, Trusted: trusted}
	all["NLB"] = e
	e = plain()
	e.Front = bootstrap.Front{HTTP: 8080, ClientAddress: bootstrap.FromForwardedFor, Trusted: trusted}
	all["ALB"] = e
	return all
}

// Whatever can be declared, nginx takes, with its own -t as the boot does it.
func TestNginx_AcceptsEveryVariant(t *testing.T) {
	t.Parallel()
	for _, build := range builds {
		t.Run(build.name, func(t *testing.T) {
			t.Parallel()
			web := build.get(t)
			t.Logf("nginx %s", web.version)
			ns, err := lab.NewNamespace()
			if err != nil {
				t.Fatal(err)
			}
			defer ns.Close()
			for name, e := range variants() {
				m := newMachine(t, web, ns, e)
				if e.Front.HTTPS != 0 {
					m.secret(newPair(t, originName))
					m.run(bootstrap.Folder + "/tls")
				}
				m.step("configure")
				if out := m.run("nginx", "-t"); containsAny(out, "[warn]", "[emerg]", "[error]") {
					t.Errorf("%s: nginx is not content:\n%s", name, out)
				}
			}
		})
	}
}

// What nginx refuses never becomes its configuration.
func TestConfigure_KeepsWhatNginxTakes(t *testing.T) {
	t.Parallel()
	web := debianNginx(t)
	ns, err := lab.NewNamespace()
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	m := newMachine(t, web, ns, plain())
	m.step("configure")
	before := m.read("/etc/nginx/nginx.conf")
	m.write("/etc/pathproof/nginx.conf", 0o644, "events {} http { nonsense; }\n")
	if out, err := m.try(nil, script(m.stepPath("configure"))...); err == nil {
		t.Errorf("the step passes:\n%s", out)
	}
	if m.read("/etc/nginx/nginx.conf") != before {
		t.Error("nginx's configuration changed")
	}
}

// An image with an old nginx must say so, not only "invalid parameter".
func TestConfigure_RefusesAnNginxThatCannotFollow(t *testing.T) {
	t.Parallel()
	web := debianNginx(t)
	web.os = bootstrap.AmazonLinux2023
	ns, err := lab.NewNamespace()
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	m := newMachine(t, web, ns, plain())
	out, err := m.try(nil, script(m.stepPath("configure"))...)
	if want := "nginx " + web.version + " cannot follow a name, 1.27.3 can; use a newer image\n"; err == nil || out != want {
		t.Errorf("got %v %q, want %q", err, out, want)
	}
}
