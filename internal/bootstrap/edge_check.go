package bootstrap

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

var (
	hostNames = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$`)
	urlPaths  = regexp.MustCompile(`^/[A-Za-z0-9._/-]*$`)
)

// isToken says that CDK knows the value only when it writes the template.
func isToken(s string) bool { return strings.Contains(s, "${Token[") }

// check reports everything that is wrong with e, which has its defaults. What Config checks is left to it.
func (e EdgeProxy) check() error {
	var errs []error
	addf := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch {
	case e.Origin.Name == "":
		addf("origin.name: missing; name the load balancer by its DNS name, since its addresses change")
	case !isToken(e.Origin.Name) && !hostNames.MatchString(e.Origin.Name):
		addf("origin.name: not a DNS name, got %q; write one like api.example.com", e.Origin.Name)
	}
	if e.Origin.TLS && !isToken(e.Origin.CertificateName) {
		if name := e.Origin.CertificateName; strings.HasSuffix(strings.ToLower(name), ".elb.amazonaws.com") {
			addf("origin.certificateName: no certificate has the name that AWS gives a load balancer, got %q; write the name in its certificate", name)
		} else if e.Origin.Name != "" && !hostNames.MatchString(name) {
			addf("origin.certificateName: not a DNS name, got %q; write one like api.example.com", name)
		}
	}
	if e.Origin.Host != "" && !hostNames.MatchString(e.Origin.Host) {
		addf("origin.host: not a DNS name, got %q; write one like api.example.com", e.Origin.Host)
	}
	if e.Origin.Port < 1 || e.Origin.Port > 65535 {
		addf("origin.port: out of range, got %d; use 1 to 65535", e.Origin.Port)
	}
	if e.Origin.IdleTimeout <= idleMargin || e.Origin.IdleTimeout > 4000*time.Second || e.Origin.IdleTimeout%time.Second != 0 {
		addf("origin.idleTimeout: out of range, got %s; use whole seconds, more than %s and up to 4000s", e.Origin.IdleTimeout, idleMargin)
	}
	if e.Origin.KeepAlive < 1 || e.Origin.KeepAlive > 10_000 {
		addf("origin.keepAlive: out of range, got %d; use 1 to 10000", e.Origin.KeepAlive)
	}
	errs = append(errs, e.Front.check(), e.Limits.check())
	if !e.Resolver.Is4() {
		addf("resolver: not an IPv4 address, got %s; use the VPC's, %s", e.Resolver, amazonDNS)
	}
	if e.Refresh < time.Second || e.Refresh > time.Minute || e.Refresh%time.Second != 0 {
		addf("refresh: out of range, got %s; use whole seconds from 1s to 60s", e.Refresh)
	}
	if e.Drain < 0 || e.Drain > 5*time.Minute || e.Drain%time.Second != 0 {
		addf("drain: out of range, got %s; use whole seconds from 0s to 300s", e.Drain)
	}
	if !urlPaths.MatchString(e.HealthPath) || e.HealthPath == "/" {
		addf("healthPath: not a path of its own, got %q; write one like %s", e.HealthPath, defaultHealthPath)
	}
	for i, arn := range e.TargetGroups {
		if arn == "" || strings.ContainsAny(arn, " \t") {
			addf("targetGroups[%d]: not an ARN, got %q; give that of a target group", i, arn)
		}
	}
	if len(e.TargetGroups) > 0 && e.Signal == (Signal{}) {
		addf("targetGroups: nobody waits for the proxy, got %d; give signal, or leave them out", len(e.TargetGroups))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("edge proxy %s: %w", e.Name, err)
	}
	return nil
}

func (f Front) check() error {
	var errs []error
	addf := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch {
	case f.HTTP == 0 && f.HTTPS == 0:
		addf("front: no port; set http, or https with a certificate")
	case f.HTTP < 0 || f.HTTP > 65535 || f.HTTPS < 0 || f.HTTPS > 65535:
		addf("front: port out of range, got %d and %d; use 1 to 65535", f.HTTP, f.HTTPS)
	case f.HTTP == f.HTTPS:
		addf("front: one port for http and https, got %d; use two", f.HTTP)
	case f.HTTP == statusPort || f.HTTPS == statusPort:
		addf("front: port %d is where the machine looks at its own nginx; use another", statusPort)
	}
	switch {
	case f.HTTPS != 0 && f.TLSSecret == "":
		addf("front.tlsSecret: missing; https needs a secret with its certificate and key")
	case f.HTTPS == 0 && f.TLSSecret != "":
		addf("front.tlsSecret: nothing uses it; set https, or leave it out where TLS ends in front of the proxy")
	}
	if f.HTTPS != 0 && f.TLSInFront {
		addf("front.tlsInFront: TLS ends in one place, got https %d too; leave one out", f.HTTPS)
	}
	switch f.ClientAddress {
	case FromConnection:
		if len(f.Trusted) > 0 {
			addf("front.trusted: nothing uses it, got %v; leave it out, or say what clients' addresses come from", f.Trusted)
		}
	case FromProxyProtocol, FromForwardedFor:
		if len(f.Trusted) == 0 {
			addf("front.trusted: missing; name the subnets of the load balancer, or anyone can claim any address")
		}
	default:
		addf("front.clientAddress: unknown value, got %q; use %q, %q or %q", f.ClientAddress, FromConnection, FromProxyProtocol, FromForwardedFor)
	}
	for _, p := range f.Trusted {
		if !p.IsValid() || p.Bits() == 0 {
			addf("front.trusted: not a subnet, got %s; name the subnets of the load balancer", p)
		}
	}
	return errors.Join(errs...)
}

func (l Limits) check() error {
	if l.RequestsPerSecond < 0 || l.Connections < 0 || l.BodyMiB < 0 {
		return fmt.Errorf("limits: below zero, got %d, %d and %d; leave out what is not to be limited", l.RequestsPerSecond, l.Connections, l.BodyMiB)
	}
	return nil
}
