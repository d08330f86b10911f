package bootstrap

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// EdgeProxy is nginx in front of an origin in another Region. It keeps connections to the origin, whose addresses it
// takes from DNS all the time: by nginx itself ("resolve", on Amazon Linux 2023), or by a watcher beside it (Debian).
type EdgeProxy struct {
	// OS is the family of the image. Required.
	OS OS
	// Name, Region and Namespace are as in [Config].
	Name, Region, Namespace string

	// Origin is where requests go. Required.
	Origin Origin
	// Front says how requests come in. One of its ports is required.
	Front Front
	// Limits protect the origin. Default: see there.
	Limits Limits

	// Resolver is the DNS server. Default: 169.254.169.253, Amazon's in every VPC.
	Resolver netip.Addr
	// Refresh is how often the origin's addresses are asked for, in whole seconds. Default: 5s.
	Refresh time.Duration
	// HealthPath answers 200 whatever the origin does, and 503 while the proxy is about to stop.
	// Default: /.pathproof/health.
	HealthPath string
	// Drain is how long a proxy that stops answers 503 at HealthPath, and everything else as before. A load balancer in
	// front of it stops sending by itself; a DNS record or an accelerator that looks at the health needs the time.
	// Default: 0.
	Drain time.Duration
	// LogGroup, on Amazon Linux, is where CloudWatch's agent sends access and error log. Default: nowhere; they stay on the
	// machine, where they are rotated.
	LogGroup string
	// Signal is that of [Config].
	Signal Signal
	// TargetGroups are the ARNs of a load balancer's target groups; they may be tokens of CDK. Signal is told SUCCESS when the proxy is
	// healthy in all of them, and FAILURE when that does not happen: its role needs elasticloadbalancing:DescribeTargetHealth.
	// Default: none; the machine's own check is enough.
	TargetGroups []string
}

// Origin is an HTTP service known by its name, such as an Application Load Balancer.
type Origin struct {
	// Name is its DNS name; it may be a token of CDK. Required.
	Name string
	// Port is 1 to 65535. Default: 443 with TLS, 80 without.
	Port int
	// TLS says that it speaks TLS. Its certificate is always verified.
	TLS bool
	// CertificateName is the name in its certificate; it may be a token of CDK. Default: Name, which is wrong for the
	// name that AWS gives a load balancer.
	CertificateName string
	// Host is the Host header that it gets. Default: the client's.
	Host string
	// IdleTimeout is how long it keeps a connection without requests, more than 5s. nginx lets go of it 5 s earlier, so
	// that no request meets a connection that is being closed; and waits 5 s longer than this for an answer, so that a
	// load balancer's own 504 arrives. Default: 60s, as of an Application Load Balancer.
	IdleTimeout time.Duration
	// KeepAlive is how many idle connections each nginx worker keeps. Default: 64.
	KeepAlive int
}

// Front is how requests come in.
type Front struct {
	// HTTP and HTTPS are ports; 0: none. With both, HTTP only redirects to HTTPS.
	HTTP, HTTPS int
	// TLSSecret is the Secrets Manager secret with the certificate for HTTPS, a JSON object with "certificate" (PEM, the
	// chain after it) and "key" (PEM); it may be a token of CDK. Required with HTTPS.
	TLSSecret string
	// TLSInFront says that clients speak TLS to an NLB in front of HTTP, so that the origin is told "https". What an ALB
	// says about it is passed on.
	TLSInFront bool
	// ClientAddress is where clients' addresses come from. Default: FromConnection.
	ClientAddress ClientAddress
	// Trusted are the subnets of the load balancer whose word about addresses counts. Required unless FromConnection.
	Trusted []netip.Prefix
}

// ClientAddress is where a proxy learns clients' addresses from.
type ClientAddress string

// The sources of clients' addresses.
const (
	// FromConnection: nothing is in front, or something that keeps addresses, as accelerators and NLBs can.
	FromConnection ClientAddress = "connection"
	// FromProxyProtocol: an NLB whose target group has proxy protocol v2 on. Its health checks have it then, too.
	FromProxyProtocol ClientAddress = "proxyProtocol"
	// FromForwardedFor: an ALB, which adds the address to X-Forwarded-For.
	FromForwardedFor ClientAddress = "forwardedFor"
)

// Limits are what one client address, and one request, may do.
type Limits struct {
	// RequestsPerSecond is for each client address, with bursts of twice as many; more is answered by 429.
	// Default: 0, no limit, since one address can be a whole mobile network.
	RequestsPerSecond int
	// Connections is how many requests one client address may have at a time; more is answered by 429. Default: 0, no
	// limit.
	Connections int
	// BodyMiB is the largest request body in MiB; more is answered by 413. Default: 10.
	BodyMiB int
}

