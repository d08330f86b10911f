package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Family chooses between IPv4 and IPv6.
type Family string

// The families. There is no racing of both ("Happy Eyeballs"): when you measure, you want to know what.
const (
	AnyFamily Family = ""   // the first address that the resolver gives, of either family
	IPv4      Family = "v4" // IPv4 only
	IPv6      Family = "v6" // IPv6 only
)

// Resolver finds addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Endpoint is the target of a probe and the way to reach it. Its zero values are defaults.
type Endpoint struct {
	Host     string     // name or address
	Port     uint16     // not used by ICMP
	Family   Family     // default: the first address that the resolver gives
	Source   netip.Addr // local address; default: the routing table decides
	Resolver Resolver   // default: net.DefaultResolver

	resolved Target // by Prepare; without an address before
}

// Prepare resolves the name, once: later probes go to the same address, and none of them includes the look-up.
func (e *Endpoint) Prepare(ctx context.Context) error {
	if e.resolved.IP.IsValid() {
		return nil
	}
	ip, took, err := resolve(ctx, e.Resolver, e.Family, e.Host)
	if err != nil {
		return err
	}
	e.resolved = Target{Host: e.Host, Port: e.Port, IP: ip, Resolved: took}
	return nil
}

// Target returns the host as given and, after Prepare, its address.
func (e *Endpoint) Target() Target {
	if e.resolved.IP.IsValid() {
		return e.resolved
	}
	return Target{Host: e.Host, Port: e.Port}
}

// Close does nothing; probes hold nothing open.
func (e *Endpoint) Close() error { return nil }

func (e *Endpoint) addrPort() netip.AddrPort { return netip.AddrPortFrom(e.resolved.IP, e.Port) }

// resolve returns the first address of a family. An address resolves to itself, in no time.
func resolve(ctx context.Context, r Resolver, family Family, host string) (netip.Addr, Micros, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip = ip.Unmap(); !family.has(ip) {
			return netip.Addr{}, 0, failed(DNS, "resolve", fmt.Sprintf("want an IP%s address, got %s", family, ip))
		}
		return ip, 0, nil
	}
	if r == nil {
		r = net.DefaultResolver
	}
	start := time.Now()
	ips, err := r.LookupNetIP(ctx, family.network("ip"), host)
	took := MicrosOf(time.Since(start))
	if err != nil {
		return netip.Addr{}, took, classified("resolve", err)
	}
	for _, ip := range ips {
		if ip = ip.Unmap(); family.has(ip) {
			return ip, took, nil
		}
	}
	return netip.Addr{}, took, failed(DNS, "resolve", fmt.Sprintf("no IP%s address for %s", family, host))
}

// network gives the name that package net has for a protocol of this family.
func (f Family) network(protocol string) string {
	switch f {
	case IPv4:
		return protocol + "4"
	case IPv6:
		return protocol + "6"
	}
	return protocol
}

func (f Family) has(ip netip.Addr) bool { return f == AnyFamily || (f == IPv4) == ip.Is4() }

func familyOf(ip netip.Addr) Family {
	if ip.Is4() {
		return IPv4
	}
	return IPv6
}

// dial connects to an address, from a given local address and port if there are any. It sets nothing on the socket that
// a probe does not need: each setting is a system call in the measured time.
func dial(ctx context.Context, protocol string, to netip.AddrPort, source netip.Addr, port uint16) (net.Conn, error) {
	d := net.Dialer{KeepAlive: -1}
	d.SetMultipathTCP(false)
	if source.IsValid() || port != 0 {
		if !source.IsValid() {
			source = netip.IPv4Unspecified()
			if to.Addr().Is6() {
				source = netip.IPv6Unspecified()
			}
		}
		d.LocalAddr = localAddr(protocol, netip.AddrPortFrom(source, port))
	}
	c, err := d.DialContext(ctx, familyOf(to.Addr()).network(protocol), to.String())
	if err != nil {
		return nil, routed(err, to, source)
	}
	return c, nil
}

// routed tells who said that there is no way. The system gives the same error for an ICMP message from a router and for
// want of a route of its own; the latter proves nothing about the network, for a machine that is offline has it for all.
// A UDP socket is connected without any packet, so that only the own routing table can refuse it.
func routed(err error, to netip.AddrPort, source netip.Addr) error {
	if classOf("connect", err) != Unreachable {
		return err
	}
	d := net.Dialer{}
	if source.IsValid() {
		d.LocalAddr = localAddr("udp", netip.AddrPortFrom(source, 0))
	}
	c, own := d.Dial(familyOf(to.Addr()).network("udp"), netip.AddrPortFrom(to.Addr(), max(to.Port(), 1)).String())
	if own == nil {
		_ = c.Close()
		return err
	}
	if classOf("connect", own) != Unreachable {
		return err
	}
	return &Failure{Class: Local, Op: "connect", Detail: "this machine has no route to the target (" + rootText(own) + "), so nothing was tried", err: err}
}

func localAddr(protocol string, a netip.AddrPort) net.Addr {
	if protocol == "udp" {
		return net.UDPAddrFromAddrPort(a)
	}
	return net.TCPAddrFromAddrPort(a)
}

func addrPortOf(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return unmapped(a.AddrPort())
	case *net.UDPAddr:
		return unmapped(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
