package clientprofile

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// Users are the users of one PKI of a network.
type Users struct {
	PKI *registry.PKI
	// Network and Name are those of the network and of the PKI in its file.
	Network, Name string
}

// InputError is an error of what was asked, not of what was done.
type InputError struct{ text string }

func (e *InputError) Error() string { return e.text }

func inputf(format string, args ...any) error { return &InputError{fmt.Sprintf(format, args...)} }

// userName is what a common name, the name of a secret and a file can hold.
var userName = regexp.MustCompile(`^[a-z0-9]([a-z0-9._@-]{0,62}[a-z0-9])?$`)

// CheckUser says whether something can be a user's name.
func CheckUser(user string) error {
	if !userName.MatchString(user) || strings.Contains(user, "..") {
		return inputf("user: not a name, got %.80q; use up to 64 of a-z, 0-9, dot, dash, underscore and @, beginning and ending with a letter or digit", user)
	}
	return nil
}

// secret is what the secret of a user holds. The authority is in it so that whoever fetches a profile needs no other right.
type secret struct {
	Version     int       `json:"version"`
	User        string    `json:"user"`
	Serial      string    `json:"serial"`
	NotAfter    time.Time `json:"notAfter"`
	Authority   string    `json:"authority"`
	Certificate string    `json:"certificate"`
	Key         string    `json:"key"`
	TLSCrypt    string    `json:"tlsCrypt"`
}

const secretVersion = 1

func (u *Users) secretName(user string) string {
	return naming.ClientProfileSecret(u.Network, u.Name, user)
}

// read returns a user's secret.
func (u *Users) read(ctx context.Context, user string) (*secret, error) {
	text, err := u.PKI.Secrets.Get(ctx, u.secretName(user))
	if err != nil {
		return nil, err
	}
	s := &secret{}
	if json.Unmarshal([]byte(text), s) != nil || s.Version != secretVersion { // the cause would quote it
		return nil, fmt.Errorf("secret %s: not a profile of version %d; revoke %s and add them again", u.secretName(user), secretVersion, user)
	}
	return s, nil
}

// Added is what Add found or made.
type Added struct {
	Serial   string
	NotAfter time.Time
	// New says that the certificate was issued just now.
	New bool
}

// claimed is how long an interrupted Add keeps others from beginning again.
const claimed = 2 * time.Minute

// Add lets a user in. Somebody who is in already stays as they are, unless their certificate ends within pki.ClientRenew: then
// they get a new one, and the old one keeps working until its end.
func (u *Users) Add(ctx context.Context, user string, life time.Duration) (Added, error) {
	if err := CheckUser(user); err != nil {
		return Added{}, err
	}
	held, err := u.held(ctx, user)
	if err != nil {
		return Added{}, err
	}
	if held != nil && !pki.Due(held.NotAfter, u.PKI.Now(), pki.ClientRenew) {
		return Added{Serial: held.Serial, NotAfter: held.NotAfter}, nil
	}
	authority, err := u.PKI.Authority(ctx)
	if err != nil {
		return Added{}, err
	}
	made, err := u.issue(ctx, authority, user, life)
	if err != nil {
		return Added{}, err
	}
	if err := u.keep(ctx, made); err != nil {
		return Added{}, err
	}
	var keep []string
	if held != nil {
		keep = append(keep, held.Serial)
	}
	if err := u.finish(ctx, authority, made, keep); err != nil {
		return Added{}, err
	}
	return Added{Serial: made.Serial, NotAfter: made.NotAfter, New: true}, nil
}

// held returns the certificate in the register whose key the user's secret holds, nil if they are not in.
func (u *Users) held(ctx context.Context, user string) (*registry.Certificate, error) {
	r, err := u.PKI.Read(ctx)
	if err != nil {
		return nil, err
	}
	s, err := u.read(ctx, user)
	if errors.Is(err, registry.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, c := range r.Of(registry.OfClient, user) {
		if c.Serial == s.Serial && c.Live(u.PKI.Now()) && !c.Pending {
			return c, nil
		}
	}
	return nil, nil
}

// issue makes a key and its certificate, which is in the register then, pending.
func (u *Users) issue(ctx context.Context, a *pki.Authority, user string, life time.Duration) (*secret, error) {
	server, err := u.PKI.TLSCryptKey(ctx)
	if err != nil {
		return nil, err
	}
	key, err := pki.NewKey(u.PKI.Random)
	if err != nil {
		return nil, err
	}
	s := &secret{Version: secretVersion, User: user, Authority: pki.EncodeCertificate(a.Certificate)}
	if s.TLSCrypt, err = pki.NewTLSCryptClientKey(server, u.PKI.Random, u.PKI.Now()); err != nil {
		return nil, err
	}
	if s.Key, err = pki.EncodeKey(key); err != nil {
		return nil, err
	}
	return s, u.certify(ctx, a, s, &key.PublicKey, life)
}

func (u *Users) certify(ctx context.Context, a *pki.Authority, s *secret, key *ecdsa.PublicKey, life time.Duration) error {
	c, err := u.PKI.Issue(ctx, a, registry.OfClient, s.User, key, life, func(r *registry.Register) error {
		for _, c := range r.Of(registry.OfClient, s.User) {
			if c.Pending && c.Live(u.PKI.Now()) && u.PKI.Now().Sub(c.Issued) < claimed {
				return fmt.Errorf("user %s: being added by somebody else since %s; run it again in %s", s.User, c.Issued.Format(time.TimeOnly), claimed)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Serial, s.NotAfter, s.Certificate = pki.SerialText(c.SerialNumber), c.NotAfter, pki.EncodeCertificate(c)
	return nil
}

func (u *Users) keep(ctx context.Context, s *secret) error {
	text, err := json.Marshal(s)
	if err != nil {
		return errors.New("a profile cannot be written; this is an error of pathproof")
	}
	return u.PKI.Secrets.Put(ctx, u.secretName(s.User), "pathproof: profile of "+s.User+" at "+u.Network, string(text))
}

// finish says in the register that a certificate is handed out, and revokes what is live besides it and keep: keys that are lost.
func (u *Users) finish(ctx context.Context, a *pki.Authority, s *secret, keep []string) error {
	revokedMeanwhile, revoked := false, false
	err := u.PKI.Change(ctx, func(r *registry.Register) (bool, error) {
		var lost []*registry.Certificate
		revokedMeanwhile, revoked = true, false
		for _, c := range r.Of(registry.OfClient, s.User) {
			switch {
			case c.Serial == s.Serial:
				revokedMeanwhile = !c.Revoked.IsZero()
				c.Pending = false
			case !slices.Contains(keep, c.Serial):
				lost = append(lost, c)
			}
		}
		revoked = r.Revoke(lost, u.PKI.Now())
		return true, nil
	})
	if err != nil {
		return err
	}
	if revokedMeanwhile {
		return errors.Join(fmt.Errorf("user %s: revoked by somebody else while being added; run it again if they are to be let in", s.User),
			u.PKI.Secrets.Delete(ctx, u.secretName(s.User)))
	}
	if revoked {
		return u.PKI.Publish(ctx, a)
	}
	return nil
}
