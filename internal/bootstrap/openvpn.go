package bootstrap

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
)

// OpenVPN is a server.
type OpenVPN struct {
	// OS, Name, Region, Namespace and HealthPort are those of Config.
	OS                      OS
	Name, Region, Namespace string
	HealthPort              int
	// TCP and UDP are the ports that it listens on; 0 is none. One of them is required. With both, each has half of the pool.
	TCP, UDP int
	// MoreTCP and MoreUDP are ports that lead to TCP and UDP, such as those of an accelerator's listeners.
	MoreTCP, MoreUDP []int
	// EdgeTCP and EdgeUDP are those of all these ports that an accelerator leads to. Everybody who comes by one of its edges comes
	// from the same few addresses, so one of them may begin more there.
	EdgeTCP, EdgeUDP []int
	// Pool is where clients get their addresses from: a /28 or larger, of IPv4. Required.
	Pool netip.Prefix
	// Routes are the destinations behind it that clients are told of.
	Routes []netip.Prefix
	// Rules are what clients may begin through it; answers come back, and it forwards nothing else. Default: nothing.
	Rules []Rule
	// FullTunnel has clients send everything through it. What Rules do not name ends there.
	FullTunnel bool
	// DNS are resolvers that clients are told of, and may ask on port 53.
	DNS []netip.Addr
	// Interface, if set, is routed mode: packets keep their addresses. Else they get the server's (NAT), which is the only way
	// over a VPC peering.
	Interface *Interface
	// AllocationID is the Elastic IP address that the server takes: at once if nobody has it, else when it is ready, and then once.
	// Default: none.
	AllocationID string
	// PKI is where its keys come from. Required.
	PKI ServerPKI
	// Responder is the probe's. Default: none.
	Responder *Responder
	// LogGroup, on Amazon Linux, is where CloudWatch's agent sends the server's log. Default: nowhere.
	LogGroup string
	// Signal and Replaced are those of Config.
	Signal   Signal
	Replaced bool
}

// Interface is a network interface that outlives the machine. Its source/destination check is off.
type Interface struct {
	ID      string     // of the interface; may be a token
	Gateway netip.Addr // the first address of its subnet
}

// ServerPKI is where a server's keys come from, as its role may read them.
type ServerPKI struct {
	// Name is the PKI's. Bucket and BucketRegion are of the nearest copy of its objects.
	Name, Bucket, BucketRegion string
	// Secret, in the server's Region, holds its key and certificate: an ARN or a name.
	Secret string
	// TLSCrypt, in TLSCryptRegion, holds the key of tls-crypt-v2.
	TLSCrypt, TLSCryptRegion string
}

// Config is what the server's machine gets.
func (o OpenVPN) Config() (Config, error) {
	if err := o.check(); err != nil {
		return Config{}, fmt.Errorf("openvpn %s: %w", o.Name, err)
	}
	c := Config{
		OS: o.OS, Role: "openvpn", Name: o.Name, Region: o.Region, Namespace: o.Namespace, HealthPort: o.HealthPort, Values: o.values(),
		Packages: []string{"openvpn", "nftables", "openssl", "logrotate", "awscli:aws"},
		Files:    o.files(), Static: openVPNFiles(),
		Steps: []Script{
			{"pki", Folder + "/pki boot\n"},
		},
		Checks:  []Script{{"openvpn", text("openvpn/check.sh")}},
		Metrics: []Script{{"openvpn", text("openvpn/metrics.sh")}},
		Signal:  o.Signal, Replaced: o.Replaced,
	}
	if o.Interface != nil {
		c.Steps = append(c.Steps, Script{"interface", text("openvpn/interface.sh")})
	}
	c.Steps = append(c.Steps, Script{"serve", text("openvpn/serve.sh")})
	if o.AllocationID != "" {
		c.Steps = append(c.Steps, Script{"address", text("openvpn/address-free.sh")})
		c.Ready = append(c.Ready, Script{"address", Folder + "/address over\n"})
		c.Static = append(c.Static, File{Folder + "/address", "0755", text("openvpn/address.sh")},
			File{units + "pathproof-address.service", "", text("openvpn/address.service")}, File{units + "pathproof-address.timer", "", text("openvpn/address.timer")})
	}
	// What nobody needs to get in comes after: a probe or a log that fails keeps nobody out.
	if o.Responder != nil {
		o.Responder.add(&c)
	}
	if o.LogGroup != "" && o.OS == AmazonLinux2023 {
		addLogs(&c, o.LogGroup, o.logs()...)
	}
	return c, nil
}

