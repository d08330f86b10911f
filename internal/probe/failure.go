package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// Class says why a probe did not succeed.
type Class string

// The classes. Local, Limited and Canceled say nothing about the path: such slots count neither as sent nor as lost.
const (
	Timeout     Class = "timeout"     // nothing came back in time
	Refused     Class = "refused"     // the host, or a firewall in its name, answered with a reset: packets pass both ways
	Reset       Class = "reset"       // the other end, or something between, ended a connection that stood
	Unreachable Class = "unreachable" // a router says that there is no way
	DNS         Class = "dns"         // the name did not resolve
	TLS         Class = "tls"         // no TLS session: certificate, name, version
	HTTPStatus  Class = "http_status" // an answer with a status that was not expected
	Assertion   Class = "assertion"   // an answer that is not what was expected in another way
	Local       Class = "local"       // this machine could not measure: descriptors, ports, privileges, no processor, no route
	Limited     Class = "limited"     // our own server answered that this source asks too much: the path works
	Canceled    Class = "canceled"    // the run ended before the probe did
)

// Classes lists the classes that a result can hold, in a fixed order.
func Classes() []Class {
	return []Class{Timeout, Refused, Reset, Unreachable, DNS, TLS, HTTPStatus, Assertion, Local, Limited}
}

// CountsAsLoss reports whether a failure of this class says something about the path.
func (c Class) CountsAsLoss() bool { return c != "" && c != Local && c != Limited && c != Canceled }

// Failure is a probe that did not succeed. It is an error.
type Failure struct {
	Class Class `json:"class"`

	// Op is what was being done: prepare, resolve, connect, tls, send, wait, receive, status, header, body, certificate.
	Op string `json:"op"`

	// Detail is the cause for people. It may change between versions.
	Detail string `json:"detail"`

	err error
}

// Error returns "<op>: <detail>".
func (f *Failure) Error() string { return f.Op + ": " + f.Detail }

// Unwrap returns the error that the failure was made from, or nil.
func (f *Failure) Unwrap() error { return f.err }

// classified makes a Failure of an error met while doing op.
func classified(op string, err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Class: classOf(op, err), Op: op, Detail: rootText(err), err: err}
}

// failed makes a Failure that no error stands behind.
func failed(class Class, op, detail string) *Failure {
	return &Failure{Class: class, Op: op, Detail: detail}
}

func classOf(op string, err error) Class {
	if errors.Is(err, context.Canceled) {
		return Canceled
	}
	if op == "resolve" || isType[*net.DNSError](err) {
		return DNS
	}
	if isTLS(err) {
		return TLS
	}
	var no syscall.Errno
	if errors.As(err, &no) {
		// What is missing there is Local in the end: never call loss what may be our own fault.
		if c, ok := errnoClass[no]; ok {
			return c
		}
	}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	case op == "tls": // anything else that ends a handshake
		return TLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Reset
	case no != 0: // an error of the system that says nothing about the path
		return Local
	}
	return Assertion // what came is not the protocol
}

func isTLS(err error) bool {
	return isType[tls.RecordHeaderError](err) || isType[*tls.CertificateVerificationError](err) || isType[tls.AlertError](err) ||
		isType[x509.UnknownAuthorityError](err) || isType[x509.HostnameError](err) || isType[x509.CertificateInvalidError](err)
}

func isType[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// rootText is the innermost text: the addresses that net puts around it stand elsewhere in the result.
func rootText(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		return sys.Syscall + ": " + sys.Err.Error()
	}
	return err.Error()
}