// Defaults of EdgeProxy.
const (
	defaultHealthPath = "/.pathproof/health"
	defaultRefresh    = 5 * time.Second
	albIdleTimeout    = 60 * time.Second
	// idleMargin is by how much nginx's times differ from the origin's; more than a round trip around the world.
	idleMargin = 5 * time.Second
	// finish is how long running requests may take when nginx stops or has read a new configuration.
	finish = 30 * time.Second
)

var amazonDNS = netip.MustParseAddr("169.254.169.253")

// withDefaults fills in what is not set.
func (e EdgeProxy) withDefaults() EdgeProxy {
	orElse(&e.Origin.CertificateName, e.Origin.Name)
	if e.Origin.TLS {
		orElse(&e.Origin.Port, 443)
	}
	orElse(&e.Origin.Port, 80)
	orElse(&e.Origin.IdleTimeout, albIdleTimeout)
	orElse(&e.Origin.KeepAlive, 64)
	orElse(&e.Front.ClientAddress, FromConnection)
	orElse(&e.Limits.BodyMiB, 10)
	orElse(&e.Resolver, amazonDNS)
	orElse(&e.Refresh, defaultRefresh)
	orElse(&e.HealthPath, defaultHealthPath)
	return e
}

func orElse[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Config is what the proxy's machine gets. The error names everything that is wrong with e.
func (e EdgeProxy) Config() (Config, error) {
	e = e.withDefaults()
	if err := e.check(); err != nil {
		return Config{}, err
	}
	c := Config{
		OS: e.OS, Role: "nginx", Name: e.Name, Region: e.Region, Namespace: e.Namespace,
		Packages: []string{"nginx", "logrotate", "curl:curl", "jq:jq", "openssl:openssl", "awscli:aws"},
		Values: map[string]string{
			"ORIGIN_NAME": e.Origin.Name, "ORIGIN_PORT": strconv.Itoa(e.Origin.Port), "ORIGIN_CERTIFICATE": e.Origin.CertificateName,
			"SERVER_OPTIONS": serverOptions, "REFRESH_SECONDS": seconds(e.Refresh), "DRAIN_SECONDS": seconds(e.Drain),
			"TLS_SECRET": e.Front.TLSSecret, "NGINX_USER": nginxUser[e.OS],
		},
		Files: []File{
			{"/etc/pathproof/nginx.conf", "", e.nginxConf()},
			{units + "nginx.service.d/time.conf", "", "[Service]\nTimeoutStopSec=" + seconds(e.Drain+finish+idleMargin) + "\n"},
		},
		Static:  e.static(),
		Steps:   []Script{{"tls", text("nginx/tls-first.sh")}, {"configure", text("nginx/configure.sh")}},
		Checks:  []Script{{"nginx", text("nginx/check.sh")}},
		Metrics: []Script{{"nginx", text("nginx/metrics.sh")}}, Signal: e.Signal,
	}
	if e.watches() {
		c.Steps = append(c.Steps, Script{"origin", text("nginx/origin-first.sh")})
		c.Checks = append(c.Checks, Script{"origin", text("nginx/check-origin.sh")})
	}
	c.Steps = append(c.Steps, Script{"serve", text("nginx/serve.sh")})
	if len(e.TargetGroups) > 0 {
		c.Values["TARGET_GROUPS"] = strings.Join(e.TargetGroups, " ")
		c.awaitTargets(text("nginx/machine.sh"))
	}
	if e.LogGroup != "" && e.OS == AmazonLinux2023 {
		addLogs(&c, e.LogGroup, "/var/log/nginx/access.log", "/var/log/nginx/error.log")
	}
	return c, nil
}

// UserData is the text of Config.
func (e EdgeProxy) UserData() (string, error) {
	c, err := e.Config()
	if err != nil {
		return "", err
	}
	return c.UserData()
}

const units = "/etc/systemd/system/"

// static are the files that all proxies of the OS have.
func (e EdgeProxy) static() []File {
	files := []File{
		{Folder + "/drain", "0755", text("nginx/drain.sh")},
		{units + "nginx.service.d/pathproof.conf", "", text("nginx/nginx.service")},
		{Folder + "/tls", "0755", text("nginx/tls.sh")},
		{units + "pathproof-tls.service", "", text("nginx/tls.service")},
		{units + "pathproof-tls.timer", "", text("nginx/tls.timer")},
		{"/etc/pathproof/logrotate", "", text("nginx/logrotate")},
		{units + "logrotate.timer.d/pathproof.conf", "", "[Timer]\nOnCalendar=\nOnCalendar=hourly\n"},
	}
	if e.watches() {
		files = append(files,
			File{Folder + "/origin", "0755", text("nginx/origin.sh")},
			File{units + "pathproof-origin.service", "", text("nginx/origin.service")})
	}
	return files
}

// watches says that a watcher follows the origin's addresses, because nginx cannot.
func (e EdgeProxy) watches() bool { return e.OS == Debian }

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