// UserData is the text of Config.
func (o OpenVPN) UserData() (string, error) {
	c, err := o.Config()
	if err != nil {
		return "", err
	}
	return c.UserData()
}

func (o OpenVPN) check() error {
	var errs []error
	addf := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, port := range slices.Concat([]int{o.TCP, o.UDP}, o.MoreTCP, o.MoreUDP) {
		if port < 0 || port > 65535 {
			addf("listen: not a port, got %d; use 1 to 65535", port)
		}
	}
	for _, l := range o.listeners() {
		for _, port := range l.edge {
			if port != l.Port && !slices.Contains(l.More, port) {
				addf("listen: an accelerator leads where nobody listens, got %s port %d; add it to the ports", l.Protocol, port)
			}
		}
	}
	if o.TCP == 0 && o.UDP == 0 {
		addf("listen: neither tcp nor udp; name one")
	}
	if !o.Pool.IsValid() || !o.Pool.Addr().Is4() || o.Pool.Masked() != o.Pool || o.Pool.Bits() > 28 {
		addf("pool: not an IPv4 block of /28 or larger, got %s; write it like 10.250.0.0/24", o.Pool)
	}
	for _, r := range o.Routes {
		if !r.Addr().Is4() || r.Masked() != r {
			addf("routes: not an IPv4 block, got %s; write it like 172.16.0.0/16", r)
		}
	}
	for _, r := range o.Rules {
		if err := r.check(); err != nil {
			errs = append(errs, err)
		}
	}
	if len(o.Routes) == 0 && !o.FullTunnel {
		addf("routes: none, and no full tunnel; clients would reach nothing")
	}
	p := o.PKI
	for _, v := range []struct{ field, value string }{{"name", p.Name}, {"bucket", p.Bucket}, {"bucketRegion", p.BucketRegion},
		{"secret", p.Secret}, {"tlsCrypt", p.TLSCrypt}, {"tlsCryptRegion", p.TLSCryptRegion}} {
		if v.value == "" {
			addf("pki.%s: missing; name it", v.field)
		}
	}
	return errors.Join(errs...)
}

func (o OpenVPN) values() map[string]string {
	v := map[string]string{
		"PKI": o.PKI.Name, "PKI_BUCKET": o.PKI.Bucket, "PKI_REGION": o.PKI.BucketRegion, "SERVER_SECRET": o.PKI.Secret,
		"TLS_CRYPT_SECRET": o.PKI.TLSCrypt, "TLS_CRYPT_REGION": o.PKI.TLSCryptRegion, "POOL": o.Pool.String(),
	}
	var instances []string
	for _, l := range o.listeners() {
		instances = append(instances, string(l.Protocol))
	}
	v["INSTANCES"], v["POOL_SIZE"] = strings.Join(instances, " "), strconv.Itoa(o.listeners()[0].addresses())
	v["RENEW_SECONDS"] = seconds(pki.ServerWait)
	if o.AllocationID != "" {
		v["ALLOCATION_ID"] = o.AllocationID
	}
	if o.Interface != nil {
		v["INTERFACE_ID"], v["INTERFACE_GATEWAY"] = o.Interface.ID, o.Interface.Gateway.String()
	}
	return v
}

// files are those with values.
func (o OpenVPN) files() []File {
	files := []File{{"/etc/pathproof/nft.conf", "", o.filter()}}
	for _, l := range o.listeners() {
		files = append(files, File{fmt.Sprintf("/etc/pathproof/openvpn/%s.conf", l.Protocol), "", fillIn("openvpn/server.conf.tmpl", l)})
	}
	return files
}

// logs are the listeners' files, each by its name: of a pattern CloudWatch's agent sends only the file that changed last.
func (o OpenVPN) logs() []string {
	var files []string
	for _, l := range o.listeners() {
		files = append(files, fmt.Sprintf("/var/log/pathproof/openvpn-%s.log", l.Protocol))
	}
	return files
}

// openVPNFiles are those that all servers have.
func openVPNFiles() []File {
	const units = "/etc/systemd/system/pathproof-"
	files := []File{{Folder + "/pki", "0755", text("openvpn/pki.sh")}, {"/etc/logrotate.d/pathproof", "", text("openvpn/logrotate")}}
	for _, u := range []struct{ name, file string }{ // the names of embedded files must not have an @
		{"openvpn@.service", "openvpn.service"}, {"pki@.service", "pki.service"}, {"pki@list.timer", "pki-list.timer"}, {"pki@renew.timer", "pki-renew.timer"},
	} {
		files = append(files, File{units + u.name, "", text("openvpn/" + u.file)})
	}
	return files
}

