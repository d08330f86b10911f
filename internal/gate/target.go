package gate

import (
	"fmt"
	"net"
	"net/url"
	"strconv"

	"github.com/pathproof/pathproof/internal/probe"
)

// Target is what a path's probes talk to.
type Target struct {
	Kind probe.Kind `json:"kind"` // tcp, tcp-echo, udp-echo, http or dns
	Host string     `json:"host"` // name or address
	Port uint16     `json:"port"` // default for dns: 53
	HTTP *HTTP      `json:"http,omitempty"`
	DNS  *DNS       `json:"dns,omitempty"`
}

// HTTP is a GET request and the answer that is wanted.
type HTTP struct {
	TLS    bool              `json:"tls,omitempty"`
	Path   string            `json:"path,omitempty"`   // with its query (/)
	Host   string            `json:"host,omitempty"`   // Host header (the target's host and port)
	Status []int             `json:"status,omitempty"` // good ones (200 to 299)
	Header map[string]string `json:"header,omitempty"` // the answer's, exactly
}

// DNS is a question.
type DNS struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // record type (A)
}

// String returns "<kind>://<host>:<port>".
func (t Target) String() string {
	return string(t.Kind) + "://" + net.JoinHostPort(t.Host, strconv.Itoa(int(t.port())))
}

func (t Target) port() uint16 {
	if t.Port == 0 && t.Kind == probe.KindDNS {
		return 53
	}
	return t.Port
}

// Check says what is wrong with the target.
func (t Target) Check() error {
	switch {
	case t.Host == "":
		return fmt.Errorf("target: no host; give a name or an address")
	case t.port() == 0:
		return fmt.Errorf("target %s: no port; give one from 1 to 65535", t)
	case (t.DNS != nil) != (t.Kind == probe.KindDNS):
		return fmt.Errorf("target %s: dns is for kind dns only and required there", t)
	case t.HTTP != nil && t.Kind != probe.KindHTTP:
		return fmt.Errorf("target %s: http is for kind http only", t)
	}
	_, err := t.Prober()
	return err
}

// Prober returns what measures the target. ICMP cannot be sent from Lambda, which gives functions no raw sockets.
func (t Target) Prober() (probe.Prober, error) {
	end := probe.Endpoint{Host: t.Host, Port: t.port()}
	switch t.Kind {
	case probe.KindTCP:
		return &probe.TCP{Endpoint: end}, nil
	case probe.KindTCPEcho:
		return &probe.TCPEcho{Endpoint: end}, nil
	case probe.KindUDPEcho:
		return &probe.UDPEcho{Endpoint: end}, nil
	case probe.KindDNS:
		if t.DNS == nil {
			return nil, fmt.Errorf("target %s: no question; give dns.name", t)
		}
		return &probe.DNSProbe{Endpoint: end, Name: t.DNS.Name, Type: t.DNS.Type}, nil
	case probe.KindHTTP:
		return t.http()
	case probe.KindICMP:
		return nil, fmt.Errorf("target %s: Lambda functions cannot send ICMP; use tcp", t)
	}
	return nil, fmt.Errorf("target %s: unknown kind, got %q; use tcp, tcp-echo, udp-echo, http or dns", t, t.Kind)
}

func (t Target) http() (probe.Prober, error) {
	h := HTTP{}
	if t.HTTP != nil {
		h = *t.HTTP
	}
	ref, err := url.Parse(h.Path)
	if err != nil || ref.IsAbs() || ref.Host != "" || ref.Path != "" && ref.Path[0] != '/' {
		return nil, fmt.Errorf("target %s: no path, got %q; write it like /whoami", t, h.Path)
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(t.Host, strconv.Itoa(int(t.port()))), Path: ref.Path, RawQuery: ref.RawQuery}
	if h.TLS {
		u.Scheme = "https"
	}
	p := &probe.HTTP{URL: u.String(), Expect: probe.HTTPExpect{Status: h.Status, Header: h.Header}}
	if h.Host != "" {
		p.Header = map[string]string{"Host": h.Host}
	}
	return p, nil
}
