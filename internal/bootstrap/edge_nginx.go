package bootstrap

// statusPort is where, on loopback only, the machine looks at its own nginx.
const statusPort = 9180

// nginxUser is whom each distribution's package makes for its workers.
var nginxUser = map[OS]string{AmazonLinux2023: "nginx", Debian: "www-data"}

// trustStore is where each distribution keeps the certificates of public authorities.
var trustStore = map[OS]string{AmazonLinux2023: "/etc/pki/tls/certs/ca-bundle.crt", Debian: "/etc/ssl/certs/ca-certificates.crt"}

// What one server of the upstream is worth. One failure does not count: a single slow request must not take an address
// out of service, and even less all of them. Failures of several within the time do.
const serverOptions = "max_fails=5 fail_timeout=5s"

// nginxView is what the template sees.
type nginxView struct {
	EdgeProxy
	User, TrustStore, ServerOptions string
	Resolve                         bool // nginx 1.27.3 or later: it follows names, and has "http2 on"
	StatusPort                      int
	Refresh, Finish                 string
	IdleAfter, AnswerWithin         string
	Burst                           int
	Times                           []timeView
	Listeners                       []listenerView
}

// timeView is one of nginx's times, in seconds for each attempt ("0.001, 0.065"), and ours: the last one in ms.
type timeView struct{ Name, From string }

// listenerView is one port.
type listenerView struct {
	Port          int
	TLS, Redirect bool
}

// nginxConf is /etc/nginx/nginx.conf, but for the names of the origin: @ORIGIN_NAME@ and @ORIGIN_CERTIFICATE@ may be
// known to the deployment only, and are put in at boot.
func (e EdgeProxy) nginxConf() string {
	v := nginxView{
		EdgeProxy: e, User: nginxUser[e.OS], TrustStore: trustStore[e.OS], ServerOptions: serverOptions, Resolve: !e.watches(),
		StatusPort: statusPort, Refresh: seconds(e.Refresh), Finish: seconds(finish),
		IdleAfter: seconds(e.Origin.IdleTimeout - idleMargin), AnswerWithin: seconds(e.Origin.IdleTimeout + idleMargin),
		Burst: 2 * e.Limits.RequestsPerSecond,
		Times: []timeView{
			{"connect", "$upstream_connect_time"}, {"header", "$upstream_header_time"},
			{"response", "$upstream_response_time"}, {"total", "$request_time"},
		},
	}
	if e.Front.HTTP != 0 {
		v.Listeners = append(v.Listeners, listenerView{Port: e.Front.HTTP, Redirect: e.Front.HTTPS != 0})
	}
	if e.Front.HTTPS != 0 {
		v.Listeners = append(v.Listeners, listenerView{Port: e.Front.HTTPS, TLS: true})
	}
	return fillIn("nginx/nginx.conf.tmpl", v)
}

// Scheme is what the origin is told about how the client came.
func (v nginxView) Scheme() string {
	switch {
	case v.Front.TLSInFront:
		return "https"
	case v.Front.ClientAddress == FromForwardedFor:
		return "$http_x_forwarded_proto"
	}
	return "$scheme"
}

// HostHeader is the Host that the origin gets.
func (v nginxView) HostHeader() string {
	if v.Origin.Host != "" {
		return v.Origin.Host
	}
	return "$host"
}

// ListenOptions are those of a listener.
func (v nginxView) ListenOptions(l listenerView) string {
	var o string
	if l.TLS {
		o += " ssl"
		if !v.Resolve {
			o += " http2"
		}
	}
	if v.Front.ClientAddress == FromProxyProtocol {
		o += " proxy_protocol"
	}
	return o
}