// listener is one process of OpenVPN.
type listener struct {
	Protocol pki.Protocol
	Port     int
	More     []int
	edge     []int
	Pool     netip.Prefix
	Routes   []netip.Prefix
	Full     bool
	DNS      []netip.Addr
}

func (o OpenVPN) listeners() []listener {
	var list []listener
	for _, l := range []listener{{Protocol: pki.TCP, Port: o.TCP, More: o.MoreTCP, edge: o.EdgeTCP}, {Protocol: pki.UDP, Port: o.UDP, More: o.MoreUDP, edge: o.EdgeUDP}} {
		if l.Port != 0 {
			l.Pool, l.Full, l.DNS = o.Pool, o.FullTunnel, o.DNS
			if !o.FullTunnel { // everything takes in the routes
				l.Routes = o.Routes
			}
			list = append(list, l)
		}
	}
	if len(list) == 2 {
		list[0].Pool, list[1].Pool = halves(o.Pool)
	}
	return list
}

// addresses is how many clients it has addresses for: all of its block but the network's, the server's and the broadcast one.
func (l listener) addresses() int { return 1<<(32-l.Pool.Bits()) - 3 }

// halves are the lower and the upper half of a block.
func halves(p netip.Prefix) (lower, upper netip.Prefix) {
	n := p.Bits() + 1
	b := p.Addr().As4()
	b[(n-1)/8] |= 0x80 >> ((n - 1) % 8)
	return netip.PrefixFrom(p.Addr(), n), netip.PrefixFrom(netip.AddrFrom4(b), n)
}

// What the templates ask for.

func (l listener) TCP() bool        { return l.Protocol == pki.TCP }
func (l listener) Mask() string     { return mask(l.Pool) }
func (l listener) Ciphers() string  { return pki.Ciphers }
func (l listener) Ping() int        { return int(pki.PingEvery / time.Second) }
func (l listener) PingRestart() int { return int(pki.PingRestart / time.Second) }

// Clients bounds connections. Over TCP OpenVPN counts those that have only begun, too, and a bound near the pool's size would let
// a flood of them keep everybody out: one address may begin 200 and then 50 a second, each gone after the 20 s of hand-window.
// How many clients there are is decided by the pool anyway.
func (l listener) Clients() int { return 4096 }

// Accelerated is the set of its ports that accelerators lead to, for nft.
func (l listener) Accelerated() string {
	if len(l.edge) == 0 {
		return ""
	}
	var ports []string
	for _, port := range slices.Compact(slices.Sorted(slices.Values(l.edge))) {
		ports = append(ports, strconv.Itoa(port))
	}
	return "{ " + strings.Join(ports, ", ") + " }"
}

// EdgeRate is what one address of an accelerator may begin in a second, and EdgeBurst what it may begin at once. Over TCP each takes 180 KB of
// OpenVPN's memory for the 20 s of hand-window, so a flood from one address takes 3,500 of the connections and 630 MB; over UDP
// OpenVPN keeps nothing for what has only begun.
func (l listener) EdgeRate() int {
	if l.TCP() {
		return 150
	}
	return 1000
}

// EdgeBurst: see EdgeRate.
func (l listener) EdgeBurst() int {
	if l.TCP() {
		return 500
	}
	return 2000
}

func (l listener) Proto() string {
	if l.TCP() {
		return "tcp4-server"
	}
	return "udp4"
}

func mask(p netip.Prefix) string { return net.IP(net.CIDRMask(p.Bits(), 32)).String() }

// filter is the file for nft.
func (o OpenVPN) filter() string {
	responder := 0
	if o.Responder != nil {
		responder = o.Responder.Port
	}
	return fillIn("openvpn/nft.conf.tmpl", map[string]any{
		"Listeners": o.listeners(), "Pool": o.Pool, "Rules": accepts(o.Rules), "DNS": o.DNS, "NAT": o.Interface == nil, "Responder": responder,
	})
}

// fillIn panics where a template does not fit: both are this package's.
func fillIn(name string, data any) string {
	var b strings.Builder
	t := template.Must(template.New(name).Funcs(template.FuncMap{"mask": mask}).Parse(text(name)))
	if err := t.Execute(&b, data); err != nil {
		panic(err)
	}
	return b.String()
}
