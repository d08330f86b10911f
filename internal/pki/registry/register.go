package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
)

// Register is every certificate that a PKI issued. It holds no secret.
type Register struct {
	// Revision counts changes. Revoked is the revision that last changed what is revoked.
	Revision int64 `json:"revision"`
	Revoked  int64 `json:"revoked"`
	// ClientVPNRevoked is like Revoked, for the line of AWS Client VPN.
	ClientVPNRevoked int64 `json:"clientVpnRevoked,omitempty"`
	// Certificates are in the order in which they were issued.
	Certificates []Certificate `json:"certificates"`
}

// Kind is whom a certificate is for.
type Kind string

// The kinds.
const (
	OfClient Kind = "client"
	OfServer Kind = "server"
)

// Certificate is an entry of the register.
type Certificate struct {
	Serial   string    `json:"serial"` // as in pki.SerialText
	Kind     Kind      `json:"kind"`
	Line     Line      `json:"line,omitempty"`
	Name     string    `json:"name"`
	Issued   time.Time `json:"issued"`
	NotAfter time.Time `json:"notAfter"`
	// Pending says that it was not handed out yet. It stays so if whoever issued it was interrupted.
	Pending bool `json:"pending,omitempty"`
	// Revoked is when it was revoked, zero for never.
	Revoked time.Time `json:"revoked,omitzero"`
	// ACM is the ARN under which a Client VPN endpoint's certificate is in AWS Certificate Manager.
	ACM string `json:"acm,omitempty"`
}

// Live reports whether servers accept the certificate.
func (c Certificate) Live(now time.Time) bool { return c.Revoked.IsZero() && now.Before(c.NotAfter) }

// Of returns the certificates of a user or server, oldest first.
func (r *Register) Of(kind Kind, name string) []*Certificate {
	var list []*Certificate
	for i := range r.Certificates {
		if c := &r.Certificates[i]; c.Kind == kind && c.Name == name {
			list = append(list, c)
		}
	}
	return list
}

// Revoke revokes what is live of these, and reports whether there was any.
func (r *Register) Revoke(list []*Certificate, now time.Time) bool {
	found := false
	for _, c := range list {
		if !c.Live(now) {
			continue
		}
		c.Revoked, found = now.UTC().Truncate(time.Second), true
		if c.Line == OfClientVPN {
			r.ClientVPNRevoked = r.Revision + 1 // what the change that this belongs to will be
		} else {
			r.Revoked = r.Revision + 1
		}
	}
	return found
}

// revokedAt is the revision that last changed what a line's list has to say.
func (r *Register) revokedAt(l Line) int64 {
	if l == OfClientVPN {
		return r.ClientVPNRevoked
	}
	return r.Revoked
}

// forget drops what ended long ago: the register is read whole.
func (r *Register) forget(now time.Time) {
	r.Certificates = slices.DeleteFunc(r.Certificates, func(c Certificate) bool { return now.After(c.NotAfter.Add(90 * 24 * time.Hour)) })
}

// revocations are what the list of a line has to say.
func (r *Register) revocations(l Line) ([]pki.Revocation, error) {
	var list []pki.Revocation
	for _, c := range r.Certificates {
		if c.Revoked.IsZero() || c.Line != l {
			continue
		}
		serial, ok := new(big.Int).SetString(c.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("%s: not a serial number, got %q; restore an earlier version of the object", RegisterKey, c.Serial)
		}
		list = append(list, pki.Revocation{Serial: serial, At: c.Revoked, NotAfter: c.NotAfter})
	}
	return list, nil
}

// Read returns the register. Before the first change it is empty.
func (p *PKI) Read(ctx context.Context) (*Register, error) {
	r, _, err := p.read(ctx)
	return r, err
}

func (p *PKI) read(ctx context.Context) (*Register, string, error) {
	text, tag, err := p.Objects.Get(ctx, RegisterKey)
	if errors.Is(err, ErrMissing) {
		return &Register{}, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	r := &Register{}
	if err := json.Unmarshal([]byte(text), r); err != nil {
		return nil, "", fmt.Errorf("%s: not a register: %w; restore an earlier version of the object", RegisterKey, err)
	}
	return r, tag, nil
}

// errUnchanged ends a change that turned out not to be needed.
var errUnchanged = errors.New("unchanged")

// tries is how often a change begins again because somebody else was faster.
const tries = 12

// Change changes the register as f says. f may run several times, each time on the register as it is then; if it reports that
// there is nothing to change, or an error, nothing is written.
func (p *PKI) Change(ctx context.Context, f func(*Register) (changed bool, err error)) error {
	err := p.again(ctx, func() error {
		r, tag, err := p.read(ctx)
		if err != nil {
			return err
		}
		changed, err := f(r)
		if err != nil {
			return err
		}
		if !changed {
			return errUnchanged
		}
		r.Revision++
		r.forget(p.Now())
		text, err := json.MarshalIndent(r, "", " ")
		if err != nil {
			return err
		}
		return p.Objects.Put(ctx, RegisterKey, string(text)+"\n", tag)
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// again repeats f while it meets conflicts.
func (p *PKI) again(ctx context.Context, f func() error) error {
	for try := range tries {
		err := f()
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if err := p.Wait(ctx, try); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w %d times in a row; try again", ErrConflict, tries)
}
