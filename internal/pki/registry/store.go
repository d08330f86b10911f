package registry

import (
	"context"
	"errors"
)

// ErrMissing is the error of what is not there, ErrConflict that of a write whose condition does not hold.
var (
	ErrMissing  = errors.New("not there")
	ErrConflict = errors.New("changed by somebody else")
)

// Objects are the objects of one PKI in one Region.
type Objects interface {
	// Get returns an object and the tag of its state, or ErrMissing.
	Get(ctx context.Context, key string) (text, tag string, err error)
	// Put writes an object if its state is still that of tag, or if it is not there for tag "". Else it returns ErrConflict.
	Put(ctx context.Context, key, text, tag string) error
}

// Secrets are secrets by name. Errors never quote a value.
type Secrets interface {
	// Get returns a secret, or ErrMissing; also for one that is about to be deleted or has no value yet.
	Get(ctx context.Context, name string) (string, error)
	// Put makes or replaces a secret, also one that is about to be deleted.
	Put(ctx context.Context, name, description, value string) error
	// Delete removes a secret. What is not there is no error.
	Delete(ctx context.Context, name string) error
}

// Keys of objects.
const (
	AuthorityKey = "ca.pem"
	ListKey      = "crl.pem"
	RegisterKey  = "register.json"
)
