// Package pkitest has objects and secrets in memory, and a PKI with a local key, for tests of whatever uses one.
package pkitest

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// Objects are objects in memory.
type Objects struct {
	mu    sync.Mutex
	texts map[string]string
	tags  map[string]int
	// Before runs before each call, without the lock; an error ends the call. Set it before use.
	Before func(call, key string) error
}

func (o *Objects) before(call, key string) error {
	if o.Before == nil {
		return nil
	}
	return o.Before(call, key)
}

// Get returns an object.
func (o *Objects) Get(_ context.Context, key string) (string, string, error) {
	if err := o.before("Get", key); err != nil {
		return "", "", err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	text, ok := o.texts[key]
	if !ok {
		return "", "", registry.ErrMissing
	}
	return text, fmt.Sprint(o.tags[key]), nil
}

// Put writes an object under its condition.
func (o *Objects) Put(_ context.Context, key, text, tag string) error {
	if err := o.before("Put", key); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, there := o.texts[key]; there != (tag != "") || there && tag != fmt.Sprint(o.tags[key]) {
		return registry.ErrConflict
	}
	if o.texts == nil {
		o.texts, o.tags = map[string]string{}, map[string]int{}
	}
	o.texts[key] = text
	o.tags[key]++
	return nil
}

// Text is an object, or "".
func (o *Objects) Text(key string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.texts[key]
}

// Secrets are secrets in memory.
type Secrets struct {
	mu     sync.Mutex
	values map[string]string
	// Before runs before each call, without the lock; an error ends the call. Set it before use.
	Before func(call, name string) error
}

func (s *Secrets) do(call, name string, f func() error) error {
	if s.Before != nil {
		if err := s.Before(call, name); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]string{}
	}
	return f()
}

// Get returns a secret.
func (s *Secrets) Get(_ context.Context, name string) (value string, err error) {
	err = s.do("Get", name, func() error {
		v, ok := s.values[name]
		if !ok {
			return registry.ErrMissing
		}
		value = v
		return nil
	})
	return value, err
}

// Put makes or replaces a secret.
func (s *Secrets) Put(_ context.Context, name, _, value string) error {
	return s.do("Put", name, func() error { s.values[name] = value; return nil })
}

// Delete removes a secret.
func (s *Secrets) Delete(_ context.Context, name string) error {
	return s.do("Delete", name, func() error { delete(s.values, name); return nil })
}

// All is every secret by name.
func (s *Secrets) All() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]string{}
	for k, v := range s.values {
		all[k] = v
	}
	return all
}

// New is a PKI in memory, at the present time, that does not wait. It has a tls-crypt-v2 key and nothing else yet.
func New(t testing.TB) (*registry.PKI, *Objects, *Secrets) {
	t.Helper()
	signer, err := pki.NewLocalSigner(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	objects, secrets := &Objects{}, &Secrets{}
	p := &registry.PKI{
		Name: "reference main", Connect: func(context.Context) (pki.Signer, error) { return signer, nil }, Objects: objects, Secrets: secrets, TLSCrypt: "pathproof/reference/pki/main/tls-crypt",
		Random: rand.Reader, Now: time.Now, Wait: func(ctx context.Context, _ int) error { return ctx.Err() },
	}
	if err := p.EnsureTLSCryptKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, objects, secrets
}

// WithClientVPN gives a PKI of New a second line, with a local key of RSA.
func WithClientVPN(t testing.TB, p *registry.PKI) {
	t.Helper()
	signer, err := pki.NewLocalRSASigner(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.ConnectClientVPN = func(context.Context) (pki.Signer, error) { return signer, nil }
}

// Claim lets registry.PKI.Issue enter any certificate.
func Claim(*registry.Register) error { return nil }
